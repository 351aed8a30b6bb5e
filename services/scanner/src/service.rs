//! The process: its scans, and their end.

use std::{process::ExitCode, sync::Arc};

use hosting::{Identity, Process};
use observability::admin::ports;
use persistence::{Db, Error, scan};
use runtime::{Context, Stop, config, tasks::Group};

use crate::{
    NAME,
    action::{Accounts, Action, Creditors, Records},
    arguments::Arguments,
    pass,
    plan::{Plan, Rules},
    scan::Scan,
};

/// Runs the service until the context's stop, or the end of scans that quit early.
///
/// The stop ends it at once: transactions under way are rolled back. The status is that of operations §5.
pub async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitCode> {
    let identity = Identity { name: NAME, admin_port: ports::SCANNER, conditions: &["database"] };
    let process = Process::start(context, identity)?;
    pass::describe();
    let plan = Plan::new(&arguments);
    let rules = Rules::new(&process.settings)?;
    // One for each scan, and one that finds out whether the database is there.
    let database = process.open_database(plan.tables.len() + 1).await?;
    let stop = process.stop.child();
    let mut group = Group::new(stop.clone());
    let scans = Scans { process: &process, db: &database.db, stop, quit_early: plan.quit_early };
    for &table in &plan.tables {
        scans.spawn(&mut group, table, plan.scan(table, &process.settings), &rules);
    }
    group.finish().await?;
    Ok(if process.stop.is_stopped() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What all scans have in common.
struct Scans<'a> {
    process: &'a Process,
    db: &'a Db,
    /// The end of all of them, because of a signal or because one has failed.
    stop: Stop,
    quit_early: bool,
}

impl Scans<'_> {
    fn spawn(&self, group: &mut Group<Error>, table: scan::Table, settings: config::Scan, rules: &Rules) {
        let (db, clock) = (self.db.clone(), Arc::clone(&self.process.clock));
        match table {
            scan::Table::Creditors => {
                self.start(group, settings, Creditors { db, clock, rules: rules.creditors });
            }
            scan::Table::Accounts => {
                self.start(group, settings, Accounts { db, clock, shard: rules.shard, checkup: rules.checkup });
            }
            scan::Table::LogEntries => {
                let action = Records::<scan::ScannedLogEntry>::new("scan_log_entries", db, clock, rules.log_entries);
                self.start(group, settings, action);
            }
            scan::Table::LedgerEntries => {
                let rules = rules.ledger_entries;
                let action = Records::<scan::ScannedLedgerEntry>::new("scan_ledger_entries", db, clock, rules);
                self.start(group, settings, action);
            }
            scan::Table::CommittedTransfers => {
                let (name, rules) = ("scan_committed_transfers", rules.committed_transfers);
                let action = Records::<scan::ScannedCommittedTransfer>::new(name, db, clock, rules);
                self.start(group, settings, action);
            }
        }
    }

    fn start<A: Action>(&self, group: &mut Group<Error>, settings: config::Scan, action: A) {
        let scan = Scan {
            action,
            settings,
            db: self.db.clone(),
            clock: Arc::clone(&self.process.clock),
            random: Arc::clone(&self.process.random),
            quit_early: self.quit_early,
        };
        let stop = self.stop.clone();
        group.spawn("scan", async move {
            tokio::select! {
                biased;
                () = stop.stopped() => Ok(()),
                outcome = scan.run() => outcome,
            }
        });
    }
}
