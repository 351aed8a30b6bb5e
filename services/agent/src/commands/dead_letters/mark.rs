//! What the operator has done about dead letters: those before some offset are done with, and some have been sent again.
//!
//! The mark is kept on the broker, beside the stream: as the only message of a queue of its own. So it belongs to the
//! letters, whichever container or machine the tool runs on, and no database is needed.

use amqp::{
    Header, Message, Outcome, Properties, Publisher, Topology,
    topology::{self, Queue as Declared},
};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::{Queue, letter::State, offsets::Offsets};

/// What has been done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The first offset that the operator is not done with.
    pub(super) from: u64,
    /// What has been sent again since then.
    replayed: Offsets,
}

fn name(queue: &Queue) -> String {
    format!("{}.XQ.offset", queue.name)
}

impl Mark {
    /// What has been kept.
    pub(super) async fn read(queue: &Queue) -> anyhow::Result<Self> {
        let name = name(queue);
        let found = topology::first_message(&queue.url, &name).await.context("the broker does not answer")?;
        let Some(found) = found else { return Ok(Self::default()) };
        let mark = serde_json::from_slice(&found.body).ok().and_then(|body| Self::from_json(&body));
        mark.with_context(|| format!("the queue {name} holds something else than a mark; delete it to start over"))
    }

    /// Makes sure that a mark can be kept: better before anything is done that it should tell of.
    pub(super) async fn prepare(queue: &Queue) -> anyhow::Result<()> {
        let name = name(queue);
        // The broker drops the older of two messages, so a mark is replaced in one step.
        let arguments =
            vec![("x-queue-type".to_owned(), Header::from("quorum")), ("x-max-length".to_owned(), Header::Int(1))];
        let topology = Topology { queues: vec![Declared { name: name.clone(), arguments }], ..Topology::default() };
        topology::apply(&queue.url, &topology).await.with_context(|| format!("the queue {name} could not be created"))
    }

    /// Keeps it in the place of the one before.
    pub(super) async fn keep(&self, queue: &Queue, publisher: &Publisher) -> anyhow::Result<()> {
        let name = name(queue);
        let message = Message {
            routing_key: name.clone(),
            mandatory: true,
            properties: Properties { persistent: true, ..Properties::default() },
            body: self.to_json().to_string().into_bytes(),
            ..Message::default()
        };
        match publisher.publish(&[message]).await.pop() {
            Some(Outcome::Confirmed) => Ok(()),
            outcome => bail!("the queue {name} did not take the mark: {outcome:?}"),
        }
    }

    /// What has become of a letter.
    pub(super) fn state(&self, offset: u64) -> State {
        match offset {
            _ if offset < self.from => State::Dropped,
            _ if self.replayed.contains(offset) => State::Replayed,
            _ => State::Waiting,
        }
    }

    /// The letter has been sent again.
    pub(super) fn replayed(&mut self, offset: u64) {
        if offset >= self.from {
            self.replayed.insert(offset);
        }
    }

    /// All letters before this one are done with.
    pub(super) fn begin_at(&mut self, offset: u64) {
        self.from = offset;
        self.replayed.forget_before(offset);
    }

    fn to_json(&self) -> Value {
        json!({ "from": self.from, "replayed": self.replayed.to_json() })
    }

    fn from_json(body: &Value) -> Option<Self> {
        Some(Self { from: body.get("from")?.as_u64()?, replayed: Offsets::from_json(body.get("replayed")?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_what_has_become_of_letters() {
        let mut mark = Mark::default();
        for offset in [3, 4, 7] {
            mark.replayed(offset);
        }
        mark.begin_at(4);
        mark.replayed(2);
        let states = [2, 3, 4, 5, 7].map(|offset| mark.state(offset));
        assert_eq!(states, [State::Dropped, State::Dropped, State::Replayed, State::Waiting, State::Replayed]);
        assert_eq!(mark.to_json(), json!({ "from": 4, "replayed": [[4, 4], [7, 7]] }));
        assert_eq!(Mark::from_json(&mark.to_json()), Some(mark));
        assert_eq!(Mark::from_json(&json!(12)), None);
    }
}
