//! Reading dead letters, oldest first.

use amqp::Stream;
use anyhow::{Context as _, bail};

use super::{
    NAME, Queue,
    filter::Filter,
    letter::{Letter, State},
    mark::Mark,
};

/// Reads the letters that a filter lets through.
pub(super) struct Reader<'a> {
    filter: &'a Filter,
    mark: &'a Mark,
    stream: Option<Stream>,
    first: u64,
}

/// Begins to read from an offset on; `None` if nothing is there.
pub(super) async fn open(queue: &Queue, from: u64) -> anyhow::Result<Option<Stream>> {
    let name = format!("{}.XQ", queue.name);
    match Stream::open(&queue.url, NAME, &name, from).await {
        Err(error) if error.is_not_found() => bail!("there is no queue {name}"),
        outcome => outcome.with_context(|| format!("the queue {name} could not be read")),
    }
}

impl<'a> Reader<'a> {
    pub(super) async fn start(queue: &Queue, filter: &'a Filter, mark: &'a Mark) -> anyhow::Result<Self> {
        let first = filter.first(mark);
        Ok(Self { filter, mark, stream: open(queue, first).await?, first })
    }

    /// The next letter, and what has become of it; `None` after the last one.
    pub(super) async fn next(&mut self) -> anyhow::Result<Option<(Letter, State)>> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        while let Some((offset, delivery)) = stream.next().await.context("the dead letters could not be read on")? {
            let letter = Letter { offset, delivery };
            let state = self.mark.state(offset);
            if self.filter.lets_through(&letter, state) {
                return Ok(Some((letter, state)));
            }
        }
        Ok(None)
    }

    /// The next letters, at most so many; none after the last one.
    pub(super) async fn take(&mut self, count: usize) -> anyhow::Result<Vec<Letter>> {
        let mut letters = Vec::new();
        while letters.len() < count
            && let Some((letter, _)) = self.next().await?
        {
            letters.push(letter);
        }
        Ok(letters)
    }

    /// The offsets that it goes through.
    pub(super) fn range(&self) -> std::ops::RangeInclusive<u64> {
        let last = self.stream.as_ref().map_or(self.first, Stream::last);
        self.first..=last
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        if let Some(stream) = self.stream {
            stream.close().await;
        }
    }
}
