//! One payment, watched from all sides.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{
    PATIENCE,
    page::{Page, line},
};
use crate::{
    local::{amount::amount, cast::Cast},
    wallet::{Ledger, Paid, Payment, Wallet},
};

/// How long a watcher waits between two looks.
const LOOK: Duration = Duration::from_millis(1);

/// When what could be seen, all since the request.
pub(super) struct Timeline {
    pub(super) paid: Paid,
    prepared: Duration,
    ledgers: [Duration; 2],
    logs: [Duration; 2],
    /// How long the agent waited for the authority.
    authority: Duration,
}

/// Makes a payment and watches it.
pub(super) async fn watch(cast: &Cast, sum: i64, note: &str) -> Result<Timeline> {
    let [buyer, seller] = [Before::look(&cast.buyer, cast).await?, Before::look(&cast.seller, cast).await?];
    let answering = cast.authority.answering().await?;
    let payment = Payment::new(cast.recipient(), sum, note);
    let uuid = payment.uuid;
    let began = Instant::now();
    let watchers = async {
        tokio::try_join!(
            async { Ok(cast.buyer.pay_and_wait(payment, LOOK, PATIENCE).await?) },
            prepared(cast, uuid),
            buyer.watch(&cast.buyer, cast, Some(uuid)),
            seller.watch(&cast.seller, cast, None),
        )
    };
    let watched = timeout(PATIENCE, watchers).await.context("the payment does not arrive")?;
    let (paid, prepared, buyer, seller) = watched?;
    let waited = cast.authority.answering().await?.milliseconds - answering.milliseconds;
    Ok(Timeline {
        paid,
        prepared: prepared - began,
        ledgers: [buyer.0 - began, seller.0 - began],
        logs: [buyer.1 - began, seller.1 - began],
        authority: Duration::from_secs_f64(waited.max(0.0) / 1000.0),
    })
}

/// When the database shows that the authority has locked the amount: the API does not tell.
async fn prepared(cast: &Cast, uuid: Uuid) -> Result<Instant> {
    let query = "SELECT FROM running_transfer
                 WHERE creditor_id = $1 AND transfer_uuid = $2::text::uuid AND transfer_id IS NOT NULL";
    let statement = cast.database.prepare(query).await?;
    let (creditor_id, uuid) = (cast.buyer.creditor_id.get(), uuid.to_string());
    while cast.database.query_opt(&statement, &[&creditor_id, &uuid]).await?.is_none() {
        sleep(LOOK).await;
    }
    Ok(Instant::now())
}

/// A wallet before the payment.
struct Before {
    ledger: Ledger,
    last_log_entry: i64,
}

impl Before {
    async fn look(wallet: &Wallet, cast: &Cast) -> Result<Self> {
        let last_log_entry = wallet.log().await?.last().map_or(0, |entry| entry.entry_id);
        Ok(Self { ledger: wallet.ledger(cast.debtor).await?, last_log_entry })
    }

    /// When the payment is in the ledger, and when the log has told of everything: the new balance and, to the buyer, the
    /// payment's end.
    async fn watch(&self, wallet: &Wallet, cast: &Cast, payment: Option<Uuid>) -> Result<(Instant, Instant)> {
        while wallet.ledger(cast.debtor).await? == self.ledger {
            sleep(LOOK).await;
        }
        let in_ledger = Instant::now();
        let seen = wallet
            .follow_log(self.last_log_entry, LOOK, |seen| {
                let balance = seen.iter().any(|seen| seen.entry.data.next_entry_id > Some(self.ledger.next_entry_id));
                let end = payment.is_none_or(|uuid| seen.iter().any(|seen| seen.entry.is_end_of(uuid)));
                balance && end
            })
            .await?;
        Ok((in_ledger, seen.last().map_or_else(Instant::now, |seen| seen.at)))
    }
}

impl Timeline {
    pub(super) fn show(&self, page: Page, cast: &Cast, first: &Paid) {
        let Timeline { paid, prepared, ledgers, logs, authority, .. } = self;
        let (buyer, seller) = (&cast.buyer.name, &cast.seller.name);
        let since = |instant: Instant| instant - paid.requested_at;
        line(&format!(
            "  {buyer} pays {seller} {} for “{}”\n",
            page.strong(&amount(paid.payment.amount)),
            paid.payment.note
        ));
        let mut moments = vec![
            (since(paid.accepted_at), "initiated".to_owned(), "the API has answered the request"),
            (*prepared, "prepared".to_owned(), "the authority has promised the amount (seen in the database)"),
            (since(paid.ended_at), "committed".to_owned(), "the API shows the result"),
        ];
        for (wallet, ledger, log) in [(buyer, ledgers[0], logs[0]), (seller, ledgers[1], logs[1])] {
            moments.push((ledger, format!("in {wallet}'s ledger"), ""));
            moments.push((log, format!("in {wallet}'s log"), "the wallet knows its new balance"));
        }
        moments.sort_by_key(|(moment, ..)| *moment);
        line(&format!("  {:>9}  request", "0.0"));
        for (moment, what, explanation) in moments {
            line(&format!("  {:>9}  {what:<18}  {}", milliseconds(moment), page.dim(explanation)));
        }
        let committed = paid.time();
        let verdict = if paid.is_committed() { "committed" } else { "NOT COMMITTED" };
        line(&format!(
            "\n  payment of {} {verdict} in {} ms",
            amount(paid.payment.amount),
            page.strong(&milliseconds(committed))
        ));
        line(&page.dim(&format!(
            "  {} ms without the time of the simulated authority, which needed {} ms for its two answers, stored safely",
            milliseconds(committed.saturating_sub(*authority)),
            milliseconds(*authority)
        )));
        let first = milliseconds(first.time());
        line(&page.dim(&format!("  the first payment after the start took {first} ms")));
    }
}

/// `12.3`
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}
