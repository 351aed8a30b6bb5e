//! One dead letter, as operators want to see it.

use amqp::{Delivery, Header, OFFSET_HEADER};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use smp::names::{
    DEAD_LETTER_EXCHANGE, DEAD_LETTER_QUEUE, DEAD_LETTER_REASON, DEAD_LETTER_ROUTING_KEY, DEAD_LETTER_TIME,
};

/// A message that was put aside.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) offset: u64,
    pub(super) delivery: Delivery,
}

/// What the operator has done about a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Waiting,
    /// It was sent again.
    Replayed,
    /// It is done with.
    Dropped,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replayed => "replayed",
            Self::Dropped => "dropped",
        }
    }
}

impl Letter {
    /// The type of the message, if it has one.
    pub(super) fn message_type(&self) -> Option<&str> {
        self.delivery.properties.message_type.as_deref()
    }

    /// Why it was put aside. A broker that has done it itself gives no reason.
    pub(super) fn reason(&self) -> Option<&str> {
        self.text(DEAD_LETTER_REASON)
    }

    /// When it was put aside, or sent, if that is not known.
    pub(super) fn time(&self) -> Option<DateTime<Utc>> {
        let put_aside = self.text(DEAD_LETTER_TIME).and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let sent = || DateTime::from_timestamp(i64::try_from(self.delivery.properties.timestamp?).ok()?, 0);
        put_aside.map(Into::into).or_else(sent)
    }

    /// Whose account it is about, if that can be told.
    pub(super) fn creditor_id(&self) -> Option<i64> {
        match self.delivery.header("creditor-id") {
            Some(Header::Int(id)) => Some(*id),
            _ => serde_json::from_slice::<Value>(&self.delivery.body).ok()?.get("creditor_id")?.as_i64(),
        }
    }

    /// Where it was sent first: exchange and routing key.
    pub(super) fn origin(&self) -> Option<(&str, &str)> {
        Some((self.text(DEAD_LETTER_EXCHANGE)?, self.text(DEAD_LETTER_ROUTING_KEY)?))
    }

    /// Offset, time, state, type, creditor and reason, with tabs in between.
    pub(super) fn line(&self, state: State) -> String {
        let time = self.time().map_or_else(|| "-".to_owned(), written);
        let creditor = self.creditor_id().map_or_else(|| "-".to_owned(), |id| id.to_string());
        let text = |text: Option<&str>| text.unwrap_or("-").escape_debug().to_string();
        let (kind, reason) = (text(self.message_type()), text(self.reason()));
        format!("{}\t{time}\t{}\t{kind}\t{creditor}\t{reason}", self.offset, state.name())
    }

    /// The same as an object.
    pub(super) fn summary(&self, state: State) -> Value {
        json!({
            "offset": self.offset,
            "time": self.time().map(written),
            "state": state.name(),
            "type": self.message_type(),
            "creditor_id": self.creditor_id(),
            "reason": self.reason(),
        })
    }

    /// Everything. A body that is not JSON is a text, with signs instead of what is not UTF-8.
    pub(super) fn whole(&self, state: State) -> Value {
        let properties = &self.delivery.properties;
        let headers: Map<String, Value> =
            properties.headers.iter().map(|(name, value)| (name.clone(), readable(value))).collect();
        let body = &self.delivery.body;
        let body = serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into());
        let mut whole = self.summary(state);
        whole["queue"] = self.text(DEAD_LETTER_QUEUE).into();
        whole["exchange"] = self.origin().map(|(exchange, _)| exchange).into();
        whole["routing_key"] = self.origin().map(|(_, key)| key).into();
        whole["content_type"] = properties.content_type.as_deref().into();
        whole["headers"] = headers.into();
        whole["body"] = body;
        whole
    }

    fn text(&self, header: &str) -> Option<&str> {
        match self.delivery.header(header) {
            Some(Header::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Whether a header belongs to the dead letter rather than to the message.
pub(super) fn is_of_the_letter(header: &str) -> bool {
    [
        OFFSET_HEADER,
        DEAD_LETTER_REASON,
        DEAD_LETTER_QUEUE,
        DEAD_LETTER_TIME,
        DEAD_LETTER_EXCHANGE,
        DEAD_LETTER_ROUTING_KEY,
    ]
    .contains(&header)
}

fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn readable(header: &Header) -> Value {
    match header {
        Header::Text(text) => text.as_str().into(),
        Header::Int(number) => (*number).into(),
        Header::Bool(value) => (*value).into(),
        Header::Other(other) => format!("{other:?}").into(),
    }
}
