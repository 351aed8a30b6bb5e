//! Log entries, ledger entries and committed transfers that need not stay.

use std::{marker::PhantomData, sync::Arc};

use domain::retention::RecordRules;
use persistence::{Db, Result, scan::Record};
use procedures::scans;
use runtime::Clock;

use super::{Action, Effect, Mode};

/// Deletes records, page by page.
pub(crate) struct Records<R> {
    db: Db,
    clock: Arc<dyn Clock>,
    rules: RecordRules,
    /// The name of its transactions.
    name: &'static str,
    rows: PhantomData<fn(R)>,
}

impl<R> Records<R> {
    pub(crate) const fn new(name: &'static str, db: Db, clock: Arc<dyn Clock>, rules: RecordRules) -> Self {
        Self { db, clock, rules, name, rows: PhantomData }
    }
}

impl<R: Record> Action for Records<R> {
    type Row = R;

    const MODE: Mode = Mode::Pages;

    async fn act(&self, page: &[R]) -> Result<Effect> {
        let selected = scans::records::select(page, &self.rules, self.clock.now());
        if selected.is_empty() {
            return Ok(Effect::default());
        }
        let deleted = self
            .db
            .retrying(self.name, || async {
                let mut tx = self.db.begin_expendable(self.name).await?;
                let deleted = scans::records::collect(&mut tx, &selected).await?;
                tx.commit().await?;
                Ok::<_, persistence::Error>(deleted)
            })
            .await?;
        Ok(Effect { deleted, ..Effect::default() })
    }
}
