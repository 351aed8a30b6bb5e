//! Numbering pending log entries (processing §8): set-based, for many creditors in one transaction.
//!
//! The creditor rows are locked by one statement and everything else is read by later ones, so that what is read
//! includes whatever the previous holder of the lock has committed.

use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{error::Result, sql::statement, tx::Tx};

statement! {
    struct FindCandidates { from: i64 => BigInt, rows: i64 => BigInt }
    -> (BigInt, BigInt);
    "SELECT creditor_id, count(*) FROM ( \
         SELECT creditor_id FROM pending_log_entry WHERE creditor_id >= $1 \
         ORDER BY creditor_id, pending_entry_id LIMIT $2 \
     ) AS p GROUP BY creditor_id ORDER BY creditor_id"
}

/// Creditors with pending entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// Their ids, ascending.
    pub creditor_ids: Vec<i64>,
    /// As many entries were seen as were asked for: there may be more.
    pub is_full: bool,
}

/// The creditors that own the first `rows` pending entries of creditors with an id of at least `from`.
pub async fn candidates(conn: &mut AsyncPgConnection, from: i64, rows: i64) -> Result<Candidates> {
    let found: Vec<(i64, i64)> = FindCandidates { from, rows }.load(conn).await?;
    let seen: i64 = found.iter().map(|(_, count)| count).sum();
    Ok(Candidates { creditor_ids: found.into_iter().map(|(id, _)| id).collect(), is_full: seen >= rows })
}

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt> }
    -> (BigInt,);
    "SELECT creditor_id FROM creditor WHERE creditor_id = ANY($1) \
     ORDER BY creditor_id FOR NO KEY UPDATE SKIP LOCKED"
}

/// Locks those of the creditors that exist and that nobody else has locked. Returns them, ascending.
pub async fn lock(tx: &mut Tx, creditor_ids: Vec<i64>) -> Result<Vec<i64>> {
    let locked: Vec<(i64,)> = Lock { creditor_ids }.load(&mut **tx).await?;
    Ok(locked.into_iter().map(|(id,)| id).collect())
}

statement! {
    struct DropOrphans { creditor_ids: Vec<i64> => Array<BigInt> }
    "DELETE FROM pending_log_entry AS p USING ( \
         SELECT creditor_id, pending_entry_id FROM pending_log_entry AS o \
         WHERE creditor_id = ANY($1) AND NOT EXISTS (SELECT FROM creditor AS c WHERE c.creditor_id = o.creditor_id) \
         FOR UPDATE SKIP LOCKED \
     ) AS o WHERE p.creditor_id = o.creditor_id AND p.pending_entry_id = o.pending_entry_id"
}

/// Deletes pending entries of those of the creditors that do not exist. Returns how many there were.
pub async fn drop_orphans(tx: &mut Tx, creditor_ids: Vec<i64>) -> Result<usize> {
    Ok(DropOrphans { creditor_ids }.execute(&mut **tx).await?)
}

statement! {
    struct Append { creditor_ids: Vec<i64> => Array<BigInt>, rows: i64 => BigInt }
    -> (BigInt, BigInt);
    // `lists`: how many TransfersList entries precede this entry. Each takes the number after its cause.
    "WITH taken AS MATERIALIZED ( \
         SELECT creditor_id, pending_entry_id FROM pending_log_entry WHERE creditor_id = ANY($1) \
         ORDER BY creditor_id, pending_entry_id LIMIT $2 FOR UPDATE SKIP LOCKED \
     ), removed AS ( \
         DELETE FROM pending_log_entry AS p USING taken AS t \
         WHERE p.creditor_id = t.creditor_id AND p.pending_entry_id = t.pending_entry_id RETURNING p.* \
     ), judged AS ( \
         SELECT r.*, \
             ((r.object_type IS NULL AND r.object_type_hint = 1) OR r.object_type = 'Transfer') \
             AND (r.is_deleted IS TRUE OR r.object_update_id IS NULL OR r.object_update_id = 1) AS changes_list \
         FROM removed AS r \
     ), numbered AS ( \
         SELECT j.*, \
             row_number() OVER entries AS position, \
             count(*) FILTER (WHERE j.changes_list) OVER entries AS lists \
         FROM judged AS j \
         WINDOW entries AS (PARTITION BY j.creditor_id ORDER BY j.pending_entry_id ROWS UNBOUNDED PRECEDING) \
     ), placed AS ( \
         SELECT n.*, \
             c.last_log_entry_id + n.position + n.lists - (CASE WHEN n.changes_list THEN 1 ELSE 0 END) AS entry_id, \
             c.transfers_list_latest_update_id + n.lists AS list_update_id \
         FROM numbered AS n JOIN creditor AS c USING (creditor_id) \
     ), inserted AS ( \
         INSERT INTO log_entry \
             (added_at, object_type, object_uri, object_update_id, is_deleted, data, object_type_hint, debtor_id, \
              creation_date, transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, \
              data_error_code, creditor_id, entry_id) \
         SELECT added_at, object_type, object_uri, object_update_id, is_deleted, data, object_type_hint, debtor_id, \
                creation_date, transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, \
                data_error_code, creditor_id, entry_id \
         FROM placed \
         UNION ALL \
         SELECT added_at, NULL, NULL, list_update_id, NULL, NULL, 2::smallint, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
                NULL, creditor_id, entry_id + 1 \
         FROM placed WHERE changes_list \
         RETURNING 1 \
     ), totals AS ( \
         SELECT creditor_id, max(entry_id + (CASE WHEN changes_list THEN 1 ELSE 0 END)) AS last_entry_id, \
             max(lists) AS lists, max(pending_entry_id) FILTER (WHERE changes_list) AS last_list_change \
         FROM placed GROUP BY creditor_id \
     ), advanced AS ( \
         UPDATE creditor AS c SET \
             last_log_entry_id = t.last_entry_id, \
             transfers_list_latest_update_id = c.transfers_list_latest_update_id + t.lists, \
             transfers_list_latest_update_ts = COALESCE(p.added_at, c.transfers_list_latest_update_ts) \
         FROM totals AS t \
         LEFT JOIN placed AS p ON p.creditor_id = t.creditor_id AND p.pending_entry_id = t.last_list_change \
         WHERE c.creditor_id = t.creditor_id RETURNING 1 \
     ) \
     SELECT (SELECT count(*) FROM removed), (SELECT count(*) FROM inserted)"
}

/// Moves up to `rows` pending entries of the creditors, whose rows the transaction has locked, to their logs.
///
/// Returns how many pending entries were moved, and how many log entries that made.
pub async fn append(tx: &mut Tx, creditor_ids: Vec<i64>, rows: i64) -> Result<(i64, i64)> {
    Ok(Append { creditor_ids, rows }.get_result(&mut **tx).await?)
}
