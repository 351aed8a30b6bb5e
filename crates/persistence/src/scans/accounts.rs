//! Accounts that need repair.

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp, account::Data, ledger::Account};

use super::{Range, Seen};
use crate::{
    account_data::{self, columns_of},
    error::Result,
    ledger,
    outbox::{RowId, Tid},
    sql::statement,
    tx::Tx,
};

/// From when on something is no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoffs {
    /// Ledgers that have changed since are not corrected.
    pub correction: Timestamp,
    /// Transfers committed since may still be on the way.
    pub transfer: Timestamp,
    /// Servers that have given a sign of life since are alive.
    pub heartbeat: Timestamp,
    /// Configurations made since may still become effectual.
    pub config: Timestamp,
}

/// What an account seems to suffer from. To be confirmed under its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symptoms {
    /// Its ledger knows all transfers, but not the principal.
    pub wrong_ledger: bool,
    /// Its ledger waits for a transfer that is overdue.
    pub overdue_transfer: bool,
    /// Its server has not confirmed the configuration, or is silent.
    pub config_problem: bool,
}

statement! {
    struct Read {
        correction: Timestamp => Timestamptz,
        transfer: Timestamp => Timestamptz,
        heartbeat: Timestamp => Timestamptz,
        config: Timestamp => Timestamptz,
        from: RowId => Tid,
        to: RowId => Tid,
        limit: i64 => BigInt,
    }
    -> (Tid, BigInt, BigInt, Bool, Bool, Bool);
    "SELECT ctid, creditor_id, debtor_id, \
         last_transfer_number = ledger_last_transfer_number AND principal <> ledger_principal \
             AND ledger_latest_update_ts < $1, \
         last_transfer_number > ledger_last_transfer_number \
             AND COALESCE(ledger_pending_transfer_ts, last_transfer_committed_at) < $2, \
         (NOT is_config_effectual OR (has_server_account AND last_heartbeat_ts < $3)) AND config_error IS NULL \
             AND last_config_ts < $4 \
     FROM account_data WHERE ctid >= $5 AND ctid < $6 LIMIT $7"
}

/// The first accounts of the range, at most `limit`.
///
/// The symptoms are those that `domain::ledger::correct`, `domain::ledger::needs_repair` and
/// `domain::account::report_config_problem` look for.
pub async fn read(
    conn: &mut AsyncPgConnection,
    Range { from, to }: Range,
    limit: i64,
    Cutoffs { correction, transfer, heartbeat, config }: Cutoffs,
) -> Result<Vec<Seen<(AccountKey, Symptoms)>>> {
    let statement = Read { correction, transfer, heartbeat, config, from, to, limit };
    let rows: Vec<(RowId, i64, i64, bool, bool, bool)> = statement.load(conn).await?;
    let seen = |(place, creditor_id, debtor_id, wrong_ledger, overdue_transfer, config_problem)| {
        let key = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
        Seen { place, row: (key, Symptoms { wrong_ledger, overdue_transfer, config_problem }) }
    };
    Ok(rows.into_iter().map(seen).collect())
}

macro_rules! lock_ledgers {
    ($name:ident, $lock:literal) => {
        statement! {
            struct $name { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
            -> ledger::row_type!();
            concat!(
                "SELECT ", ledger::columns!(), " FROM account_data AS d \
JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
ORDER BY d.creditor_id, d.debtor_id ", $lock
            )
        }
    };
}

lock_ledgers! { LockLedgers, "FOR NO KEY UPDATE OF d SKIP LOCKED" }
// As strong as what the foreign keys of new rows would take.
lock_ledgers! { KeepLedgers, "FOR KEY SHARE OF d SKIP LOCKED" }

/// Locks those of the accounts that nobody else holds. Accounts that do not exist are absent from the result, too.
pub async fn lock_ledgers(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Account>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<ledger::AccountRow> = LockLedgers { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(ledger::account_from).collect())
}

/// Keeps the accounts from being deleted, but not from being changed. Accounts that do not exist, or are being deleted,
/// are absent from the result.
pub async fn keep_ledgers(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Account>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<ledger::AccountRow> = KeepLedgers { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(ledger::account_from).collect())
}

statement! {
    struct LockData { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    -> account_data::row_type!();
    concat!(
        "SELECT ", account_data::columns!(), " FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d SKIP LOCKED"
    )
}

/// Locks the data of those of the accounts that nobody else holds. Accounts that do not exist are absent from the
/// result, too.
pub async fn lock_data(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Data>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<account_data::Row> = LockData { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(account_data::from_row).collect())
}
