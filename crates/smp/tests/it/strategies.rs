//! Any valid message.

use chrono::{DateTime, Days, NaiveDate};
use domain::incoming::{self, Incoming};
use domain::signal::{self, Signal};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use smp::authority::Unused;

fn account() -> impl Strategy<Value = AccountKey> {
    (any::<i64>(), any::<i64>()).prop_map(|(c, d)| AccountKey::new(CreditorId::new(c), DebtorId::new(d)))
}

fn creditor() -> impl Strategy<Value = CreditorId> {
    any::<i64>().prop_map(CreditorId::new)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    let seconds = -62_135_596_800_i64..=253_402_300_799;
    (seconds, prop_oneof![Just(0_u32), 0..1_000_000_u32])
        .prop_map(|(seconds, micros)| DateTime::from_timestamp(seconds, micros * 1000).unwrap())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (0..3_652_059_u64).prop_map(|days| NaiveDate::from_ymd_opt(1, 1, 1).unwrap() + Days::new(days))
}

fn ascii(min: usize, max: usize) -> impl Strategy<Value = String> {
    vec(1..128_u8, min..=max).prop_map(|bytes| String::from_utf8(bytes).unwrap())
}

/// Text of at most `max` characters of up to four bytes each.
fn text(max: usize) -> impl Strategy<Value = String> {
    let any_char = prop_oneof![any::<char>(), prop::char::range('\u{1}', '\u{ff}')];
    vec(any_char.prop_filter("cannot be stored", |c| *c != '\0'), 0..=max).prop_map(String::from_iter)
}

fn note_format() -> impl Strategy<Value = String> {
    "[0-9A-Za-z.-]{0,8}"
}

fn finite() -> impl Strategy<Value = f64> {
    use prop::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn not_negative() -> impl Strategy<Value = f64> {
    finite().prop_map(f64::abs)
}

fn single() -> impl Strategy<Value = f32> {
    use prop::num::f32::{NORMAL, POSITIVE, SUBNORMAL, ZERO};
    (POSITIVE | NORMAL | SUBNORMAL | ZERO).prop_map(f32::abs)
}

pub(crate) fn unused() -> impl Strategy<Value = Unused> {
    (instant(), instant(), instant(), instant(), -100.0..=0.0, 0..=i32::MAX).prop_map(
        |(ts, prepared_at, deadline, final_interest_rate_ts, demurrage_rate, commit_period)| Unused {
            prepared_at,
            deadline,
            final_interest_rate_ts,
            demurrage_rate,
            commit_period,
            ..Unused::at(ts)
        },
    )
}

fn rejected_config() -> impl Strategy<Value = incoming::RejectedConfig> {
    (account(), instant(), any::<(i32, i32)>(), text(500), not_negative(), ascii(0, 30)).prop_map(
        |(account, config_ts, (config_seqnum, config_flags), config_data, negligible_amount, rejection_code)| {
            incoming::RejectedConfig {
                account,
                config_ts,
                config_seqnum,
                config_flags,
                config_data,
                negligible_amount,
                rejection_code,
            }
        },
    )
}

fn account_update() -> impl Strategy<Value = incoming::AccountUpdate> {
    let times = (instant(), instant(), instant(), instant(), instant(), date());
    let numbers = (any::<(i32, i32, i32, i64)>(), 0..=i64::MAX, 0..=500, 0..=i32::MAX);
    let floats = (finite(), single().prop_map(f64::from), not_negative());
    let not_empty = |max| text(max).prop_filter("empty is none", |text| !text.is_empty());
    let content_type = option::of(ascii(1, 100));
    let texts = (text(500), ascii(0, 100), option::of(not_empty(200)), content_type, option::of(any::<[u8; 32]>()));
    (account(), times, numbers, floats, texts).prop_map(|(account, times, numbers, floats, texts)| {
        let (seqnums, last_transfer_number, transfer_note_max_bytes, ttl) = numbers;
        incoming::AccountUpdate {
            account,
            creation_date: times.5,
            last_change_ts: times.0,
            last_change_seqnum: seqnums.0,
            principal: seqnums.3,
            interest: floats.0,
            interest_rate: floats.1,
            last_interest_rate_change_ts: times.1,
            last_config_ts: times.2,
            last_config_seqnum: seqnums.1,
            negligible_amount: floats.2,
            config_flags: seqnums.2,
            config_data: texts.0,
            account_id: texts.1,
            debtor_info_iri: texts.2,
            debtor_info_content_type: texts.3,
            debtor_info_sha256: texts.4,
            last_transfer_number,
            last_transfer_committed_at: times.3,
            transfer_note_max_bytes,
            ts: times.4,
            ttl,
        }
    })
}

fn account_transfer() -> impl Strategy<Value = incoming::AccountTransfer> {
    let numbers = (0..i64::MAX).prop_flat_map(|previous| (Just(previous), previous + 1..=i64::MAX));
    let amount = any::<i64>().prop_filter("nothing moves", |amount| *amount != 0);
    let texts = (ascii(1, 30), ascii(0, 100), ascii(0, 100), note_format(), text(125));
    (account(), date(), numbers, amount, any::<i64>(), (instant(), instant()), texts).prop_map(
        |(account, creation_date, numbers, acquired_amount, principal, (committed_at, ts), texts)| {
            incoming::AccountTransfer {
                account,
                creation_date,
                transfer_number: numbers.1,
                coordinator_type: texts.0,
                sender: texts.1,
                recipient: texts.2,
                acquired_amount,
                transfer_note_format: texts.3,
                transfer_note: texts.4,
                committed_at,
                principal,
                ts,
                previous_transfer_number: numbers.0,
            }
        },
    )
}

fn rejected_transfer() -> impl Strategy<Value = incoming::RejectedTransfer> {
    let status_code = ascii(0, 30).prop_filter("means success", |code| code != "OK");
    (account(), creditor(), any::<i64>(), status_code, 0..=i64::MAX).prop_map(
        |(account, coordinator_id, coordinator_request_id, status_code, total_locked_amount)| {
            incoming::RejectedTransfer {
                account,
                coordinator_id,
                coordinator_request_id,
                status_code,
                total_locked_amount,
            }
        },
    )
}

fn prepared_transfer() -> impl Strategy<Value = incoming::PreparedTransfer> {
    (account(), any::<i64>(), creditor(), any::<i64>(), 0..=i64::MAX, ascii(0, 100)).prop_map(
        |(account, transfer_id, coordinator_id, coordinator_request_id, locked_amount, recipient)| {
            incoming::PreparedTransfer {
                account,
                transfer_id,
                coordinator_id,
                coordinator_request_id,
                locked_amount,
                recipient,
            }
        },
    )
}

fn finalized_transfer() -> impl Strategy<Value = incoming::FinalizedTransfer> {
    let success = (0..=i64::MAX).prop_map(|amount| (amount, "OK".to_owned()));
    let outcome = prop_oneof![success, ascii(0, 30).prop_map(|code| (0, code))];
    (account(), any::<i64>(), creditor(), any::<i64>(), outcome, 0..=i64::MAX).prop_map(
        |(account, transfer_id, coordinator_id, coordinator_request_id, outcome, total_locked_amount)| {
            incoming::FinalizedTransfer {
                account,
                transfer_id,
                coordinator_id,
                coordinator_request_id,
                committed_amount: outcome.0,
                status_code: outcome.1,
                total_locked_amount,
            }
        },
    )
}

fn bounced() -> impl Strategy<Value = incoming::BouncedConfigureAccount> {
    configure_account().prop_map(|m| incoming::BouncedConfigureAccount {
        account: m.account,
        ts: m.ts,
        seqnum: m.seqnum,
        negligible_amount: m.negligible_amount.into(),
        config_flags: m.config_flags,
        config_data: m.config_data,
    })
}

pub(crate) fn incoming() -> impl Strategy<Value = Incoming> {
    prop_oneof![
        rejected_config().prop_map(Incoming::RejectedConfig),
        account_update().prop_map(|update| Incoming::AccountUpdate(Box::new(update))),
        (account(), date()).prop_map(|(account, creation_date)| {
            Incoming::AccountPurge(incoming::AccountPurge { account, creation_date })
        }),
        account_transfer().prop_map(Incoming::AccountTransfer),
        rejected_transfer().prop_map(Incoming::RejectedTransfer),
        prepared_transfer().prop_map(Incoming::PreparedTransfer),
        finalized_transfer().prop_map(Incoming::FinalizedTransfer),
        bounced().prop_map(Incoming::ConfigureAccount),
        (creditor(), text(100)).prop_map(|(creditor_id, reservation_id)| {
            Incoming::ActivateCreditor(incoming::ActivateCreditor { creditor_id, reservation_id })
        }),
    ]
}

pub(crate) fn configure_account() -> impl Strategy<Value = signal::ConfigureAccount> {
    (account(), instant(), any::<(i32, i32)>(), single(), text(500)).prop_map(
        |(account, ts, (seqnum, config_flags), negligible_amount, config_data)| signal::ConfigureAccount {
            account,
            ts,
            seqnum,
            negligible_amount,
            config_data,
            config_flags,
        },
    )
}

fn prepare_transfer() -> impl Strategy<Value = signal::PrepareTransfer> {
    (account(), any::<i64>(), 0..=i64::MAX, ascii(0, 100), (instant(), instant()), 0..=i32::MAX).prop_map(
        |(account, coordinator_request_id, locked_amount, recipient, instants, max_commit_delay)| {
            signal::PrepareTransfer {
                account,
                coordinator_request_id,
                locked_amount,
                recipient,
                final_interest_rate_ts: instants.0,
                max_commit_delay,
                inserted_at: instants.1,
            }
        },
    )
}

fn finalize_transfer() -> impl Strategy<Value = signal::FinalizeTransfer> {
    (account(), any::<(i64, i64)>(), creditor(), 0..=i64::MAX, note_format(), text(125), instant()).prop_map(
        |(account, ids, coordinator_id, committed_amount, transfer_note_format, transfer_note, inserted_at)| {
            signal::FinalizeTransfer {
                account,
                transfer_id: ids.0,
                coordinator_id,
                coordinator_request_id: ids.1,
                committed_amount,
                transfer_note_format,
                transfer_note,
                inserted_at,
            }
        },
    )
}

/// What accounting authorities receive.
pub(crate) fn request() -> impl Strategy<Value = Signal> {
    prop_oneof![
        configure_account().prop_map(Signal::ConfigureAccount),
        prepare_transfer().prop_map(Signal::PrepareTransfer),
        finalize_transfer().prop_map(Signal::FinalizeTransfer),
    ]
}

pub(crate) fn signalled_rejection() -> impl Strategy<Value = signal::RejectedConfig> {
    (configure_account(), ascii(0, 30), instant()).prop_map(|(bounced, rejection_code, inserted_at)| {
        signal::RejectedConfig {
            account: bounced.account,
            config_ts: bounced.ts,
            config_seqnum: bounced.seqnum,
            negligible_amount: bounced.negligible_amount,
            config_data: bounced.config_data,
            config_flags: bounced.config_flags,
            rejection_code,
            inserted_at,
        }
    })
}

pub(crate) fn updated_policy() -> impl Strategy<Value = signal::UpdatedPolicy> {
    let peg = option::of((not_negative(), any::<i64>()));
    (account(), any::<(i64, i64, i64)>(), option::of(text(40)), peg, instant()).prop_map(
        |(account, (update_id, min_principal, max_principal), policy_name, peg, ts)| signal::UpdatedPolicy {
            account,
            update_id,
            policy_name,
            min_principal,
            max_principal,
            peg_exchange_rate: peg.map(|(rate, _)| rate),
            peg_debtor_id: peg.map(|(_, debtor_id)| DebtorId::new(debtor_id)),
            ts,
        },
    )
}
