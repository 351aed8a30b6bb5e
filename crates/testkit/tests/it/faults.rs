//! Whole stacks of processes in which something fails while payments are made. All services must have been built.
#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::time::Duration;

use creditors_testkit::{
    broker::Api,
    local::{
        cast::Cast,
        stack::{Addresses, Options, Stack},
    },
    wallet::{Paid, Payments},
};
use tokio::sync::watch;

use crate::scratch::Scratch;

/// How many payments each test makes.
const COUNT: usize = 200;
/// Far longer than anything takes, so that only what never happens fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running stack with two creditors.
struct Play {
    // Stopped before its directory is removed.
    stack: Stack,
    cast: Cast,
    _directory: Scratch,
}

impl Play {
    async fn begin(name: &str) -> Self {
        let directory = Scratch::new(name);
        let options = Options::throwaway(&directory);
        Self::begin_with(options, directory).await
    }

    async fn begin_with(options: Options, directory: Scratch) -> Self {
        let stack = Stack::up(&options).await.unwrap();
        let cast = Cast::enter(stack.addresses()).await.unwrap();
        Self { stack, cast, _directory: directory }
    }

    /// When everything has come to rest, every payment must have ended well, and exactly once.
    async fn end(self, paid: &[Paid]) {
        assert_eq!(paid.len(), COUNT);
        let findings = self.cast.settle(paid).await.unwrap();
        let wrong: Vec<_> = findings.into_iter().filter(|finding| !finding.good).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

fn payments(numbers: std::ops::Range<usize>) -> Payments {
    Payments { numbers, at_once: 20, amount: 10, look_every: Duration::from_millis(10), patience: PATIENCE }
}

/// Pays, and lets `fault` happen each time when so many payments have ended.
async fn pay_through(play: &mut Play, moments: [usize; 2], mut fault: impl AsyncFnMut(&mut Stack, &Cast)) -> Vec<Paid> {
    let (ended, mut progress) = watch::channel(0);
    let Play { stack, cast, .. } = play;
    let paying =
        cast.buyer.pay_often(cast.recipient(), payments(1..COUNT + 1), |_| ended.send_modify(|count| *count += 1));
    let faults = async {
        for moment in moments {
            progress.wait_for(|count| *count >= moment).await.unwrap();
            fault(stack, cast).await;
        }
    };
    let (paid, ()) = tokio::join!(paying, faults);
    paid.unwrap()
}

/// Kills a service twice in the middle of payments, each time starting it again.
async fn survives_the_death_of(victim: &str) {
    let mut play = Play::begin(&format!("killed-{victim}")).await;
    let kill = async |stack: &mut Stack, _: &Cast| {
        let service = stack.service(victim).unwrap();
        service.kill().unwrap();
        service.restart().await.unwrap();
    };
    let paid = pay_through(&mut play, [40, 120], kill).await;
    play.end(&paid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_web_server_is_killed() {
    survives_the_death_of("web").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_consumer_is_killed() {
    survives_the_death_of("consumer").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_flusher_is_killed() {
    survives_the_death_of("flusher").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_ledger_processor_is_killed() {
    survives_the_death_of("ledger-processor").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_log_processor_is_killed() {
    survives_the_death_of("log-processor").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_scanner_is_killed() {
    survives_the_death_of("scanner").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_all_connections_to_the_database_are_cut() {
    let mut play = Play::begin("cut-database").await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name LIKE 'creditors%'";
    let cut = async |_: &mut Stack, cast: &Cast| {
        let count: i64 = cast.database.query_one(cut, &[]).await.unwrap().get(0);
        assert!(count >= 5, "each service should have a connection: {count}");
    };
    let paid = pay_through(&mut play, [40, 120], cut).await;
    play.end(&paid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_all_connections_to_the_broker_are_cut() {
    let mut play = Play::begin("cut-broker").await;
    let cut = async |stack: &mut Stack, _: &Cast| {
        let Addresses { broker_api, broker, .. } = stack.addresses();
        let api = Api::new(broker_api, broker).unwrap();
        // The broker tells of new connections only after a moment.
        while api.close_connections().await.unwrap() < 3 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let paid = pay_through(&mut play, [40, 120], cut).await;
    play.end(&paid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_copies_of_every_service_share_the_work() {
    let play = Play::begin("two-copies").await;
    let mut copies = vec![];
    for name in ["consumer", "flusher", "ledger-processor", "log-processor", "scanner"] {
        copies.push(play.stack.one_more(name).await.unwrap());
    }
    let (_web, address) = play.stack.one_more_web().await.unwrap();
    let Cast { buyer, .. } = &play.cast;
    let elsewhere = buyer.at(&address);
    let half = COUNT / 2;
    let (here, there) = tokio::join!(
        buyer.pay_often(play.cast.recipient(), payments(1..half + 1), |_| ()),
        elsewhere.pay_often(play.cast.recipient(), payments(half + 1..COUNT + 1), |_| ()),
    );
    play.end(&[here.unwrap(), there.unwrap()].concat()).await;
}

/// Servers of its own: first the broker dies, then the database, each with everything that it has not written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_the_servers_crash() {
    let directory = Scratch::new("crashing-servers");
    let options = Options { own_servers: true, ..Options::throwaway(&directory) };
    let mut play = Play::begin_with(options, directory).await;
    let mut crashes = 0;
    let crash = async |stack: &mut Stack, _: &Cast| {
        crashes += 1;
        if crashes == 1 { stack.crash_broker().await.unwrap() } else { stack.crash_postgres().await.unwrap() }
    };
    let paid = pay_through(&mut play, [40, 120], crash).await;
    play.cast.reconnect(play.stack.addresses()).await.unwrap();
    play.end(&paid).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_messages_come_twice_and_in_any_order() {
    let directory = Scratch::new("disorder");
    let disorder = ["--repeat", "0.5", "--reorder", "20", "--max-delay", "30", "--seed", "7"].map(str::to_owned);
    let options = Options { authority: disorder.to_vec(), ..Options::throwaway(&directory) };
    let play = Play::begin_with(options, directory).await;
    let paid = play.cast.buyer.pay_often(play.cast.recipient(), payments(1..COUNT + 1), |_| ()).await.unwrap();
    play.end(&paid).await;
}
