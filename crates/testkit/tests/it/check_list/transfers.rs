//! Payments (rows 20 to 24).

use chrono::TimeDelta;
use creditors_testkit::process::ServiceProcess;
use domain::incoming::{Incoming, RejectedTransfer};
use serde_json::{Value, json};

use super::{
    messages::{finalized, prepared, rejected},
    world::{C, Web, World},
};

const STATE: &str = "SELECT transfer_id, error_code, total_locked_amount, latest_update_id, finalized_at IS NOT NULL \
                     FROM running_transfer";

fn uuid(number: usize) -> String {
    format!("123e4567-e89b-12d3-a456-{number:012}")
}

/// A wallet and a consumer.
struct Play {
    world: World,
    web: Web,
    _consumer: ServiceProcess,
}

impl Play {
    async fn begin(name: &str) -> Self {
        let world = World::new(name).await;
        let (web, consumer) = (world.web().await, world.consume());
        web.add_creditor().await;
        web.open_account().await;
        Self { world, web, _consumer: consumer }
    }

    /// Asks for a payment, and returns its request number.
    async fn pay(&self, number: usize) -> i64 {
        let deadline = (self.world.now + TimeDelta::seconds(1000)).to_rfc3339();
        let body = json!({
            "transferUuid": uuid(number), "recipient": {"uri": format!("swpt:{}/1111", u64::MAX)}, "amount": 1000,
            "noteFormat": "json", "note": "{}", "options": {"deadline": deadline},
        });
        let (status, answer) = self.web.send("POST", &format!("{C}/transfers/"), body).await;
        assert_eq!(status, 201, "{answer}");
        let request =
            format!("SELECT coordinator_request_id FROM running_transfer WHERE transfer_uuid = '{}'", uuid(number));
        self.world.number(&request).await
    }

    /// The state of the payments, in their order.
    async fn states(&self) -> Vec<String> {
        self.world.rows(&format!("{STATE} ORDER BY transfer_uuid")).await
    }
}

#[tokio::test]
async fn row_20_a_payment_begins_with_a_request_to_prepare() {
    let play = Play::begin("20").await;
    let request = play.pay(1).await;
    let sent = "SELECT max_commit_delay BETWEEN 500 AND 1500, recipient, coordinator_request_id, locked_amount \
                FROM prepare_transfer_signal";
    assert_eq!(play.world.rows(sent).await, [format!("t,1111,{request},0")]);
    assert_eq!(play.states().await, ["-,-,-,1,f"]);
    play.world.end().await;
}

#[tokio::test]
async fn row_21_refused_payments_fail() {
    let mut play = Play::begin("21").await;
    let (first, second) = (play.pay(1).await, play.pay(2).await);
    let base = rejected(second, "TEST_ERROR");
    let of_another = domain::AccountKey { creditor_id: domain::CreditorId::new(C + 5), ..base.account };
    let contradicting = RejectedTransfer { account: of_another, ..base };
    play.world
        .tell(&[Incoming::RejectedTransfer(rejected(first, "TEST_ERROR")), Incoming::RejectedTransfer(contradicting)])
        .await;
    assert_eq!(play.states().await, ["-,TEST_ERROR,600,2,t", "-,UNEXPECTED_ERROR,-,2,t"]);
    let told = "SELECT data_error_code, data_finalized_at = finalized_at, object_update_id \
                FROM pending_log_entry JOIN running_transfer USING (transfer_uuid) \
                WHERE object_update_id = 2 ORDER BY transfer_uuid";
    assert_eq!(play.world.rows(told).await, ["TEST_ERROR,t,2", "UNEXPECTED_ERROR,t,2"]);
    play.world.end().await;
}

#[tokio::test]
async fn row_22_prepared_payments_are_committed_and_strange_ones_dismissed() {
    let mut play = Play::begin("22").await;
    let request = play.pay(1).await;
    let sent = "SELECT coordinator_request_id, transfer_id, committed_amount, transfer_note_format, transfer_note \
                FROM finalize_transfer_signal ORDER BY signal_id";
    play.world.tell(&[prepared(request + 1)]).await;
    let dismissed = format!("{},777,0,,", request + 1);
    assert_eq!(play.world.rows(sent).await, [dismissed.as_str()]);
    assert_eq!(play.states().await, ["-,-,-,1,f"]);
    play.world.tell(&[prepared(request)]).await;
    assert_eq!(play.world.rows(sent).await, [dismissed, format!("{request},777,1000,json,{{}}")]);
    assert_eq!(play.states().await, ["777,-,-,1,f"]);
    play.world.end().await;
}

#[tokio::test]
async fn row_23_finalized_payments_succeed_or_fail() {
    let mut play = Play::begin("23").await;
    let mut messages = vec![];
    for (number, (status, amount)) in [("OK", 1000), ("TEST_ERROR", 0)].into_iter().enumerate() {
        let request = play.pay(number).await;
        messages.extend([prepared(request), finalized(request, status, amount)]);
    }
    play.world.tell(&messages).await;
    assert_eq!(play.states().await, ["777,-,-,2,t", "777,TEST_ERROR,100,2,t"]);
    play.world.end().await;
}

#[tokio::test]
async fn row_24_a_prepared_payment_cannot_be_cancelled() {
    let mut play = Play::begin("24").await;
    let cancel = |number| (format!("{C}/transfers/{}", uuid(number)), json!({}));
    let request = play.pay(1).await;
    play.pay(2).await;
    play.world.tell(&[prepared(request)]).await;
    let (path, body) = cancel(1);
    assert_eq!(play.web.status("POST", &path, body).await, 403);
    let (path, body) = cancel(2);
    let (status, answer) = play.web.send("POST", &path, body).await;
    assert_eq!((status, &answer["result"]["error"]["errorCode"]), (200, &json!("CANCELED_BY_THE_SENDER")));
    assert_ne!(answer["result"], Value::Null);
    assert_eq!(play.states().await, ["777,-,-,1,f", "-,CANCELED_BY_THE_SENDER,-,2,t"]);
    play.world.end().await;
}
