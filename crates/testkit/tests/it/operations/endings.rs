//! SIGTERM under load: nothing fails, nothing is lost, and nobody is waited for.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use creditors_testkit::{
    http,
    process::ServiceProcess,
    wallet::{Payment, TransferResult, Wallet},
};
use tokio::time::sleep;

use super::{PATIENCE, Play, payments};
use crate::scratch::Scratch;

/// After this long, operators lose patience.
const LIMIT: Duration = Duration::from_secs(10);

/// How many clients send requests at the same time.
const CLIENTS: usize = 8;

/// Ends it by SIGTERM; its status, and how long that took.
async fn end(mut service: ServiceProcess) -> (Option<i32>, Duration) {
    let began = Instant::now();
    let status = tokio::task::spawn_blocking(move || service.stop()).await.unwrap();
    (status.unwrap().code(), began.elapsed())
}

async fn is_ready(admin_port: u16) -> bool {
    let url = format!("http://127.0.0.1:{admin_port}/health/ready");
    http::client().get(url).send().await.is_ok_and(|answer| answer.status().is_success())
}

/// Asks for payments, one after the other, until `is_ready` is false. Every request must be answered.
async fn ask(wallet: &Wallet, recipient: &str, is_ready: &AtomicBool, answered: &AtomicUsize) -> Vec<Payment> {
    let mut asked = vec![];
    while is_ready.load(Ordering::SeqCst) {
        let payment = Payment::new(recipient, 1, "under load");
        wallet.pay(&payment).await.unwrap();
        answered.fetch_add(1, Ordering::SeqCst);
        asked.push(payment);
    }
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_web_server_that_ends_fails_no_request_and_loses_none() {
    let play = Play::begin(Scratch::new("web-ends"), &[]).await;
    let (web, address) = play.stack.one_more_web().await.unwrap();
    let port = web.admin_port();
    let (ready, answered) = (AtomicBool::new(true), AtomicUsize::new(0));
    let wallet = play.cast.buyer.at(&address);
    let recipient = play.cast.recipient();

    let asking = futures::future::join_all((0..CLIENTS).map(|_| ask(&wallet, recipient, &ready, &answered)));
    // As a load balancer does it.
    let watching = async {
        while is_ready(port).await {
            sleep(Duration::from_millis(20)).await;
        }
        ready.store(false, Ordering::SeqCst);
    };
    let ending = async {
        while answered.load(Ordering::SeqCst) < 10 * CLIENTS {
            sleep(Duration::from_millis(10)).await;
        }
        end(web).await
    };
    let (asked, (), (status, time)) = tokio::join!(asking, watching, ending);
    assert_eq!(status, Some(0));
    assert!(time < LIMIT, "{time:?}");

    let asked = asked.concat();
    play.rest().await;
    for payment in &asked {
        let transfer = play.cast.buyer.transfer(payment.uuid).await.unwrap();
        let paid = TransferResult { committed_amount: 1, error: None };
        assert_eq!(transfer.result, Some(paid), "{payment:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_end_under_load_do_so_in_order_and_in_time() {
    const COUNT: usize = 250;
    let play = Play::begin(Scratch::new("services-end"), &[]).await;
    let names = ["consumer", "flusher", "ledger-processor", "log-processor", "scanner"];
    let mut copies = vec![];
    for name in names {
        copies.push(play.stack.one_more(name).await.unwrap());
    }
    let paying = play.cast.buyer.pay_often(play.cast.recipient(), payments(1..COUNT + 1), |_| ());
    let ending = async {
        for service in copies {
            sleep(Duration::from_millis(100)).await;
            let (name, began) = (service.name().to_owned(), Instant::now());
            // operations §5: the status of an orderly end is 1.
            let (status, time) = end(service).await;
            assert_eq!(status, Some(1), "{name}");
            assert!(time < LIMIT, "{name}: {time:?}");
            assert!(began.elapsed() < PATIENCE);
        }
    };
    let (paid, ()) = tokio::join!(paying, ending);
    play.audit(&paid.unwrap()).await;
}
