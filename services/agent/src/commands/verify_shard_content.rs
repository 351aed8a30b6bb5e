//! `verify_shard_content`: before a shard is split, and after its left-overs are gone.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use domain::{CreditorId, sharding::Realm};
use indicatif::{ProgressBar, ProgressStyle};
use persistence::{
    Target,
    db::connect_at_head,
    shard_content::{Table, creditor_ids, largest_creditor_id},
};
use runtime::{
    Context,
    config::{Section, Verify},
};
use tokio::time::sleep;
use tracing::error;

use super::{database, start, unless_stopped};

const NAME: &str = "creditors-agent verify_shard_content";

/// So much of the progress bar is a table's.
const PER_TABLE: u64 = 1_000;

/// Verifies that all records belong to this shard. Says nothing if they do.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {}

/// A creditor who has records here and belongs elsewhere.
#[derive(Debug, PartialEq, Eq)]
struct Stranger {
    table: Table,
    creditor_id: i64,
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let sections =
        [Section::Database, Section::Only("PROTOCOL_BROKER_QUEUE_ROUTING_KEY"), Section::Verify, Section::Logging];
    start(NAME, &sections, words, async |Arguments {}, Context { settings, stop, .. }| {
        let target = database(&settings)?;
        // Only the realm counts; the range of ids is that of all shards, and may be left at its default.
        let realm = Realm::parse(&settings.shard.routing_key)?;
        let Some(Stranger { table, creditor_id }) =
            unless_stopped(&stop, first_stranger(&target, realm, &settings.verify)).await?
        else {
            return Ok(ExitCode::SUCCESS);
        };
        error!("The table {table} holds records of creditor {creditor_id}, who does not belong to the shard {realm}.");
        Ok(ExitCode::FAILURE)
    })
}

async fn first_stranger(target: &Target, realm: Realm, pace: &Verify) -> anyhow::Result<Option<Stranger>> {
    let mut connection = connect_at_head(target).await?;
    let progress = bar();
    for (number, table) in Table::ALL.into_iter().enumerate() {
        progress.set_message(table.to_string());
        let ends = largest_creditor_id(&mut connection, table).await?.unwrap_or(i64::MIN);
        let mut begins = None;
        let mut from = Some(i64::MIN);
        while let Some(lowest) = from {
            sleep(pace.sleep).await;
            let ids = creditor_ids(&mut connection, table, lowest, i64::from(pace.yield_per)).await?;
            let belongs = |id: &&i64| realm.matches(CreditorId::new(**id));
            if let Some(&creditor_id) = ids.iter().find(|id| !belongs(id)) {
                progress.finish_and_clear();
                return Ok(Some(Stranger { table, creditor_id }));
            }
            from = ids.last().and_then(|last| {
                let begins = *begins.get_or_insert(ids.first().copied().unwrap_or(*last));
                progress.set_position(position(number, begins, *last, ends));
                last.checked_add(1)
            });
        }
    }
    progress.finish_and_clear();
    Ok(None)
}

/// On a terminal's standard error; nowhere else is it seen.
fn bar() -> ProgressBar {
    let tables = u64::try_from(Table::ALL.len()).unwrap_or(u64::MAX);
    let bar = ProgressBar::new(tables.saturating_mul(PER_TABLE));
    // An error would be one of the template, which a test would show: then the bar has its usual look.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent} %, {eta} left: {msg}") {
        bar.set_style(style);
    }
    bar
}

/// How far the bar is when the table with this number has been read up to `last`. Its ids are `begins..=ends`, and are
/// taken to be spread evenly.
fn position(number: usize, begins: i64, last: i64, ends: i64) -> u64 {
    let distance = |to: i64| (i128::from(to) - i128::from(begins)).max(0);
    let done = match distance(ends) {
        0 => i128::from(PER_TABLE),
        all => (distance(last) * i128::from(PER_TABLE) / all).min(i128::from(PER_TABLE)),
    };
    let before = u64::try_from(number).unwrap_or(u64::MAX).saturating_mul(PER_TABLE);
    before.saturating_add(u64::try_from(done).unwrap_or(PER_TABLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_moves_with_the_ids() {
        assert_eq!(position(0, 0, 0, 100), 0);
        assert_eq!(position(0, 0, 50, 100), PER_TABLE / 2);
        assert_eq!(position(2, i64::MIN, 0, i64::MAX), 2 * PER_TABLE + PER_TABLE / 2);
        assert_eq!(position(8, 7, 7, 7), 9 * PER_TABLE);
        assert_eq!(position(0, 0, 150, 100), PER_TABLE, "more have come meanwhile");
        assert_eq!(position(0, 5, 7, 3), PER_TABLE, "the last have gone meanwhile");
        let style = ProgressStyle::with_template("{bar:40} {percent} %, {eta} left: {msg}");
        assert!(style.is_ok());
        assert_eq!(bar().length(), Some(9 * PER_TABLE));
    }
}
