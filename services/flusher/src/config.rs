//! What a flusher needs to know.

use std::time::Duration;

use amqp::BrokerUrl;
use anyhow::{Context as _, Result};
use domain::{Shard, signal::Kind};
use runtime::config::{BurstCounts, Settings};

use crate::{Options, duty::Jurisdiction};

/// More messages in one transaction are not faster, and whatever interrupts them makes more of them go out twice.
const LARGEST_BATCH: u32 = 1_000;

/// What a flusher needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Where messages go to.
    pub(crate) broker: BrokerUrl,
    /// What is flushed, in flushing order.
    pub(crate) kinds: Vec<Kind>,
    /// Parallel workers, each with its own connections.
    pub(crate) workers: u32,
    /// From one look at the tables to the next, if nothing happens in between.
    pub(crate) period: Duration,
    /// Whether to end when everything is flushed.
    pub(crate) quit_early: bool,
    /// Whose messages are sent.
    pub(crate) jurisdiction: Jurisdiction,
    bursts: BurstCounts,
}

impl Config {
    /// What the command line does not say, the environment does.
    pub(crate) fn new(settings: &Settings, options: &Options) -> Result<Self> {
        Ok(Self {
            broker: BrokerUrl::parse(settings.broker.url.expose()).context("PROTOCOL_BROKER_URL")?,
            kinds: options.kinds(),
            workers: options.processes.unwrap_or(settings.flusher.processes),
            period: options.wait.unwrap_or(settings.flusher.period),
            quit_early: options.quit_early,
            jurisdiction: Jurisdiction {
                shard: shard(settings)?,
                delete_left_overs: settings.shard.delete_parent_shard_records,
            },
            bursts: settings.flusher.burst_counts,
        })
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.workers == 0 || self.kinds.is_empty()
    }

    /// The most messages of a kind in one transaction.
    pub(crate) fn batch(&self, kind: Kind) -> i64 {
        let burst = match kind {
            Kind::ConfigureAccount => self.bursts.configure_accounts,
            Kind::PrepareTransfer => self.bursts.prepare_transfers,
            Kind::FinalizeTransfer => self.bursts.finalize_transfers,
            Kind::UpdatedLedger => self.bursts.updated_ledger,
            Kind::UpdatedPolicy => self.bursts.updated_policy,
            Kind::UpdatedFlags => self.bursts.updated_flags,
            Kind::RejectedConfig => self.bursts.rejected_configs,
        };
        burst.clamp(1, LARGEST_BATCH).into()
    }

    /// The most database connections that can be in use at a time: by each kind, to look around, to count, and
    /// to vacuum.
    pub(crate) fn connections(&self) -> Result<usize> {
        let workers = usize::try_from(self.workers)?;
        Ok(workers.saturating_mul(self.kinds.len().saturating_add(1)).saturating_add(2))
    }
}

fn shard(settings: &Settings) -> Result<Shard> {
    let shard = &settings.shard;
    let parsed = Shard::parse(shard.min_creditor_id, shard.max_creditor_id, &shard.routing_key);
    parsed.context("PROTOCOL_BROKER_QUEUE_ROUTING_KEY")
}

#[cfg(test)]
mod tests {
    use runtime::config::Environment;

    use super::*;

    fn config(environment: &[(&str, &str)], options: &Options) -> Result<Config> {
        Config::new(&Settings::load(&Environment::from_pairs(environment.iter().copied()))?, options)
    }

    #[test]
    fn the_environment_is_used_unless_the_command_line_says_otherwise() {
        let environment = [
            ("FLUSH_PROCESSES", "2"),
            ("FLUSH_PERIOD", "1.5"),
            ("APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT", "7"),
            ("APP_FLUSH_REJECTED_CONFIGS_BURST_COUNT", "100000"),
            ("DELETE_PARENT_SHARD_RECORDS", "yes"),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.#"),
        ];
        let from_environment = config(&environment, &Options::default()).unwrap();
        assert_eq!((from_environment.workers, from_environment.period), (2, Duration::from_millis(1_500)));
        assert_eq!(from_environment.batch(Kind::PrepareTransfer), 7);
        assert_eq!(from_environment.batch(Kind::RejectedConfig), 1_000);
        assert_eq!(from_environment.connections().unwrap(), 18);
        assert!(from_environment.jurisdiction.delete_left_overs && !from_environment.is_idle());
        assert_eq!(from_environment.jurisdiction.shard.realm().to_string(), "1.#");

        let options = Options { processes: Some(0), wait: Some(Duration::ZERO), ..Options::default() };
        let from_options = config(&environment, &options).unwrap();
        assert_eq!((from_options.workers, from_options.period), (0, Duration::ZERO));
        assert!(from_options.is_idle());
    }

    #[test]
    fn a_wrong_url_is_refused_without_telling_it() {
        let error = config(&[("PROTOCOL_BROKER_URL", "http://u:hush@h")], &Options::default()).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.starts_with("PROTOCOL_BROKER_URL: ") && !text.contains("hush"), "{text}");
    }
}
