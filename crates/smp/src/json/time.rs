//! Instants and dates in (smp §4.1, §4.2).

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use domain::Timestamp;

/// The instant a date-time means. Without an offset it is UTC, a fraction is truncated to microseconds.
///
/// `None` also for instants outside the years 1 to 9999 of UTC: a peer that works on the same database could not read
/// the row (smp §2.1).
pub(super) fn parse_instant(text: &str) -> Option<Timestamp> {
    let mut rest = Scanner(text.as_bytes());
    let date = rest.date()?;
    rest.any_of(b"T ")?;
    let time = rest.time()?;
    let offset = rest.offset()?;
    rest.end()?;
    let instant = date.and_time(time).checked_sub_signed(offset)?;
    (1..=9999).contains(&instant.year()).then(|| instant.and_utc())
}

/// The date that `YYYY-M[M]-D[D]` means.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let mut rest = Scanner(text.as_bytes());
    let date = rest.date()?;
    rest.end()?;
    Some(date)
}

/// What is left to be read.
struct Scanner<'a>(&'a [u8]);

impl<'a> Scanner<'a> {
    fn date(&mut self) -> Option<NaiveDate> {
        let year = self.number(4, 4)?;
        self.any_of(b"-")?;
        let month = self.number(1, 2)?;
        self.any_of(b"-")?;
        let day = self.number(1, 2)?;
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|_| year >= 1)
    }

    fn time(&mut self) -> Option<NaiveTime> {
        let hour = self.number(1, 2)?;
        self.any_of(b":")?;
        let minute = self.number(1, 2)?;
        let (mut second, mut micros) = (0, 0);
        if self.any_of(b":").is_some() {
            second = self.number(1, 2)?;
            if self.any_of(b".").is_some() {
                micros = self.micros()?;
            }
        }
        NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
    }

    /// 1 to 12 digits of a fraction of a second.
    fn micros(&mut self) -> Option<u32> {
        let digits = self.digits(1, 12)?;
        Some((0..6).fold(0, |micros, place| micros * 10 + digits.get(place).map_or(0, |digit| u32::from(digit - b'0'))))
    }

    /// How far local time is ahead of UTC; nothing means it is UTC.
    fn offset(&mut self) -> Option<TimeDelta> {
        if self.0.is_empty() || self.any_of(b"Z").is_some() {
            return Some(TimeDelta::zero());
        }
        let sign = if self.any_of(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2, 2)?;
        let colon = self.any_of(b":").is_some();
        let minutes = if colon || !self.0.is_empty() { self.number(2, 2)? } else { 0 };
        let total = hours * 60 + minutes;
        (total < 24 * 60).then(|| TimeDelta::minutes(sign * i64::from(total)))
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }

    /// Takes one byte if it is one of these.
    fn any_of(&mut self, set: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first().filter(|(first, _)| set.contains(first))?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes the digits that come next, at most `max` of them.
    fn digits(&mut self, min: usize, max: usize) -> Option<&'a [u8]> {
        let count = self.0.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        (count >= min).then_some(digits)
    }

    fn number(&mut self, min: usize, max: usize) -> Option<u32> {
        let digits = self.digits(min, max)?;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }
}
