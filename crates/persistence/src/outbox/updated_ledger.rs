//! Rows of `updated_ledger_signal`.

use chrono::NaiveDate;
use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{Signal, UpdatedLedger},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        update_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<NaiveDate> => Array<Date>,
        account_ids: Vec<String> => Array<Text>,
        principals: Vec<i64> => Array<BigInt>,
        last_transfer_numbers: Vec<i64> => Array<BigInt>,
        timestamps: Vec<Timestamp> => Array<Timestamptz>,
        inserted: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO updated_ledger_signal \
         (creditor_id, debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts, inserted_at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::date[], $5::text[], $6::bigint[], $7::bigint[], $8::timestamptz[], $9::timestamptz[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: UpdatedLedger) {
        self.creditor_ids.push(s.account.creditor_id.get());
        self.debtor_ids.push(s.account.debtor_id.get());
        self.update_ids.push(s.update_id);
        self.creation_dates.push(s.creation_date);
        self.account_ids.push(s.account_id);
        self.principals.push(s.principal);
        self.last_transfer_numbers.push(s.last_transfer_number);
        self.timestamps.push(s.ts);
        self.inserted.push(s.ts);
    }
}

type Row = (RowId, i64, i64, i64, NaiveDate, String, i64, i64, Timestamp);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, BigInt, BigInt, BigInt, Date, Text, BigInt, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts \
     FROM updated_ledger_signal WHERE ctid > $1 AND creditor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed(
    (row_id, creditor_id, debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts): Row,
) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: creditor_id,
        signal: Signal::UpdatedLedger(UpdatedLedger {
            account,
            update_id,
            creation_date,
            account_id,
            principal,
            last_transfer_number,
            ts,
        }),
    }
}
