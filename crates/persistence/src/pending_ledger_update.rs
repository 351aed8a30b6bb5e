//! The ledger processor's work queue (database §4, `pending_ledger_update`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, CreditorId, DebtorId};

use crate::{
    account_data::columns_of,
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
    wake::Wake,
};

statement! {
    struct Schedule { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    "INSERT INTO pending_ledger_update (creditor_id, debtor_id) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING"
}

/// Puts accounts, which must exist, on the queue, with the commit; those that are on it already stay there once.
pub fn schedule(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    if !creditor_ids.is_empty() {
        tx.later(Schedule { creditor_ids, debtor_ids });
        tx.wake(Wake::Ledger);
    }
}

statement! {
    struct ScheduleExisting { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    // The lock is what the foreign key takes anyway. Taken here, it tells which accounts are there and will stay.
    "WITH existing AS ( \
         SELECT d.creditor_id, d.debtor_id FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY 1, 2 FOR KEY SHARE OF d SKIP LOCKED \
     ) \
     INSERT INTO pending_ledger_update (creditor_id, debtor_id) SELECT * FROM existing ON CONFLICT DO NOTHING"
}

/// Puts accounts on the queue, ignoring those that do not exist or are being deleted. Tells how many were not on it yet.
pub async fn schedule_existing(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<usize> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let added = ScheduleExisting { creditor_ids, debtor_ids }.execute(&mut **tx).await?;
    if added > 0 {
        tx.wake(Wake::Ledger);
    }
    Ok(added)
}

statement! {
    struct Claim { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt, limit: i64 => BigInt }
    -> (BigInt, BigInt);
    "SELECT creditor_id, debtor_id FROM pending_ledger_update WHERE (creditor_id, debtor_id) >= ($1, $2) \
     ORDER BY creditor_id, debtor_id LIMIT $3 FOR UPDATE SKIP LOCKED"
}

/// Locks up to `limit` work items that nobody else holds, in key order: the first of all, or the first after a given one.
///
/// Going on where the last claim has ended passes by the remains of what was deleted since.
pub async fn claim(tx: SharedTx<'_>, after: Option<AccountKey>, limit: i64) -> Result<Vec<AccountKey>> {
    let Some((creditor_id, debtor_id)) = after.map_or(Some((i64::MIN, i64::MIN)), successor) else {
        return Ok(Vec::new());
    };
    let rows: Vec<(i64, i64)> = Claim { creditor_id, debtor_id, limit }.load(&mut tx.connection()).await?;
    Ok(rows
        .into_iter()
        .map(|(creditor_id, debtor_id)| AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)))
        .collect())
}

/// The smallest key that is greater; `None` for the greatest of all.
fn successor(key: AccountKey) -> Option<(i64, i64)> {
    let (creditor_id, debtor_id) = (key.creditor_id.get(), key.debtor_id.get());
    match debtor_id.checked_add(1) {
        Some(debtor_id) => Some((creditor_id, debtor_id)),
        None => Some((creditor_id.checked_add(1)?, i64::MIN)),
    }
}

statement! {
    struct Delete { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM pending_ledger_update AS p USING unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) \
     WHERE p.creditor_id = k.creditor_id AND p.debtor_id = k.debtor_id"
}

/// Removes work items that the transaction has claimed, with the commit.
pub fn delete(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    if !creditor_ids.is_empty() {
        tx.later(Delete { creditor_ids, debtor_ids });
    }
}

statement! {
    struct CountAll {}
    -> (BigInt, Nullable<Integer>, BigInt);
    // "After the place (0,0)" holds for every row, and makes the server read the table as it lies there.
    "SELECT count(*), max(age(xmin)), pg_snapshot_xmax(pg_current_snapshot())::text::bigint \
     FROM pending_ledger_update WHERE ctid > '(0,0)'"
}

/// How much is waiting. A work item does not say when it was inserted, but which transaction has inserted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Work items.
    pub rows: i64,
    /// The number of the transaction that has inserted the oldest of them.
    pub oldest: Option<i64>,
    /// The number that the next transaction will get.
    pub next: i64,
}

/// How many work items are waiting. Looks at all of them.
pub async fn depth(conn: &mut AsyncPgConnection) -> Result<Depth> {
    let (rows, age, next): (i64, Option<i32>, i64) = CountAll {}.get_result(conn).await?;
    Ok(Depth { rows, oldest: age.map(|age| next.saturating_sub(i64::from(age))), next })
}
