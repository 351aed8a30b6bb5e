//! Numbering pending log entries (processing §8): set-based, for many creditors in one transaction.
//!
//! The creditor rows are locked by one statement and everything else is read by later ones, so that what is read
//! includes whatever the previous holder of the lock has committed.
//!
//! # Design notes
//!
//! * The queue swings between empty and millions of rows, so what the server believes about it may be far from the truth.
//!   The statements leave the planner no choice that depends on it: creditor by creditor through the primary key, each up
//!   to a given entry, then by place (`ctid`).
//! * A piece of a long queue is found by its last entry, not by counting from the first one: what is read is what is taken.

use diesel_async::RunQueryDsl;

use crate::{
    error::{Error, Result},
    sql::statement,
    tx::{SharedTx, Tx},
    wake::Wake,
};

statement! {
    struct FindCandidates { from: i64 => BigInt, rows: i64 => BigInt }
    -> (BigInt, BigInt, BigInt);
    "SELECT creditor_id, max(pending_entry_id), count(*) FROM ( \
         SELECT creditor_id, pending_entry_id FROM pending_log_entry WHERE creditor_id >= $1 \
         ORDER BY creditor_id, pending_entry_id LIMIT $2 \
     ) AS p GROUP BY creditor_id ORDER BY creditor_id"
}

/// A creditor's pending entries up to one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Whose entries.
    pub creditor_id: i64,
    /// The last `pending_entry_id`.
    pub last: i64,
}

/// Pending entries to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// In ascending order of the creditors, each of whom has one.
    pub pieces: Vec<Piece>,
    /// As many entries were seen as were asked for: there may be more.
    pub is_full: bool,
}

/// The first `rows` pending entries of creditors with an id of at least `from`.
pub async fn candidates(tx: SharedTx<'_>, from: i64, rows: i64) -> Result<Candidates> {
    let found: Vec<(i64, i64, i64)> = FindCandidates { from, rows }.load(&mut tx.connection()).await?;
    let seen: i64 = found.iter().map(|(_, _, count)| count).sum();
    let pieces = found.into_iter().map(|(creditor_id, last, _)| Piece { creditor_id, last }).collect();
    Ok(Candidates { pieces, is_full: seen >= rows })
}

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt> }
    -> (BigInt, BigInt, BigInt);
    "SELECT creditor_id, last_log_entry_id, transfers_list_latest_update_id FROM creditor WHERE creditor_id = ANY($1) \
     ORDER BY creditor_id FOR NO KEY UPDATE SKIP LOCKED"
}

/// The head of a creditor's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose log.
    pub creditor_id: i64,
    /// Id of the newest entry.
    pub last_entry_id: i64,
    /// Update id of the list of transfers.
    pub transfers_list_update_id: i64,
}

/// Locks those of the creditors that exist and that nobody else has locked. Returns their heads, in ascending order.
pub async fn lock(tx: &mut Tx, creditor_ids: Vec<i64>) -> Result<Vec<Head>> {
    let locked: Vec<(i64, i64, i64)> = Lock { creditor_ids }.load(&mut **tx).await?;
    let head = |(creditor_id, last_entry_id, transfers_list_update_id)| Head {
        creditor_id,
        last_entry_id,
        transfers_list_update_id,
    };
    Ok(locked.into_iter().map(head).collect())
}

statement! {
    struct DropOrphans { creditor_ids: Vec<i64> => Array<BigInt>, last: Vec<i64> => Array<BigInt> }
    // First who does not exist, and only then any lock: the peer's function, at work on a creditor that exists, would pass
    // over an entry that is locked here, and give the numbers before it to later ones.
    "WITH absent AS MATERIALIZED ( \
         SELECT k.creditor_id, k.last FROM unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, last) \
         WHERE NOT EXISTS (SELECT FROM creditor AS c WHERE c.creditor_id = k.creditor_id) \
     ) DELETE FROM pending_log_entry WHERE ctid = ANY(ARRAY( \
         SELECT p.place FROM absent AS k CROSS JOIN LATERAL ( \
             SELECT q.ctid AS place FROM pending_log_entry AS q \
             WHERE q.creditor_id = k.creditor_id AND q.pending_entry_id <= k.last FOR UPDATE SKIP LOCKED \
         ) AS p \
     ))"
}

/// Deletes those of the entries whose creditors do not exist. Returns how many there were.
pub async fn drop_orphans(tx: &mut Tx, pieces: impl IntoIterator<Item = Piece>) -> Result<usize> {
    let (creditor_ids, last) = pieces.into_iter().map(|piece| (piece.creditor_id, piece.last)).unzip();
    Ok(DropOrphans { creditor_ids, last }.execute(&mut **tx).await?)
}

statement! {
    #[derive(Default)]
    struct Append {
        creditor_ids: Vec<i64> => Array<BigInt>,
        last: Vec<i64> => Array<BigInt>,
        last_entry_ids: Vec<i64> => Array<BigInt>,
        list_update_ids: Vec<i64> => Array<BigInt>,
    }
    -> (BigInt, BigInt, BigInt);
    // `lists`: how many TransfersList entries there are up to this entry. Each takes the number after its cause.
    "WITH placed AS MATERIALIZED ( \
         SELECT p.place, p.added_at, p.object_type, p.object_uri, p.object_update_id, p.is_deleted, p.data, \
             p.object_type_hint, p.debtor_id, p.creation_date, p.transfer_number, p.transfer_uuid, p.data_principal, \
             p.data_next_entry_id, p.data_finalized_at, p.data_error_code, p.creditor_id, p.changes_list, \
             k.last_entry_id + p.position + p.lists - (CASE WHEN p.changes_list THEN 1 ELSE 0 END) AS entry_id, \
             k.list_update_id + p.lists AS list_update_id \
         FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) \
             AS k(creditor_id, last, last_entry_id, list_update_id) \
         CROSS JOIN LATERAL ( \
             SELECT q.*, \
                 row_number() OVER entries AS position, \
                 count(*) FILTER (WHERE q.changes_list) OVER entries AS lists \
             FROM ( \
                 SELECT ctid AS place, *, \
                     ((object_type IS NULL AND object_type_hint = 1) OR object_type = 'Transfer') \
                     AND (is_deleted IS TRUE OR object_update_id IS NULL OR object_update_id = 1) AS changes_list \
                 FROM pending_log_entry AS e WHERE e.creditor_id = k.creditor_id AND e.pending_entry_id <= k.last \
             ) AS q \
             WINDOW entries AS (ORDER BY q.pending_entry_id ROWS UNBOUNDED PRECEDING) \
         ) AS p \
     ), removed AS ( \
         DELETE FROM pending_log_entry WHERE ctid = ANY(ARRAY(SELECT place FROM placed)) RETURNING 1 \
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
     ), totals AS MATERIALIZED ( \
         SELECT creditor_id, count(*) AS taken, count(*) FILTER (WHERE changes_list) AS lists, \
             max(entry_id + (CASE WHEN changes_list THEN 1 ELSE 0 END)) AS last_entry_id, \
             max(list_update_id) AS list_update_id, \
             (array_agg(added_at ORDER BY entry_id DESC) FILTER (WHERE changes_list))[1] AS list_update_ts \
         FROM placed GROUP BY creditor_id \
     ), advanced AS ( \
         UPDATE creditor AS c SET \
             last_log_entry_id = t.last_entry_id, \
             transfers_list_latest_update_id = t.list_update_id, \
             transfers_list_latest_update_ts = COALESCE(t.list_update_ts, c.transfers_list_latest_update_ts) \
         FROM totals AS t WHERE c.creditor_id = t.creditor_id \
     ) \
     SELECT coalesce(sum(taken), 0)::bigint, coalesce(sum(taken + lists), 0)::bigint, \
         (SELECT count(*) FROM removed) FROM totals"
}

/// Moves pending entries of creditors, whose rows the transaction has locked, to their logs.
///
/// Returns how many pending entries were moved, and how many log entries that made. An entry that is there already means
/// that a creditor's head is wrong. The pending entries need no locks of their own: nobody takes them without the creditor's.
pub async fn append(tx: &mut Tx, work: impl IntoIterator<Item = (Head, Piece)>) -> Result<(i64, i64)> {
    let mut append = Append::default();
    for (head, piece) in work {
        append.creditor_ids.push(head.creditor_id);
        append.last.push(piece.last);
        append.last_entry_ids.push(head.last_entry_id);
        append.list_update_ids.push(head.transfers_list_update_id);
    }
    tx.wake(Wake::LogGrew);
    let outcome = append.get_result(&mut **tx).await;
    let (taken, logged, removed): (i64, i64, i64) =
        outcome.map_err(|error| Error::from(error).or_inconsistent("log_entry_pkey", "creditor"))?;
    if removed != taken {
        let key = format!("{taken} rows of locked creditors were read, {removed} found again");
        return Err(Error::Inconsistent { table: "pending_log_entry", key });
    }
    Ok((taken, logged))
}
