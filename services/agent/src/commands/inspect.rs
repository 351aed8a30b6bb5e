//! `inspect`: what the database knows of one creditor, account or transfer.

use std::{ffi::OsString, fmt, process::ExitCode};

use anyhow::bail;
use chrono::SecondsFormat;
use clap::{Parser, Subcommand};
use persistence::{
    db::connect_at_head,
    inspect::{self, Fact, Found, Wait},
};
use runtime::{Context, config::Section};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::output::say;

use super::{database, id::id, start, unless_stopped};

const NAME: &str = "creditors-agent inspect";

/// Shows the state of a creditor, an account or a transfer, and what it waits for, since when.
///
/// Ids may be written as in the API (without a sign) or as in the database.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(subcommand)]
    thing: Thing,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Thing {
    /// A creditor: accounts, transfers, log, PIN, usage
    Creditor {
        /// The creditor's id
        #[arg(value_parser = id, allow_hyphen_values = true)]
        creditor_id: i64,
    },
    /// An account: configuration, ledger, what the accounting authority says
    Account {
        /// The creditor's id
        #[arg(value_parser = id, allow_hyphen_values = true)]
        creditor_id: i64,
        /// The debtor's id
        #[arg(value_parser = id, allow_hyphen_values = true)]
        debtor_id: i64,
    },
    /// A transfer that the creditor has initiated
    Transfer {
        /// The creditor's id
        #[arg(value_parser = id, allow_hyphen_values = true)]
        creditor_id: i64,
        /// The transfer's UUID
        uuid: Uuid,
    },
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let sections = [Section::Database, Section::Logging];
    start(NAME, &sections, words, async |Arguments { thing, json }, Context { settings, stop, .. }| {
        let target = database(&settings)?;
        let found = unless_stopped(&stop, async {
            let mut connection = connect_at_head(&target).await?;
            Ok(match &thing {
                Thing::Creditor { creditor_id } => inspect::creditor(&mut connection, *creditor_id).await?,
                Thing::Account { creditor_id, debtor_id } => {
                    inspect::account(&mut connection, *creditor_id, *debtor_id).await?
                }
                Thing::Transfer { creditor_id, uuid } => {
                    inspect::transfer(&mut connection, *creditor_id, *uuid).await?
                }
            })
        });
        let Some(found) = found.await? else { bail!("there is no {thing} in this database") };
        say(if json { as_json(&found).to_string() } else { as_text(&found) });
        Ok(ExitCode::SUCCESS)
    })
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Creditor { creditor_id } => write!(f, "creditor {creditor_id}"),
            Self::Account { creditor_id, debtor_id } => {
                write!(f, "account of creditor {creditor_id} with debtor {debtor_id}")
            }
            Self::Transfer { creditor_id, uuid } => write!(f, "transfer {uuid} of creditor {creditor_id}"),
        }
    }
}

fn as_json(Found { facts, waits }: &Found) -> Value {
    let waits = waits.iter().map(|Wait { what, since }| json!({ "for": what, "since": since }));
    let facts = facts.iter().map(|Fact { name, value }| (name.clone(), value.clone()));
    facts.chain([("waits".to_owned(), waits.collect())]).collect()
}

/// A line for each fact that is known, and one for each thing that is waited for.
fn as_text(Found { facts, waits }: &Found) -> String {
    let known = facts.iter().filter(|fact| !fact.value.is_null());
    let mut lines: Vec<String> = known
        .map(|Fact { name, value }| {
            let value = value.as_str().map_or_else(|| value.to_string(), |text| text.escape_debug().to_string());
            format!("{:<28}{value}", name.replace('_', " "))
        })
        .collect();
    lines.extend(waits.iter().map(|Wait { what, since }| {
        let since = since
            .map_or_else(String::new, |time| format!(", since {}", time.to_rfc3339_opts(SecondsFormat::Secs, true)));
        format!("{:<28}{what}{since}", "waits for")
    }));
    if waits.is_empty() {
        lines.push(format!("{:<28}nothing", "waits for"));
    }
    lines.join("\n")
}
