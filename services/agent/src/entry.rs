//! The first word on the command line decides what this process becomes.

use std::{ffi::OsString, process::ExitCode};

use runtime::arguments::USAGE_STATUS;

use crate::{
    NAME, exec,
    output::say,
    words::{self, Does, WORDS},
};

/// What is done without any word.
const DEFAULT: &str = "all";

/// Does what the words after the program's name say.
pub(crate) fn run(mut words: impl Iterator<Item = OsString>) -> ExitCode {
    let word = words.next().unwrap_or_else(|| DEFAULT.into());
    let rest: Vec<OsString> = words.collect();
    match word.to_str() {
        Some("--help" | "-h") => {
            say(words::help());
            ExitCode::SUCCESS
        }
        Some("--version" | "-V") => {
            say(format!("{NAME} {}", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        Some(option) if option.starts_with('-') => {
            eprintln!("error: there is no option {option}: the first word says what to do\n\n{}", words::help());
            ExitCode::from(USAGE_STATUS)
        }
        name => match WORDS.iter().find(|known| Some(known.name) == name).map(|known| &known.does) {
            Some(Does::Run(command)) => command(rest),
            Some(Does::Become(role)) => exec::become_role(*role, rest),
            None => exec::become_program(&word, rest),
        },
    }
}
