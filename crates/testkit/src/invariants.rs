//! What must be true of the agent's database, whoever has done what to it.
//!
//! [`ALWAYS`] holds at every moment. [`AT_REST`] holds when nothing is under way: all messages have been answered, and
//! all services had the time to finish.
//!
//! # To add one more rule
//!
//! Write a query whose rows are the violations, each row one text, and add it to one of the two lists. In
//! `tests/it/invariants.rs`, break it.

mod always;
mod at_rest;
mod objects;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio_postgres::Client;

pub use always::ALWAYS;
pub use at_rest::AT_REST;

/// How often the database is looked at while it comes to rest.
const LOOK: Duration = Duration::from_millis(25);
/// So many violations of a rule are told.
const TOLD: i64 = 5;

/// What must be true.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// In words, as a promise.
    pub name: &'static str,
    /// Violations: one text column.
    query: &'static str,
}

/// The first violations of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name.
    pub rule: &'static str,
    /// What violates it.
    pub findings: Vec<String>,
}

/// The rules that are violated.
pub async fn violations(client: &Client, rules: &[Rule]) -> Result<Vec<Violation>> {
    let mut violations = vec![];
    for rule in rules {
        let query = format!("SELECT finding FROM ({}) AS violations (finding) LIMIT {TOLD}", rule.query);
        let rows = client.query(&query, &[]).await?;
        if !rows.is_empty() {
            let findings = rows.iter().map(|row| row.get(0)).collect();
            violations.push(Violation { rule: rule.name, findings });
        }
    }
    Ok(violations)
}

/// Waits until the database is at rest; an error says what is not.
pub async fn rest(client: &Client, limit: Duration) -> Result<()> {
    let began = Instant::now();
    loop {
        let violations = violations(client, AT_REST).await?;
        if violations.is_empty() {
            return Ok(());
        }
        if began.elapsed() > limit {
            bail!("the agent does not come to rest within {} s: {violations:#?}", limit.as_secs());
        }
        tokio::time::sleep(LOOK).await;
    }
}
