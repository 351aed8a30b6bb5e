//! Creditors that nobody uses.

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{CreditorId, Timestamp, creditor::StatusFlags, retention::Stage};

use super::{Range, Seen};
use crate::{
    error::Result,
    outbox::{RowId, Tid},
    sql::statement,
    tx::Tx,
};

type StageRow = (i64, i16, Timestamp, Option<NaiveDate>);

fn stage_from((creditor_id, status, created_at, deactivation_date): StageRow) -> (CreditorId, Stage) {
    let stage = Stage { status: StatusFlags::from_bits(status), created_at, deactivation_date };
    (CreditorId::new(creditor_id), stage)
}

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid, limit: i64 => BigInt }
    -> (Tid, (BigInt, SmallInt, Timestamptz, Nullable<Date>));
    "SELECT ctid, creditor_id, status_flags, created_at, deactivation_date FROM creditor \
     WHERE ctid >= $1 AND ctid < $2 LIMIT $3"
}

/// The first creditors of the range, at most `limit`.
pub async fn read(
    conn: &mut AsyncPgConnection,
    Range { from, to }: Range,
    limit: i64,
) -> Result<Vec<Seen<(CreditorId, Stage)>>> {
    let rows: Vec<(RowId, StageRow)> = Read { from, to, limit }.load(conn).await?;
    Ok(rows.into_iter().map(|(place, row)| Seen { place, row: stage_from(row) }).collect())
}

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt> }
    -> (BigInt, SmallInt, Timestamptz, Nullable<Date>);
    "SELECT creditor_id, status_flags, created_at, deactivation_date FROM creditor \
     WHERE creditor_id = ANY($1) ORDER BY creditor_id FOR UPDATE SKIP LOCKED"
}

/// Locks, to delete them, those of the creditors that nobody else holds.
pub async fn lock(tx: &mut Tx, creditor_ids: impl IntoIterator<Item = CreditorId>) -> Result<Vec<(CreditorId, Stage)>> {
    let creditor_ids = creditor_ids.into_iter().map(CreditorId::get).collect();
    let rows: Vec<StageRow> = Lock { creditor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(stage_from).collect())
}

statement! {
    struct Delete { creditor_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM creditor WHERE creditor_id = ANY($1)"
}

/// Deletes creditors that the transaction has locked, with their accounts and transfers.
pub async fn delete(tx: &mut Tx, creditor_ids: impl IntoIterator<Item = CreditorId>) -> Result<usize> {
    let creditor_ids: Vec<i64> = creditor_ids.into_iter().map(CreditorId::get).collect();
    if creditor_ids.is_empty() {
        return Ok(0);
    }
    Ok(Delete { creditor_ids }.execute(&mut **tx).await?)
}
