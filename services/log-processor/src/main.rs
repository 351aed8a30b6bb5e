//! Turns pending log entries into the creditors' logs.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_log_processor::run_blocking()
}
