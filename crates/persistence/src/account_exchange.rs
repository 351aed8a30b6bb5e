//! Exchange policies (database §4, `account_exchange`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, DebtorId, Timestamp,
    account::{Exchange, Peg, Policy},
};

use crate::{
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
};

/// The key that says that pegs exist. It is checked when a transaction commits.
pub const PEG_CONSTRAINT: &str = "account_exchange_creditor_id_peg_debtor_id_fkey";

/// The columns of [`Row`], of a table aliased `x`.
macro_rules! columns {
    () => {
        "x.policy, x.min_principal, x.max_principal, x.peg_exchange_rate, x.peg_debtor_id, x.latest_update_id, \
         x.latest_update_ts"
    };
}

/// The SQL types of `columns!`.
macro_rules! row_type {
    () => {
        (Nullable<Text>, BigInt, BigInt, Nullable<Double>, Nullable<BigInt>, BigInt, Timestamptz)
    };
}

pub(crate) use {columns, row_type};

pub(crate) type Row = (Option<String>, i64, i64, Option<f64>, Option<i64>, i64, Timestamp);

pub(crate) fn from_row(row: Row) -> Exchange {
    let (name, min_principal, max_principal, rate, peg_debtor_id, latest_update_id, latest_update_ts) = row;
    let peg = rate.zip(peg_debtor_id).map(|(exchange_rate, id)| Peg { exchange_rate, debtor_id: DebtorId::new(id) });
    Exchange { policy: Policy { name, min_principal, max_principal, peg }, latest_update_id, latest_update_ts }
}

statement! {
    struct Get { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM account_exchange AS x WHERE x.creditor_id = $1 AND x.debtor_id = $2")
}

/// The account's policy.
pub async fn get(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<Option<Exchange>> {
    let get = Get { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = get.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Lock { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt, peg: Option<i64> => Nullable<BigInt> }
    -> (row_type!(), Bool);
    concat!(
        "WITH k AS (SELECT $1::bigint AS creditor_id, $2::bigint AS debtor_id, $3::bigint AS peg) \
         SELECT ", columns!(), ", EXISTS ( \
             SELECT FROM account_exchange AS o, k \
             WHERE o.creditor_id = k.creditor_id AND o.debtor_id = k.peg) \
         FROM account_exchange AS x \
         WHERE x.creditor_id = (SELECT k.creditor_id FROM k) AND x.debtor_id = (SELECT k.debtor_id FROM k) \
         FOR NO KEY UPDATE OF x"
    )
}

/// Locks the account's row. Also tells whether the creditor has an account with the debtor `peg`.
///
/// That account may be deleted meanwhile: the commit then fails because of [`PEG_CONSTRAINT`].
pub async fn lock(tx: SharedTx<'_>, key: AccountKey, peg: Option<DebtorId>) -> Result<Option<(Exchange, bool)>> {
    let lock = Lock { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get(), peg: peg.map(DebtorId::get) };
    let rows: Vec<(Row, bool)> = lock.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().next().map(|(row, peg_exists)| (from_row(row), peg_exists)))
}

/// Declares a statement about a whole row, given column by column, the key last.
macro_rules! row_statement {
    ($name:ident, $text:expr) => {
        statement! {
            struct $name {
                policy: Option<String> => Nullable<Text>,
                min_principal: i64 => BigInt,
                max_principal: i64 => BigInt,
                peg_exchange_rate: Option<f64> => Nullable<Double>,
                peg_debtor_id: Option<i64> => Nullable<BigInt>,
                latest_update_id: i64 => BigInt,
                latest_update_ts: Timestamp => Timestamptz,
                creditor_id: i64 => BigInt,
                debtor_id: i64 => BigInt,
            }
            $text
        }

        impl $name {
            fn new(key: AccountKey, exchange: &Exchange) -> Self {
                let Policy { name, min_principal, max_principal, peg } = exchange.policy.clone();
                Self {
                    policy: name,
                    min_principal,
                    max_principal,
                    peg_exchange_rate: peg.map(|peg| peg.exchange_rate),
                    peg_debtor_id: peg.map(|peg| peg.debtor_id.get()),
                    latest_update_id: exchange.latest_update_id,
                    latest_update_ts: exchange.latest_update_ts,
                    creditor_id: key.creditor_id.get(),
                    debtor_id: key.debtor_id.get(),
                }
            }
        }
    };
}

row_statement! {
    Save,
    "UPDATE account_exchange SET policy = $1, min_principal = $2, max_principal = $3, peg_exchange_rate = $4, \
         peg_debtor_id = $5, latest_update_id = $6, latest_update_ts = $7 \
     WHERE creditor_id = $8 AND debtor_id = $9"
}

row_statement! {
    Insert,
    "INSERT INTO account_exchange \
         (policy, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, latest_update_id, latest_update_ts, \
          creditor_id, debtor_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
}

/// Inserts the row of a new account, whose row of `account` exists or is written together with it; with the commit.
pub(crate) fn insert(tx: &mut Tx, key: AccountKey, exchange: &Exchange) {
    tx.later(Insert::new(key, exchange));
}

/// Writes a row that the transaction has locked; with the commit.
pub fn save(tx: &mut Tx, key: AccountKey, exchange: &Exchange) {
    tx.later(Save::new(key, exchange));
}
