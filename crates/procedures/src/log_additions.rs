//! Appending pending entries to the creditors' logs (processing §8).

use std::collections::HashSet;

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
    let rows = count(rows);
    let candidates = log_additions::candidates(tx, from, rows).await?;
    let Some(last) = candidates.creditor_ids.last() else { return Ok(Report::default()) };
    let next = candidates.is_full.then(|| last.checked_add(1).unwrap_or(i64::MIN));
    let mut report = Report { next, ..Report::default() };
    let locked = log_additions::lock(tx, candidates.creditor_ids.clone()).await?;
    if locked.len() < candidates.creditor_ids.len() {
        let mine: HashSet<i64> = locked.iter().copied().collect();
        let others: Vec<i64> = candidates.creditor_ids.into_iter().filter(|id| !mine.contains(id)).collect();
        report.busy = others.len();
        report.dropped = log_additions::drop_orphans(tx, others).await?;
    }
    if !locked.is_empty() {
        (report.taken, report.logged) = log_additions::append(tx, locked, rows).await?;
    }
    Ok(report)
}
