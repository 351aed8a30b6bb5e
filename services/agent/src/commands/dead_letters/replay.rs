//! Sending dead letters again.

use amqp::{Message, Outcome, Publisher, PublisherOptions, topology};
use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::{
    NAME, Queue,
    filter::Filter,
    letter::{Letter, is_of_the_letter},
    mark::Mark,
    reader::Reader,
};
use crate::output::say;

/// So many are sent before it is written down that they were.
const PIECE: usize = 500;

/// What is to be sent, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replay<'a> {
    pub(super) queue: &'a Queue,
    pub(super) filter: &'a Filter,
    /// The way they came, rather than to the shard's queue.
    pub(super) to_origin: bool,
}

/// A replay under way.
struct Course<'a> {
    replay: Replay<'a>,
    publisher: Publisher,
    mark: Mark,
    progress: ProgressBar,
    sent: usize,
    failed: usize,
    /// The broker does not do its work: there is no use in going on.
    is_hopeless: bool,
}

impl Replay<'_> {
    /// Sends the letters in their order, piece by piece, and tells how many the broker took. What it took is marked, and
    /// not sent by the next replay.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self { queue, filter, to_origin } = self;
        if !to_origin && topology::queue_status(&queue.url, &queue.name).await?.is_none() {
            bail!("there is no queue {}; nothing was sent", queue.name);
        }
        let mark = Mark::read(queue).await?;
        let mut reader = Reader::start(queue, filter, &mark).await?;
        // Nothing is sent before all that were named are found.
        let size = if filter.names_letters() { usize::MAX } else { PIECE };
        let mut piece = reader.take(size).await?;
        filter.all_found(&piece)?;
        Mark::prepare(queue).await?;
        let publisher = Publisher::start(queue.url.clone(), PublisherOptions::new(NAME), &CancellationToken::new());
        let (mark, progress) = (mark.clone(), bar(&reader));
        let mut course = Course { replay: self, publisher, mark, progress, sent: 0, failed: 0, is_hopeless: false };
        while !piece.is_empty() && !course.is_hopeless {
            course.send(&piece).await;
            course.mark.keep(queue, &course.publisher).await?;
            let done = piece.last().map_or(0, |letter| letter.offset - reader.range().start());
            course.progress.set_position(done);
            piece = reader.take(size).await?;
        }
        reader.close().await;
        course.end().await
    }

    /// The message as it was before it became a dead letter; `None` if nobody knows where to send it.
    fn message(self, letter: &Letter) -> Option<Message> {
        let (exchange, routing_key) = if self.to_origin { letter.origin()? } else { ("", self.queue.name.as_str()) };
        let mut message = letter.delivery.republish(exchange, routing_key);
        message.properties.headers.retain(|(name, _)| !is_of_the_letter(name));
        // A stream forgets the flag; what is sent again must not be lost once more.
        message.properties.persistent = true;
        message.mandatory = true;
        Some(message)
    }
}

impl Course<'_> {
    async fn send(&mut self, letters: &[Letter]) {
        let (mut known, mut messages) = (vec![], vec![]);
        for letter in letters {
            match self.replay.message(letter) {
                Some(message) => {
                    known.push(letter);
                    messages.push(message);
                }
                None => self.fail(letter, "it does not tell where it was sent first"),
            }
        }
        let outcomes = self.publisher.publish(&messages).await;
        for (letter, outcome) in known.into_iter().zip(outcomes) {
            self.is_hopeless |= matches!(outcome, Outcome::Unconfirmed | Outcome::Nacked);
            match reason(outcome) {
                None => {
                    self.sent += 1;
                    self.mark.replayed(letter.offset);
                }
                Some(reason) => self.fail(letter, &reason),
            }
        }
    }

    fn fail(&mut self, letter: &Letter, why: &str) {
        self.failed += 1;
        self.progress.suspend(|| say(format!("Dead letter {} has not been sent again: {why}.", letter.offset)));
    }

    /// Says how it went.
    async fn end(self) -> anyhow::Result<()> {
        self.progress.finish_and_clear();
        self.publisher.close().await;
        say(format!("Dead letters sent again: {}.", self.sent));
        if self.is_hopeless {
            bail!("the broker does not take messages at this time; a replay later goes on with the rest");
        }
        if self.failed > 0 {
            bail!("dead letters not sent again: {}", self.failed);
        }
        Ok(())
    }
}

/// Why a letter may not have arrived.
fn reason(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Confirmed => None,
        Outcome::Nacked => Some("the broker refused it".to_owned()),
        Outcome::Returned { code, text } => Some(format!("no queue took it ({code} {text})")),
        Outcome::Unconfirmed => Some("the broker did not confirm it, though it may have arrived".to_owned()),
        Outcome::Invalid { reason } => Some(reason),
    }
}

/// On a terminal's standard error; nowhere else is it seen.
fn bar(reader: &Reader<'_>) -> ProgressBar {
    let range = reader.range();
    let bar = ProgressBar::new(range.end() - range.start() + 1);
    // An error would be one of the template, which a test would show: then the bar has its usual look.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent} %, {eta} left") {
        bar.set_style(style);
    }
    bar
}
