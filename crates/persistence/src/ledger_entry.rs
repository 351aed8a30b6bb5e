//! Reading ledgers (database §4, `ledger_entry`).

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, Timestamp, ledger::Entry};

use crate::{error::Result, sql::statement};

/// Which part of a ledger to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Only entries with smaller ids.
    pub before: i64,
    /// Only entries with greater ids.
    pub after: i64,
}

type Row = (i64, Option<NaiveDate>, Option<i64>, i64, i64, Timestamp);

statement! {
    struct GetPage {
        creditor_id: i64 => BigInt,
        debtor_id: i64 => BigInt,
        before: i64 => BigInt,
        after: i64 => BigInt,
        limit: i64 => BigInt,
    }
    -> (BigInt, Nullable<Date>, Nullable<BigInt>, BigInt, BigInt, Timestamptz);
    "SELECT entry_id, creation_date, transfer_number, acquired_amount, principal, added_at FROM ledger_entry \
     WHERE creditor_id = $1 AND debtor_id = $2 AND entry_id < $3 AND entry_id > $4 ORDER BY entry_id DESC LIMIT $5"
}

/// Up to `limit` entries of the range, newest first. Those of deleted accounts can be read too.
pub async fn page(conn: &mut AsyncPgConnection, key: AccountKey, range: Range, limit: i64) -> Result<Vec<Entry>> {
    let statement = GetPage {
        creditor_id: key.creditor_id.get(),
        debtor_id: key.debtor_id.get(),
        before: range.before,
        after: range.after,
        limit,
    };
    let rows: Vec<Row> = statement.load(conn).await?;
    Ok(rows.into_iter().map(entry_from).collect())
}

fn entry_from((entry_id, creation_date, number, acquired_amount, principal, added_at): Row) -> Entry {
    Entry { entry_id, transfer: creation_date.zip(number), acquired_amount, principal, added_at }
}
