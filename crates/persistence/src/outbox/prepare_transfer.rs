//! Rows of `prepare_transfer_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{PrepareTransfer, Signal},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        inserted: Vec<Timestamp> => Array<Timestamptz>,
        creditor_ids: Vec<i64> => Array<BigInt>,
        coordinator_request_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        recipients: Vec<String> => Array<Text>,
        locked_amounts: Vec<i64> => Array<BigInt>,
        max_commit_delays: Vec<i32> => Array<Integer>,
        final_interest_rate_timestamps: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO prepare_transfer_signal \
         (inserted_at, creditor_id, coordinator_request_id, debtor_id, recipient, locked_amount, max_commit_delay, final_interest_rate_ts) \
     SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::integer[], $8::timestamptz[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: PrepareTransfer) {
        self.inserted.push(s.inserted_at);
        self.creditor_ids.push(s.account.creditor_id.get());
        self.coordinator_request_ids.push(s.coordinator_request_id);
        self.debtor_ids.push(s.account.debtor_id.get());
        self.recipients.push(s.recipient);
        self.locked_amounts.push(s.locked_amount);
        self.max_commit_delays.push(s.max_commit_delay);
        self.final_interest_rate_timestamps.push(s.final_interest_rate_ts);
    }
}

type Row = (RowId, Timestamp, i64, i64, i64, String, i64, i32, Timestamp);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, Timestamptz, BigInt, BigInt, BigInt, Text, BigInt, Integer, Timestamptz);
    "SELECT ctid, inserted_at, creditor_id, coordinator_request_id, debtor_id, recipient, locked_amount, max_commit_delay, final_interest_rate_ts \
     FROM prepare_transfer_signal WHERE ctid > $1 AND debtor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed(
    (
        row_id,
        inserted_at,
        creditor_id,
        coordinator_request_id,
        debtor_id,
        recipient,
        locked_amount,
        max_commit_delay,
        final_interest_rate_ts,
    ): Row,
) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: debtor_id,
        signal: Signal::PrepareTransfer(PrepareTransfer {
            account,
            inserted_at,
            coordinator_request_id,
            recipient,
            locked_amount,
            max_commit_delay,
            final_interest_rate_ts,
        }),
    }
}
