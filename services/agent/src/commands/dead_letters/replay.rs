//! Sending dead letters again.

use amqp::{Message, Outcome};
use anyhow::{Context as _, bail};

use super::{
    Queue,
    letter::{Letter, is_of_the_letter},
    mark::publish,
};
use crate::output::say;

/// Sends the letters in their order, and tells how many the broker took.
pub(super) async fn send(queue: &Queue, letters: &[Letter], to_origin: bool) -> anyhow::Result<()> {
    let messages =
        letters.iter().map(|letter| message(queue, letter, to_origin)).collect::<anyhow::Result<Vec<Message>>>()?;
    let outcomes = publish(queue, &messages).await;
    let failed: Vec<(&Letter, &Outcome)> =
        letters.iter().zip(&outcomes).filter(|(_, outcome)| !outcome.is_confirmed()).collect();
    say(format!("{} of {} dead letters have been sent again.", letters.len() - failed.len(), letters.len()));
    if let Some((letter, outcome)) = failed.first() {
        bail!("{} dead letters may not have arrived, the first one is {}: {outcome:?}", failed.len(), letter.offset);
    }
    Ok(())
}

/// The message as it was before it became a dead letter.
fn message(queue: &Queue, letter: &Letter, to_origin: bool) -> anyhow::Result<Message> {
    let (exchange, routing_key) = if to_origin {
        letter
            .origin()
            .with_context(|| format!("dead letter {} does not tell where it was sent first", letter.offset))?
    } else {
        ("", queue.name.as_str())
    };
    let mut message = letter.delivery.republish(exchange, routing_key);
    message.properties.headers.retain(|(name, _)| !is_of_the_letter(name));
    // A stream forgets the flag; what is sent again must not be lost once more.
    message.properties.persistent = true;
    message.mandatory = true;
    Ok(message)
}
