//! Appending pending entries to the creditors' logs (processing §8).

use persistence::{Result, Tx, log_additions};

use crate::count::count;

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

/// Takes up to `rows` pending entries of creditors with an id of at least `from` and appends them to the logs, all in
/// the given transaction. Creditors whose rows are locked by somebody else are passed over.
pub async fn run(tx: &mut Tx, from: i64, rows: usize) -> Result<Report> {
    let candidates = log_additions::candidates(tx, from, count(rows)).await?;
    let Some(last) = candidates.pieces.last() else { return Ok(Report::default()) };
    let next = candidates.is_full.then(|| last.creditor_id.checked_add(1).unwrap_or(i64::MIN));
    let mut report = Report { next, ..Report::default() };
    let creditor_ids = candidates.pieces.iter().map(|piece| piece.creditor_id).collect();
    let mut locked = log_additions::lock(tx, creditor_ids).await?.into_iter().peekable();
    let (mut mine, mut others) = (Vec::with_capacity(locked.len()), Vec::new());
    // Both are in ascending order.
    for piece in candidates.pieces {
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
