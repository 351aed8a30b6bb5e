//! What the scanners do with what they have found (processing §13.2).
//!
//! Whoever reads a table is late: rows may have changed since, or be gone. So everything that can change is looked at
//! again under its lock; rows that somebody else holds are left to the next scan.

mod config_problems;
mod creditors;
mod ledgers;
mod repairs;

use persistence::{Result, Tx, scans::records::Records};

pub use config_problems::report_config_problems;
pub use creditors::delete_creditors;
pub use ledgers::correct_ledgers;
pub use repairs::request_repairs;

/// Deletes rows that never change. Returns how many were still there.
pub async fn delete_records<R: Records>(tx: &mut Tx, keys: &[R::Key]) -> Result<usize> {
    if keys.is_empty() { Ok(0) } else { R::delete(tx, keys).await }
}
