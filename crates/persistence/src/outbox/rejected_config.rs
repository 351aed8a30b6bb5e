//! Rows of `rejected_config_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{RejectedConfig, Signal},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        debtor_ids: Vec<i64> => Array<BigInt>,
        creditor_ids: Vec<i64> => Array<BigInt>,
        config_timestamps: Vec<Timestamp> => Array<Timestamptz>,
        config_seqnums: Vec<i32> => Array<Integer>,
        flags: Vec<i32> => Array<Integer>,
        data: Vec<String> => Array<Text>,
        negligible_amounts: Vec<f32> => Array<Float>,
        rejection_codes: Vec<String> => Array<Text>,
        inserted: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO rejected_config_signal \
         (debtor_id, creditor_id, config_ts, config_seqnum, config_flags, config_data, negligible_amount, rejection_code, inserted_at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::integer[], $5::integer[], $6::text[], $7::real[], $8::text[], $9::timestamptz[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: RejectedConfig) {
        self.debtor_ids.push(s.account.debtor_id.get());
        self.creditor_ids.push(s.account.creditor_id.get());
        self.config_timestamps.push(s.config_ts);
        self.config_seqnums.push(s.config_seqnum);
        self.flags.push(s.config_flags);
        self.data.push(s.config_data);
        self.negligible_amounts.push(s.negligible_amount);
        self.rejection_codes.push(s.rejection_code);
        self.inserted.push(s.inserted_at);
    }
}

type Row = (RowId, i64, i64, Timestamp, i32, i32, String, f32, String, Timestamp);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, BigInt, BigInt, Timestamptz, Integer, Integer, Text, Float, Text, Timestamptz);
    "SELECT ctid, debtor_id, creditor_id, config_ts, config_seqnum, config_flags, config_data, negligible_amount, rejection_code, inserted_at \
     FROM rejected_config_signal WHERE ctid > $1 AND creditor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed(
    (
        row_id,
        debtor_id,
        creditor_id,
        config_ts,
        config_seqnum,
        config_flags,
        config_data,
        negligible_amount,
        rejection_code,
        inserted_at,
    ): Row,
) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: creditor_id,
        signal: Signal::RejectedConfig(RejectedConfig {
            account,
            config_ts,
            config_seqnum,
            config_flags,
            config_data,
            negligible_amount,
            rejection_code,
            inserted_at,
        }),
    }
}
