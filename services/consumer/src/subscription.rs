//! Watching a worker's subscription.

use amqp::{Error as BrokerError, Status};
use tokio::sync::watch;

use crate::{
    Error,
    health::{BROKER, Health, Trouble},
};

/// So many times in a row must the broker refuse the queue until it is believed: about two seconds.
const BELIEVED_AFTER: u32 = 5;

/// Tells the health port how a subscription does, until it ends. A lost connection is made anew for as long as it takes;
/// a queue that does not exist, or is forbidden, needs somebody to do something, and is an error.
pub(crate) async fn watch(
    mut status: watch::Receiver<Status>,
    queue: String,
    health: Health,
    connecting: Trouble,
) -> Result<(), Error> {
    let mut trouble = Some(connecting);
    loop {
        let current = status.borrow_and_update().clone();
        match current {
            Status::Stopped => return Ok(()),
            Status::Ready | Status::Paused => trouble = None,
            Status::Failing { failures, error } if failures >= BELIEVED_AFTER && is_refusal(&error) => {
                return Err(Error::Queue { queue, source: error });
            }
            Status::Failing { .. } | Status::Connecting => {
                trouble = trouble.or_else(|| Some(health.trouble(BROKER)));
            }
        }
        if status.changed().await.is_err() {
            return Ok(());
        }
    }
}

fn is_refusal(error: &BrokerError) -> bool {
    error.is_not_found() || error.is_refused()
}

#[cfg(test)]
mod tests {
    use observability::Readiness;

    use super::*;

    fn failing(failures: u32, code: u16) -> Status {
        let error = BrokerError::ChannelClosed { code, text: "no queue 'q'".to_owned() };
        Status::Failing { failures, error }
    }

    /// What comes of the last status.
    async fn outcome(last: Status) -> (Result<(), Error>, Vec<&'static str>) {
        let readiness = Readiness::default();
        let health = Health::new(readiness.clone());
        let (sender, receiver) = watch::channel(last);
        let connecting = health.trouble(BROKER);
        let watching = watch(receiver, "q".to_owned(), health, connecting);
        let mut watching = std::pin::pin!(watching);
        let first = tokio::select! {
            biased;
            ended = &mut watching => Some(ended),
            () = std::future::ready(()) => None,
        };
        let unmet = readiness.unmet();
        drop(sender);
        (if let Some(ended) = first { ended } else { watching.await }, unmet)
    }

    #[tokio::test]
    async fn a_refusal_is_believed_after_a_while_and_a_loss_never_ends_it() {
        let (ended, _) = outcome(failing(5, 404)).await;
        assert_eq!(ended.unwrap_err().to_string(), "the queue q cannot be consumed");
        assert!(outcome(failing(5, 403)).await.0.is_err());
        for harmless in [failing(4, 404), Status::Failing { failures: 1_000, error: BrokerError::ConnectionLost }] {
            let (ended, unmet) = outcome(harmless).await;
            assert!(ended.is_ok());
            assert_eq!(unmet, [BROKER]);
        }
    }

    #[tokio::test]
    async fn a_paused_subscription_is_in_order() {
        for fine in [Status::Ready, Status::Paused] {
            let (ended, unmet) = outcome(fine).await;
            assert!(ended.is_ok() && unmet.is_empty());
        }
    }
}
