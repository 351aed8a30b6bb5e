//! The ledger processor's work queue (database §4, `pending_ledger_update`).

use diesel_async::RunQueryDsl;
use domain::{AccountKey, CreditorId, DebtorId};

use crate::{account_data::columns_of, error::Result, sql::statement, tx::Tx, wake::Wake};

statement! {
    struct Schedule { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    "INSERT INTO pending_ledger_update (creditor_id, debtor_id) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
}

/// Puts accounts, which must exist, on the queue; those that are on it already stay there once.
pub async fn schedule(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<()> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    if creditor_ids.is_empty() {
        return Ok(());
    }
    Schedule { creditor_ids, debtor_ids }.execute(&mut **tx).await?;
    tx.wake(Wake::Ledger);
    Ok(())
}

statement! {
    struct Claim { limit: i64 => BigInt }
    -> (BigInt, BigInt);
    "SELECT creditor_id, debtor_id FROM pending_ledger_update \
     ORDER BY creditor_id, debtor_id LIMIT $1 FOR UPDATE SKIP LOCKED"
}

/// Locks up to `limit` work items that nobody else holds, in key order.
pub async fn claim(tx: &mut Tx, limit: i64) -> Result<Vec<AccountKey>> {
    let rows: Vec<(i64, i64)> = Claim { limit }.load(&mut **tx).await?;
    Ok(rows
        .into_iter()
        .map(|(creditor_id, debtor_id)| AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)))
        .collect())
}

statement! {
    struct Delete { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM pending_ledger_update AS p USING unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) \
     WHERE p.creditor_id = k.creditor_id AND p.debtor_id = k.debtor_id"
}

/// Removes work items that the transaction has claimed.
pub async fn delete(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<()> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    if !creditor_ids.is_empty() {
        Delete { creditor_ids, debtor_ids }.execute(&mut **tx).await?;
    }
    Ok(())
}
