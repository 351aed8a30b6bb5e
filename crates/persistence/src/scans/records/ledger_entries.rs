//! Old ledger entries.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};

use super::{Record, Records};
use crate::{
    account_data::columns_of,
    error::Result,
    outbox::{RowId, Tid},
    scans::{Range, Seen, Table},
    sql::statement,
    tx::Tx,
};

/// `ledger_entry`.
#[derive(Clone, Copy, Debug)]
pub struct LedgerEntries;

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, entry_id, added_at FROM ledger_entry WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    struct Delete {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        entries: Vec<i64> => Array<BigInt>,
    }
    "DELETE FROM ledger_entry AS e \
     USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k(creditor_id, debtor_id, entry_id) \
     WHERE e.creditor_id = k.creditor_id AND e.debtor_id = k.debtor_id AND e.entry_id = k.entry_id"
}

impl Records for LedgerEntries {
    /// Account, entry.
    type Key = (AccountKey, i64);

    const TABLE: Table = Table::LedgerEntries;

    async fn read(conn: &mut AsyncPgConnection, Range { from, to }: Range) -> Result<Vec<Seen<Record<Self::Key>>>> {
        let rows: Vec<(RowId, i64, i64, i64, Timestamp)> = Read { from, to }.load(conn).await?;
        let seen = |(place, creditor_id, debtor_id, entry_id, since)| {
            let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
            Seen { place, row: Record { key: (account, entry_id), creditor_id: account.creditor_id, since } }
        };
        Ok(rows.into_iter().map(seen).collect())
    }

    async fn delete(tx: &mut Tx, keys: &[Self::Key]) -> Result<usize> {
        let (creditor_ids, debtor_ids) = columns_of(keys.iter().map(|(account, _)| *account));
        let entries = keys.iter().map(|(_, entry_id)| *entry_id).collect();
        Ok(Delete { creditor_ids, debtor_ids, entries }.execute(&mut **tx).await?)
    }
}
