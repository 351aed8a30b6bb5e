mod properties;
mod table;

use chrono::TimeDelta;

use super::*;
use crate::{
    incoming::{FinalizedTransfer, PreparedTransfer, RejectedTransfer},
    test_values::{C, KEY, now},
};

const UUID: Uuid = Uuid::from_u128(0x1234_5678_1234_4234_8234_1234_5678_9abc);
const REQUEST_ID: i64 = 66;
const TRANSFER_ID: i64 = 567;

fn request() -> Request {
    Request {
        account: KEY,
        transfer_uuid: UUID,
        amount: 1000,
        recipient_uri: "swpt:18446744073709551615/1111".to_owned(),
        recipient: "1111".to_owned(),
        transfer_note_format: "json".to_owned(),
        transfer_note: "{}".to_owned(),
        deadline: Some(now() + TimeDelta::seconds(1000)),
        final_interest_rate_ts: default_final_interest_rate_ts(),
        locked_amount: 500,
    }
}

fn initiated() -> RunningTransfer {
    start(request(), REQUEST_ID, now()).row
}

fn settled() -> RunningTransfer {
    RunningTransfer { transfer_id: Some(TRANSFER_ID), ..initiated() }
}

fn failed() -> RunningTransfer {
    on_rejected(initiated(), &rejection(), now()).unwrap().row
}

fn succeeded() -> RunningTransfer {
    on_finalized(settled(), &finalization(), now()).unwrap().row
}

fn rejection() -> RejectedTransfer {
    RejectedTransfer {
        account: KEY,
        coordinator_id: C,
        coordinator_request_id: REQUEST_ID,
        status_code: "TEST_ERROR".to_owned(),
        total_locked_amount: 600,
    }
}

fn preparation() -> PreparedTransfer {
    PreparedTransfer {
        account: KEY,
        transfer_id: TRANSFER_ID,
        coordinator_id: C,
        coordinator_request_id: REQUEST_ID,
        locked_amount: 500,
        recipient: "1111".to_owned(),
    }
}

fn finalization() -> FinalizedTransfer {
    FinalizedTransfer {
        account: KEY,
        transfer_id: TRANSFER_ID,
        coordinator_id: C,
        coordinator_request_id: REQUEST_ID,
        committed_amount: 1000,
        status_code: "OK".to_owned(),
        total_locked_amount: 0,
    }
}

fn later() -> Timestamp {
    now() + TimeDelta::seconds(7)
}
