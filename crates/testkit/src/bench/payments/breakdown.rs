//! Where the time of many payments goes.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};

use super::World;
use crate::bench::{
    cpu::Processes,
    figures::{Table, milliseconds},
};

/// Who works for whom: each session of the server for the service that has opened it.
const SESSIONS: &str = "SELECT application_name, pid FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend'";

/// From a payment's beginning to its commitment by the authority, and from there to the news of it, on average.
const STAGES: &str = "SELECT
        avg(extract(epoch FROM committed.committed_at - transfer.initiated_at))::float8,
        avg(extract(epoch FROM transfer.finalized_at - committed.committed_at))::float8
    FROM running_transfer AS transfer
    JOIN committed_transfer AS committed
        ON committed.creditor_id = transfer.creditor_id AND committed.transfer_note = transfer.transfer_note
    WHERE committed.acquired_amount < 0 AND transfer.transfer_note LIKE $1";

/// The metric that counts transactions, by name and outcome.
const TRANSACTIONS: &str = "creditors_transaction_seconds_count{";

/// What everybody has used so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    /// Processor seconds: of a process, and of the sessions that work for it.
    processors: BTreeMap<String, (f64, f64)>,
    /// Committed transactions by their name.
    transactions: BTreeMap<String, f64>,
}

impl World<'_> {
    pub(super) async fn usage(&self) -> Result<Usage> {
        let mut usage = Usage::default();
        let processes = Processes::read()?;
        for service in self.services.iter().chain([&self.authority_process]) {
            let pid = service.pid().context("a service has ended")?;
            usage.processors.entry(service.name().to_owned()).or_default().0 = processes.seconds(pid)?;
        }
        usage.processors.entry("the clients".to_owned()).or_default().0 = processes.own_seconds(std::process::id());
        for row in self.bed.client.query(SESSIONS, &[]).await? {
            let (name, pid): (String, i32) = (row.get(0), row.get(1));
            // One that has just begun has used nothing yet.
            let seconds = u32::try_from(pid).map_or(0.0, |pid| processes.own_seconds(pid));
            let name = if name.is_empty() { "the clients".to_owned() } else { name };
            usage.processors.entry(name).or_default().1 += seconds;
        }
        for service in &self.services {
            for line in service.metrics().await?.lines().filter(|line| line.starts_with(TRANSACTIONS)) {
                if let Some((name, count)) = committed(line) {
                    *usage.transactions.entry(name.to_owned()).or_default() += count;
                }
            }
        }
        Ok(usage)
    }

    /// Adds lines that tell what a payment has cost since `before`.
    pub(super) async fn break_down(&self, before: &Usage, payments: u32, table: &mut Table) -> Result<()> {
        let after = self.usage().await?;
        let each = |growth: f64| growth / f64::from(payments);
        let mut shares: Vec<(f64, String)> = vec![];
        for (name, (own, sessions)) in &after.processors {
            let (own_before, sessions_before) = before.processors.get(name).copied().unwrap_or_default();
            let (own, sessions) = (each(own - own_before), each(sessions - sessions_before));
            let text = format!("{name} {} + {}", milliseconds(own * 1e3), milliseconds(sessions * 1e3));
            shares.push((own + sessions, text));
        }
        shares.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let shares: Vec<_> = shares.into_iter().map(|(_, text)| text).collect();
        table.note(format!("processor time per payment, own + its sessions': {}", shares.join("; ")));
        let transactions = after.transactions.iter().filter_map(|(name, count)| {
            let growth = count - before.transactions.get(name).copied().unwrap_or_default();
            (growth > 0.0).then(|| format!("{name} {:.2}", each(growth)))
        });
        table.note(format!("transactions per payment: {}", transactions.collect::<Vec<_>>().join("; ")));
        Ok(())
    }

    /// Adds a line that tells how long the stages of payments took whose notes begin so.
    pub(super) async fn stages(&self, note: &str, mean: Duration, table: &mut Table) -> Result<()> {
        let row = self.bed.client.query_one(STAGES, &[&format!("{note} %")]).await?;
        let (committing, telling): (f64, f64) = (row.get(0), row.get(1));
        let seeing = mean.as_secs_f64() - committing - telling;
        let [committing, telling, seeing] = [committing, telling, seeing].map(|seconds| milliseconds(seconds * 1e3));
        table.note(format!(
            "a {note}: {committing} on average until the authority has committed it, {telling} until the agent knows, \
             {seeing} until the client does"
        ));
        Ok(())
    }
}

/// The name of the transactions and how many were committed, from a line of the metric.
fn committed(line: &str) -> Option<(&str, f64)> {
    let (labels, count) = line.rsplit_once(' ')?;
    let name = labels.split_once("name=\"")?.1.split_once('"')?.0;
    labels.contains("outcome=\"committed\"").then_some((name, count.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_transactions_are_counted_by_name() {
        let line = |outcome| format!("{TRANSACTIONS}name=\"flush\",outcome=\"{outcome}\"}} 17");
        assert_eq!(committed(&line("committed")), Some(("flush", 17.0)));
        assert_eq!(committed(&line("rolled back")), None);
    }
}
