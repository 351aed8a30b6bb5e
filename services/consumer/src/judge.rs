//! Judging what was delivered, before anything is written (smp §2, checks 1 to 6).

use amqp::Delivery;
use domain::{CreditorId, Shard, Timestamp, incoming::Incoming};
use smp::incoming::{Kind, decode};

use crate::{apply::Refused, error::chain};

/// A batch, judged.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// What is to be applied, in the order of arrival.
    pub(crate) messages: Vec<Incoming>,
    /// Which delivery each of these messages was.
    pub(crate) places: Vec<usize>,
    /// When the oldest of them was sent.
    pub(crate) oldest: Option<Timestamp>,
    /// What is for the dead letters.
    pub(crate) condemned: Vec<Condemned>,
}

/// A delivery that is for the dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condemned {
    /// Which delivery of the batch it is.
    pub(crate) place: usize,
    /// The reason as a short word.
    pub(crate) code: &'static str,
    /// The reason as a sentence.
    pub(crate) reason: String,
}

/// A message that is not for this shard: the bindings of the queue, or our settings, are wrong. Neither dropping it nor
/// putting it aside would be safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misdirected {
    /// Check 5: the creditor belongs to another shard, or to another agent.
    #[error(
        "a message of type {message_type} arrived for creditor {creditor_id}, but this shard has the creditors \
         {min_id}…{max_id} of the realm {realm}: check MIN_CREDITOR_ID, MAX_CREDITOR_ID, \
         PROTOCOL_BROKER_QUEUE_ROUTING_KEY and the bindings of the queue",
        creditor_id = creditor_id.get(), min_id = shard.min_id().get(), max_id = shard.max_id().get(),
        realm = shard.realm()
    )]
    Creditor {
        /// The type of the message.
        message_type: &'static str,
        /// Whom it is for.
        creditor_id: CreditorId,
        /// Whom it could be for.
        shard: Shard,
    },
    /// Check 6: the reply answers another kind of coordinator.
    #[error(
        "a message of type {message_type} arrived for coordinators of type {coordinator_type:?}, but this agent is the \
         coordinator of direct transfers only: check the bindings of the exchanges"
    )]
    Coordinator {
        /// The type of the message.
        message_type: &'static str,
        /// Whom it is for.
        coordinator_type: String,
    },
}

/// Judges all deliveries of a batch.
pub(crate) fn judge(deliveries: &[Delivery], shard: &Shard) -> Result<Judged, Misdirected> {
    let mut judged = Judged::default();
    for (place, delivery) in deliveries.iter().enumerate() {
        let properties = &delivery.properties;
        let decoded = decode(properties.content_type.as_deref(), properties.message_type.as_deref(), &delivery.body);
        match decoded {
            Ok(decoded) => {
                let message_type = Kind::of(&decoded.message).name();
                if let Some(creditor_id) = decoded.creditor_to_check().filter(|id| !shard.is_valid(*id)) {
                    return Err(Misdirected::Creditor { message_type, creditor_id, shard: *shard });
                }
                if let Some(coordinator_type) = decoded.foreign_coordinator {
                    return Err(Misdirected::Coordinator { message_type, coordinator_type });
                }
                judged.oldest = judged.oldest.into_iter().chain([decoded.sent_at]).min();
                judged.messages.push(decoded.message);
                judged.places.push(place);
            }
            Err(rejection) => {
                judged.condemned.push(Condemned { place, code: rejection.code(), reason: rejection.to_string() });
            }
        }
    }
    Ok(judged)
}

impl Judged {
    /// Adds messages that have passed the checks, and yet cannot be written.
    pub(crate) fn condemn(&mut self, refused: Vec<Refused>) {
        self.condemned.extend(refused.into_iter().filter_map(|refused| {
            let place = *self.places.get(refused.index)?;
            Some(Condemned { place, code: "database", reason: chain(&refused.error) })
        }));
    }
}

#[cfg(test)]
mod tests;
