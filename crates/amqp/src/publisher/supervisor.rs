//! Keeps a publisher connected.

use std::sync::Arc;

use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{PublisherOptions, link::Link};
use crate::{BrokerUrl, Error, Status, backoff::Backoff, tasks};

pub(super) struct Supervisor {
    pub(super) url: BrokerUrl,
    pub(super) options: PublisherOptions,
    pub(super) stop: CancellationToken,
    pub(super) link: Vacated,
    pub(super) status: watch::Sender<Status>,
}

/// Takes the link back when the supervisor ends, however it ends: the client library's objects must not be dropped
/// outside of the runtime.
pub(super) struct Vacated(pub(super) watch::Sender<Option<Arc<Link>>>);

impl Drop for Vacated {
    fn drop(&mut self) {
        self.0.send_replace(None);
    }
}

pub(super) async fn run(mut supervisor: Supervisor) {
    let mut backoff = Backoff::default();
    while let Err(error) = supervisor.one_connection(&mut backoff).await {
        let pause = backoff.failed();
        let (name, broker, retry_ms) = (&supervisor.options.name, &supervisor.url, pause.as_millis());
        warn!(publisher = %name, %broker, %error, retry_ms, "publisher has no connection, trying again");
        supervisor.status.send_replace(Status::Failing { failures: backoff.failures(), error });
        tokio::select! {
            () = supervisor.stop.cancelled() => break,
            () = sleep(pause) => {}
        }
    }
    supervisor.status.send_replace(Status::Stopped);
}

impl Supervisor {
    /// Ends with what ended the connection, or well when told to stop.
    async fn one_connection(&mut self, backoff: &mut Backoff) -> Result<(), Error> {
        let link = tokio::select! {
            () = self.stop.cancelled() => return Ok(()),
            link = Link::open(&self.url, &self.options.name) => Arc::new(link?),
        };
        backoff.connected();
        info!(publisher = %self.options.name, broker = %self.url, "publisher connected");
        self.link.0.send_replace(Some(Arc::clone(&link)));
        self.status.send_replace(Status::Ready);
        let lost = tokio::select! {
            () = self.stop.cancelled() => None,
            error = link.lost() => Some(error),
        };
        self.link.0.send_replace(None);
        let patience = self.options.confirm_timeout;
        let closing = async move { link.close(patience).await };
        match lost {
            None => {
                closing.await;
                Ok(())
            }
            Some(error) => {
                // A broker that is silent does not say goodbye either: do not wait for it.
                tasks::spawn(closing);
                Err(error)
            }
        }
    }
}
