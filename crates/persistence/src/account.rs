//! Accounts as a whole: the row that says that they exist, and those of their parts (database §4, `account`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    account::{Data, Display, Exchange, FirstUpdateIds, Opened},
    usage::Counters,
};

use crate::{
    account_data, account_display, account_exchange,
    account_knowledge::{self, Notes},
    error::{Error, Result},
    sql::statement,
    tx::{SharedTx, Tx},
    usage_stats,
};

/// An account with all its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// When it was created.
    pub created_at: Timestamp,
    /// Update id of the Account object.
    pub latest_update_id: i64,
    /// When the Account object changed.
    pub latest_update_ts: Timestamp,
    /// Its server's view, configuration, information and ledger.
    pub data: Data,
    /// How it is shown.
    pub display: Display,
    /// Its exchange policy.
    pub exchange: Exchange,
    /// What the client has noted.
    pub notes: Notes,
}

type AccountRow = (Timestamp, i64, Timestamp);
type Row = (AccountRow, account_data::Row, account_display::Row, account_exchange::Row, account_knowledge::Row);

statement! {
    struct Get { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> (
        (Timestamptz, BigInt, Timestamptz),
        account_data::row_type!(),
        account_display::row_type!(),
        account_exchange::row_type!(),
        account_knowledge::row_type!(),
    );
    concat!(
        "SELECT a.created_at, a.latest_update_id, a.latest_update_ts, ",
        account_data::columns!(), ", ", account_display::columns!(), ", ", account_exchange::columns!(), ", ",
        account_knowledge::columns!(),
        " FROM account AS a \
         JOIN account_data AS d USING (creditor_id, debtor_id) \
         JOIN account_display AS s USING (creditor_id, debtor_id) \
         JOIN account_exchange AS x USING (creditor_id, debtor_id) \
         JOIN account_knowledge AS k USING (creditor_id, debtor_id) \
         WHERE a.creditor_id = $1 AND a.debtor_id = $2"
    )
}

/// The account with all its parts.
pub async fn get(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<Option<Account>> {
    let get = Get { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<Row> = get.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

fn from_row((account, data, display, exchange, notes): Row) -> Account {
    let (created_at, latest_update_id, latest_update_ts) = account;
    Account {
        created_at,
        latest_update_id,
        latest_update_ts,
        data: account_data::from_row(data),
        display: account_display::from_row(display),
        exchange: account_exchange::from_row(exchange),
        notes: account_knowledge::from_row(notes),
    }
}

statement! {
    struct Exists { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> (Bool,);
    "SELECT EXISTS (SELECT FROM account WHERE creditor_id = $1 AND debtor_id = $2)"
}

/// Whether the account exists.
pub async fn exists(conn: &mut AsyncPgConnection, key: AccountKey) -> Result<bool> {
    let exists = Exists { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let (exists,): (bool,) = exists.get_result(conn).await?;
    Ok(exists)
}

statement! {
    struct Page { creditor_id: i64 => BigInt, from: i64 => BigInt, limit: i64 => BigInt }
    -> (BigInt,);
    "SELECT debtor_id FROM account WHERE creditor_id = $1 AND debtor_id >= $2 ORDER BY debtor_id LIMIT $3"
}

/// Debtors of the creditor's accounts above `after`, in ascending signed order.
pub async fn list(
    conn: &mut AsyncPgConnection,
    creditor_id: CreditorId,
    after: Option<DebtorId>,
    limit: i64,
) -> Result<Vec<DebtorId>> {
    let Some(from) = after.map_or(Some(i64::MIN), |id| id.get().checked_add(1)) else { return Ok(Vec::new()) };
    let page = Page { creditor_id: creditor_id.get(), from, limit };
    let rows: Vec<(i64,)> = page.load(conn).await?;
    Ok(rows.into_iter().map(|(id,)| DebtorId::new(id)).collect())
}

/// What is known before an account is created.
#[derive(Clone, Copy, Debug)]
pub struct Prospect {
    /// What the creditor has done so far.
    pub usage: Counters,
    /// The account exists already.
    pub exists: bool,
    /// Fresh update ids for the parts of the account.
    pub update_ids: FirstUpdateIds,
}

statement! {
    struct Prepare { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt, ids: i64 => BigInt }
    -> (usage_stats::row_type!(), Bool, Array<BigInt>);
    concat!(
        "WITH k AS (SELECT $1::bigint AS creditor_id, $2::bigint AS debtor_id) \
         SELECT ", usage_stats::columns!(), ", \
             EXISTS (SELECT FROM account AS a WHERE a.creditor_id = k.creditor_id AND a.debtor_id = k.debtor_id), \
             ARRAY(SELECT nextval('object_update_id_seq') FROM generate_series(1, $3)) \
         FROM k LEFT JOIN usage_stats AS u ON u.creditor_id = k.creditor_id"
    )
}

/// Prepares the creation of an account; the transaction has locked the creditor.
pub async fn prepare(tx: SharedTx<'_>, key: AccountKey) -> Result<Prospect> {
    let prepare = Prepare { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get(), ids: 7 };
    let (usage, exists, ids): (usage_stats::Row, bool, Vec<i64>) = prepare.get_result(&mut tx.connection()).await?;
    let ids: [i64; 7] = ids.try_into().map_err(|ids: Vec<i64>| Error::Inconsistent {
        table: "object_update_id_seq",
        key: format!("{} values instead of 7", ids.len()),
    })?;
    Ok(Prospect { usage: usage_stats::from_row(usage), exists, update_ids: ids.into() })
}

statement! {
    struct Insert {
        creditor_id: i64 => BigInt,
        debtor_id: i64 => BigInt,
        update_id: i64 => BigInt,
        now: Timestamp => Timestamptz,
    }
    "INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_id, latest_update_ts) \
     SELECT a.creditor_id, a.debtor_id, a.now, a.update_id, a.now \
     FROM (SELECT $1::bigint, $2::bigint, $3::bigint, $4::timestamptz) AS a(creditor_id, debtor_id, update_id, now)"
}

/// Inserts a new account that has no peg, with all its parts; with the commit. Returns it.
pub fn insert(tx: &mut Tx, opened: &Opened, now: Timestamp) -> Account {
    let Opened { account_update_id, data, display, exchange, knowledge, .. } = opened;
    let notes = Notes { data: "{}".to_owned(), knowledge: *knowledge };
    let key = data.key;
    let (creditor_id, debtor_id) = (key.creditor_id.get(), key.debtor_id.get());
    tx.later(Insert { creditor_id, debtor_id, update_id: *account_update_id, now });
    account_data::insert(tx, data);
    account_display::insert(tx, key, display);
    account_exchange::insert(tx, key, exchange);
    account_knowledge::insert(tx, key, &notes);
    Account {
        created_at: now,
        latest_update_id: *account_update_id,
        latest_update_ts: now,
        data: data.clone(),
        display: display.clone(),
        exchange: exchange.clone(),
        notes,
    }
}

/// What decides whether an account may be deleted.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The account's data.
    pub data: Data,
    /// The holder's name for the debtor.
    pub debtor_name: Option<String>,
    /// Another account of the holder is pegged to it.
    pub is_pegged_to: bool,
    /// A fresh update id for the deletion.
    pub deletion_id: i64,
}

statement! {
    struct LockForDeletion { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    -> (account_data::row_type!(), Nullable<Text>, Bool, BigInt);
    // Deleting the account deletes its work item. Whoever brings ledgers forward locks first the one and then the other;
    // so do we: the condition is looked at before any account.
    concat!(
        "WITH k AS NOT MATERIALIZED (SELECT $1::bigint AS creditor_id, $2::bigint AS debtor_id), work AS MATERIALIZED ( \
             SELECT FROM pending_ledger_update AS p JOIN k USING (creditor_id, debtor_id) FOR UPDATE OF p \
         ) \
         SELECT ", account_data::columns!(), ", s.debtor_name, EXISTS ( \
             SELECT FROM account_exchange AS x \
             WHERE x.creditor_id = d.creditor_id AND x.peg_debtor_id = d.debtor_id AND x.debtor_id <> d.debtor_id), \
             nextval('object_update_id_seq') \
         FROM k JOIN account_data AS d USING (creditor_id, debtor_id) \
         JOIN account_display AS s USING (creditor_id, debtor_id) \
         WHERE (SELECT count(*) FROM work) >= 0 FOR NO KEY UPDATE OF d, s"
    )
}

/// Locks an account that is to be deleted, and draws the deletion's update id; the transaction has locked the creditor.
///
/// Another account may be pegged to it meanwhile: the commit then fails because of
/// [`account_exchange::PEG_CONSTRAINT`].
pub async fn lock_for_deletion(tx: SharedTx<'_>, key: AccountKey) -> Result<Option<Candidate>> {
    let lock = LockForDeletion { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() };
    let rows: Vec<(account_data::Row, Option<String>, bool, i64)> = lock.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().next().map(|(data, debtor_name, is_pegged_to, deletion_id)| Candidate {
        data: account_data::from_row(data),
        debtor_name,
        is_pegged_to,
        deletion_id,
    }))
}

statement! {
    struct Delete { creditor_id: i64 => BigInt, debtor_id: i64 => BigInt }
    "DELETE FROM account WHERE creditor_id = $1 AND debtor_id = $2"
}

/// Deletes an account with all its parts, with the commit. Its ledger entries and committed transfers stay.
pub fn delete(tx: &mut Tx, key: AccountKey) {
    tx.later(Delete { creditor_id: key.creditor_id.get(), debtor_id: key.debtor_id.get() });
}
