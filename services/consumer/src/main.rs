//! Starts the service.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_consumer::run_blocking()
}
