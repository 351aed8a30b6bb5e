//! Payments through all services and a simulated accounting authority that answers at once.

mod breakdown;
mod flight;
mod incoming;
mod observer;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use domain::DebtorId;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    Setting,
    bed::{Bed, PATIENCE},
    figures::{Row, Table, Value},
    latencies::Latencies,
    peer,
    seed::ACCOUNTS_EACH,
};
use crate::{
    authority::control::{Answering, Client as Authority, Issue},
    invariants,
    process::ServiceProcess,
    wallet::{Api, Payment, Wallet},
};

/// Creditors that have accounts and do nothing.
const BYSTANDERS: u32 = 1_000;
const DEBTOR: DebtorId = DebtorId::new(99);
const WALLETS: u32 = 200;
const FUNDS: i64 = 1_000_000_000;
const AMOUNT: i64 = 7;
const LONE_PAYMENTS: u32 = 200;
/// The rest of the system is at rest, so looking often costs nothing.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Requests at a time while accounts are opened.
const AT_ONCE: usize = 16;

/// The services that a payment goes through besides `creditors-web`.
const SERVICES: [&str; 4] =
    ["creditors-consumer", "creditors-flusher", "creditors-ledger-processor", "creditors-log-processor"];

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let bed = Bed::with_broker(setting).await?;
    bed.seed_creditors(setting.size(BYSTANDERS)).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    bed.settle().await?;
    let world = World::start(&bed, setting.size(WALLETS)).await?;

    let mut table = Table::new("payments: all services, an authority that answers at once");
    let answered = world.authority.answering().await?;
    let lone = world.pay_one_by_one(setting.size(LONE_PAYMENTS)).await?;
    table.row(Row::median("a lone payment, POST until the result is visible", &lone).against(peer::PAYMENT));
    let slowest = Value::milliseconds(lone.percentile(99));
    table.row(Row::new("the slowest of 100 lone payments", slowest).against(peer::PAYMENT_P99));
    let answering = two_answers(answered, world.authority.answering().await?);
    table.note(format!("of a lone payment's time, about {answering:.1} ms are the authority's, in its two answers"));
    world.stages("lone payment", lone.mean(), &mut table).await?;
    world.incoming(setting, &mut table).await?;
    world.many(setting, &mut table).await?;
    world.verify().await?;
    Ok(table)
}

/// Wallets with money, and everything that they need.
struct World<'a> {
    bed: &'a Bed,
    api: Api,
    /// The agent's, in the order in which they are to be stopped.
    services: Vec<ServiceProcess>,
    authority: Authority,
    wallets: Vec<Member>,
    authority_process: ServiceProcess,
}

/// A wallet, and where to send money for it.
struct Member {
    wallet: Wallet,
    identity: String,
}

impl<'a> World<'a> {
    async fn start(bed: &'a Bed, wallets: u32) -> Result<Self> {
        let (web, base) = bed.web()?;
        let (authority, commands) = bed.authority(DEBTOR.get())?;
        let mut services = vec![web.start_only()?];
        for name in SERVICES {
            services.push(bed.ordinary_service(name)?.start_only()?);
        }
        let authority_process = authority.start().await?;
        for service in &mut services {
            service.wait_until_ready().await?;
        }
        let (api, authority) = (Api::of_superuser(&base)?, Authority::new(&commands));
        let wallets = open_wallets(&api, bed, wallets).await?;
        for member in &wallets {
            let creditor_id = member.wallet.creditor_id.get();
            authority.issue(Issue { debtor_id: DEBTOR.get(), creditor_id, amount: FUNDS }).await?;
        }
        invariants::rest(&bed.client, PATIENCE).await?;
        Ok(Self { bed, api, services, authority, wallets, authority_process })
    }

    /// Payments one after another, from the first wallet to the second.
    async fn pay_one_by_one(&self, count: u32) -> Result<Latencies> {
        let [first, second, ..] = self.wallets.as_slice() else { bail!("there are too few wallets") };
        let mut latencies = vec![];
        for number in 1..=count {
            let payment = Payment::new(&second.identity, AMOUNT, &format!("lone payment {number}"));
            let began = Instant::now();
            let paid = first.wallet.pay_and_wait(payment, LOOK_EVERY, PATIENCE).await?;
            latencies.push(began.elapsed());
            let is_success = paid.result.committed_amount == AMOUNT && paid.result.error.is_none();
            ensure!(is_success, "a payment has failed: {paid:?}");
        }
        Ok(Latencies::new(latencies))
    }

    /// The books of both sides are equal, and every rule holds.
    async fn verify(&self) -> Result<()> {
        invariants::rest(&self.bed.client, PATIENCE).await?;
        self.bed.verify_rules(invariants::ALWAYS).await?;
        let failed = "SELECT count(*) FROM running_transfer WHERE error_code IS NOT NULL";
        self.bed.verify("payments that failed", failed, 0).await?;
        for account in self.authority.accounts().await? {
            let query = format!(
                "SELECT ledger_principal FROM account_data WHERE creditor_id = {} AND debtor_id = {}",
                account.creditor_id, account.debtor_id
            );
            let what = format!("balance of creditor {}", account.creditor_id);
            self.bed.verify(&what, &query, account.principal).await?;
        }
        Ok(())
    }
}

/// Milliseconds that two answers of the authority have taken.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "small numbers, for people")]
fn two_answers(before: Answering, after: Answering) -> f64 {
    2.0 * (after.milliseconds - before.milliseconds) / (after.answers - before.answers).max(1) as f64
}

/// New creditors with an account each, which the authority knows.
async fn open_wallets(api: &Api, bed: &Bed, count: u32) -> Result<Vec<Member>> {
    let open = async |number: u32| {
        let wallet = Wallet::create(api, &format!("wallet {number}")).await?;
        wallet.open_account(DEBTOR).await?;
        anyhow::Ok(wallet)
    };
    let wallets: Vec<_> = stream::iter(0..count).map(open).buffer_unordered(AT_ONCE).try_collect().await?;
    let known = format!(
        "SELECT count(*) FROM account_data WHERE debtor_id = {} AND has_server_account AND is_config_effectual",
        DEBTOR.get()
    );
    bed.reach(&known, count.into(), Duration::from_millis(25)).await?;
    let mut members = vec![];
    for wallet in wallets {
        let account = wallet.account(DEBTOR).await?;
        let identity = account.identity().context("an account without an identity")?.to_owned();
        members.push(Member { wallet, identity });
    }
    Ok(members)
}
