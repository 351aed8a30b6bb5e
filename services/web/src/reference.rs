//! References to accounts in requests (webapi §12.5 "exchange").

use domain::{AccountKey, CreditorId, DebtorId, uris};

use crate::{location::BaseUrl, routing};

/// The account of the same creditor that `reference` leads to, from a part of the account `key` (RFC 3986, §5.2).
///
/// References to other servers, with queries or fragments, or spelled in unusual ways, lead nowhere.
pub(crate) fn resolve_account(base: &BaseUrl, key: AccountKey, reference: &str) -> Option<DebtorId> {
    let rest = match scheme(reference) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(base.scheme()) && rest.starts_with("//") => rest,
        Some(_) => return None,
        None => reference,
    };
    let path = match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/')?);
            base.is_authority(authority).then_some(path)?.to_owned()
        }
        None if rest.starts_with('/') => rest.to_owned(),
        // The part itself, which is no account.
        None if rest.is_empty() => return None,
        None => uris::account(key) + rest,
    };
    account_of(key.creditor_id, &without_dots(&path))
}

/// The scheme and what follows its colon.
fn scheme(reference: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = reference.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.'));
    is_scheme.then_some((scheme, rest))
}

/// Follows `.` and `..` (RFC 3986, §5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let is_directory = matches!(path.rsplit('/').next(), Some("." | ".."));
    let end = if is_directory { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// Anything unusual in the path is not an account: queries, fragments, percent signs, leading zeros.
fn account_of(creditor_id: CreditorId, path: &str) -> Option<DebtorId> {
    let rest = path.strip_prefix(&uris::creditor(creditor_id))?;
    let debtor = rest.strip_prefix("accounts/")?.strip_suffix('/')?;
    routing::number(debtor).map(DebtorId::from_unsigned)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn references() {
        let request = TestRequest::default().insert_header(("Host", "example.com:8080")).to_http_request();
        let base = BaseUrl::of(request.headers(), false).unwrap();
        let key = AccountKey::new(CreditorId::new(4), DebtorId::new(-1));
        let resolve = |reference| resolve_account(&base, key, reference).map(DebtorId::get);
        let good = [
            ("/creditors/4/accounts/11/", 11),
            ("../11/", 11),
            ("../../accounts/11/", 11),
            (".././11/", 11),
            ("../11/x/..", 11),
            ("../11/.", 11),
            ("./", -1),
            (".", -1),
            ("../18446744073709551615/", -1),
            ("/creditors/./4/x/../accounts/11/", 11),
            ("/../creditors/4/accounts/11/", 11),
            ("http://example.com:8080/creditors/4/accounts/11/", 11),
            ("HTTP://EXAMPLE.com:8080/creditors/4/accounts/11/", 11),
            ("//example.com:8080/creditors/4/accounts/11/", 11),
            ("../0/", 0),
        ];
        for (reference, debtor) in good {
            assert_eq!(resolve(reference), Some(debtor), "{reference}");
        }
        let bad = [
            "",
            "#",
            "?",
            "..",
            "../11",
            "11/",
            "../011/",
            "../-1/",
            "../%31/",
            "../18446744073709551616/",
            "../11/?a",
            "../11/?",
            "../11/#a",
            "../11//",
            "..//11/",
            "/creditors/5/accounts/11/",
            "/creditors/04/accounts/11/",
            "/creditors/4/accounts/11/config",
            "creditors/4/accounts/11/",
            "https://example.com:8080/creditors/4/accounts/11/",
            "http://example.com/creditors/4/accounts/11/",
            "http://user@example.com:8080/creditors/4/accounts/11/",
            "http:/creditors/4/accounts/11/",
            "http://example.com:8080",
            "http://[/creditors/4/accounts/11/",
            "//other/creditors/4/accounts/11/",
            "swpt:11",
            " ../11/",
            "../11/ ",
        ];
        for reference in bad {
            assert_eq!(resolve(reference), None, "{reference}");
        }
    }
}
