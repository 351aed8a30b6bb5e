//! Accounts with which something is wrong.

use std::sync::Arc;

use domain::{
    AccountKey,
    account::{Ailments, Checkup},
    sharding::Shard,
};
use persistence::{Db, Error, Result, scan::ScannedAccount};
use procedures::scans;
use runtime::Clock;

use super::{Action, Effect, Mode};

const CORRECTIONS: &str = "scan_accounts_ledgers";
const REPAIRS: &str = "scan_accounts_repairs";
const REPORTS: &str = "scan_accounts_configs";

/// Corrects ledgers, has others brought forward, and tells of configurations that nobody has confirmed.
///
/// What a split has left behind is left alone; it goes with its creditor.
pub(crate) struct Accounts {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) shard: Shard,
    pub(crate) checkup: Checkup,
}

impl Action for Accounts {
    type Row = ScannedAccount;

    const MODE: Mode = Mode::Rows;

    async fn act(&self, rows: &[ScannedAccount]) -> Result<Effect> {
        let now = self.clock.now();
        let ours = rows.iter().map(|row| &row.vitals).filter(|vitals| self.shard.is_valid(vitals.key.creditor_id));
        let examined: Vec<_> = ours.map(|vitals| (vitals.key, self.checkup.examine(vitals, now))).collect();
        let with = |ailment: fn(&Ailments) -> bool| -> Vec<AccountKey> {
            examined.iter().filter(|(_, ailments)| ailment(ailments)).map(|(key, _)| *key).collect()
        };
        Ok(Effect {
            corrected: self.correct(&with(|ailments| ailments.ledger_is_wrong)).await?,
            scheduled: self.schedule(&with(|ailments| ailments.ledger_waits)).await?,
            reported: self.report(&with(|ailments| ailments.contact_is_lost)).await?,
            deleted: 0,
        })
    }
}

impl Accounts {
    async fn correct(&self, keys: &[AccountKey]) -> Result<usize> {
        if keys.is_empty() {
            return Ok(0);
        }
        let correct = || async {
            let mut tx = self.db.begin(CORRECTIONS).await?;
            let corrected = scans::accounts::correct_ledgers(&mut tx, keys, self.clock.now()).await?;
            tx.commit().await?;
            Ok::<_, Error>(corrected)
        };
        self.db.retrying(CORRECTIONS, correct).await
    }

    async fn schedule(&self, keys: &[AccountKey]) -> Result<usize> {
        if keys.is_empty() {
            return Ok(0);
        }
        let schedule = || async {
            let mut tx = self.db.begin(REPAIRS).await?;
            let scheduled = scans::accounts::request_repairs(&mut tx, keys).await?;
            tx.commit().await?;
            Ok::<_, Error>(scheduled)
        };
        self.db.retrying(REPAIRS, schedule).await
    }

    async fn report(&self, keys: &[AccountKey]) -> Result<usize> {
        if keys.is_empty() {
            return Ok(0);
        }
        let report = || async {
            let mut tx = self.db.begin(REPORTS).await?;
            let (patience, now) = (self.checkup.patience, self.clock.now());
            let reported = scans::accounts::report_config_problems(&mut tx, keys, patience, now).await?;
            tx.commit().await?;
            Ok::<_, Error>(reported)
        };
        self.db.retrying(REPORTS, report).await
    }
}
