use super::*;
use crate::{AccountKey, CreditorId, test_values::OTHER_DEBTOR};

#[test]
fn starting() {
    let started = start(request(), REQUEST_ID, now());
    let row = &started.row;
    assert_eq!(row.state(), State::Initiated);
    assert_eq!((row.latest_update_id, row.latest_update_ts, row.initiated_at), (1, now(), now()));

    let signal = &started.signal;
    assert_eq!((signal.account, signal.coordinator_request_id, signal.locked_amount), (KEY, REQUEST_ID, 500));
    assert_eq!((signal.recipient.as_str(), signal.max_commit_delay, signal.inserted_at), ("1111", 1000, now()));
    assert_eq!(signal.final_interest_rate_ts.to_rfc3339(), "9999-12-31T23:59:59+00:00");

    let entry = &started.log_entry;
    assert_eq!((entry.transfer_uuid, entry.object_update_id, entry.added_at), (Some(UUID), Some(1), now()));
    assert!(entry.changes_transfers_list() && entry.data_fields().is_none());
}

#[test]
fn commit_delays() {
    let cases = [
        (None, i32::MAX),
        (Some(TimeDelta::milliseconds(1_999)), 1),
        (Some(TimeDelta::milliseconds(999)), 0),
        (Some(TimeDelta::zero()), 0),
        (Some(TimeDelta::milliseconds(-1)), 0),
        (Some(TimeDelta::days(-5)), 0),
        (Some(TimeDelta::seconds(2_147_483_646)), 2_147_483_646),
        (Some(TimeDelta::seconds(2_147_483_647)), i32::MAX),
        (Some(TimeDelta::seconds(2_147_483_648)), i32::MAX),
    ];
    for (left, expected) in cases {
        let request = Request { deadline: left.map(|left| now() + left), ..request() };
        assert_eq!(start(request, 1, now()).signal.max_commit_delay, expected, "{left:?}");
    }
}

#[test]
fn repeated_wishes() {
    assert_eq!(initiate(None, &request()), Initiation::New);
    for row in [initiated(), settled(), failed(), succeeded()] {
        assert_eq!(initiate(Some(&row), &request()), Initiation::Same);
    }
    let finer = Request { deadline: request().deadline.map(|d| d + TimeDelta::nanoseconds(999)), ..request() };
    assert_eq!(initiate(Some(&initiated()), &finer), Initiation::Same, "more digits than the database keeps");

    let different = [
        Request { account: OTHER_DEBTOR, ..request() },
        Request { amount: 1001, ..request() },
        Request { recipient_uri: "swpt:18446744073709551615/!MTExMQ==".to_owned(), ..request() },
        Request { recipient: "1112".to_owned(), ..request() },
        Request { transfer_note_format: String::new(), ..request() },
        Request { transfer_note: "{ }".to_owned(), ..request() },
        Request { deadline: None, ..request() },
        Request { deadline: request().deadline.map(|d| d + TimeDelta::microseconds(1)), ..request() },
        Request { final_interest_rate_ts: now(), ..request() },
        Request { locked_amount: 501, ..request() },
    ];
    for request in different {
        assert_eq!(initiate(Some(&initiated()), &request), Initiation::Conflict, "{request:?}");
    }
}

#[test]
fn states() {
    assert_eq!(initiated().state(), State::Initiated);
    assert_eq!(settled().state(), State::Settled);
    assert_eq!(succeeded().state(), State::Succeeded);
    assert_eq!(failed().state(), State::Failed);
    assert_eq!(RunningTransfer { transfer_id: Some(1), ..failed() }.state(), State::Failed);
}

#[test]
fn rejections() {
    let done = on_rejected(initiated(), &rejection(), later()).unwrap();
    assert_eq!((done.row.error_code.as_deref(), done.row.total_locked_amount), (Some("TEST_ERROR"), Some(600)));
    assert_eq!((done.row.finalized_at, done.row.latest_update_ts), (Some(later()), later()));
    let entry = &done.log_entry;
    assert_eq!((done.row.latest_update_id, entry.object_update_id, entry.added_at), (2, Some(2), later()));
    let data = entry.data_fields().unwrap();
    assert_eq!((data.finalized_at, data.error_code), (Some(later()), Some("TEST_ERROR")));
    assert!(!entry.changes_transfers_list());

    let other_creditor = AccountKey::new(CreditorId::new(1), KEY.debtor_id);
    let cases = [
        (initiated(), rejection(), Some(("TEST_ERROR", Some(600)))),
        (settled(), rejection(), Some(("TEST_ERROR", Some(600)))),
        (initiated(), RejectedTransfer { account: other_creditor, ..rejection() }, Some((UNEXPECTED_ERROR, None))),
        (initiated(), RejectedTransfer { account: OTHER_DEBTOR, ..rejection() }, Some((UNEXPECTED_ERROR, None))),
        (initiated(), RejectedTransfer { status_code: "OK".to_owned(), ..rejection() }, Some((UNEXPECTED_ERROR, None))),
        (initiated(), RejectedTransfer { coordinator_request_id: 67, ..rejection() }, None),
        (initiated(), RejectedTransfer { coordinator_id: CreditorId::new(1), ..rejection() }, None),
        (failed(), rejection(), None),
        (succeeded(), rejection(), None),
    ];
    for (row, message, expected) in cases {
        let actual =
            on_rejected(row, &message, later()).map(|done| (done.row.error_code, done.row.total_locked_amount));
        let expected = expected.map(|(code, locked)| (Some(code.to_owned()), locked));
        assert_eq!(actual, expected, "{message:?}");
    }
}

/// What a PreparedTransfer causes: the amount asked to be committed, and whether the row becomes settled.
fn prepare(row: Option<RunningTransfer>, message: &PreparedTransfer) -> (i64, bool) {
    let before = row.clone();
    let Prepared { settled, signal } = on_prepared(row, message, later());
    let (format, note) = if signal.committed_amount == 0 { ("", "") } else { ("json", "{}") };
    assert_eq!((signal.transfer_note_format.as_str(), signal.transfer_note.as_str()), (format, note));
    assert_eq!((signal.account, signal.transfer_id), (message.account, message.transfer_id));
    assert_eq!(signal.coordinator_id, message.coordinator_id);
    assert_eq!(signal.coordinator_request_id, message.coordinator_request_id);
    assert_eq!(signal.inserted_at, later());
    if let Some(settled) = &settled {
        let expected = RunningTransfer { transfer_id: Some(message.transfer_id), ..before.unwrap() };
        assert_eq!(*settled, expected, "nothing else changes");
    }
    (signal.committed_amount, settled.is_some())
}

#[test]
fn preparations() {
    let other_id = PreparedTransfer { transfer_id: 568, ..preparation() };
    let more_locked = PreparedTransfer { locked_amount: 501, ..preparation() };
    let succeeded_otherwise = RunningTransfer { transfer_id: Some(568), ..succeeded() };
    let cases = [
        (Some(initiated()), preparation(), (1000, true)),
        (Some(initiated()), other_id.clone(), (1000, true)),
        (Some(initiated()), more_locked, (1000, true)),
        (Some(settled()), preparation(), (1000, false)),
        (Some(settled()), other_id.clone(), (0, false)),
        (Some(succeeded()), preparation(), (1000, false)),
        (Some(succeeded()), other_id.clone(), (0, false)),
        (Some(succeeded_otherwise), preparation(), (0, false)),
        (Some(failed()), preparation(), (0, false)),
        (Some(RunningTransfer { transfer_id: Some(TRANSFER_ID), ..failed() }), preparation(), (1000, false)),
        (None, preparation(), (0, false)),
        (Some(initiated()), PreparedTransfer { coordinator_request_id: 67, ..preparation() }, (0, false)),
        (Some(initiated()), PreparedTransfer { coordinator_id: CreditorId::new(1), ..preparation() }, (0, false)),
        (Some(initiated()), PreparedTransfer { account: OTHER_DEBTOR, ..preparation() }, (0, false)),
        (Some(initiated()), PreparedTransfer { recipient: "1112".to_owned(), ..preparation() }, (0, false)),
        (Some(initiated()), PreparedTransfer { locked_amount: 499, ..preparation() }, (0, false)),
        (Some(settled()), PreparedTransfer { recipient: "1112".to_owned(), ..preparation() }, (0, false)),
    ];
    for (row, message, expected) in cases {
        let state = row.as_ref().map(RunningTransfer::state);
        assert_eq!(prepare(row, &message), expected, "{state:?} {message:?}");
    }
}

#[test]
fn finalizations() {
    let told = |status_code: &str, committed_amount| FinalizedTransfer {
        status_code: status_code.to_owned(),
        committed_amount,
        total_locked_amount: 100,
        ..finalization()
    };
    let success = Some((None, None));
    let unexpected = Some((Some(UNEXPECTED_ERROR), None));
    let cases = [
        (settled(), told("OK", 1000), success),
        (settled(), told("TEST_ERROR", 0), Some((Some("TEST_ERROR"), Some(100)))),
        (settled(), told("TEST_ERROR", 999), unexpected),
        (settled(), told("OK", 999), unexpected),
        (settled(), told("OK", 0), unexpected),
        (RunningTransfer { amount: 0, ..settled() }, told("OK", 0), success),
        (settled(), FinalizedTransfer { account: OTHER_DEBTOR, ..finalization() }, None),
        (settled(), FinalizedTransfer { transfer_id: 568, ..finalization() }, None),
        (settled(), FinalizedTransfer { coordinator_request_id: 67, ..finalization() }, None),
        (initiated(), finalization(), None),
        (succeeded(), finalization(), None),
        (succeeded(), told("TEST_ERROR", 0), None),
        (RunningTransfer { transfer_id: Some(TRANSFER_ID), ..failed() }, finalization(), None),
    ];
    for (row, message, expected) in cases {
        let done = on_finalized(row, &message, later());
        let actual = done.as_ref().map(|done| (done.row.error_code.as_deref(), done.row.total_locked_amount));
        assert_eq!(actual, expected, "{message:?}");
        if let Some(done) = done {
            assert_eq!((done.row.latest_update_id, done.row.finalized_at), (2, Some(later())));
            assert_eq!(done.log_entry, LogEntry::transfer(&done.row));
        }
    }
}

#[test]
fn cancellation() {
    let Ok(Canceled::Now(done)) = cancel(initiated(), later()) else { panic!("not canceled") };
    assert_eq!(done.row.error_code.as_deref(), Some(CANCELED_BY_THE_SENDER));
    assert_eq!((done.row.total_locked_amount, done.row.latest_update_id), (None, 2));
    assert_eq!(done.log_entry.data_error_code.as_deref(), Some(CANCELED_BY_THE_SENDER));
    assert_eq!(done.log_entry.data_finalized_at, Some(later()));

    assert_eq!(cancel(failed(), later()), Ok(Canceled::Before(Box::new(failed()))));
    for row in [settled(), succeeded(), RunningTransfer { transfer_id: Some(1), ..failed() }] {
        assert_eq!(cancel(row, later()), Err(Forbidden));
    }
}

#[test]
fn deletion() {
    let entry = delete(C, UUID, now());
    assert_eq!((entry.is_deleted, entry.object_update_id, entry.transfer_uuid), (Some(true), None, Some(UUID)));
    assert!(entry.changes_transfers_list());
}
