//! Old log entries.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{CreditorId, Timestamp};

use super::{Record, Records};
use crate::{
    error::Result,
    outbox::{RowId, Tid},
    scans::{Range, Seen, Table},
    sql::statement,
    tx::Tx,
};

/// `log_entry`.
#[derive(Clone, Copy, Debug)]
pub struct LogEntries;

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, entry_id, added_at FROM log_entry WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    struct Delete { creditor_ids: Vec<i64> => Array<BigInt>, entry_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM log_entry AS e USING unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, entry_id) \
     WHERE e.creditor_id = k.creditor_id AND e.entry_id = k.entry_id"
}

impl Records for LogEntries {
    /// Creditor, entry.
    type Key = (CreditorId, i64);

    const TABLE: Table = Table::LogEntries;

    async fn read(conn: &mut AsyncPgConnection, Range { from, to }: Range) -> Result<Vec<Seen<Record<Self::Key>>>> {
        let rows: Vec<(RowId, i64, i64, Timestamp)> = Read { from, to }.load(conn).await?;
        let seen = |(place, creditor_id, entry_id, since)| {
            let creditor_id = CreditorId::new(creditor_id);
            Seen { place, row: Record { key: (creditor_id, entry_id), creditor_id, since } }
        };
        Ok(rows.into_iter().map(seen).collect())
    }

    async fn delete(tx: &mut Tx, keys: &[Self::Key]) -> Result<usize> {
        let (creditor_ids, entry_ids) =
            keys.iter().map(|(creditor_id, entry_id)| (creditor_id.get(), entry_id)).unzip();
        Ok(Delete { creditor_ids, entry_ids }.execute(&mut **tx).await?)
    }
}
