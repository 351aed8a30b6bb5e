//! `creditors-authority`: a simulated accounting authority as a process.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use amqp::BrokerUrl;
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use clap::Parser;
use domain::DebtorId;
use runtime::Stop;

use super::control::Control;
use super::{Authority, AuthorityOptions, Faults};
use crate::environment;

/// The environment variable with the broker's address, as the services know it.
const BROKER_URL: &str = "PROTOCOL_BROKER_URL";

/// A simulated accounting authority. It serves the given debtors, keeps everything in memory, and takes commands by
/// HTTP on the loopback interface: GET /health, GET /accounts, and POST /issue with
/// {"debtorId": 1, "creditorId": 4294967296, "amount": 1000}.
#[derive(Debug, Parser)]
#[command(name = "creditors-authority", version)]
struct Arguments {
    /// The broker, where the exchanges of the agent must exist [default: what PROTOCOL_BROKER_URL says]
    #[arg(long, value_name = "URL", value_parser = BrokerUrl::parse)]
    broker_url: Option<BrokerUrl>,
    /// A debtor to serve, as a signed number; repeatable
    #[arg(long = "debtor", value_name = "ID", allow_negative_numbers = true)]
    debtors: Vec<i64>,
    /// A further routing key of messages to take, as # for all debtors; repeatable
    #[arg(long = "binding-key", value_name = "KEY")]
    binding_keys: Vec<String>,
    /// The authority's queue
    #[arg(long, default_value = "simulated-authority")]
    queue: String,
    /// Port of the HTTP control interface
    #[arg(long, default_value_t = 8090)]
    control_port: u16,
    /// Seed of everything that happens by chance
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Shortest delay of a message to the agent, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    min_delay: u64,
    /// Longest delay of a message to the agent, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    max_delay: u64,
    /// How probable it is that a message is sent twice, 0…1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = probability)]
    repeat: f64,
    /// How many messages of the same moment may overtake another one
    #[arg(long, default_value_t = 0, value_name = "N")]
    reorder: u32,
    /// How probable it is that a message of the given type is lost, as AccountUpdate=0.1; repeatable
    #[arg(long, value_name = "TYPE=P", value_parser = loss)]
    lose: Vec<(String, f64)>,
    /// Seconds without news after which an account's state is told again
    #[arg(long, default_value_t = 86_400, value_name = "S")]
    heartbeat: u32,
    /// Seconds after which the agent is reminded of a prepared transfer
    #[arg(long, default_value_t = 60, value_name = "S")]
    reminder: u32,
}

/// The program. Non-generic, so that the binary links quickly.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(run(arguments))
    };
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("creditors-authority: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let control_port = arguments.control_port;
    let stop = Stop::on_signals().context("cannot listen to signals")?;
    let options = options(arguments)?;
    let authority = Authority::start(options).await.context("cannot begin to work at the broker")?;
    let authority = Arc::new(authority);
    let control = Control::start(Arc::clone(&authority), control_port)
        .with_context(|| format!("cannot listen on port {control_port}"))?;
    println!("creditors-authority: ready; commands at http://{}", control.address());
    stop.stopped().await;
    control.stop().await;
    authority.stop().await;
    Ok(())
}

fn options(arguments: Arguments) -> Result<AuthorityOptions> {
    ensure!(
        !arguments.debtors.is_empty() || !arguments.binding_keys.is_empty(),
        "name at least one --debtor or --binding-key"
    );
    let broker = if let Some(broker) = arguments.broker_url {
        broker
    } else {
        let url = environment::get(BROKER_URL).with_context(|| format!("give --broker-url or set {BROKER_URL}"))?;
        BrokerUrl::parse(&url).context(BROKER_URL)?
    };
    let debtors = arguments.debtors.into_iter().map(DebtorId::new).collect();
    let mut options = AuthorityOptions::new(broker, debtors);
    options.binding_keys = arguments.binding_keys;
    options.queue = arguments.queue;
    options.book.heartbeat_period = TimeDelta::seconds(arguments.heartbeat.into());
    options.book.reminder_period = TimeDelta::seconds(arguments.reminder.into());
    options.faults = Faults {
        seed: arguments.seed,
        min_delay: Duration::from_millis(arguments.min_delay),
        max_delay: Duration::from_millis(arguments.max_delay),
        repeat_probability: arguments.repeat,
        reorder_window: arguments.reorder,
        lose_probability: arguments.lose.into_iter().collect(),
    };
    Ok(options)
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(probability) if (0.0..=1.0).contains(&probability) => Ok(probability),
        _ => Err("not a number from 0 to 1".to_owned()),
    }
}

fn loss(text: &str) -> Result<(String, f64), String> {
    let (message_type, text) = text.split_once('=').ok_or("not of the form TYPE=P")?;
    if smp::incoming::Kind::from_name(message_type).is_none() {
        return Err(format!("{message_type} is no message type"));
    }
    Ok((message_type.to_owned(), probability(text)?))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<AuthorityOptions> {
        let words = format!("creditors-authority --broker-url amqp://localhost {line}");
        options(Arguments::try_parse_from(words.split_whitespace())?)
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_are_understood() {
        let options = parse("--debtor -5 --debtor 6 --seed 3 --max-delay 20 --lose AccountUpdate=0.5").unwrap();
        assert_eq!(options.debtors, [-5, 6].map(DebtorId::new));
        assert_eq!(options.faults.seed, 3);
        assert_eq!(options.faults.max_delay, Duration::from_millis(20));
        assert_eq!(options.faults.lose_probability["AccountUpdate"].to_bits(), 0.5_f64.to_bits());
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["", "--debtor x", "--debtor 1 --repeat 1.5", "--debtor 1 --lose Nonsense=1", "--debtor 1 --lose x"]
        {
            assert!(parse(line).is_err(), "{line:?}");
        }
    }
}
