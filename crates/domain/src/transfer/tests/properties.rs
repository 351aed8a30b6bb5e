use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Event {
    Prepared(PreparedTransfer),
    Rejected(RejectedTransfer),
    Finalized(FinalizedTransfer),
    Cancel,
}

fn event() -> impl Strategy<Value = Event> {
    let request_id = REQUEST_ID..REQUEST_ID + 2;
    let transfer_id = TRANSFER_ID..TRANSFER_ID + 2;
    let status = prop_oneof![Just("OK".to_owned()), Just("TEST_ERROR".to_owned())];
    prop_oneof![
        (request_id.clone(), transfer_id.clone(), 499_i64..502).prop_map(|(request, transfer_id, locked_amount)| {
            let message =
                PreparedTransfer { coordinator_request_id: request, transfer_id, locked_amount, ..preparation() };
            Event::Prepared(message)
        }),
        (request_id.clone(), status.clone()).prop_map(|(request, status_code)| {
            Event::Rejected(RejectedTransfer { coordinator_request_id: request, status_code, ..rejection() })
        }),
        (request_id, transfer_id, status, prop_oneof![Just(0), Just(999), Just(1000)]).prop_map(
            |(request, transfer_id, status_code, committed_amount)| {
                Event::Finalized(FinalizedTransfer {
                    coordinator_request_id: request,
                    transfer_id,
                    status_code,
                    committed_amount,
                    ..finalization()
                })
            }
        ),
        Just(Event::Cancel),
    ]
}

/// Applies the event; returns the new row, and the amount and id that were asked to be committed, if any.
fn apply(row: RunningTransfer, event: &Event) -> (RunningTransfer, Option<(i64, i64)>) {
    let before = row.clone();
    let (changed, commit) = match event {
        Event::Prepared(message) => {
            let Prepared { settled, signal } = on_prepared(Some(row), message, later());
            let commit = (signal.committed_amount != 0).then_some((signal.committed_amount, signal.transfer_id));
            (settled, commit)
        }
        Event::Rejected(message) => (on_rejected(row, message, later()).map(|done| done.row), None),
        Event::Finalized(message) => (on_finalized(row, message, later()).map(|done| done.row), None),
        Event::Cancel => match cancel(row, later()) {
            Ok(Canceled::Now(done)) => (Some(done.row), None),
            Ok(Canceled::Before(row)) => (Some(*row), None),
            Err(Forbidden) => (None, None),
        },
    };
    (changed.unwrap_or(before), commit)
}

proptest! {
    #[test]
    fn a_transfer_ends_once_and_commits_one_amount(events in prop::collection::vec(event(), 0..12)) {
        let mut row = initiated();
        let mut commits = Vec::new();
        for event in &events {
            let before = row.clone();
            let (after, commit) = apply(row, event);
            commits.extend(commit);
            if before.is_finalized() {
                prop_assert_eq!(&after, &before, "what has ended does not change");
            }
            if before.transfer_id.is_some() {
                prop_assert_eq!(after.transfer_id, before.transfer_id);
            }
            if after.state() == State::Succeeded {
                prop_assert!(commits.iter().any(|&(amount, _)| amount == 1000));
            }
            let ended_now = after.is_finalized() && !before.is_finalized();
            prop_assert_eq!(after.latest_update_id, before.latest_update_id + i64::from(ended_now));
            row = after;
        }
        // However many messages come: only one prepared transfer is ever committed, with the right amount.
        prop_assert!(commits.iter().all(|&commit| Some(commit) == row.transfer_id.map(|id| (1000, id))));
    }
}
