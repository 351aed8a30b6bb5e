//! Which dead letters are meant.

use anyhow::bail;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{
    super::id::id,
    letter::{Letter, State},
    mark::Mark,
};

/// All conditions must hold.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Filter {
    /// Only messages of this type, as AccountTransfer
    #[arg(long = "type", value_name = "TYPE")]
    message_type: Option<String>,
    /// Only messages about this creditor
    #[arg(long, value_name = "ID", value_parser = id, allow_hyphen_values = true)]
    creditor: Option<i64>,
    /// Only with a reason that contains this text
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only those put aside at this time or later, as 2026-11-23T17:00:00Z or 2026-11-23
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<DateTime<Utc>>,
    /// Only those put aside before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<DateTime<Utc>>,
    /// Also those that were dropped and are still there
    #[arg(long)]
    dropped: bool,
    #[arg(skip)]
    waiting: bool,
    #[arg(skip)]
    offsets: Vec<u64>,
}

impl Filter {
    /// Also only those that have not been sent again.
    pub(super) fn also_only_waiting(mut self, waiting: bool) -> Self {
        self.waiting = waiting;
        self
    }

    /// Also only those with one of these offsets, whatever has become of them; without any, as before.
    pub(super) fn also_only(mut self, offsets: Vec<u64>) -> Self {
        self.dropped |= !offsets.is_empty();
        self.waiting &= offsets.is_empty();
        self.offsets = offsets;
        self
    }

    /// Where to begin.
    pub(super) fn first(&self, mark: &Mark) -> u64 {
        let named = self.offsets.iter().copied().min();
        named.unwrap_or(if self.dropped { 0 } else { mark.from })
    }

    pub(super) fn lets_through(&self, letter: &Letter, state: State) -> bool {
        (self.offsets.is_empty() || self.offsets.contains(&letter.offset))
            && (self.dropped || state != State::Dropped)
            && !(self.waiting && state == State::Replayed)
            && (self.message_type.is_none() || self.message_type.as_deref() == letter.message_type())
            && (self.creditor.is_none() || self.creditor == letter.creditor_id())
            && self.reason.as_ref().is_none_or(|text| letter.reason().is_some_and(|reason| reason.contains(text)))
            && self.since.is_none_or(|since| letter.time().is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| letter.time().is_some_and(|time| time < until))
    }

    /// Whether offsets were named.
    pub(super) fn names_letters(&self) -> bool {
        !self.offsets.is_empty()
    }

    /// Offsets that were named must have been found.
    pub(super) fn all_found(&self, found: &[Letter]) -> anyhow::Result<()> {
        let is_found = |offset: &&u64| found.iter().any(|letter| letter.offset == **offset);
        if let Some(missing) = self.offsets.iter().find(|offset| !is_found(offset)) {
            bail!("there is no dead letter {missing} like that; nothing was sent");
        }
        Ok(())
    }
}

/// A time, or the beginning of a day.
fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN).and_utc());
    let instant = DateTime::parse_from_rfc3339(text).ok().map(Into::into);
    instant
        .or_else(day)
        .ok_or_else(|| "must be a time as 2026-11-23T17:00:00Z, or a day as 2026-11-23 (UTC)".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days() {
        for (text, expected) in [
            ("2026-11-23T17:00:00Z", Some("2026-11-23T17:00:00+00:00")),
            ("2026-11-23T17:00:00.5+02:00", Some("2026-11-23T15:00:00.500+00:00")),
            ("2026-11-23", Some("2026-11-23T00:00:00+00:00")),
            ("2026-11-23T17:00:00", None),
            ("yesterday", None),
        ] {
            assert_eq!(time(text).ok().map(|time| time.to_rfc3339()).as_deref(), expected, "{text}");
        }
    }
}
