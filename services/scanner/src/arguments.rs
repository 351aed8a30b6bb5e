//! The command line.

use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Deletes what need not stay, and repairs what was lost.
///
/// Without a table, it scans all five.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "creditors-scanner", version)]
pub struct Arguments {
    /// The only table to be scanned.
    #[command(subcommand)]
    pub table: Option<Table>,
    /// End after the 11th rhythm, which is for tests.
    #[arg(long)]
    pub quit_early: bool,
}

/// A table, and how long a pass over it should take.
#[derive(Clone, Debug, Subcommand)]
#[command(rename_all = "snake_case", disable_help_subcommand = true)]
pub enum Table {
    /// Deletes creditors that nobody uses any more.
    Creditors(Days),
    /// Corrects ledgers, and reports configurations that nobody has confirmed.
    Accounts(Hours),
    /// Deletes old log entries.
    LogEntries(Days),
    /// Deletes old ledger entries.
    LedgerEntries(Days),
    /// Deletes old committed transfers.
    CommittedTransfers(Days),
}

/// How to scan a table that changes slowly.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Days {
    /// Days for one pass; 0 = as configured.
    #[arg(long, short, value_parser = days)]
    pub days: Option<Duration>,
    /// End after the 11th rhythm, which is for tests.
    #[arg(long)]
    pub quit_early: bool,
}

/// How to scan a table that changes quickly.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(disable_help_flag = true)]
pub struct Hours {
    /// Hours for one pass; 0 = as configured.
    #[arg(long, short = 'h', value_parser = hours)]
    pub hours: Option<Duration>,
    /// End after the 11th rhythm, which is for tests.
    #[arg(long)]
    pub quit_early: bool,
    /// Print help.
    #[arg(long, action = ArgAction::Help)]
    help: Option<bool>,
}

fn days(text: &str) -> Result<Duration, String> {
    span(text, "days", 24.0 * 3600.0)
}

fn hours(text: &str) -> Result<Duration, String> {
    span(text, "hours", 3600.0)
}

fn span(text: &str, unit: &str, seconds: f64) -> Result<Duration, String> {
    let number = text.trim().parse::<f64>().ok();
    let span = number.and_then(|number| Duration::try_from_secs_f64(number * seconds).ok());
    span.ok_or_else(|| format!("must be a number of {unit}, not negative"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["creditors-scanner"].into_iter().chain(words.split_whitespace()))
    }

    #[test]
    fn a_table_and_a_goal() {
        let days = |words| match parse(words).unwrap().table {
            Some(Table::Creditors(days) | Table::LogEntries(days)) => (days.days, days.quit_early),
            other => panic!("{other:?}"),
        };
        let day = Duration::from_hours(24);
        assert_eq!(days("creditors"), (None, false));
        assert_eq!(days("creditors -d 7 --quit-early"), (Some(7 * day), true));
        assert_eq!(days("log_entries --days=0.5"), (Some(day / 2), false));
        assert_eq!(days("log_entries --days 0"), (Some(Duration::ZERO), false));
        let Some(Table::Accounts(accounts)) = parse("accounts -h 2e-1").unwrap().table else { panic!() };
        assert_eq!(accounts.hours, Some(Duration::from_mins(12)));
        assert!(matches!(parse("ledger_entries -d 1").unwrap().table, Some(Table::LedgerEntries(_))));
        assert!(matches!(parse("committed_transfers -d 1").unwrap().table, Some(Table::CommittedTransfers(_))));
        let all = parse("--quit-early").unwrap();
        assert!(all.table.is_none() && all.quit_early);
    }

    #[test]
    fn wrong_words_are_usage_errors() {
        for words in [
            "creditors -d -1",
            "creditors --days=-0.1",
            "creditors --days x",
            "creditors --days nan",
            "creditors --days 1e300",
            "creditors --hours 1",
            "accounts --days 1",
            "accounts --hours=-1",
            "accounts -h",
            "log-entries",
            "transfers",
            "--days 1",
        ] {
            assert_eq!(parse(words).unwrap_err().exit_code(), 2, "{words}");
        }
        for words in ["--help", "-h", "accounts --help", "creditors -h"] {
            assert_eq!(parse(words).unwrap_err().exit_code(), 0, "{words}");
        }
    }
}
