//! How accounts are shown (database §4, `account_display`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, Timestamp,
    account::{Appearance, Display},
};

use crate::{
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
};

/// The columns of [`Row`], of a table aliased `s`.
macro_rules! columns {
    () => {
        "s.debtor_name, s.amount_divisor, s.decimal_places, s.unit, s.known_debtor, s.latest_update_id, \
         s.latest_update_ts"
    };
}

/// The SQL types of `columns!`.
macro_rules! row_type {
    () => {
        (Nullable<Text>, Double, Integer, Nullable<Text>, Bool, BigInt, Timestamptz)
    };
}

pub(crate) use {columns, row_type};

pub(crate) type Row = (Option<String>, f64, i32, Option<String>, bool, i64, Timestamp);

pub(crate) fn from_row(row: Row) -> Display {
    let (debtor_name, amount_divisor, decimal_places, unit, known_debtor, latest_update_id, latest_update_ts) = row;
    Display {
        appearance: Appearance { debtor_name, amount_divisor, decimal_places, unit, known_debtor },
        latest_update_id,
        latest_update_ts,
    }
}

statement! {
    struct Get { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM account_display AS s WHERE s.creditor_id = $1 AND s.debtor_id = $2")
}

/// How the account is shown.
pub async fn get(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<Option<Display>> {
    let get = Get { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = get.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Lock { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt, debtor_name: Option<String> => Nullable<Text> }
    -> (row_type!(), Bool);
    concat!(
        "WITH k AS (SELECT $1::bigint AS creditor_id, $2::bigint AS debtor_id, $3::text AS debtor_name) \
         SELECT ", columns!(), ", EXISTS ( \
             SELECT FROM account_display AS o, k WHERE o.creditor_id = k.creditor_id AND o.debtor_name = k.debtor_name \
                 AND o.debtor_id <> k.debtor_id) \
         FROM account_display AS s \
         WHERE s.creditor_id = (SELECT k.creditor_id FROM k) AND s.debtor_id = (SELECT k.debtor_id FROM k) \
         FOR NO KEY UPDATE OF s"
    )
}

/// Locks the account's row. Also tells whether another account of the creditor has the name.
///
/// Somebody may give that name to another account meanwhile: saving then fails as a race.
pub async fn lock(tx: SharedTx<'_>, key: AccountKey, debtor_name: Option<String>) -> Result<Option<(Display, bool)>> {
    let lock = Lock { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get(), debtor_name };
    let rows: Vec<(Row, bool)> = lock.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().next().map(|(row, is_taken)| (from_row(row), is_taken)))
}

/// Declares a statement about a whole row, given column by column, the key last.
macro_rules! row_statement {
    ($name:ident, $text:expr) => {
        statement! {
            struct $name {
                debtor_name: Option<String> => Nullable<Text>,
                amount_divisor: f64 => Double,
                decimal_places: i32 => Integer,
                unit: Option<String> => Nullable<Text>,
                known_debtor: bool => Bool,
                latest_update_id: i64 => BigInt,
                latest_update_ts: Timestamp => Timestamptz,
                creditor_id: i64 => BigInt,
                debtor_id: i64 => BigInt,
            }
            $text
        }

        impl $name {
            fn new(key: AccountKey, display: &Display) -> Self {
                let Appearance { debtor_name, amount_divisor, decimal_places, unit, known_debtor } =
                    display.appearance.clone();
                Self {
                    debtor_name,
                    amount_divisor,
                    decimal_places,
                    unit,
                    known_debtor,
                    latest_update_id: display.latest_update_id,
                    latest_update_ts: display.latest_update_ts,
                    creditor_id: key.creditor_id.get(),
                    debtor_id: key.debtor_id.get(),
                }
            }
        }
    };
}

row_statement! {
    Save,
    "UPDATE account_display SET debtor_name = $1, amount_divisor = $2, decimal_places = $3, unit = $4, \
         known_debtor = $5, latest_update_id = $6, latest_update_ts = $7 \
     WHERE creditor_id = $8 AND debtor_id = $9"
}

row_statement! {
    Insert,
    "INSERT INTO account_display \
         (debtor_name, amount_divisor, decimal_places, unit, known_debtor, latest_update_id, latest_update_ts, \
          creditor_id, debtor_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
}

/// Inserts the row of a new account, whose row of `account` exists or is written together with it; with the commit.
pub(crate) fn insert(tx: &mut Tx, key: AccountKey, display: &Display) {
    tx.later(Insert::new(key, display));
}

/// Writes a row that the transaction has locked; with the commit.
pub fn save(tx: &mut Tx, key: AccountKey, display: &Display) {
    tx.later(Save::new(key, display));
}
