//! Rows of `updated_flags_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{Signal, UpdatedFlags},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        update_ids: Vec<i64> => Array<BigInt>,
        flags: Vec<i32> => Array<Integer>,
        timestamps: Vec<Timestamp> => Array<Timestamptz>,
        inserted: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO updated_flags_signal \
         (creditor_id, debtor_id, update_id, config_flags, ts, inserted_at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::timestamptz[], $6::timestamptz[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: &UpdatedFlags) {
        self.creditor_ids.push(s.account.creditor_id.get());
        self.debtor_ids.push(s.account.debtor_id.get());
        self.update_ids.push(s.update_id);
        self.flags.push(s.config_flags);
        self.timestamps.push(s.ts);
        self.inserted.push(s.ts);
    }
}

type Row = (RowId, i64, i64, i64, i32, Timestamp);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, BigInt, BigInt, BigInt, Integer, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, update_id, config_flags, ts \
     FROM updated_flags_signal WHERE ctid > $1 AND creditor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed((row_id, creditor_id, debtor_id, update_id, config_flags, ts): Row) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: creditor_id,
        signal: Signal::UpdatedFlags(UpdatedFlags { account, update_id, config_flags, ts }),
    }
}
