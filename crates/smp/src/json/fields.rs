//! Reads the members of one document, noting everything that is wrong with them.

use std::ops::RangeBounds;

use chrono::NaiveDate;
use domain::time::{EPOCH, EPOCH_DATE};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};

use super::document::Document;
use super::text::{self, Rule};
use super::{number, time};
use crate::names::DIRECT;
use crate::{BadMember, Reason, Rejection};

/// A document being read.
///
/// Each method reads one member, which must be there and not be `null`. A member that is wrong is noted and reads as
/// a placeholder; [`Fields::finish`] lets a message out only if nothing was noted.
pub(crate) struct Fields<'a> {
    document: Document<'a>,
    bad: Vec<BadMember>,
    aside: Aside,
}

/// What is read besides the message itself.
#[derive(Debug)]
pub(crate) struct Aside {
    /// A coordinator type other than `direct`.
    pub(crate) foreign_coordinator: Option<String>,
    /// The member `ts`.
    pub(crate) sent_at: Timestamp,
}

impl<'a> Fields<'a> {
    /// A document whose member `type` must be `message_type`.
    pub(crate) fn parse(message_type: &'static str, body: &'a [u8]) -> Result<Self, Rejection> {
        let document = Document::parse(body)?;
        let aside = Aside { foreign_coordinator: None, sent_at: EPOCH };
        let mut fields = Self { document, bad: Vec::new(), aside };
        fields.read("type", |raw| match text::parse(raw)? {
            found if found == message_type => Ok(()),
            _ => Err(Reason::Contradicts("the message type")),
        });
        Ok(fields)
    }

    /// Lets out what was read from this document.
    pub(crate) fn finish<T>(self, message: T) -> Result<(T, Aside), Rejection> {
        if self.bad.is_empty() { Ok((message, self.aside)) } else { Err(Rejection::Schema(self.bad)) }
    }

    /// A condition between members, looked at only if each of them is right in itself.
    pub(crate) fn check(&mut self, holds: bool, name: &'static str, reason: Reason) {
        if !holds && self.bad.is_empty() {
            self.bad.push(BadMember { name, reason });
        }
    }

    /// `debtor_id` and `creditor_id`.
    pub(crate) fn account(&mut self) -> AccountKey {
        let debtor_id = DebtorId::new(self.i64("debtor_id", ..));
        AccountKey::new(self.creditor_id("creditor_id"), debtor_id)
    }

    /// The id of a creditor.
    pub(crate) fn creditor_id(&mut self, name: &'static str) -> CreditorId {
        CreditorId::new(self.i64(name, ..))
    }

    /// A 64-bit integer within `limits`.
    pub(crate) fn i64(&mut self, name: &'static str, limits: impl RangeBounds<i64>) -> i64 {
        let value = self.read(name, |raw| within(&limits, number::parse_integer(raw)?));
        value.unwrap_or_default()
    }

    /// A 32-bit integer within `limits`.
    pub(crate) fn i32(&mut self, name: &'static str, limits: impl RangeBounds<i32>) -> i32 {
        let value = self.read(name, |raw| {
            let value = number::parse_integer(raw)?;
            within(&limits, i32::try_from(value).map_err(|_error| Reason::OutOfRange)?)
        });
        value.unwrap_or_default()
    }

    /// A finite number within `limits`.
    pub(crate) fn f64(&mut self, name: &'static str, limits: impl RangeBounds<f64>) -> f64 {
        let value = self.read(name, |raw| within(&limits, number::parse_float(raw)?));
        value.unwrap_or_default()
    }

    /// A finite number within `limits` that will be stored with single precision.
    pub(crate) fn single(&mut self, name: &'static str, limits: impl RangeBounds<f64>) -> f64 {
        let value = self.f64(name, limits);
        if !number::fits_single(value) {
            self.bad.push(BadMember { name, reason: Reason::NotSingle });
        }
        value
    }

    /// A date-time.
    pub(crate) fn instant(&mut self, name: &'static str) -> Timestamp {
        let value = self.read(name, |raw| {
            time::parse_instant(&text::parse(raw)?).ok_or(Reason::Not("a date-time in the years 1 to 9999"))
        });
        value.unwrap_or(EPOCH)
    }

    /// `ts`, when the message was sent.
    pub(crate) fn sent_at(&mut self) -> Timestamp {
        self.aside.sent_at = self.instant("ts");
        self.aside.sent_at
    }

    /// A date.
    pub(crate) fn date(&mut self, name: &'static str) -> NaiveDate {
        let value = self.read(name, |raw| time::parse_date(&text::parse(raw)?).ok_or(Reason::Not("a date")));
        value.unwrap_or(EPOCH_DATE)
    }

    /// A string that obeys the rule.
    pub(crate) fn text(&mut self, name: &'static str, rule: Rule) -> String {
        let value = self.read(name, |raw| {
            let text = text::parse(raw)?;
            rule.check(&text)?;
            Ok(text.into_owned())
        });
        value.unwrap_or_default()
    }

    /// A string that obeys the rule; `None` if it is empty.
    pub(crate) fn optional_text(&mut self, name: &'static str, rule: Rule) -> Option<String> {
        Some(self.text(name, rule)).filter(|text| !text.is_empty())
    }

    /// The format of a transfer note.
    pub(crate) fn note_format(&mut self, name: &'static str) -> String {
        let value = self.read(name, |raw| {
            let text = text::parse(raw)?;
            if text::is_note_format(&text) { Ok(text.into_owned()) } else { Err(Reason::Not("a note format")) }
        });
        value.unwrap_or_default()
    }

    /// A SHA-256 digest in hexadecimal; `None` if it is empty.
    pub(crate) fn optional_sha256(&mut self, name: &'static str) -> Option<[u8; 32]> {
        let value = self.read(name, |raw| match &*text::parse(raw)? {
            "" => Ok(None),
            digits => text::parse_sha256(digits).map(Some).ok_or(Reason::Not("a SHA-256 digest")),
        });
        value.flatten()
    }

    /// The coordinator type of a reply. Others than `direct` are valid, but not ours (smp §2, check 6).
    pub(crate) fn coordinator_type(&mut self) {
        let coordinator_type = self.text("coordinator_type", Rule::ascii(30).not_empty().not_stored());
        self.aside.foreign_coordinator = Some(coordinator_type).filter(|found| found != DIRECT);
    }

    fn read<T>(&mut self, name: &'static str, parse: impl FnOnce(&'a str) -> Result<T, Reason>) -> Option<T> {
        match self.document.get(name).ok_or(Reason::Missing).and_then(parse) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.bad.push(BadMember { name, reason });
                None
            }
        }
    }
}

fn within<T: PartialOrd>(limits: &impl RangeBounds<T>, value: T) -> Result<T, Reason> {
    if limits.contains(&value) { Ok(value) } else { Err(Reason::OutOfRange) }
}
