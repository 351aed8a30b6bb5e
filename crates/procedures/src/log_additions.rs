//! Appending pending entries to the creditors' logs (processing §8).

use persistence::{
    Result, SharedTx, Tx,
    log_additions::{self, Candidates, Piece},
};

use crate::count::count;

/// Pending entries to be appended: those of some creditors, each up to one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pieces: Vec<Piece>,
    is_full: bool,
}

impl Batch {
    /// The creditor with the greatest id; `None` if nothing is waiting.
    pub fn last(&self) -> Option<i64> {
        self.pieces.last().map(|piece| piece.creditor_id)
    }

    /// Whether more may be waiting after these.
    pub fn is_full(&self) -> bool {
        self.is_full
    }
}

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Pending entries taken.
    pub taken: i64,
    /// Log entries made.
    pub logged: i64,
    /// Pending entries of creditors that do not exist, dropped.
    pub dropped: usize,
    /// Creditors whose rows somebody else has locked, left for later.
    pub busy: usize,
    /// More entries are waiting: where the next run should start, so that all creditors get their turn.
    pub next: Option<i64>,
}

/// Finds up to `rows` pending entries, in the order of their creditors, whose ids are at least `from`.
pub async fn find(tx: SharedTx<'_>, from: i64, rows: usize) -> Result<Batch> {
    let Candidates { pieces, is_full } = log_additions::candidates(tx, from, count(rows)).await?;
    Ok(Batch { pieces, is_full })
}

/// Finds up to `rows` pending entries of the first creditor whose id is at least `from`.
pub async fn find_one(tx: SharedTx<'_>, from: i64, rows: usize) -> Result<Batch> {
    let mut batch = find(tx, from, rows).await?;
    if batch.pieces.len() > 1 {
        batch.is_full = true;
        batch.pieces.truncate(1);
    }
    Ok(batch)
}

/// Appends the entries to the logs, all in the given transaction. Creditors whose rows are locked by somebody else are
/// passed over.
pub async fn append(tx: &mut Tx, batch: Batch) -> Result<Report> {
    let Some(last) = batch.last() else { return Ok(Report::default()) };
    let next = batch.is_full.then(|| last.checked_add(1).unwrap_or(i64::MIN));
    let mut report = Report { next, ..Report::default() };
    let creditor_ids = batch.pieces.iter().map(|piece| piece.creditor_id).collect();
    let mut locked = log_additions::lock(tx, creditor_ids).await?.into_iter().peekable();
    let (mut mine, mut others) = (Vec::with_capacity(locked.len()), Vec::new());
    // Both are in ascending order.
    for piece in batch.pieces {
        match locked.next_if(|head| head.creditor_id == piece.creditor_id) {
            Some(head) => mine.push((head, piece)),
            None => others.push(piece),
        }
    }
    if !others.is_empty() {
        report.busy = others.len();
        report.dropped = log_additions::drop_orphans(tx, others).await?;
    }
    if !mine.is_empty() {
        (report.taken, report.logged) = log_additions::append(tx, mine).await?;
    }
    Ok(report)
}

/// Finds up to `rows` pending entries of creditors with an id of at least `from`, and appends them to the logs.
pub async fn run(tx: &mut Tx, from: i64, rows: usize) -> Result<Report> {
    let batch = find(tx.share(), from, rows).await?;
    append(tx, batch).await
}
