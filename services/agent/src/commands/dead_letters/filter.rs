//! Which dead letters are meant.

use anyhow::bail;
use chrono::{DateTime, FixedOffset};

use super::{super::id::id, letter::Letter};

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
    /// Only those put aside at this time or later, as 2026-11-23T17:00:00Z
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    since: Option<DateTime<FixedOffset>>,
    /// Only those put aside before this time
    #[arg(long, value_name = "TIME", value_parser = DateTime::parse_from_rfc3339)]
    until: Option<DateTime<FixedOffset>>,
    /// Also those that were dropped and are still there
    #[arg(long)]
    dropped: bool,
    #[arg(skip)]
    offsets: Vec<u64>,
}

impl Filter {
    /// Also only those with one of these offsets, dropped or not; without any, as before.
    pub(super) fn also_only(mut self, offsets: Vec<u64>) -> Self {
        self.dropped |= !offsets.is_empty();
        self.offsets = offsets;
        self
    }

    pub(super) fn includes_dropped(&self) -> bool {
        self.dropped
    }

    pub(super) fn lets_through(&self, letter: &Letter) -> bool {
        (self.offsets.is_empty() || self.offsets.contains(&letter.offset))
            && (self.message_type.is_none() || self.message_type.as_deref() == letter.message_type())
            && (self.creditor.is_none() || self.creditor == letter.creditor_id())
            && self.reason.as_ref().is_none_or(|text| letter.reason().is_some_and(|reason| reason.contains(text)))
            && self.since.is_none_or(|since| letter.time().is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| letter.time().is_some_and(|time| time < until))
    }

    /// Offsets that were named must have been found.
    pub(super) fn all_found(&self, found: impl Iterator<Item = u64>) -> anyhow::Result<()> {
        let found: Vec<u64> = found.collect();
        if let Some(missing) = self.offsets.iter().find(|offset| !found.contains(offset)) {
            bail!("there is no dead letter {missing} like that; nothing was sent");
        }
        Ok(())
    }
}
