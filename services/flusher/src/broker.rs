//! Connections to the broker, one for each exchange.
//!
//! A missing exchange makes the broker hang up on the whole connection. It must not do so on messages for the others:
//! payments do not wait for the circular-trade subsystem.

use std::{sync::Arc, time::Duration};

use amqp::{BrokerUrl, Publisher, PublisherOptions, Status};
use domain::signal::Kind;
use observability::Readiness;
use runtime::{Stop, tasks};
use smp::outgoing;
use tokio::sync::watch;

use crate::NAME;

/// The condition that all connections are there.
pub(crate) const CONDITION: &str = "broker";

/// For the next confirm. The rows stay locked meanwhile, and a stopping process waits, usually for half a minute.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(15);

/// The connections of one worker.
pub(crate) struct Broker(Vec<(&'static str, Arc<Publisher>)>);

impl Broker {
    /// Begins to connect. `stop` must come after the last message.
    pub(crate) fn connect(url: &BrokerUrl, kinds: &[Kind], stop: &Stop) -> Self {
        let mut publishers: Vec<(&'static str, Arc<Publisher>)> = Vec::new();
        for exchange in kinds.iter().map(|kind| outgoing::exchange(*kind)) {
            if publishers.iter().all(|(name, _)| *name != exchange) {
                let options = PublisherOptions {
                    confirm_timeout: CONFIRM_TIMEOUT,
                    ..PublisherOptions::new(format!("{NAME} {exchange}"))
                };
                publishers.push((exchange, Arc::new(Publisher::start(url.clone(), options, stop.token()))));
            }
        }
        Self(publishers)
    }

    /// The connection for a kind of messages; there is one for each kind that was named in the beginning.
    pub(crate) fn publisher(&self, kind: Kind) -> Option<Arc<Publisher>> {
        let exchange = outgoing::exchange(kind);
        self.0.iter().find(|(name, _)| *name == exchange).map(|(_, publisher)| Arc::clone(publisher))
    }

    /// The states of the connections.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = watch::Receiver<Status>> {
        self.0.iter().map(|(_, publisher)| publisher.status())
    }

    /// Closes the connections that nobody uses any more.
    pub(crate) async fn close(self) {
        for publisher in self.0.into_iter().filter_map(|(_, publisher)| Arc::into_inner(publisher)) {
            publisher.close().await;
        }
    }
}

/// Tells the health port whether all connections are there, until they end.
pub(crate) fn watch_all(statuses: &[watch::Receiver<Status>], readiness: &Readiness) {
    for changing in statuses {
        let (mut changing, all, readiness) = (changing.clone(), statuses.to_vec(), readiness.clone());
        tasks::spawn("broker watch", async move {
            while changing.changed().await.is_ok() {
                readiness.set(CONDITION, all.iter().all(|status| status.borrow().is_ready()));
            }
        });
    }
}
