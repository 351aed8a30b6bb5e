//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};

use crate::config::{Section, help};

/// The exit status of a command that was called wrongly (operations §5).
pub const USAGE_STATUS: u8 = 2;

/// The value of an option that is a number of seconds, not negative; fractions are allowed.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "must be a number of seconds, not negative".to_owned())
}

/// Reads the command line of this process; its `--help` also lists the variables of `sections`.
///
/// The error is the status to exit with: what is wrong, or the help that was asked for, has been printed.
pub fn parse<A: CommandFactory + FromArgMatches>(sections: &[Section]) -> Result<A, ExitCode> {
    parse_from(sections, std::env::args_os())
}

/// The same with these words, the first of which is the name of the program.
pub fn parse_from<A: CommandFactory + FromArgMatches>(
    sections: &[Section],
    words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<A, ExitCode> {
    let command = A::command().after_help(help(sections));
    command
        .try_get_matches_from(words)
        .and_then(|matches| A::from_arg_matches(&matches))
        .map_err(|error| refuse(&error))
}

fn refuse(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when the terminal is gone.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE_STATUS) } else { ExitCode::SUCCESS }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Arguments {
        #[arg(long)]
        wait: Option<f64>,
    }

    #[test]
    fn good_words_are_parsed_and_bad_ones_are_a_usage_error() {
        let arguments: Arguments = parse_from(&[Section::Flusher], ["flusher", "--wait", "1.5"]).unwrap();
        assert_eq!(arguments.wait, Some(1.5));
        for (words, status) in [(["flusher", "--nonsense"], USAGE_STATUS), (["flusher", "--help"], 0)] {
            let refused = parse_from::<Arguments>(&[Section::Flusher], words).unwrap_err();
            assert_eq!(refused, ExitCode::from(status), "{words:?}");
        }
    }
}
