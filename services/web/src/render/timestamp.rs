//! Instants (webapi §7.7).

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};

/// An instant, written as `2020-01-02T03:04:05.678901+00:00`; the fraction is absent when it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(pub domain::Timestamp);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let format = if self.0.timestamp_subsec_micros() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        serializer.serialize_str(&self.0.to_rfc3339_opts(format, false))
    }
}

impl From<domain::Timestamp> for Timestamp {
    fn from(instant: domain::Timestamp) -> Self {
        Self(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions() {
        let cases = [
            ("2020-01-02T03:04:05.678901Z", "2020-01-02T03:04:05.678901+00:00"),
            ("2020-01-02T03:04:05.5Z", "2020-01-02T03:04:05.500000+00:00"),
            ("2020-01-02T03:04:05.000001Z", "2020-01-02T03:04:05.000001+00:00"),
            ("2020-01-02T03:04:05+02:00", "2020-01-02T01:04:05+00:00"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ];
        for (instant, expected) in cases {
            let instant: domain::Timestamp = instant.parse().unwrap();
            assert_eq!(serde_json::to_string(&Timestamp(instant)).unwrap(), format!("{expected:?}"));
        }
    }
}
