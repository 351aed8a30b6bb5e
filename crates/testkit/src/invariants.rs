//! What must be true of the agent's database, whoever has done what to it.
//!
//! [`ALWAYS`] holds at every moment. [`IDLE`] and [`AT_REST`] hold when nothing is under way: all messages have been
//! answered, and all services had the time to finish.
//!
//! # To add one more rule
//!
//! Write a query whose rows are the violations, each row one text, and add it to one of the lists. In
//! `tests/it/invariants.rs`, break it.

mod always;
mod at_rest;
mod objects;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio_postgres::Client;

pub use always::ALWAYS;
pub use at_rest::{AT_REST, IDLE};

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

/// Waits until nobody has anything to do, as far as the database knows. Costs next to nothing.
pub async fn idle(client: &Client, limit: Duration) -> Result<()> {
    hold(client, IDLE, limit).await
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
    // The other rules go through all books.
    idle(client, limit).await?;
    hold(client, AT_REST, limit).await
}

async fn hold(client: &Client, rules: &[Rule], limit: Duration) -> Result<()> {
    let began = Instant::now();
    loop {
        let violations = violations(client, rules).await?;
        if violations.is_empty() {
            return Ok(());
        }
        if began.elapsed() > limit {
            bail!("the agent does not come to rest within {} s: {violations:#?}", limit.as_secs());
        }
        tokio::time::sleep(LOOK).await;
    }
}
