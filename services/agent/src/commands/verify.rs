//! `verify`: whether the database keeps what clients were promised (processing §3).

use std::{ffi::OsString, process::ExitCode, time::Duration};

use chrono::TimeDelta;
use clap::{Parser, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use persistence::{
    Target,
    db::connect_at_head,
    verify::{self, Finding, LEDGER, LOG, Piece, Rule},
};
use runtime::{
    Context,
    config::{Policy, Section},
};
use serde_json::json;
use tokio::time::sleep;

use crate::output::say;

use super::{database, id::id, start, unless_stopped};

const NAME: &str = "creditors-agent verify";

/// How many creditors are looked at in one statement.
const PIECE: u32 = 500;

/// What is about to be deleted may be so a little earlier or later than its age says.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// Verifies all ledgers or logs of the database. Says nothing if they are right, and else prints what is wrong.
///
/// Services may go on working meanwhile. Only as much is verified as retention keeps (APP_LOG_RETENTION_DAYS,
/// APP_LEDGER_RETENTION_DAYS).
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    /// What to verify
    #[arg(value_enum)]
    what: What,
    /// Only the books of this creditor
    #[arg(long, value_name = "ID", value_parser = id, allow_hyphen_values = true)]
    creditor: Option<i64>,
    /// Put right what can be put right without harm: schedule updates of ledgers that were forgotten
    #[arg(long)]
    mend: bool,
    /// Print each finding as a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Amounts and principals add up, no transfer is missing or there twice, no ledger is stuck
    Ledger,
    /// Entries are numbered without gaps, in the order of the changes, and tell the state of their objects
    Log,
}

impl What {
    fn rules(self) -> &'static [Rule] {
        match self {
            Self::Ledger => LEDGER,
            Self::Log => LOG,
        }
    }

    fn retention(self, policy: &Policy) -> TimeDelta {
        match self {
            Self::Ledger => policy.ledger_retention,
            Self::Log => policy.log_retention,
        }
    }
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let sections = [
        Section::Database,
        Section::Only("APP_VERIFY_SHARD_SLEEP_SECONDS"),
        Section::Only("APP_LOG_RETENTION_DAYS"),
        Section::Only("APP_LEDGER_RETENTION_DAYS"),
        Section::Logging,
    ];
    start(NAME, &sections, words, async |arguments: Arguments, context| {
        let target = database(&context.settings)?;
        let stop = context.stop.clone();
        let findings = unless_stopped(&stop, Box::pin(look(&target, &arguments, &context))).await?;
        Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Prints what is wrong, and says how much of that is so still.
async fn look(target: &Target, arguments: &Arguments, context: &Context) -> anyhow::Result<usize> {
    let now = context.clock.now();
    let retention = arguments.what.retention(&context.settings.policy);
    let complete_since = domain::time::before(now, retention - MARGIN);
    let mut connection = connect_at_head(target).await?;
    verify::prepare(&mut connection).await?;
    let only = arguments.creditor.map(|id| Piece { first: id, last: id, creditors: 1 });
    let progress = bar(if only.is_some() { 1 } else { verify::creditors(&mut connection).await? });
    let mut findings = 0;
    let mut first = Some(i64::MIN);
    while let Some(from) = first {
        let piece = match only {
            Some(piece) => piece,
            None => verify::piece(&mut connection, from, PIECE).await?,
        };
        for rule in arguments.what.rules() {
            for finding in verify::findings(&mut connection, rule, piece, complete_since).await? {
                let mended = arguments.mend && verify::mend(&mut connection, rule, &finding).await?;
                findings += usize::from(!mended);
                progress.suspend(|| print(rule, &finding, mended, arguments.json));
            }
        }
        progress.inc(piece.creditors);
        first = piece.last.checked_add(1).filter(|_| only.is_none());
        sleep(context.settings.verify.sleep).await;
    }
    progress.finish_and_clear();
    Ok(findings)
}

fn print(rule: &Rule, Finding { creditor_id, debtor_id, finding }: &Finding, mended: bool, json: bool) {
    let rule = rule.name;
    let text = if json {
        json!({ "rule": rule, "creditor_id": creditor_id, "debtor_id": debtor_id, "finding": finding, "mended": mended })
            .to_string()
    } else {
        let debtor = debtor_id.map_or_else(String::new, |debtor_id| format!(", debtor {debtor_id}"));
        let end = if mended { "; mended" } else { "" };
        format!("Not true that {rule}: creditor {creditor_id}{debtor}: {finding}{end}")
    };
    say(text);
}

/// On a terminal's standard error; nowhere else is it seen.
fn bar(creditors: u64) -> ProgressBar {
    let bar = ProgressBar::new(creditors);
    // An error would be one of the template, which a test would show: then the bar has its usual look.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} creditors, {eta} left") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
