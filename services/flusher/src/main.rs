//! Starts the service.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_flusher::run_blocking()
}
