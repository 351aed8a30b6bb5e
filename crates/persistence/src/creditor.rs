//! Creditors: reserved, active, deactivated (database §4, `creditor`; processing §12).

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    CreditorId, Timestamp,
    creditor::{AccountsHead, StatusFlags},
    pin::Status,
    retention::Stage,
};

use crate::{
    error::Result,
    pin_info,
    sql::statement,
    tx::{SharedTx, Tx},
};

/// A row of `creditor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creditor {
    /// The creditor.
    pub creditor_id: CreditorId,
    /// Activated? Deactivated?
    pub status: StatusFlags,
    /// When the id was reserved.
    pub created_at: Timestamp,
    /// The number that activation must repeat.
    pub reservation_id: Option<i64>,
    /// Id of the newest log entry; 0 for none.
    pub last_log_entry_id: i64,
    /// Update id of the Creditor object.
    pub latest_update_id: i64,
    /// When the Creditor object changed.
    pub latest_update_ts: Timestamp,
    /// The accounts list, and the largest ledger entry id of deleted accounts.
    pub accounts: AccountsHead,
    /// Update id of the TransfersList object.
    pub transfers_list_latest_update_id: i64,
    /// When the TransfersList object changed.
    pub transfers_list_latest_update_ts: Timestamp,
}

type Row = (i64, i16, Timestamp, Option<i64>, i64, i64, Timestamp, i64, Timestamp, i64, Timestamp, i64);

/// The SQL types of `columns!`.
macro_rules! row_type {
    () => {
        (
            BigInt,
            SmallInt,
            Timestamptz,
            Nullable<BigInt>,
            BigInt,
            BigInt,
            Timestamptz,
            BigInt,
            Timestamptz,
            BigInt,
            Timestamptz,
            BigInt,
        )
    };
}

/// The columns of [`Row`].
macro_rules! columns {
    () => {
        "creditor_id, status_flags, created_at, reservation_id, last_log_entry_id, creditor_latest_update_id, \
         creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts, \
         transfers_list_latest_update_id, transfers_list_latest_update_ts, largest_historic_ledger_entry_id"
    };
}

fn from_row(row: Row) -> Creditor {
    let (creditor_id, status, created_at, reservation_id, last_log_entry_id, id, ts, list_id, list_ts, ..) = row;
    let (.., transfers_list_latest_update_id, transfers_list_latest_update_ts, largest_historic_ledger_entry_id) = row;
    Creditor {
        creditor_id: CreditorId::new(creditor_id),
        status: StatusFlags::from_bits(status),
        created_at,
        reservation_id,
        last_log_entry_id,
        latest_update_id: id,
        latest_update_ts: ts,
        accounts: AccountsHead { list_update_id: list_id, list_update_ts: list_ts, largest_historic_ledger_entry_id },
        transfers_list_latest_update_id,
        transfers_list_latest_update_ts,
    }
}

statement! {
    struct Get { creditor_id: i64 => BigInt }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM creditor WHERE creditor_id = $1")
}

/// The creditor, whatever its status.
pub async fn get(conn: &mut AsyncPgConnection, creditor_id: CreditorId) -> Result<Option<Creditor>> {
    let rows: Vec<Row> = Get { creditor_id: creditor_id.get() }.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct NewestLogEntries { creditor_ids: Vec<i64> => Array<BigInt> }
    -> (BigInt, BigInt);
    "SELECT creditor_id, last_log_entry_id FROM creditor WHERE creditor_id = ANY($1)"
}

/// Ids of the newest log entries of those of the creditors that exist.
pub async fn newest_log_entries(
    conn: &mut AsyncPgConnection,
    creditor_ids: &[CreditorId],
) -> Result<Vec<(CreditorId, i64)>> {
    let creditor_ids = creditor_ids.iter().map(|id| id.get()).collect();
    let rows: Vec<(i64, i64)> = NewestLogEntries { creditor_ids }.load(conn).await?;
    Ok(rows.into_iter().map(|(creditor_id, entry_id)| (CreditorId::new(creditor_id), entry_id)).collect())
}

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM creditor WHERE creditor_id = ANY($1) ORDER BY creditor_id FOR NO KEY UPDATE"
    )
}

/// Locks creditors in key order. Those that do not exist are absent from the result.
pub async fn lock(tx: SharedTx<'_>, creditor_ids: impl IntoIterator<Item = CreditorId>) -> Result<Vec<Creditor>> {
    let creditor_ids = creditor_ids.into_iter().map(CreditorId::get).collect();
    let rows: Vec<Row> = Lock { creditor_ids }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

statement! {
    struct GetWallet { creditor_id: i64 => BigInt }
    -> (row_type!(), Nullable<SmallInt>);
    concat!(
        "SELECT ", columns!(), ", (SELECT i.status FROM pin_info AS i WHERE i.creditor_id = c.creditor_id) \
         FROM creditor AS c WHERE c.creditor_id = $1"
    )
}

/// The creditor, whatever its status, and whether its operations ask for a PIN. Only active creditors have a PIN.
pub async fn get_with_pin_status(
    conn: &mut AsyncPgConnection,
    creditor_id: CreditorId,
) -> Result<Option<(Creditor, Option<Status>)>> {
    let rows: Vec<(Row, Option<i16>)> = GetWallet { creditor_id: creditor_id.get() }.load(conn).await?;
    let Some((row, pin)) = rows.into_iter().next() else { return Ok(None) };
    let pin = pin.map(|code| pin_info::status_from(creditor_id, code)).transpose()?;
    Ok(Some((from_row(row), pin)))
}

statement! {
    struct SaveAccounts {
        list_update_id: i64 => BigInt,
        list_update_ts: Timestamp => Timestamptz,
        largest_historic_ledger_entry_id: i64 => BigInt,
        last_log_entry_id: i64 => BigInt,
        creditor_id: i64 => BigInt,
    }
    "UPDATE creditor SET accounts_list_latest_update_id = $1, accounts_list_latest_update_ts = $2, \
         largest_historic_ledger_entry_id = $3, last_log_entry_id = $4 \
     WHERE creditor_id = $5"
}

/// Writes what changes with the accounts of a creditor that the transaction has locked, and the end of its log; with the
/// commit.
pub fn save_accounts(tx: &mut Tx, creditor_id: CreditorId, accounts: AccountsHead, last_log_entry_id: i64) {
    tx.later(SaveAccounts {
        list_update_id: accounts.list_update_id,
        list_update_ts: accounts.list_update_ts,
        largest_historic_ledger_entry_id: accounts.largest_historic_ledger_entry_id,
        last_log_entry_id,
        creditor_id: creditor_id.get(),
    });
}

statement! {
    struct Insert { creditor_id: i64 => BigInt, now: Timestamp => Timestamptz }
    -> row_type!();
    // A former creditor of that id may have left log entries: the next entry leaves a gap of one (processing §12).
    concat!(
        "WITH a AS (SELECT $1::bigint AS creditor_id, $2::timestamptz AS now) \
         INSERT INTO creditor \
             (creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id, \
              creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts, \
              transfers_list_latest_update_id, transfers_list_latest_update_ts) \
         SELECT a.creditor_id, 0, a.now, \
             COALESCE((SELECT max(l.entry_id) + 1 FROM log_entry AS l WHERE l.creditor_id = a.creditor_id), 0), \
             1, a.now, 1, a.now, 1, a.now FROM a \
         ON CONFLICT (creditor_id) DO NOTHING RETURNING ",
        columns!()
    )
}

/// Inserts a reserved creditor. `None`: there is a creditor with that id.
pub async fn insert(tx: &mut Tx, creditor_id: CreditorId, now: Timestamp) -> Result<Option<Creditor>> {
    let rows: Vec<Row> = Insert { creditor_id: creditor_id.get(), now }.load(&mut **tx).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Activate {
        creditor_ids: Vec<i64> => Array<BigInt>,
        statuses: Vec<i16> => Array<SmallInt>,
        now: Timestamp => Timestamptz,
    }
    "WITH activated AS ( \
         UPDATE creditor AS c SET status_flags = n.status FROM unnest($1::bigint[], $2::smallint[]) AS n(id, status) \
         WHERE c.creditor_id = n.id RETURNING c.creditor_id \
     ), a AS (SELECT $3::timestamptz AS now) \
     INSERT INTO pin_info \
         (creditor_id, status, cfa, afa, afa_last_reset_ts, pin_length, latest_update_id, latest_update_ts) \
     SELECT activated.creditor_id, 0, 0, 0, a.now, 0, 1, a.now FROM activated, a"
}

/// Sets the status of creditors that are being activated and that the transaction has locked, and creates their PINs.
pub async fn activate(
    tx: &mut Tx,
    creditors: impl IntoIterator<Item = (CreditorId, StatusFlags)>,
    now: Timestamp,
) -> Result<()> {
    let (creditor_ids, statuses): (Vec<_>, Vec<_>) =
        creditors.into_iter().map(|(id, status)| (id.get(), status.bits())).unzip();
    if !creditor_ids.is_empty() {
        Activate { creditor_ids, statuses, now }.execute(&mut **tx).await?;
    }
    Ok(())
}

statement! {
    struct Deactivate { creditor_id: i64 => BigInt, status: i16 => SmallInt, date: NaiveDate => Date }
    "WITH d AS (SELECT $1::bigint AS creditor_id, $2::smallint AS status, $3::date AS day), pins AS ( \
         DELETE FROM pin_info USING d WHERE pin_info.creditor_id = d.creditor_id \
     ), transfers AS ( \
         DELETE FROM running_transfer USING d WHERE running_transfer.creditor_id = d.creditor_id \
     ), accounts AS ( \
         DELETE FROM account USING d WHERE account.creditor_id = d.creditor_id \
     ) \
     UPDATE creditor AS c SET status_flags = d.status, deactivation_date = d.day FROM d \
     WHERE c.creditor_id = d.creditor_id"
}

/// Deactivates a creditor that the transaction has locked, with its accounts (see [`lock_accounts`]): removes its PIN,
/// accounts and running transfers.
pub async fn deactivate(tx: &mut Tx, creditor_id: CreditorId, status: StatusFlags, date: NaiveDate) -> Result<()> {
    Deactivate { creditor_id: creditor_id.get(), status: status.bits(), date }.execute(&mut **tx).await?;
    Ok(())
}

statement! {
    struct LockAccounts { creditor_id: i64 => BigInt }
    -> (BigInt,);
    // Work items are locked before accounts, as whoever brings ledgers forward does; see `account::lock_for_deletion`.
    "WITH k AS NOT MATERIALIZED (SELECT $1::bigint AS creditor_id), work AS MATERIALIZED ( \
         SELECT FROM pending_ledger_update AS p JOIN k USING (creditor_id) ORDER BY p.debtor_id FOR UPDATE OF p \
     ) \
     SELECT a.debtor_id FROM account AS a JOIN k USING (creditor_id) \
     WHERE (SELECT count(*) FROM work) >= 0 ORDER BY a.debtor_id FOR UPDATE OF a"
}

/// Locks all accounts of the creditor FOR UPDATE. Returns their debtors' ids.
pub async fn lock_accounts(tx: &mut Tx, creditor_id: CreditorId) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = LockAccounts { creditor_id: creditor_id.get() }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(|(debtor_id,)| debtor_id).collect())
}

statement! {
    struct Active { from: i64 => BigInt, limit: i64 => BigInt }
    -> (BigInt,);
    "SELECT creditor_id FROM creditor WHERE creditor_id >= $1 AND status_flags & 3 = 1 ORDER BY creditor_id LIMIT $2"
}

/// Ids of active creditors from `from` on, in ascending signed order.
pub async fn list_active(conn: &mut AsyncPgConnection, from: CreditorId, limit: i64) -> Result<Vec<CreditorId>> {
    let rows: Vec<(i64,)> = Active { from: from.get(), limit }.load(conn).await?;
    Ok(rows.into_iter().map(|(id,)| CreditorId::new(id)).collect())
}

statement! {
    struct LockUnlessBusy { creditor_ids: Vec<i64> => Array<BigInt> }
    -> (BigInt, SmallInt, Timestamptz, Nullable<Date>);
    "SELECT creditor_id, status_flags, created_at, deactivation_date FROM creditor WHERE creditor_id = ANY($1) \
     ORDER BY creditor_id FOR UPDATE SKIP LOCKED"
}

/// Locks creditors FOR UPDATE, and tells how far they are in their lives. Those that somebody else holds, and those that
/// do not exist, are absent from the result.
pub async fn lock_unless_busy(
    tx: &mut Tx,
    creditor_ids: impl IntoIterator<Item = CreditorId>,
) -> Result<Vec<(CreditorId, Stage)>> {
    let creditor_ids = creditor_ids.into_iter().map(CreditorId::get).collect();
    let rows: Vec<(i64, i16, Timestamp, Option<NaiveDate>)> = LockUnlessBusy { creditor_ids }.load(&mut **tx).await?;
    Ok(rows
        .into_iter()
        .map(|(creditor_id, status, created_at, deactivation_date)| {
            let status = StatusFlags::from_bits(status);
            (CreditorId::new(creditor_id), Stage { status, created_at, deactivation_date })
        })
        .collect())
}

statement! {
    struct Delete { creditor_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM creditor WHERE creditor_id = ANY($1)"
}

/// Deletes creditors that the transaction has locked, and with them all that belongs to them but their logs, ledger
/// entries and committed transfers. Tells how many they were.
pub async fn delete(tx: &mut Tx, creditor_ids: impl IntoIterator<Item = CreditorId>) -> Result<usize> {
    let creditor_ids: Vec<i64> = creditor_ids.into_iter().map(CreditorId::get).collect();
    if creditor_ids.is_empty() {
        return Ok(0);
    }
    Ok(Delete { creditor_ids }.execute(&mut **tx).await?)
}
