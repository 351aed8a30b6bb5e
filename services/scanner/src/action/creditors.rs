//! Creditors that nobody uses, or that a split has left behind.

use std::sync::Arc;

use domain::{CreditorId, retention::CreditorRules};
use persistence::{Db, Result, scan::ScannedCreditor};
use procedures::scans;
use runtime::Clock;

use super::{Action, Effect, Mode};

/// Most creditors in one transaction: each takes its accounts and all that belongs to them along.
const AT_ONCE: usize = 50;

/// Deletes creditors.
pub(crate) struct Creditors {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: CreditorRules,
}

impl Action for Creditors {
    type Row = ScannedCreditor;

    const MODE: Mode = Mode::Rows;

    async fn act(&self, rows: &[ScannedCreditor]) -> Result<Effect> {
        let now = self.clock.now();
        let is_condemned = |row: &&ScannedCreditor| self.rules.condemn(row.creditor_id, &row.stage, now);
        let condemned: Vec<CreditorId> = rows.iter().filter(is_condemned).map(|row| row.creditor_id).collect();
        let mut effect = Effect::default();
        for group in condemned.chunks(AT_ONCE) {
            effect.deleted += self.collect(group).await?;
        }
        Ok(effect)
    }
}

impl Creditors {
    async fn collect(&self, creditor_ids: &[CreditorId]) -> Result<usize> {
        const NAME: &str = "scan_creditors";
        self.db
            .retrying(NAME, || async {
                let mut tx = self.db.begin(NAME).await?;
                let deleted = scans::creditors::collect(&mut tx, creditor_ids, &self.rules, self.clock.now()).await?;
                tx.commit().await?;
                Ok(deleted)
            })
            .await
    }
}
