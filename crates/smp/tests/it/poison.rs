//! Every row of smp §2.1: what stops the peer implementation must not stop us.

use domain::incoming::Incoming;
use smp::Reason;
use smp::incoming::Kind;

use crate::fixture::{bad, message, quoted, refusal};
use crate::samples::at;

#[test]
fn instants_without_an_offset_are_utc() {
    let naive = [("ts", "\"2024-01-02T03:04:05\""), ("committed_at", "\"2024-01-02 03:04\"")];
    let Incoming::AccountTransfer(transfer) = message(Kind::AccountTransfer, &naive) else { panic!("another type") };
    assert_eq!((transfer.ts, transfer.committed_at), (at("2024-01-02T03:04:05Z"), at("2024-01-02T03:04:00Z")));
    let Incoming::AccountUpdate(update) = message(Kind::AccountUpdate, &naive[..1]) else { panic!("another type") };
    assert_eq!(update.ts, at("2024-01-02T03:04:05Z"));
}

/// Every string, and whether it is stored (or compared with something stored by the database).
const STRINGS: [(Kind, &str, bool); 18] = [
    (Kind::RejectedConfig, "config_data", true),
    (Kind::RejectedConfig, "rejection_code", true),
    (Kind::AccountUpdate, "config_data", true),
    (Kind::AccountUpdate, "account_id", true),
    (Kind::AccountUpdate, "debtor_info_iri", true),
    (Kind::AccountUpdate, "debtor_info_content_type", true),
    (Kind::AccountTransfer, "coordinator_type", true),
    (Kind::AccountTransfer, "sender", true),
    (Kind::AccountTransfer, "recipient", true),
    (Kind::AccountTransfer, "transfer_note", true),
    (Kind::RejectedTransfer, "coordinator_type", false),
    (Kind::RejectedTransfer, "status_code", true),
    (Kind::PreparedTransfer, "coordinator_type", false),
    (Kind::PreparedTransfer, "recipient", false),
    (Kind::FinalizedTransfer, "coordinator_type", false),
    (Kind::FinalizedTransfer, "status_code", true),
    (Kind::ConfigureAccount, "config_data", true),
    (Kind::ActivateCreditor, "reservation_id", false),
];

#[test]
fn nul_is_refused_where_it_would_be_stored() {
    for (kind, member, stored) in STRINGS {
        let mut changes = vec![(member, r#""a\u0000""#)];
        if kind == Kind::FinalizedTransfer {
            changes.push(("committed_amount", "0"));
        }
        if stored {
            assert_eq!(refusal(kind, &changes), bad(member, Reason::Nul), "{kind:?}");
        } else {
            message(kind, &changes);
        }
    }
}

#[test]
fn half_a_surrogate_pair_is_refused_everywhere() {
    for (kind, member, _) in STRINGS {
        for raw in [r#""\ud800""#, r#""\udc00""#, r#""\ud800\ud800""#, r#""\udc00\ud800""#, r#""\ud800a""#] {
            assert_eq!(refusal(kind, &[(member, raw)]), bad(member, Reason::Surrogate), "{kind:?} {raw}");
        }
    }
}

#[test]
fn amounts_that_single_precision_cannot_hold() {
    for (kind, member) in [(Kind::AccountUpdate, "interest_rate"), (Kind::ConfigureAccount, "negligible_amount")] {
        // Half a unit in the last place above the greatest single is the first to overflow; half the smallest, which
        // rounds to even, is the last to vanish.
        for fits in ["3.4028234663852886e38", "3.402823567797336e38", "1e-45", "7.006492321624087e-46", "0"] {
            message(kind, &[(member, fits)]);
        }
        for raw in ["3.4028235677973366e38", "1e39", "1e308", "7.006492321624085e-46", "1e-46", "1e-300"] {
            assert_eq!(refusal(kind, &[(member, raw)]), bad(member, Reason::NotSingle), "{kind:?} {raw}");
        }
    }
    // These are compared with a stored value, and not stored.
    for kind in [Kind::AccountUpdate, Kind::RejectedConfig] {
        message(kind, &[("negligible_amount", "1e308")]);
        message(kind, &[("negligible_amount", "1e-300")]);
    }
}

#[test]
fn digest_with_a_line_feed() {
    let digest = format!("\"{}\\n\"", "ab".repeat(32));
    let expected = bad("debtor_info_sha256", Reason::Not("a SHA-256 digest"));
    assert_eq!(refusal(Kind::AccountUpdate, &[("debtor_info_sha256", &digest)]), expected);
}

#[test]
fn instants_outside_the_years_1_to_9999_of_utc() {
    let outside = ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999999-00:01", "9999-12-31T23:59-23:59"];
    for text in outside {
        let not_one = Reason::Not("a date-time in the years 1 to 9999");
        assert_eq!(refusal(Kind::ConfigureAccount, &[("ts", &quoted(text))]), bad("ts", not_one), "{text}");
    }
    message(Kind::ConfigureAccount, &[("ts", "\"0001-01-01T00:01:00+00:01\"")]);
    message(Kind::ConfigureAccount, &[("ts", "\"9999-12-31T23:58:59.999999-00:01\"")]);
}
