//! Instants (webapi §5).

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, TimeDelta};
use domain::Timestamp;

use super::{errors::Problem, fields::FieldType, json::Json};

const NOT_DATETIME: &str = "Not a valid datetime.";

/// An instant in the years 1…9999 (UTC) whose offset from UTC must be given.
pub fn datetime() -> Datetime {
    Datetime { offset_required: true }
}

/// See [`datetime`].
#[derive(Clone, Copy, Debug)]
pub struct Datetime {
    offset_required: bool,
}

impl Datetime {
    /// The offset may be absent, and is zero then.
    #[must_use]
    pub fn or_utc(self) -> Self {
        Self { offset_required: false }
    }

    /// Anything that looks like an instant, to be kept as it was written.
    #[must_use]
    pub fn verbatim(self) -> Verbatim {
        Verbatim
    }
}

impl FieldType for Datetime {
    type Value = Timestamp;

    fn read(self, value: Json) -> Result<Timestamp, Problem> {
        let written = read(&value)?;
        let offset = written.offset.or((!self.offset_required).then_some(TimeDelta::zero())).ok_or(NOT_DATETIME)?;
        let instant = written.local.checked_sub_signed(offset).ok_or(NOT_DATETIME)?.and_utc();
        if (1..=9999).contains(&instant.year()) { Ok(instant) } else { Err(NOT_DATETIME.into()) }
    }
}

/// See [`Datetime::verbatim`].
#[derive(Clone, Copy, Debug)]
pub struct Verbatim;

impl FieldType for Verbatim {
    type Value = ();

    fn read(self, value: Json) -> Result<(), Problem> {
        read(&value).map(drop)
    }
}

/// What the text says.
#[derive(Clone, Copy, Debug)]
struct Written {
    local: NaiveDateTime,
    offset: Option<TimeDelta>,
}

fn read(value: &Json) -> Result<Written, Problem> {
    match value {
        Json::String(text) => parse(text.as_bytes()).ok_or_else(|| NOT_DATETIME.into()),
        _ => Err(NOT_DATETIME.into()),
    }
}

fn parse(text: &[u8]) -> Option<Written> {
    let mut rest = Rest(text);
    let year = rest.digits(4, 4)?;
    let month = rest.skip(b'-').and_then(|()| rest.digits(1, 2))?;
    let day = rest.skip(b'-').and_then(|()| rest.digits(1, 2))?;
    rest.skip(b'T').or_else(|| rest.skip(b' '))?;
    let hour = rest.digits(1, 2)?;
    let minute = rest.skip(b':').and_then(|()| rest.digits(1, 2))?;
    let (mut second, mut micros) = (0, 0);
    if rest.skip(b':').is_some() {
        second = rest.digits(1, 2)?;
        if rest.skip(b'.').is_some() {
            micros = rest.micros()?;
        }
    }
    let offset = rest.offset()?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day).filter(|date| date.year() > 0)?;
    Some(Written { local: date.and_hms_micro_opt(hour, minute, second, micros)?, offset })
}

/// The part of the text that has not been read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn skip(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.strip_prefix(&[byte])?;
        Some(())
    }

    /// From `min` to `max` digits, as many as there are.
    fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let count = self.0.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= min)?;
        self.0 = rest;
        Some(digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// A fraction of 1 to 12 digits, of which the first six count.
    fn micros(&mut self) -> Option<u32> {
        let before = self.0.len();
        let digits = self.digits(1, 6)?;
        let count = u32::try_from(before - self.0.len()).ok()?;
        self.digits(0, 6)?;
        Some(digits * 10_u32.pow(6 - count))
    }

    /// The rest must be an offset, or nothing. `None` is an error.
    #[expect(clippy::option_option, reason = "the outer one is the error")]
    fn offset(&mut self) -> Option<Option<TimeDelta>> {
        let sign = match self.0 {
            [] => return Some(None),
            b"Z" => return Some(Some(TimeDelta::zero())),
            [b'+', rest @ ..] => {
                self.0 = rest;
                1
            }
            [b'-', rest @ ..] => {
                self.0 = rest;
                -1
            }
            _ => return None,
        };
        let mut minutes = 60 * self.digits(2, 2)?;
        if !self.0.is_empty() {
            // The colon is optional.
            let _ = self.skip(b':');
            minutes += self.digits(2, 2)?;
        }
        (self.0.is_empty() && minutes < 24 * 60).then(|| Some(TimeDelta::minutes(sign * i64::from(minutes))))
    }
}
