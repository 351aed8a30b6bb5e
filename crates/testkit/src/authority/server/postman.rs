//! Publishing answers, and then acknowledging the questions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use amqp::{Batch, Message, Outcome, Properties, Publisher};
use futures::{StreamExt as _, stream};
use runtime::Stop;
use smp::names;
use tokio::sync::mpsc;
use tracing::{error, warn};

use super::Outgoing;
use super::answering::Answering;

/// Posts that are published at the same time.
const AT_ONCE: usize = 8;
/// Pause before messages are published again.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Messages to publish, and the questions that they answer.
pub(super) struct Post {
    /// When there was a reason to send them.
    pub(super) began: Instant,
    pub(super) messages: Vec<Outgoing>,
    pub(super) batch: Option<Batch>,
}

/// Publishes what it is given until there is no more. One post does not wait for the confirms of another.
pub(super) async fn run(posts: mpsc::Receiver<Post>, publisher: Publisher, answering: Arc<Answering>, stop: Stop) {
    stream::unfold(posts, async |mut posts| posts.recv().await.map(|post| (post, posts)))
        .for_each_concurrent(AT_ONCE, |post| deal_with(post, &publisher, &answering, &stop))
        .await;
    publisher.close().await;
}

async fn deal_with(post: Post, publisher: &Publisher, answering: &Answering, stop: &Stop) {
    let messages = post.messages.iter().map(to_message).collect();
    let is_published = publish(messages, publisher, stop).await;
    if is_published && post.batch.is_some() && !post.messages.is_empty() {
        answering.add(post.began.elapsed());
    }
    // A batch that is dropped goes back to the queue.
    if let Some(batch) = post.batch.filter(|_| is_published)
        && let Err(error) = batch.ack_all().await
    {
        warn!("The messages just answered will be delivered again: {error}");
    }
}

/// Publishes until everything is confirmed. After the stop it tries only once.
async fn publish(mut messages: Vec<Message>, publisher: &Publisher, stop: &Stop) -> bool {
    loop {
        if messages.is_empty() {
            return true;
        }
        let outcomes = publisher.publish(&messages).await;
        let mut outcomes = outcomes.into_iter();
        messages.retain(|_| !outcomes.next().is_some_and(|outcome| is_settled(&outcome)));
        if !messages.is_empty() {
            warn!("{} messages of the authority were not confirmed.", messages.len());
            if stop.is_stopped() {
                return false;
            }
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}

/// Whether another attempt would be useless.
fn is_settled(outcome: &Outcome) -> bool {
    if let Outcome::Invalid { reason } = outcome {
        error!("Dropped a message that cannot be published: {reason}");
    }
    matches!(outcome, Outcome::Confirmed | Outcome::Invalid { .. })
}

fn to_message(Outgoing { message, unused }: &Outgoing) -> Message {
    let headers = smp::authority::headers(message, unused).into_iter();
    Message {
        exchange: names::CREDITORS_IN.to_owned(),
        routing_key: smp::authority::routing_key(message),
        mandatory: false,
        properties: Properties {
            message_type: Some(smp::authority::message_type(message).to_owned()),
            content_type: Some(names::CONTENT_TYPE.to_owned()),
            headers: headers.map(|(name, value)| (name.to_owned(), value.convert())).collect(),
            persistent: true,
            app_id: Some("simulated-authority".to_owned()),
            ..Properties::default()
        },
        body: smp::authority::encode(message, unused),
    }
}
