//! Old committed transfers.

use chrono::NaiveDate;
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

/// `committed_transfer`.
#[derive(Clone, Copy, Debug)]
pub struct CommittedTransfers;

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, BigInt, Date, BigInt, Timestamptz);
    "SELECT ctid, creditor_id, debtor_id, creation_date, transfer_number, committed_at FROM committed_transfer \
     WHERE ctid >= $1 AND ctid < $2"
}

statement! {
    struct Delete {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<NaiveDate> => Array<Date>,
        transfer_numbers: Vec<i64> => Array<BigInt>,
    }
    "DELETE FROM committed_transfer AS t \
     USING unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[]) \
         AS k(creditor_id, debtor_id, creation_date, transfer_number) \
     WHERE t.creditor_id = k.creditor_id AND t.debtor_id = k.debtor_id AND t.creation_date = k.creation_date \
         AND t.transfer_number = k.transfer_number"
}

impl Records for CommittedTransfers {
    /// Account, creation date of the server account, number.
    type Key = (AccountKey, NaiveDate, i64);

    const TABLE: Table = Table::CommittedTransfers;

    async fn read(conn: &mut AsyncPgConnection, Range { from, to }: Range) -> Result<Vec<Seen<Record<Self::Key>>>> {
        let rows: Vec<(RowId, i64, i64, NaiveDate, i64, Timestamp)> = Read { from, to }.load(conn).await?;
        let seen = |(place, creditor_id, debtor_id, creation_date, number, since)| {
            let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
            let key = (account, creation_date, number);
            Seen { place, row: Record { key, creditor_id: account.creditor_id, since } }
        };
        Ok(rows.into_iter().map(seen).collect())
    }

    async fn delete(tx: &mut Tx, keys: &[Self::Key]) -> Result<usize> {
        let (creditor_ids, debtor_ids) = columns_of(keys.iter().map(|(account, ..)| *account));
        let creation_dates = keys.iter().map(|(_, creation_date, _)| *creation_date).collect();
        let transfer_numbers = keys.iter().map(|(.., number)| *number).collect();
        Ok(Delete { creditor_ids, debtor_ids, creation_dates, transfer_numbers }.execute(&mut **tx).await?)
    }
}
