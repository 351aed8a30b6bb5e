//! Records that are written once and never changed: log entries, ledger entries, committed transfers.

use std::ops::Range;

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};

use super::{Row, Table, bounds, in_order};
use crate::{
    committed_transfer,
    error::Result,
    outbox::{RowId, Tid},
    sql::statement,
    tx::Tx,
};

/// A record that is deleted as it was read, because nobody ever changes it.
pub trait Record: Row {
    /// Whose record it is.
    fn creditor_id(&self) -> CreditorId;

    /// When its time began.
    fn since(&self) -> Timestamp;

    /// Deletes records by their keys; those that are gone already do not matter. Tells how many were there.
    fn delete(tx: &mut Tx, records: &[&Self]) -> impl Future<Output = Result<usize>> + Send;
}

/// An entry of a creditor's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedLogEntry {
    block: u32,
    creditor_id: CreditorId,
    entry_id: i64,
    added_at: Timestamp,
}

statement! {
    struct ReadLog { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, entry_id, added_at FROM log_entry WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    #[derive(Default)]
    struct DeleteLog { creditor_ids: Vec<i64> => Array<BigInt>, entry_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM log_entry AS r USING unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, entry_id) \
     WHERE r.creditor_id = k.creditor_id AND r.entry_id = k.entry_id"
}

impl Row for ScannedLogEntry {
    const TABLE: Table = Table::LogEntries;

    fn block(&self) -> u32 {
        self.block
    }

    async fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> Result<Vec<Self>> {
        let (from, to) = bounds(&blocks);
        let rows: Vec<(RowId, i64, i64, Timestamp)> = ReadLog { from, to }.load(conn).await?;
        let entry = |(row_id, creditor_id, entry_id, added_at): (RowId, _, _, _)| Self {
            block: row_id.block(),
            creditor_id: CreditorId::new(creditor_id),
            entry_id,
            added_at,
        };
        Ok(in_order(rows.into_iter().map(entry).collect()))
    }
}

impl Record for ScannedLogEntry {
    fn creditor_id(&self) -> CreditorId {
        self.creditor_id
    }

    fn since(&self) -> Timestamp {
        self.added_at
    }

    async fn delete(tx: &mut Tx, records: &[&Self]) -> Result<usize> {
        let mut delete = DeleteLog::default();
        for record in records {
            delete.creditor_ids.push(record.creditor_id.get());
            delete.entry_ids.push(record.entry_id);
        }
        Ok(delete.execute(&mut **tx).await?)
    }
}

/// An entry of an account's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedLedgerEntry {
    block: u32,
    account: AccountKey,
    entry_id: i64,
    added_at: Timestamp,
}

statement! {
    struct ReadLedger { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, entry_id, added_at FROM ledger_entry WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    #[derive(Default)]
    struct DeleteLedger {
        creditors: Vec<i64> => Array<BigInt>,
        debtors: Vec<i64> => Array<BigInt>,
        entries: Vec<i64> => Array<BigInt>,
    }
    "DELETE FROM ledger_entry AS r \
     USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS k(creditor_id, debtor_id, entry_id) \
     WHERE r.creditor_id = k.creditor_id AND r.debtor_id = k.debtor_id AND r.entry_id = k.entry_id"
}

impl Row for ScannedLedgerEntry {
    const TABLE: Table = Table::LedgerEntries;

    fn block(&self) -> u32 {
        self.block
    }

    async fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> Result<Vec<Self>> {
        let (from, to) = bounds(&blocks);
        let rows: Vec<(RowId, i64, i64, i64, Timestamp)> = ReadLedger { from, to }.load(conn).await?;
        let entry = |(row_id, creditor_id, debtor_id, entry_id, added_at): (RowId, _, _, _, _)| Self {
            block: row_id.block(),
            account: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
            entry_id,
            added_at,
        };
        Ok(in_order(rows.into_iter().map(entry).collect()))
    }
}

impl Record for ScannedLedgerEntry {
    fn creditor_id(&self) -> CreditorId {
        self.account.creditor_id
    }

    fn since(&self) -> Timestamp {
        self.added_at
    }

    async fn delete(tx: &mut Tx, records: &[&Self]) -> Result<usize> {
        let mut delete = DeleteLedger::default();
        for record in records {
            delete.creditors.push(record.account.creditor_id.get());
            delete.debtors.push(record.account.debtor_id.get());
            delete.entries.push(record.entry_id);
        }
        Ok(delete.execute(&mut **tx).await?)
    }
}

/// A transfer that has been committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedCommittedTransfer {
    block: u32,
    key: committed_transfer::Key,
    committed_at: Timestamp,
}

statement! {
    struct ReadTransfers { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, Date, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, creation_date, transfer_number, committed_at FROM committed_transfer \
     WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    #[derive(Default)]
    struct DeleteTransfers {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<NaiveDate> => Array<Date>,
        transfer_numbers: Vec<i64> => Array<BigInt>,
    }
    "DELETE FROM committed_transfer AS r \
     USING unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[]) \
         AS k(creditor_id, debtor_id, creation_date, transfer_number) \
     WHERE r.creditor_id = k.creditor_id AND r.debtor_id = k.debtor_id \
         AND r.creation_date = k.creation_date AND r.transfer_number = k.transfer_number"
}

impl Row for ScannedCommittedTransfer {
    const TABLE: Table = Table::CommittedTransfers;

    fn block(&self) -> u32 {
        self.block
    }

    async fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> Result<Vec<Self>> {
        let (from, to) = bounds(&blocks);
        let rows: Vec<(RowId, i64, i64, NaiveDate, i64, Timestamp)> = ReadTransfers { from, to }.load(conn).await?;
        let transfer =
            |(row_id, creditor_id, debtor_id, creation_date, transfer_number, committed_at): (RowId, _, _, _, _, _)| {
                let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
                let key = committed_transfer::Key { account, creation_date, transfer_number };
                Self { block: row_id.block(), key, committed_at }
            };
        Ok(in_order(rows.into_iter().map(transfer).collect()))
    }
}

impl Record for ScannedCommittedTransfer {
    fn creditor_id(&self) -> CreditorId {
        self.key.account.creditor_id
    }

    fn since(&self) -> Timestamp {
        self.committed_at
    }

    async fn delete(tx: &mut Tx, records: &[&Self]) -> Result<usize> {
        let mut delete = DeleteTransfers::default();
        for record in records {
            delete.creditor_ids.push(record.key.account.creditor_id.get());
            delete.debtor_ids.push(record.key.account.debtor_id.get());
            delete.creation_dates.push(record.key.creation_date);
            delete.transfer_numbers.push(record.key.transfer_number);
        }
        Ok(delete.execute(&mut **tx).await?)
    }
}
