//! Messages for the tests.

use std::collections::BTreeSet;

use amqp::Delivery;
use chrono::DateTime;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{FinalizeTransfer, PrepareTransfer, Signal, UpdatedFlags},
};

/// A creditor in the default range of ids.
pub(crate) const C: i64 = 0x101_0000_0000;

pub(crate) fn account(creditor_id: i64, debtor_id: i64) -> AccountKey {
    AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id))
}

pub(crate) fn at(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(crate) fn now() -> Timestamp {
    at("2024-01-02T03:04:05.123456Z")
}

pub(crate) fn prepare(creditor_id: i64, coordinator_request_id: i64) -> Signal {
    Signal::PrepareTransfer(PrepareTransfer {
        account: account(creditor_id, 10),
        coordinator_request_id,
        locked_amount: 1,
        recipient: "abc".to_owned(),
        final_interest_rate_ts: at("9999-12-31T23:59:59Z"),
        max_commit_delay: i32::MAX,
        inserted_at: now(),
    })
}

pub(crate) fn finalize(debtor_id: i64, coordinator_request_id: i64) -> Signal {
    Signal::FinalizeTransfer(FinalizeTransfer {
        account: account(C, debtor_id),
        transfer_id: 1,
        coordinator_id: CreditorId::new(C),
        coordinator_request_id,
        committed_amount: 5,
        transfer_note_format: "json".to_owned(),
        transfer_note: r#"{"a":"é"}"#.to_owned(),
        inserted_at: now(),
    })
}

pub(crate) fn flags(creditor_id: i64, update_id: i64) -> Signal {
    Signal::UpdatedFlags(UpdatedFlags { account: account(creditor_id, 10), update_id, config_flags: -1, ts: now() })
}

/// A number in a message.
pub(crate) fn member(delivery: &Delivery, name: &str) -> i64 {
    let body = std::str::from_utf8(&delivery.body).unwrap();
    let (_, rest) = body.split_once(&format!("\"{name}\":")).unwrap();
    rest[..rest.find([',', '}']).unwrap()].parse().unwrap()
}

pub(crate) fn requests(deliveries: &[Delivery]) -> BTreeSet<i64> {
    deliveries.iter().map(|delivery| member(delivery, "coordinator_request_id")).collect()
}

/// The number that tells a transfer from others.
pub(crate) fn request_of(signal: &Signal) -> i64 {
    match signal {
        Signal::PrepareTransfer(signal) => signal.coordinator_request_id,
        Signal::FinalizeTransfer(signal) => signal.coordinator_request_id,
        other => panic!("not about a transfer: {other:?}"),
    }
}
