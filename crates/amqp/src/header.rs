//! Named values of messages, queues, exchanges and bindings.

use amqprs::{FieldTable, FieldValue};

/// A named value: a message's header, or an argument of a queue, exchange or binding.
#[derive(Clone, Debug, PartialEq)]
pub enum Header {
    /// A text.
    Text(String),
    /// A whole number. Read from every width, always written with 64 bits: readers get the same number (smp §6).
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// Anything else (times, tables, lists, floating-point numbers...), passed on as it came.
    Other(RawHeader),
}

/// A header's value of a type that we only pass on.
#[derive(Clone, Debug, PartialEq)]
pub struct RawHeader(FieldValue);

/// Names with their values, in no particular order.
pub type Headers = Vec<(String, Header)>;

impl Header {
    /// About how many bytes the value takes on the wire, never fewer.
    pub(crate) fn wire_size(&self) -> usize {
        match self {
            Self::Text(text) => text.len().saturating_add(4),
            Self::Int(_) | Self::Bool(_) => 8,
            Self::Other(RawHeader(value)) => wire_size(value),
        }
    }
}

impl From<&str> for Header {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Header {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Header {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Header {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&FieldValue> for Header {
    fn from(value: &FieldValue) -> Self {
        match value {
            FieldValue::S(text) => Self::Text(text.as_ref().clone()),
            FieldValue::t(value) => Self::Bool(*value),
            FieldValue::b(number) => Self::Int((*number).into()),
            FieldValue::B(number) => Self::Int((*number).into()),
            FieldValue::s(number) => Self::Int((*number).into()),
            FieldValue::u(number) => Self::Int((*number).into()),
            FieldValue::I(number) => Self::Int((*number).into()),
            FieldValue::i(number) => Self::Int((*number).into()),
            FieldValue::l(number) => Self::Int(*number),
            other => Self::Other(RawHeader(other.clone())),
        }
    }
}

/// Sorted by name, so that equal tables give equal headers.
pub(crate) fn from_table(table: &FieldTable) -> Headers {
    let mut headers: Headers =
        table.as_ref().iter().map(|(name, value)| (name.as_ref().clone(), value.into())).collect();
    headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    headers
}

/// Of headers with the same name, the last one counts. `None` if AMQP cannot express one of them.
pub(crate) fn to_table(headers: &[(String, Header)]) -> Option<FieldTable> {
    let mut table = FieldTable::new();
    for (name, value) in headers {
        insert(&mut table, name, to_value(value)?)?;
    }
    Some(table)
}

fn to_value(header: &Header) -> Option<FieldValue> {
    Some(match header {
        Header::Text(text) => FieldValue::S(text.clone().try_into().ok()?),
        Header::Int(number) => FieldValue::l(*number),
        Header::Bool(value) => FieldValue::t(*value),
        Header::Other(RawHeader(value)) => rebuilt(value)?,
    })
}

/// The table adds up its own length on the wire, and gets it wrong when a name is replaced.
fn insert(table: &mut FieldTable, name: &str, value: FieldValue) -> Option<()> {
    let name = name.try_into().ok()?;
    table.remove(&name);
    table.insert(name, value);
    Some(())
}

/// The same value with lengths computed anew: those of a received table count repeated names that are gone by now.
fn rebuilt(value: &FieldValue) -> Option<FieldValue> {
    Some(match value {
        FieldValue::F(table) => {
            let mut copy = FieldTable::new();
            for (name, value) in table.as_ref() {
                insert(&mut copy, name.as_ref(), rebuilt(value)?)?;
            }
            FieldValue::F(copy)
        }
        FieldValue::A(array) => {
            let items: Option<Vec<_>> = Vec::from(array.clone()).iter().map(rebuilt).collect();
            FieldValue::A(items?.try_into().ok()?)
        }
        other => other.clone(),
    })
}

fn wire_size(value: &FieldValue) -> usize {
    // Lengths, types and the fixed part of a value take at most this.
    const FIXED: usize = 9;
    let inside = match value {
        FieldValue::S(text) => text.as_ref().len(),
        FieldValue::x(bytes) => Vec::from(bytes.clone()).len(),
        FieldValue::A(array) => Vec::from(array.clone()).iter().map(wire_size).sum(),
        FieldValue::F(table) => {
            table.as_ref().iter().map(|(name, value)| name.as_ref().len() + FIXED + wire_size(value)).sum()
        }
        _ => 0,
    };
    inside.saturating_add(FIXED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_of_integer_is_the_same_number() {
        for value in [FieldValue::b(-7), FieldValue::s(-7), FieldValue::I(-7), FieldValue::l(-7)] {
            assert_eq!(Header::from(&value), Header::Int(-7), "{value:?}");
        }
        for value in [FieldValue::B(200), FieldValue::u(200), FieldValue::i(200)] {
            assert_eq!(Header::from(&value), Header::Int(200), "{value:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_passed_on() {
        let mut inner = FieldTable::new();
        inner.insert("time".try_into().unwrap(), FieldValue::T(1_700_000_000));
        let items = vec![FieldValue::F(inner), FieldValue::V, FieldValue::d(0.5)];
        let mut table = FieldTable::new();
        table.insert("deaths".try_into().unwrap(), FieldValue::A(items.try_into().unwrap()));
        table.insert("a".try_into().unwrap(), FieldValue::x(vec![0, 255].try_into().unwrap()));

        let headers = from_table(&table);
        assert!(
            matches!(headers.as_slice(), [(a, Header::Other(_)), (b, Header::Other(_))] if a == "a" && b == "deaths")
        );
        assert_eq!(to_table(&headers), Some(table));
    }

    #[test]
    fn the_last_of_equal_names_counts_and_the_length_is_right() {
        let twice = [("n".to_owned(), "a longer text".into()), ("n".to_owned(), Header::Int(1))];
        assert_eq!(to_table(&twice), to_table(&twice[1..]));
    }

    #[test]
    fn a_name_that_amqp_cannot_express_is_refused() {
        assert_eq!(to_table(&[("n".repeat(256), Header::Int(1))]), None);
        assert!(to_table(&[("n".repeat(255), Header::Int(1))]).is_some());
    }
}
