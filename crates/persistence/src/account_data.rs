//! Accounts' data: a row's four meanings, loaded and saved as one (database §4, `account_data`).

mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    account::{Config, Data, Info, Server},
    ledger::Head,
};

use crate::{
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
};

pub(crate) use write::insert;
pub use write::save;

type KeyRow = (i64, i64);
type ServerRow = (bool, NaiveDate, Timestamp, i32, i64, f64, i64, Timestamp, Timestamp);
type ConfigRow = (Timestamp, i32, f32, i32, String, bool, bool, Option<String>, i64, Timestamp);
type InfoRow = (f32, Timestamp, i32, String, Option<String>, Option<String>, Option<Vec<u8>>, i64, Timestamp);
type LedgerRow = (i64, i64, i64, Option<Timestamp>, i64, Timestamp);
pub(crate) type Row = (KeyRow, ServerRow, ConfigRow, InfoRow, LedgerRow);

/// The SQL types of `columns!`, grouped like [`Row`].
macro_rules! row_type {
    () => {
        (
            (BigInt, BigInt),
            (Bool, Date, Timestamptz, Integer, BigInt, Double, BigInt, Timestamptz, Timestamptz),
            (Timestamptz, Integer, Float, Integer, Text, Bool, Bool, Nullable<Text>, BigInt, Timestamptz),
            (Float, Timestamptz, Integer, Text, Nullable<Text>, Nullable<Text>, Nullable<Bytea>, BigInt, Timestamptz),
            (BigInt, BigInt, BigInt, Nullable<Timestamptz>, BigInt, Timestamptz),
        )
    };
}

/// The columns of [`Row`], of a table aliased `d`.
macro_rules! columns {
    () => {
        "d.creditor_id, d.debtor_id, d.has_server_account, d.creation_date, d.last_change_ts, \
         d.last_change_seqnum, d.principal, d.interest, d.last_transfer_number, d.last_transfer_committed_at, \
         d.last_heartbeat_ts, d.last_config_ts, d.last_config_seqnum, d.negligible_amount, d.config_flags, \
         d.config_data, d.is_config_effectual, d.allow_unsafe_deletion, d.config_error, \
         d.config_latest_update_id, d.config_latest_update_ts, d.interest_rate, d.last_interest_rate_change_ts, \
         d.transfer_note_max_bytes, d.account_id, d.debtor_info_iri, d.debtor_info_content_type, \
         d.debtor_info_sha256, d.info_latest_update_id, d.info_latest_update_ts, d.ledger_principal, \
         d.ledger_last_entry_id, d.ledger_last_transfer_number, d.ledger_pending_transfer_ts, \
         d.ledger_latest_update_id, d.ledger_latest_update_ts"
    };
}

pub(crate) use {columns, row_type};

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d"
    )
}

/// Locks the accounts' data in key order. Accounts that do not exist are absent from the result.
pub async fn lock(tx: SharedTx<'_>, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Data>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<Row> = Lock { creditor_ids, debtor_ids }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

statement! {
    struct LockUnlessBusy { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d SKIP LOCKED"
    )
}

/// Locks the accounts' data in key order. Those that somebody else holds, and those that do not exist, are absent from the result.
pub async fn lock_unless_busy(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Data>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<Row> = LockUnlessBusy { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// How strongly an account's data are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// FOR SHARE: nobody changes the data, and the ledger does not move.
    Share,
    /// FOR NO KEY UPDATE: we may change them.
    Update,
}

statement! {
    struct LockEach {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        for_update: Vec<bool> => Array<Bool>,
    }
    -> row_type!();
    // The keys are gone through in the order of the arrays: two statements, one for each strength, would not keep to one
    // order.
    concat!(
        "SELECT l.* FROM unnest($1::bigint[], $2::bigint[], $3::boolean[]) AS k(creditor_id, debtor_id, for_update) \
         CROSS JOIN LATERAL ( \
             SELECT * FROM ( \
                 SELECT ", columns!(), " FROM account_data AS d \
                 WHERE k.for_update AND d.creditor_id = k.creditor_id AND d.debtor_id = k.debtor_id \
                 FOR NO KEY UPDATE \
             ) AS u \
             UNION ALL \
             SELECT * FROM ( \
                 SELECT ", columns!(), " FROM account_data AS d \
                 WHERE NOT k.for_update AND d.creditor_id = k.creditor_id AND d.debtor_id = k.debtor_id \
                 FOR SHARE \
             ) AS s \
         ) AS l"
    )
}

/// Locks the accounts' data in key order, each as strongly as wanted. Accounts that do not exist are absent from the
/// result.
pub async fn lock_each(tx: SharedTx<'_>, wanted: BTreeMap<AccountKey, Strength>) -> Result<Vec<Data>> {
    let for_update = wanted.values().map(|strength| *strength == Strength::Update).collect();
    let (creditor_ids, debtor_ids) = columns_of(wanted.into_keys());
    let rows: Vec<Row> = LockEach { creditor_ids, debtor_ids, for_update }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

statement! {
    struct Get { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM account_data AS d WHERE d.creditor_id = $1 AND d.debtor_id = $2")
}

/// The account's data.
pub async fn get(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<Option<Data>> {
    let rows: Vec<Row> = Get { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() }.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

/// Splits keys into the two arrays that statements take.
pub(crate) fn columns_of(keys: impl IntoIterator<Item = AccountKey>) -> (Vec<i64>, Vec<i64>) {
    keys.into_iter().map(|key| (key.creditor_id.get(), key.debtor_id.get())).unzip()
}

pub(crate) fn from_row(((creditor_id, debtor_id), server, config, info, ledger): Row) -> Data {
    Data {
        key: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
        server: server_from(server),
        config: config_from(config),
        info: info_from(info),
        ledger: ledger_from(ledger),
    }
}

fn server_from(row: ServerRow) -> Server {
    let (
        has_server_account,
        creation_date,
        last_change_ts,
        last_change_seqnum,
        principal,
        interest,
        last_transfer_number,
        last_transfer_committed_at,
        last_heartbeat_ts,
    ) = row;
    Server {
        has_server_account,
        creation_date,
        last_change_ts,
        last_change_seqnum,
        principal,
        interest,
        last_transfer_number,
        last_transfer_committed_at,
        last_heartbeat_ts,
    }
}

fn config_from(row: ConfigRow) -> Config {
    let (
        last_config_ts,
        last_config_seqnum,
        negligible_amount,
        config_flags,
        config_data,
        is_config_effectual,
        allow_unsafe_deletion,
        config_error,
        latest_update_id,
        latest_update_ts,
    ) = row;
    Config {
        last_config_ts,
        last_config_seqnum,
        negligible_amount,
        config_flags,
        config_data,
        is_config_effectual,
        allow_unsafe_deletion,
        config_error,
        latest_update_id,
        latest_update_ts,
    }
}

fn info_from(row: InfoRow) -> Info {
    let (
        interest_rate,
        last_interest_rate_change_ts,
        transfer_note_max_bytes,
        account_id,
        debtor_info_iri,
        debtor_info_content_type,
        debtor_info_sha256,
        latest_update_id,
        latest_update_ts,
    ) = row;
    Info {
        interest_rate,
        last_interest_rate_change_ts,
        transfer_note_max_bytes,
        account_id,
        debtor_info_iri,
        debtor_info_content_type,
        debtor_info_sha256,
        latest_update_id,
        latest_update_ts,
    }
}

fn ledger_from(row: LedgerRow) -> Head {
    let (principal, last_entry_id, last_transfer_number, pending_transfer_ts, latest_update_id, latest_update_ts) = row;
    Head { principal, last_entry_id, last_transfer_number, pending_transfer_ts, latest_update_id, latest_update_ts }
}
