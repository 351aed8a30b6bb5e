//! Rows of `configure_account_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{ConfigureAccount, Signal},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        inserted: Vec<Timestamp> => Array<Timestamptz>,
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        timestamps: Vec<Timestamp> => Array<Timestamptz>,
        seqnums: Vec<i32> => Array<Integer>,
        negligible_amounts: Vec<f32> => Array<Float>,
        data: Vec<String> => Array<Text>,
        flags: Vec<i32> => Array<Integer>,
    }
    // In key order, so that two transactions that send the same wait for, and do not block, each other.
    "INSERT INTO configure_account_signal \
         (inserted_at, creditor_id, debtor_id, ts, seqnum, negligible_amount, config_data, config_flags) \
     SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::timestamptz[], $5::integer[], $6::real[], $7::text[], $8::integer[]) \
     ORDER BY 2, 3, 4, 5 ON CONFLICT DO NOTHING"
}

impl Insert {
    pub(super) fn push(&mut self, s: ConfigureAccount) {
        self.inserted.push(s.ts);
        self.creditor_ids.push(s.account.creditor_id.get());
        self.debtor_ids.push(s.account.debtor_id.get());
        self.timestamps.push(s.ts);
        self.seqnums.push(s.seqnum);
        self.negligible_amounts.push(s.negligible_amount);
        self.data.push(s.config_data);
        self.flags.push(s.config_flags);
    }
}

type Row = (RowId, i64, i64, Timestamp, i32, f32, String, i32);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, BigInt, BigInt, Timestamptz, Integer, Float, Text, Integer);
    "SELECT ctid, creditor_id, debtor_id, ts, seqnum, negligible_amount, config_data, config_flags \
     FROM configure_account_signal WHERE ctid > $1 AND debtor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed((row_id, creditor_id, debtor_id, ts, seqnum, negligible_amount, config_data, config_flags): Row) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: debtor_id,
        signal: Signal::ConfigureAccount(ConfigureAccount {
            account,
            ts,
            seqnum,
            negligible_amount,
            config_data,
            config_flags,
        }),
    }
}
