//! What the golden files say.

use chrono::NaiveDate;
use domain::incoming::{self, Incoming};
use domain::signal::{self, Signal};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};
use smp::authority::Unused;
use smp::incoming::Kind;

#[expect(clippy::approx_constant, reason = "the amount in the captured message")]
const CAPTURED: f32 = 3.14;

pub(crate) const CREDITOR: CreditorId = CreditorId::new(1_103_806_595_072);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// The unused members of the golden incoming messages.
pub(crate) fn unused() -> Unused {
    Unused {
        prepared_at: at("2024-01-01T12:00:00Z"),
        deadline: at("2024-02-01T00:00:00Z"),
        final_interest_rate_ts: at("9999-12-31T23:59:59Z"),
        demurrage_rate: -0.5,
        commit_period: 86_400,
        ..Unused::at(at("2024-01-02T03:04:05.123456Z"))
    }
}

pub(crate) fn incoming(kind: Kind) -> Incoming {
    let account = AccountKey::new(CREDITOR, DebtorId::new(-10));
    let ts = at("2024-01-02T03:04:05.123456Z");
    let noon = at("2024-01-01T12:00:00Z");
    let creation_date = date(2020, 2, 29);
    match kind {
        Kind::RejectedConfig => Incoming::RejectedConfig(incoming::RejectedConfig {
            account,
            config_ts: at("2024-01-01T00:00:00Z"),
            config_seqnum: -5,
            config_flags: 1,
            config_data: "zażółć \"q\" \\ / \u{1} 😀".into(),
            negligible_amount: 1e30,
            rejection_code: "NO_CONNECTION_TO_DEBTOR".into(),
        }),
        Kind::AccountUpdate => Incoming::AccountUpdate(Box::new(incoming::AccountUpdate {
            account,
            creation_date,
            last_change_ts: at("2024-01-01T23:59:59.999999Z"),
            last_change_seqnum: i32::MAX,
            principal: i64::MIN,
            interest: -123.456,
            interest_rate: 1.5e-7,
            last_interest_rate_change_ts: at("1970-01-01T00:00:00Z"),
            last_config_ts: at("2024-01-01T00:00:00Z"),
            last_config_seqnum: i32::MIN,
            negligible_amount: 2.5,
            config_flags: 0,
            config_data: String::new(),
            account_id: "abc".into(),
            debtor_info_iri: Some("https://example.com/ż".into()),
            debtor_info_content_type: Some("application/json".into()),
            debtor_info_sha256: Some(std::array::from_fn(|index| if index % 2 == 0 { 0 } else { 0xff })),
            last_transfer_number: i64::MAX,
            last_transfer_committed_at: noon,
            transfer_note_max_bytes: 500,
            ts,
            ttl: 604_800,
        })),
        Kind::AccountPurge => Incoming::AccountPurge(incoming::AccountPurge { account, creation_date }),
        Kind::AccountTransfer => Incoming::AccountTransfer(incoming::AccountTransfer {
            account,
            creation_date,
            transfer_number: 2,
            coordinator_type: "interest".into(),
            sender: String::new(),
            recipient: "abc".into(),
            acquired_amount: -1000,
            transfer_note_format: "json.v-1".into(),
            transfer_note: r#"{"a":"é"}"#.into(),
            committed_at: noon,
            principal: 5000,
            ts,
            previous_transfer_number: 1,
        }),
        Kind::RejectedTransfer => Incoming::RejectedTransfer(incoming::RejectedTransfer {
            account,
            coordinator_id: CREDITOR,
            coordinator_request_id: 7,
            status_code: "INSUFFICIENT_AVAILABLE_AMOUNT".into(),
            total_locked_amount: 600,
        }),
        Kind::PreparedTransfer => Incoming::PreparedTransfer(incoming::PreparedTransfer {
            account,
            transfer_id: 33,
            coordinator_id: CREDITOR,
            coordinator_request_id: 7,
            locked_amount: 1000,
            recipient: "def".into(),
        }),
        Kind::FinalizedTransfer => Incoming::FinalizedTransfer(incoming::FinalizedTransfer {
            account,
            transfer_id: 33,
            coordinator_id: CREDITOR,
            coordinator_request_id: 7,
            committed_amount: 1000,
            status_code: "OK".into(),
            total_locked_amount: 0,
        }),
        Kind::ConfigureAccount => Incoming::ConfigureAccount(incoming::BouncedConfigureAccount {
            account,
            ts,
            seqnum: -5,
            negligible_amount: 1e30,
            config_flags: 1,
            config_data: "zażółć".into(),
        }),
        Kind::ActivateCreditor => Incoming::ActivateCreditor(incoming::ActivateCreditor {
            creditor_id: CREDITOR,
            reservation_id: "123456789".into(),
        }),
    }
}

/// Each golden file of outgoing messages, and what it says.
pub(crate) fn outgoing() -> Vec<(&'static str, Signal)> {
    let account = AccountKey::new(CREDITOR, DebtorId::new(10));
    let nobody = AccountKey::new(CREDITOR, DebtorId::new(-1));
    let ts = at("2024-01-02T03:04:05.123456Z");
    let configure = signal::ConfigureAccount {
        account: nobody,
        ts,
        seqnum: -5,
        negligible_amount: 1e30,
        config_data: "zażółć \"q\" \\ / \u{1} 😀".into(),
        config_flags: 1,
    };
    let policy = signal::UpdatedPolicy {
        account,
        update_id: 4,
        policy_name: Some("conservative".into()),
        min_principal: 0,
        max_principal: 1,
        peg_exchange_rate: Some(1.5),
        peg_debtor_id: Some(DebtorId::new(11)),
        ts,
    };
    vec![
        ("ConfigureAccount", Signal::ConfigureAccount(configure)),
        (
            "ConfigureAccount.plain",
            Signal::ConfigureAccount(signal::ConfigureAccount {
                account: nobody,
                ts: at("2024-01-02T03:04:05Z"),
                seqnum: 0,
                negligible_amount: CAPTURED,
                config_data: String::new(),
                config_flags: 0,
            }),
        ),
        (
            "PrepareTransfer",
            Signal::PrepareTransfer(signal::PrepareTransfer {
                account,
                coordinator_request_id: 7,
                locked_amount: 0,
                recipient: "abc".into(),
                final_interest_rate_ts: at("9999-12-31T23:59:59Z"),
                max_commit_delay: i32::MAX,
                inserted_at: ts,
            }),
        ),
        (
            "FinalizeTransfer",
            Signal::FinalizeTransfer(signal::FinalizeTransfer {
                account,
                transfer_id: 1,
                coordinator_id: CREDITOR,
                coordinator_request_id: 7,
                committed_amount: 5,
                transfer_note_format: "json".into(),
                transfer_note: r#"{"a":"é"}"#.into(),
                inserted_at: ts,
            }),
        ),
        (
            "UpdatedLedger",
            Signal::UpdatedLedger(signal::UpdatedLedger {
                account,
                update_id: 3,
                account_id: String::new(),
                creation_date: date(1970, 1, 1),
                principal: -5,
                last_transfer_number: 0,
                ts,
            }),
        ),
        ("UpdatedPolicy", Signal::UpdatedPolicy(policy)),
        (
            "UpdatedPolicy.none",
            Signal::UpdatedPolicy(signal::UpdatedPolicy {
                account,
                update_id: 3,
                policy_name: None,
                min_principal: i64::MIN,
                max_principal: i64::MAX,
                peg_exchange_rate: None,
                peg_debtor_id: None,
                ts,
            }),
        ),
        ("UpdatedFlags", Signal::UpdatedFlags(signal::UpdatedFlags { account, update_id: 3, config_flags: -1, ts })),
        (
            "RejectedConfig",
            Signal::RejectedConfig(signal::RejectedConfig {
                account: AccountKey::new(CreditorId::new(2), DebtorId::new(10)),
                config_ts: ts,
                config_seqnum: 1,
                negligible_amount: 0.0,
                config_data: String::new(),
                config_flags: 0,
                rejection_code: "NO_CONNECTION_TO_DEBTOR".into(),
                inserted_at: ts,
            }),
        ),
    ]
}
