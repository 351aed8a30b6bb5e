//! The authority's queue.

use amqp::topology::{self, Queue, QueueBinding};
use amqp::{Error, Topology};
use domain::routing::hex_key;
use smp::names;

use super::AuthorityOptions;

/// Declares the queue and binds it to the agent's outgoing messages.
pub(super) async fn declare(options: &AuthorityOptions) -> Result<(), Error> {
    let keys = options.debtors.iter().map(|debtor_id| hex_key(*debtor_id)).chain(options.binding_keys.iter().cloned());
    let topology = Topology {
        queues: vec![Queue {
            name: options.queue.clone(),
            arguments: vec![("x-queue-type".to_owned(), "quorum".into())],
        }],
        queue_bindings: keys
            .map(|routing_key| QueueBinding {
                exchange: names::CREDITORS_OUT.to_owned(),
                queue: options.queue.clone(),
                routing_key,
                arguments: vec![],
            })
            .collect(),
        ..Topology::default()
    };
    topology::apply(&options.broker, &topology).await
}
