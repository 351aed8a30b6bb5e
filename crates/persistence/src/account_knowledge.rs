//! What clients note about accounts (database §4, `account_knowledge`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, Timestamp, account::Knowledge};

use crate::{
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
};

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
pub async fn lock(tx: SharedTx<'_>, key: AccountKey) -> Result<Option<Notes>> {
    let lock = Lock { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = lock.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().next().map(from_row))
}

/// Declares a statement about a whole row, given column by column, the key last.
macro_rules! row_statement {
    ($name:ident, $text:expr) => {
        statement! {
            struct $name {
                data: String => Text,
                latest_update_id: i64 => BigInt,
                latest_update_ts: Timestamp => Timestamptz,
                creditor_id: i64 => BigInt,
                debtor_id: i64 => BigInt,
            }
            $text
        }

        impl $name {
            fn new(key: AccountKey, notes: &Notes) -> Self {
                Self {
                    data: notes.data.clone(),
                    latest_update_id: notes.knowledge.latest_update_id,
                    latest_update_ts: notes.knowledge.latest_update_ts,
                    creditor_id: key.creditor_id.get(),
                    debtor_id: key.debtor_id.get(),
                }
            }
        }
    };
}

row_statement! {
    Save,
    "UPDATE account_knowledge SET data = $1::json, latest_update_id = $2, latest_update_ts = $3 \
     WHERE creditor_id = $4 AND debtor_id = $5"
}

row_statement! {
    Insert,
    "INSERT INTO account_knowledge (data, latest_update_id, latest_update_ts, creditor_id, debtor_id) \
     VALUES ($1::json, $2, $3, $4, $5)"
}

/// Inserts the row of a new account, whose row of `account` exists or is written together with it; with the commit.
pub(crate) fn insert(tx: &mut Tx, key: AccountKey, notes: &Notes) {
    tx.later(Insert::new(key, notes));
}

/// Writes a row that the transaction has locked; with the commit. `notes.data` must be the text of a JSON object.
pub fn save(tx: &mut Tx, key: AccountKey, notes: &Notes) {
    tx.later(Save::new(key, notes));
}
