//! Path templates, and what the variable segments of a path mean (webapi §3.1).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use domain::{CreditorId, DebtorId};
use uuid::Uuid;

use crate::ApiError;

/// The variable segments of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// `{creditorId}`
    pub creditor_id: Option<CreditorId>,
    /// `{debtorId}`
    pub debtor_id: Option<DebtorId>,
    /// `{transferUuid}`
    pub transfer_uuid: Option<Uuid>,
    /// `{transferId}` or `{file}`
    pub segment: Option<String>,
}

/// For handlers of public routes; all others get a scope (see [`crate::caller`]).
impl FromRequest for Params {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let params = request.extensions().get::<Self>().cloned();
        ready(params.ok_or_else(|| ApiError::internal("the route is not public")))
    }
}

/// A path with variable segments, like `/creditors/{creditorId}/wallet`.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    text: &'static str,
    segments: Vec<Segment>,
}

#[derive(Clone, Copy, Debug)]
enum Segment {
    Literal(&'static str),
    CreditorId,
    DebtorId,
    TransferUuid,
    Any,
}

impl Template {
    /// Reads a template. A `{name}` that is not known stands for any segment that is not empty.
    pub(crate) fn new(text: &'static str) -> Self {
        let segments = text.trim_start_matches('/').split('/').map(Segment::new).collect();
        Self { text, segments }
    }

    /// The template, as it was written.
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    /// Matches a decoded path without its first slash.
    pub(crate) fn matches(&self, path: &str) -> Option<Params> {
        let mut params = Params::default();
        let mut parts = path.split('/');
        for segment in &self.segments {
            segment.matches(parts.next()?, &mut params)?;
        }
        parts.next().is_none().then_some(params)
    }

    /// Matches a decoded path that lacks only the final slash of the template.
    pub(crate) fn matches_without_slash(&self, path: &str) -> bool {
        self.text.ends_with('/') && !path.ends_with('/') && self.matches(&format!("{path}/")).is_some()
    }
}

impl Segment {
    fn new(text: &'static str) -> Self {
        match text {
            "{creditorId}" => Self::CreditorId,
            "{debtorId}" => Self::DebtorId,
            "{transferUuid}" => Self::TransferUuid,
            _ if text.starts_with('{') => Self::Any,
            _ => Self::Literal(text),
        }
    }

    fn matches(self, text: &str, params: &mut Params) -> Option<()> {
        match self {
            Self::Literal(expected) if text == expected => {}
            Self::Literal(_) => return None,
            Self::CreditorId => params.creditor_id = Some(CreditorId::from_unsigned(number(text)?)),
            Self::DebtorId => params.debtor_id = Some(DebtorId::from_unsigned(number(text)?)),
            Self::TransferUuid => params.transfer_uuid = Some(canonical_uuid(text)?),
            Self::Any if text.is_empty() => return None,
            Self::Any => params.segment = Some(text.to_owned()),
        }
        Some(())
    }
}

/// ASCII digits without leading zeros, at most 2⁶⁴−1.
pub(crate) fn number(text: &str) -> Option<u64> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|c| c.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}

/// The hyphenated form, in any letter case.
fn canonical_uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let good = [("0", 0), ("1", 1), ("10", 10), ("18446744073709551615", u64::MAX)];
        for (text, value) in good {
            assert_eq!(number(text), Some(value), "{text}");
        }
        let bad = [
            "",
            "00",
            "01",
            "-1",
            "+1",
            "1.0",
            "1 ",
            "0x1",
            "18446744073709551616",
            "100000000000000000000",
            "١",
            "1_0",
        ];
        for text in bad {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn uuids() {
        let good = ["123e4567-e89b-12d3-a456-426655440000", "123E4567-E89B-12D3-A456-426655440000"];
        for text in good {
            assert_eq!(canonical_uuid(text).unwrap().to_string(), good[0]);
        }
        let bad = [
            "123e4567e89b12d3a456426655440000",
            "{123e4567-e89b-12d3-a456-426655440000}",
            "{123e4567e89b12d3a456426655440000}ab",
            "123e4567-e89b-12d3-a456-42665544000g",
            "123e4567-e89b-12d3-a4564-26655440000",
            "123e4567-e89b-12d3-a456-42665544000",
            "",
        ];
        for text in bad {
            assert_eq!(canonical_uuid(text), None, "{text}");
        }
    }

    #[test]
    fn segments() {
        let template = Template::new("/creditors/{creditorId}/accounts/{debtorId}/transfers/{transferId}");
        let params = template.matches("creditors/18446744073709551615/accounts/2/transfers/18444-1").unwrap();
        assert_eq!(params.creditor_id, Some(CreditorId::new(-1)));
        assert_eq!(params.debtor_id, Some(DebtorId::new(2)));
        assert_eq!(params.segment.as_deref(), Some("18444-1"));
        let others = [
            "creditors/1/accounts/2/transfers/",
            "creditors/1/accounts/2/transfers/a/",
            "creditors/1/accounts/2/transfers",
            "creditors/1/accounts/x/transfers/a",
            "Creditors/1/accounts/2/transfers/a",
            "creditors//1/accounts/2/transfers/a",
        ];
        for path in others {
            assert_eq!(template.matches(path), None, "{path}");
        }
    }

    #[test]
    fn final_slashes() {
        let with = Template::new("/creditors/{creditorId}/");
        assert!(with.matches("creditors/1/").is_some());
        assert!(with.matches("creditors/1").is_none());
        assert!(with.matches_without_slash("creditors/1"));
        assert!(!with.matches_without_slash("creditors/1/"));
        assert!(!with.matches_without_slash("creditors/01"));
        let without = Template::new("/creditors/{creditorId}/wallet");
        assert!(without.matches("creditors/1/wallet/").is_none());
        assert!(!without.matches_without_slash("creditors/1/wallet"));
    }
}
