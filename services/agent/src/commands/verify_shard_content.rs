//! `verify_shard_content`: before a shard is split, and after its left-overs are gone.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use domain::{CreditorId, sharding::Realm};
use persistence::{
    Target,
    db::connect_once,
    shard_content::{Table, creditor_ids},
};
use runtime::{
    Context,
    config::{Section, Verify},
};
use tokio::time::sleep;
use tracing::error;

use super::{database, start, unless_stopped};

const NAME: &str = "creditors-agent verify_shard_content";

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
    let sections = [Section::Database, Section::Shard, Section::Verify, Section::Logging];
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
    let mut connection = connect_once(target).await?;
    for table in Table::ALL {
        let mut from = Some(i64::MIN);
        while let Some(lowest) = from {
            sleep(pace.sleep).await;
            let ids = creditor_ids(&mut connection, table, lowest, i64::from(pace.yield_per)).await?;
            let belongs = |id: &&i64| realm.matches(CreditorId::new(**id));
            if let Some(&creditor_id) = ids.iter().find(|id| !belongs(id)) {
                return Ok(Some(Stranger { table, creditor_id }));
            }
            from = ids.last().and_then(|last| last.checked_add(1));
        }
    }
    Ok(None)
}
