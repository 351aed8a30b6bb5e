//! What is done about the rows that were read.

mod accounts;
mod creditors;
mod records;

use std::ops::AddAssign;

use persistence::{Result, scan::Row};

pub(crate) use accounts::Accounts;
pub(crate) use creditors::Creditors;
pub(crate) use records::Records;

/// How a table is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// In groups of rows.
    Rows,
    /// Page by page, so that whole pages become empty.
    Pages,
}

/// The scanner of one table.
pub(crate) trait Action: Send + Sync + 'static {
    /// What it reads.
    type Row: Row;

    /// How it wants it.
    const MODE: Mode;

    /// Does what there is to do about these rows, in transactions of its own. Doing it again is harmless.
    fn act(&self, rows: &[Self::Row]) -> impl Future<Output = Result<Effect>> + Send;
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Rows deleted, without those that went with them.
    pub(crate) deleted: usize,
    /// Ledgers corrected.
    pub(crate) corrected: usize,
    /// Ledger updates scheduled.
    pub(crate) scheduled: usize,
    /// Accounts reported for a configuration that nobody has confirmed.
    pub(crate) reported: usize,
}

impl AddAssign for Effect {
    fn add_assign(&mut self, more: Self) {
        self.deleted += more.deleted;
        self.corrected += more.corrected;
        self.scheduled += more.scheduled;
        self.reported += more.reported;
    }
}
