//! Rows of `updated_policy_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{Signal, UpdatedPolicy},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        update_ids: Vec<i64> => Array<BigInt>,
        policy_names: Vec<Option<String>> => Array<Nullable<Text>>,
        min_principals: Vec<i64> => Array<BigInt>,
        max_principals: Vec<i64> => Array<BigInt>,
        peg_exchange_rates: Vec<Option<f64>> => Array<Nullable<Double>>,
        peg_debtor_ids: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        timestamps: Vec<Timestamp> => Array<Timestamptz>,
        inserted: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO updated_policy_signal \
         (creditor_id, debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, ts, inserted_at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::float8[], $8::bigint[], $9::timestamptz[], $10::timestamptz[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: UpdatedPolicy) {
        self.creditor_ids.push(s.account.creditor_id.get());
        self.debtor_ids.push(s.account.debtor_id.get());
        self.update_ids.push(s.update_id);
        self.policy_names.push(s.policy_name);
        self.min_principals.push(s.min_principal);
        self.max_principals.push(s.max_principal);
        self.peg_exchange_rates.push(s.peg_exchange_rate);
        self.peg_debtor_ids.push(s.peg_debtor_id.map(DebtorId::get));
        self.timestamps.push(s.ts);
        self.inserted.push(s.ts);
    }
}

type Row = (RowId, i64, i64, i64, Option<String>, i64, i64, Option<f64>, Option<i64>, Timestamp);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, BigInt, BigInt, BigInt, Nullable<Text>, BigInt, BigInt, Nullable<Double>, Nullable<BigInt>, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, ts \
     FROM updated_policy_signal WHERE ctid > $1 AND creditor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed(
    (
        row_id,
        creditor_id,
        debtor_id,
        update_id,
        policy_name,
        min_principal,
        max_principal,
        peg_exchange_rate,
        peg_debtor_id,
        ts,
    ): Row,
) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: creditor_id,
        signal: Signal::UpdatedPolicy(UpdatedPolicy {
            account,
            update_id,
            policy_name,
            min_principal,
            max_principal,
            peg_exchange_rate,
            peg_debtor_id: peg_debtor_id.map(DebtorId::new),
            ts,
        }),
    }
}
