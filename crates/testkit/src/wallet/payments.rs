//! Many payments from one wallet.

use std::ops::Range;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use uuid::Uuid;

use super::{Error, TransferResult, Wallet};
use crate::random;

/// Pause before a request that got no answer is repeated.
const AWAY_PAUSE: Duration = Duration::from_millis(50);

/// What is to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The payment's own number.
    pub uuid: Uuid,
    /// Who gets it: an account's identity.
    pub recipient: String,
    /// How much.
    pub amount: i64,
    /// What for.
    pub note: String,
}

/// A payment that has ended.
#[derive(Clone, Debug)]
pub struct Paid {
    /// What was asked for.
    pub payment: Payment,
    /// When it was asked for.
    pub requested_at: Instant,
    /// When the API had answered the request.
    pub accepted_at: Instant,
    /// When the API first showed the result.
    pub ended_at: Instant,
    /// The result.
    pub result: TransferResult,
}

/// How many payments, and how.
#[derive(Clone, Debug)]
pub struct Payments {
    /// Their numbers, which are in their notes: `payment 7`.
    pub numbers: Range<usize>,
    /// How many run at the same time.
    pub at_once: usize,
    /// How much each.
    pub amount: i64,
    /// How often each asks whether it has ended.
    pub look_every: Duration,
    /// For how long a request that nobody answers is repeated.
    pub patience: Duration,
}

impl Payment {
    /// A new payment.
    pub fn new(recipient: &str, amount: i64, note: &str) -> Self {
        Self { uuid: random::uuid(), recipient: recipient.to_owned(), amount, note: note.to_owned() }
    }
}

impl Paid {
    /// Whether the money was paid.
    pub fn is_committed(&self) -> bool {
        self.result == TransferResult { committed_amount: self.payment.amount, error: None }
    }

    /// From the request until the result was visible.
    pub fn time(&self) -> Duration {
        self.ended_at - self.requested_at
    }
}

impl Wallet {
    /// Pays as often as said, and returns when all payments have ended. `ended` hears of each as soon as it has ended.
    pub async fn pay_often(
        &self,
        recipient: &str,
        payments: Payments,
        ended: impl Fn(&Paid) + Sync,
    ) -> Result<Vec<Paid>, Error> {
        let (ended, payments) = (&ended, &payments);
        stream::iter(payments.numbers.clone())
            .map(|number| async move {
                let payment = Payment::new(recipient, payments.amount, &format!("payment {number}"));
                let paid = self.pay_and_wait(payment, payments.look_every, payments.patience).await?;
                ended(&paid);
                Ok(paid)
            })
            .buffer_unordered(payments.at_once)
            .try_collect()
            .await
    }

    /// Pays, and returns when the payment has ended. Like any good wallet, it repeats requests that got no answer.
    pub async fn pay_and_wait(
        &self,
        payment: Payment,
        look_every: Duration,
        patience: Duration,
    ) -> Result<Paid, Error> {
        let requested_at = Instant::now();
        insist(patience, || self.pay(&payment)).await?;
        let accepted_at = Instant::now();
        loop {
            let transfer = insist(patience, || self.transfer(payment.uuid)).await?;
            if let Some(result) = transfer.result {
                return Ok(Paid { payment, requested_at, accepted_at, ended_at: Instant::now(), result });
            }
            if accepted_at.elapsed() > patience {
                return Err(Error::Endless(payment.note));
            }
            tokio::time::sleep(look_every).await;
        }
    }
}

/// Repeats a request until somebody answers.
async fn insist<T, F: Future<Output = Result<T, Error>>>(
    patience: Duration,
    request: impl Fn() -> F,
) -> Result<T, Error> {
    let began = Instant::now();
    loop {
        match request().await {
            Err(error) if error.is_away() && began.elapsed() < patience => tokio::time::sleep(AWAY_PAUSE).await,
            answer => return answer,
        }
    }
}
