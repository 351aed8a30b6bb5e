//! A look at the queue before it is consumed: would what the broker gives up be kept (smp §9)?
//!
//! We put bad messages aside ourselves. But the broker gives up messages, too: those that expire, and those that it has
//! delivered too often. They are lost unless the queue says where to put them.

use amqp::{
    BrokerUrl, Error, Header,
    topology::{self, Comparison, Queue},
};
use tracing::{info, warn};

/// Warns if messages would be lost. That is for people: consuming begins whatever is found.
pub(crate) async fn check(broker: &BrokerUrl, queue: &str) {
    match look(broker, queue).await {
        Ok(warnings) => warnings.iter().for_each(|warning| warn!(queue, "{warning}")),
        Err(error) => info!(queue, reason = %error, "It is not known where the queue {queue} puts its dead letters."),
    }
}

async fn look(broker: &BrokerUrl, queue: &str) -> Result<Vec<String>, Error> {
    let dead_letters = format!("{queue}.XQ");
    let mut warnings = Vec::new();
    if topology::queue_status(broker, &dead_letters).await?.is_none() {
        warnings.push(format!(
            "There is no queue {dead_letters}: bad messages will hold up the others, and those that the broker gives up \
             are lost. `creditors-agent subscribe` makes it."
        ));
    }
    if let Comparison::Different { argument, explanation } = topology::compare_queue(broker, &wanted(queue)).await? {
        warnings.push(format!(
            "The queue {queue} does not put its dead letters in {dead_letters}, because its argument {argument} differs. \
             Unless a policy of the broker makes up for that, messages that expire or are delivered too often are lost. \
             The broker says: {explanation}"
        ));
    }
    Ok(warnings)
}

/// The arguments that matter.
fn wanted(queue: &str) -> Queue {
    let text = |name: &str, value: &str| (name.to_owned(), Header::from(value));
    let dead_letters = format!("{queue}.XQ");
    Queue {
        name: queue.to_owned(),
        arguments: vec![
            text("x-queue-type", "quorum"),
            text("x-dead-letter-exchange", ""),
            text("x-dead-letter-routing-key", &dead_letters),
        ],
    }
}
