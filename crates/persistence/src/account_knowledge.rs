//! What clients note about accounts (database §4, `account_knowledge`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, Timestamp, account::Knowledge};

use crate::{error::Result, sql::statement, tx::Tx};

/// A row, with the notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes {
    /// The notes: the text of a JSON object, exactly as it was stored.
    pub data: String,
    /// Update id and time.
    pub knowledge: Knowledge,
}

/// The columns of [`Row`], of a table aliased `k`.
macro_rules! columns {
    () => {
        "k.data::text, k.latest_update_id, k.latest_update_ts"
    };
}

/// The SQL types of `columns!`.
macro_rules! row_type {
    () => {
        (Text, BigInt, Timestamptz)
    };
}

pub(crate) use {columns, row_type};

pub(crate) type Row = (String, i64, Timestamp);

pub(crate) fn from_row((data, latest_update_id, latest_update_ts): Row) -> Notes {
    Notes { data, knowledge: Knowledge { latest_update_id, latest_update_ts } }
}

statement! {
    struct Get { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM account_knowledge AS k WHERE k.creditor_id = $1 AND k.debtor_id = $2")
}

/// What is noted about the account.
pub async fn get(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<Option<Notes>> {
    let get = Get { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = get.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Lock { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM account_knowledge AS k WHERE k.creditor_id = $1 AND k.debtor_id = $2 \
         FOR NO KEY UPDATE"
    )
}

/// Locks the account's row.
pub async fn lock(tx: &mut Tx, key: AccountKey) -> Result<Option<Notes>> {
    let lock = Lock { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = lock.load(&mut **tx).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Save {
        data: String => Text,
        latest_update_id: i64 => BigInt,
        latest_update_ts: Timestamp => Timestamptz,
        creditor_id: i64 => BigInt,
        debtor_id: i64 => BigInt,
    }
    "UPDATE account_knowledge SET data = $1::json, latest_update_id = $2, latest_update_ts = $3 \
     WHERE creditor_id = $4 AND debtor_id = $5"
}

/// Writes a row that the transaction has locked. `notes.data` must be the text of a JSON object.
pub async fn save(tx: &mut Tx, key: AccountKey, notes: &Notes) -> Result<()> {
    let statement = Save {
        data: notes.data.clone(),
        latest_update_id: notes.knowledge.latest_update_id,
        latest_update_ts: notes.knowledge.latest_update_ts,
        creditor_id: key.creditor_id.get(),
        debtor_id: key.debtor_id.get(),
    };
    statement.execute(&mut **tx).await?;
    Ok(())
}
