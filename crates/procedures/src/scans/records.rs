//! Log entries, ledger entries and committed transfers that need not stay.

use domain::{Timestamp, retention::RecordRules};
use persistence::{Result, Tx, scan::Record};

/// Which records of a page are to be deleted now.
pub fn select<'a, R: Record>(page: &'a [R], rules: &RecordRules, now: Timestamp) -> Vec<&'a R> {
    rules.select(page, |record| (record.creditor_id(), record.since()), now)
}

/// Deletes selected records. Tells how many were still there.
///
/// They are not looked at again: nobody changes them.
pub async fn collect<R: Record>(tx: &mut Tx, selected: &[&R]) -> Result<usize> {
    R::delete(tx, selected).await
}
