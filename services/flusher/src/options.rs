//! The command line.

use std::{num::ParseFloatError, time::Duration};

use clap::Parser;
use domain::signal::Kind;
use smp::outgoing;
use tracing::warn;

/// Publishes the messages that wait in the outbox of this shard.
///
/// What is not given is taken from the environment. Ends with status 1, as every flusher does.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "creditors-flusher")]
pub struct Options {
    /// Parallel flushers; 0 = flush nothing, but keep running (FLUSH_PROCESSES)
    #[arg(long, short, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub processes: Option<u32>,
    /// From the start of one flush to the start of the next, if nothing happens in between (FLUSH_PERIOD)
    #[arg(long, short, value_name = "SECONDS", value_parser = seconds)]
    pub wait: Option<Duration>,
    /// Flush what there is, and end
    #[arg(long)]
    pub quit_early: bool,
    /// Only these types of messages, by the names of their tables' models, as PrepareTransferSignal; none = all.
    /// Unknown ones are ignored
    #[arg(value_name = "TYPE")]
    pub types: Vec<String>,
}

impl Options {
    /// The kinds of messages to flush, in flushing order. Names that do not exist are told in log lines.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        for unknown in self.types.iter().filter(|name| Kind::ALL.iter().all(|kind| !is_model_of(name, *kind))) {
            warn!(name = unknown, "There are no messages of the type {unknown}: ignored.");
        }
        let selected = |kind: Kind| self.types.is_empty() || self.types.iter().any(|name| is_model_of(name, kind));
        Kind::ALL.into_iter().filter(|kind| selected(*kind)).collect()
    }
}

/// Models are called after the messages: `PrepareTransferSignal` (operations §6).
fn is_model_of(name: &str, kind: Kind) -> bool {
    name.strip_suffix("Signal") == Some(outgoing::message_type(kind))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|error: ParseFloatError| error.to_string())?;
    Duration::try_from_secs_f64(number).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from(["creditors-flusher"].iter().chain(words))
    }

    #[test]
    fn words_mean_what_they_say() {
        let options = parse(&["-p", "3", "-w", "0.5", "UpdatedFlagsSignal", "--quit-early"]).unwrap();
        assert_eq!((options.processes, options.wait), (Some(3), Some(Duration::from_millis(500))));
        assert!(options.quit_early);
        assert_eq!(options.kinds(), [Kind::UpdatedFlags]);
        for wrong in [&["--wait", "-1"][..], &["--wait", "nan"], &["--wait", "x"], &["-p", "-1"], &["--fast"]] {
            assert_eq!(parse(wrong).unwrap_err().exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn types_are_flushed_in_order_and_unknown_ones_not_at_all() {
        assert_eq!(parse(&[]).unwrap().kinds(), Kind::ALL);
        let words = ["RejectedConfigSignal", "Nonsense", "ConfigureAccount", "PrepareTransferSignal"];
        assert_eq!(parse(&words).unwrap().kinds(), [Kind::PrepareTransfer, Kind::RejectedConfig]);
        assert_eq!(parse(&["Signal", "preparetransfersignal"]).unwrap().kinds(), []);
    }
}
