//! What becomes of running transfers in each state (processing §5), and §18 rows 21 to 23.

use domain::{
    AccountKey, CreditorId, DebtorId,
    incoming::{FinalizedTransfer, Incoming, PreparedTransfer, RejectedTransfer},
};

use super::seed::{C, World, key};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Initiated,
    /// With transfer id 71.
    Settled,
    Succeeded,
    /// After having been settled.
    Failed,
    /// Before it was prepared.
    Canceled,
}

/// What is sent, if anything: the amount.
type Sent = Option<i64>;

const STATES: [State; 5] = [State::Initiated, State::Settled, State::Succeeded, State::Failed, State::Canceled];

fn prepared(request_id: i64) -> PreparedTransfer {
    PreparedTransfer {
        account: key(5),
        transfer_id: 71,
        coordinator_id: C,
        coordinator_request_id: request_id,
        locked_amount: 10,
        recipient: "bob".to_owned(),
    }
}

fn rejected(request_id: i64) -> RejectedTransfer {
    RejectedTransfer {
        account: key(5),
        coordinator_id: C,
        coordinator_request_id: request_id,
        status_code: "TEST_ERROR".to_owned(),
        total_locked_amount: 600,
    }
}

fn finalized(request_id: i64) -> FinalizedTransfer {
    FinalizedTransfer {
        account: key(5),
        transfer_id: 71,
        coordinator_id: C,
        coordinator_request_id: request_id,
        committed_amount: 1000,
        status_code: "OK".to_owned(),
        total_locked_amount: 100,
    }
}

impl World {
    async fn transfer_in(&self, state: State, request_id: i64) {
        self.add_running_transfer(C, request_id).await;
        let changes = match state {
            State::Initiated => return,
            State::Settled => "transfer_id = 71",
            State::Succeeded => "transfer_id = 71, finalized_at = 'epoch', latest_update_id = 2",
            State::Failed => "transfer_id = 71, finalized_at = 'epoch', latest_update_id = 2, error_code = 'E'",
            State::Canceled => "finalized_at = 'epoch', latest_update_id = 2, error_code = 'E'",
        };
        self.sql(&format!("UPDATE running_transfer SET {changes} WHERE coordinator_request_id = {request_id}")).await;
    }

    async fn transfer(&self, request_id: i64) -> String {
        let query = format!(
            "SELECT transfer_id, finalized_at IS NOT NULL, error_code, total_locked_amount, latest_update_id \
             FROM running_transfer WHERE coordinator_request_id = {request_id}"
        );
        self.rows(&query).await.remove(0)
    }

    async fn sent(&self, request_id: i64) -> Vec<String> {
        let query = format!(
            "SELECT committed_amount, transfer_note_format, transfer_note FROM finalize_transfer_signal \
             WHERE coordinator_request_id = {request_id}"
        );
        self.rows(&query).await
    }
}

/// Each message comes twice in one batch and once more by itself: the state's next state must be right as well.
#[tokio::test]
async fn each_message_in_each_state() {
    let world = World::new().await;
    world.made_up();
    let other = |id| PreparedTransfer { transfer_id: 72, ..prepared(id) };
    type Message = fn(i64) -> Incoming;
    let unchanged = ["(,f,,,1)", "(71,f,,,1)", "(71,t,,,2)", "(71,t,E,,2)", "(,t,E,,2)"];
    let failed = "t,TEST_ERROR,600,2)";
    let cases: [(&str, Message, [String; 5], [Sent; 5]); 4] = [
        (
            "prepared",
            |id| Incoming::PreparedTransfer(prepared(id)),
            ["(71,f,,,1)", unchanged[1], unchanged[2], unchanged[3], unchanged[4]].map(str::to_owned),
            [Some(1000), Some(1000), Some(1000), Some(1000), Some(0)],
        ),
        (
            "rejected",
            |id| Incoming::RejectedTransfer(rejected(id)),
            [&format!("(,{failed}"), &format!("(71,{failed}"), unchanged[2], unchanged[3], unchanged[4]]
                .map(str::to_owned),
            [None; 5],
        ),
        (
            "finalized",
            |id| Incoming::FinalizedTransfer(finalized(id)),
            [unchanged[0], "(71,t,,,2)", unchanged[2], unchanged[3], unchanged[4]].map(str::to_owned),
            [None; 5],
        ),
        (
            "canceled by the authority",
            |id| {
                let refused =
                    FinalizedTransfer { committed_amount: 0, status_code: "LATE".to_owned(), ..finalized(id) };
                Incoming::FinalizedTransfer(refused)
            },
            [unchanged[0], "(71,t,LATE,100,2)", unchanged[2], unchanged[3], unchanged[4]].map(str::to_owned),
            [None; 5],
        ),
    ];
    let mut request_id = 0;
    for (what, message, expected, sent) in cases {
        for ((state, expected), sent) in STATES.into_iter().zip(expected).zip(sent) {
            request_id += 1;
            world.transfer_in(state, request_id).await;
            let before = world.transfer(request_id).await;
            world.apply(&[message(request_id), message(request_id)]).await;
            world.apply(&[message(request_id)]).await;
            assert_eq!(world.transfer(request_id).await, expected, "{what}, {state:?}");
            let answer = match sent {
                None => vec![],
                Some(0) => vec!["(0,\"\",\"\")"; 3],
                Some(amount) => vec![if amount == 1000 { "(1000,json,{})" } else { "?" }; 3],
            };
            assert_eq!(world.sent(request_id).await, answer, "{what}, {state:?}");
            let told = format!(
                "SELECT count(*) FROM pending_log_entry AS p JOIN running_transfer AS t USING (transfer_uuid) \
                 WHERE coordinator_request_id = {request_id} AND object_type_hint = 1 AND object_update_id = 2 \
                     AND added_at = latest_update_ts AND data_finalized_at = finalized_at \
                     AND data_error_code IS NOT DISTINCT FROM error_code"
            );
            let ends = before != expected && expected.contains(",t,");
            assert_eq!(world.number(&told).await, i64::from(ends), "{what}, {state:?}");
        }
    }
    for state in STATES {
        request_id += 1;
        world.transfer_in(state, request_id).await;
        let before = world.transfer(request_id).await;
        world.apply(&[Incoming::PreparedTransfer(other(request_id))]).await;
        if state == State::Initiated {
            assert_eq!(world.transfer(request_id).await, "(72,f,,,1)");
            assert_eq!(world.sent(request_id).await, ["(1000,json,{})"]);
        } else {
            assert_eq!(world.transfer(request_id).await, before);
            assert_eq!(world.sent(request_id).await, ["(0,\"\",\"\")"], "{state:?}");
        }
    }
}

#[tokio::test]
async fn messages_that_do_not_fit() {
    let world = World::new().await;
    let stranger = AccountKey::new(CreditorId::new(C.get() + 1), DebtorId::new(5));
    let prepared_cases: [(&str, fn(PreparedTransfer) -> PreparedTransfer, &str); 6] = [
        ("right", |m| m, "(1000,json,{})"),
        ("more locked", |m| PreparedTransfer { locked_amount: 11, ..m }, "(1000,json,{})"),
        ("less locked", |m| PreparedTransfer { locked_amount: 9, ..m }, "(0,\"\",\"\")"),
        ("other recipient", |m| PreparedTransfer { recipient: "eve".to_owned(), ..m }, "(0,\"\",\"\")"),
        ("other debtor", |m| PreparedTransfer { account: key(6), ..m }, "(0,\"\",\"\")"),
        ("other coordinator", |m| PreparedTransfer { coordinator_id: CreditorId::new(9), ..m }, "(0,\"\",\"\")"),
    ];
    for (id, (what, change, answer)) in (1..).zip(prepared_cases) {
        world.add_running_transfer(C, id).await;
        world.apply(&[Incoming::PreparedTransfer(change(prepared(id)))]).await;
        assert_eq!(world.sent(id).await, [answer], "{what}");
        let settled = answer.starts_with("(1000");
        assert_eq!(world.transfer(id).await == "(71,f,,,1)", settled, "{what}");
    }
    assert_eq!(
        world
            .rows("SELECT creditor_id, debtor_id, transfer_id, coordinator_id, inserted_at FROM finalize_transfer_signal WHERE coordinator_request_id IN (5, 6) ORDER BY coordinator_request_id")
            .await,
        [
            format!("({0},6,71,{0},\"2026-03-01 12:00:00.123456+00\")", C.get()),
            format!("({},5,71,9,\"2026-03-01 12:00:00.123456+00\")", C.get())
        ],
        "a dismissal repeats what the message says"
    );

    let told = "t,TEST_ERROR,600,2)";
    let unexpected = "t,UNEXPECTED_ERROR,,2)";
    let rejected_cases = [
        (rejected(11), told),
        (RejectedTransfer { account: key(6), ..rejected(12) }, unexpected),
        (RejectedTransfer { account: stranger, ..rejected(13) }, unexpected),
        (RejectedTransfer { status_code: "OK".to_owned(), ..rejected(14) }, unexpected),
        (RejectedTransfer { coordinator_id: CreditorId::new(9), ..rejected(15) }, "f,,,1)"),
    ];
    for (message, end) in rejected_cases {
        let id = message.coordinator_request_id;
        world.add_running_transfer(C, id).await;
        world.apply(&[Incoming::RejectedTransfer(message)]).await;
        assert_eq!(world.transfer(id).await, format!("(,{end}"), "rejected {id}");
    }

    let refused = |amount, id| FinalizedTransfer {
        committed_amount: amount,
        status_code: "TEST_ERROR".to_owned(),
        ..finalized(id)
    };
    let finalized_cases = [
        (finalized(21), "t,,,2)"),
        (refused(0, 22), "t,TEST_ERROR,100,2)"),
        (refused(999, 23), unexpected),
        (FinalizedTransfer { committed_amount: 999, ..finalized(24) }, unexpected),
        (FinalizedTransfer { transfer_id: 72, ..finalized(25) }, "f,,,1)"),
        (FinalizedTransfer { account: key(6), ..finalized(26) }, "f,,,1)"),
        (FinalizedTransfer { account: stranger, ..finalized(27) }, "f,,,1)"),
        (FinalizedTransfer { coordinator_id: CreditorId::new(9), ..finalized(28) }, "f,,,1)"),
    ];
    for (message, end) in finalized_cases {
        let id = message.coordinator_request_id;
        world.transfer_in(State::Settled, id).await;
        world.apply(&[Incoming::FinalizedTransfer(message)]).await;
        assert_eq!(world.transfer(id).await, format!("(71,{end}"), "finalized {id}");
    }
}
