//! Recorded requests and responses, replayed against the web server with a database of its own (`webapi`).
//!
//! A transcript is a list of steps: requests with the expected responses, SQL that makes what no request can make,
//! queries with the expected rows, and waiting for the job that fills the logs.

mod compare;
mod exact;
mod names;
mod replay;
mod sql;

use std::{collections::BTreeSet, fs};

use self::{exact::Exact, replay::replay};

macro_rules! scenarios {
    ($($name:ident: $file:literal,)+) => {
        $(
            #[actix_web::test]
            async fn $name() {
                replay(include_str!(concat!("transcripts/", $file, ".json"))).await;
            }
        )+

        const FILES: &[&str] = &[$($file),+];
    };
}

scenarios! {
    reserve_activate_deactivate: "01-reserve-activate-deactivate",
    creditors_list: "02-creditors-list",
    wallet: "03-wallet",
    pin_update: "04-pin-update",
    pin_blocking: "05-pin-blocking",
    accounts: "06-accounts",
    account_config: "07-account-config",
    account_display: "08-account-display",
    account_exchange: "09-account-exchange",
    account_knowledge: "10-account-knowledge",
    account_info_and_ledger: "11-account-info-and-ledger",
    ledger_entries: "12-ledger-entries",
    committed_transfers: "13-committed-transfers",
    transfers: "14-transfers",
    finalized_transfers: "15-finalized-transfers",
    log_pages: "16-log-pages",
    permissions: "17-permissions",
    malformed_requests: "18-malformed-requests",
    usage_limits: "19-usage-limits",
    side_effects: "20-side-effects",
}

#[test]
fn all_transcripts_are_replayed() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/transcripts");
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let recorded: BTreeSet<_> = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    assert_eq!(recorded, FILES.iter().map(|name| (*name).to_owned()).collect());
}

/// What was said about an account before its deletion stays true: its update ids never come back.
#[actix_web::test]
async fn update_ids_of_an_account_grow_from_life_to_life() {
    let story = replay(include_str!("transcripts/06-accounts.json")).await;
    let deletion = story.names.number("deleted:accounts/1").unwrap();
    let ids = |is_new: bool| {
        let of_account =
            story.updates.iter().filter(|update| update.uri.starts_with("/creditors/4294967296/accounts/1/"));
        of_account
            .filter(move |update| (update.step == story.steps) == is_new)
            .map(|update| update.id)
            .collect::<Vec<_>>()
    };
    let (old, new) = (ids(false), ids(true));
    assert_eq!(new.len(), 7, "the account and its six parts: {new:?}");
    assert!(old.len() > new.len() && old.iter().all(|id| *id < deletion), "{old:?}, {deletion}");
    assert!(new.iter().all(|id| *id > deletion), "{deletion}, {new:?}");
}

/// Whatever a transcript expects is looked at.
#[actix_web::test]
async fn distorted_expectations_are_not_met() {
    let distortions: [fn(&mut Exact) -> bool; 4] = [distort_status, distort_headers, distort_body, distort_rows];
    for text in [include_str!("transcripts/03-wallet.json"), include_str!("transcripts/20-side-effects.json")] {
        for distort in distortions {
            let mut transcript = Exact::parse(text).unwrap();
            let steps = transcript.get_mut("steps").and_then(Exact::items_mut).unwrap();
            let mut distorted = Vec::new();
            for (index, step) in steps.iter_mut().enumerate() {
                distorted.extend(distort(step).then_some(index));
            }
            let (_, failures) = replay::play(&transcript).await;
            assert_eq!(failures.into_keys().collect::<Vec<_>>(), distorted);
        }
    }
}

fn distort_status(step: &mut Exact) -> bool {
    let Some(status) = step.get_mut("response").and_then(|response| response.get_mut("status")) else { return false };
    *status = Exact::Number((status.integer().unwrap() + 1).to_string());
    true
}

fn distort_headers(step: &mut Exact) -> bool {
    let headers = step.get_mut("response").and_then(|response| response.get_mut("headers"));
    let Some(Exact::Object(headers)) = headers else { return false };
    for value in headers.values_mut() {
        *value = Exact::Text(format!("{}, x", value.text().unwrap()));
    }
    !headers.is_empty()
}

fn distort_body(step: &mut Exact) -> bool {
    let Some(response) = step.get_mut("response") else { return false };
    let part = if response.get("rawBody").is_some() { "rawBody" } else { "body" };
    match response.get_mut(part).unwrap() {
        Exact::Text(text) if text == "<any>" => return false,
        Exact::Object(members) => drop(members.insert("more".to_owned(), Exact::Null)),
        Exact::Text(text) => text.push('x'),
        other => *other = Exact::Object([].into()),
    }
    true
}

fn distort_rows(step: &mut Exact) -> bool {
    let Some(rows) = step.get_mut("rows").and_then(Exact::items_mut) else { return false };
    rows.push(Exact::Array(Vec::new()));
    true
}

/// The comparison must not be blind.
#[test]
fn comparisons() {
    let cases = [
        ("1", "1", true),
        ("1", "1.0", false),
        ("1", "1e0", false),
        ("1", "2", false),
        ("123456789012345678901234567890", "123456789012345678901234567890", true),
        ("123456789012345678901234567890", "123456789012345678901234567891", false),
        ("100.0", "1e2", true),
        ("100.0", "100", true),
        ("100.0", "100.1", false),
        ("1.0", "\"1.0\"", false),
        ("true", "1", false),
        ("null", "false", false),
        (r#"{"a":1,"b":[2]}"#, r#"{"b":[2],"a":1}"#, true),
        (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false),
        (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, false),
        ("[1,2]", "[2,1]", false),
        ("[1,2]", "[1]", false),
        (r#""<any>""#, "[]", true),
        (r#""<int>""#, "-5", true),
        (r#""<int>""#, "5.0", false),
        (r#""<int>""#, "\"5\"", false),
        (r#""<ts>""#, "\"2026-01-02T03:04:05.678901+00:00\"", true),
        (r#""<ts>""#, "\"2026-01-02T03:04:05+00:00\"", true),
        (r#""<ts>""#, "\"2026-01-02T03:04:05.678+00:00\"", false),
        (r#""<ts>""#, "\"2026-01-02T03:04:05Z\"", false),
        (r#"["<captured:x>","<captured:x>"]"#, "[7,7]", true),
        (r#"["<captured:x>","<captured:x>"]"#, "[7,8]", false),
        (r#"["<captured:x>","<captured:x>"]"#, "[7,\"7\"]", false),
        (r#"["<captured:x+2>","<captured:x>"]"#, "[9,7]", true),
        (r#"["<captured:x+2>","<captured:x>"]"#, "[8,7]", false),
        (r#"["/<captured:x>/","<captured:x>"]"#, "[\"/7/\",7]", true),
        (r#"["/<captured:x>/","<captured:x>"]"#, "[\"/8/\",7]", false),
        (r#""/<captured:x>/""#, "\"/8/\"", false),
        (r#""<captured:x>""#, "[1]", false),
    ];
    for (expected, actual, is_match) in cases {
        let (expected, actual) = (Exact::parse(expected).unwrap(), Exact::parse(actual).unwrap());
        let mut names = names::Names::default();
        names.bind(&expected, &actual);
        let found = compare::differences(&names, &expected, &actual);
        assert_eq!(found.is_empty(), is_match, "{expected} {actual} {found:?}");
    }
    assert!(Exact::parse(r#"{"a":1,"a":1}"#).is_err());
}
