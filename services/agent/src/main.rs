//! The entry point of the container, and the operator's tool.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_agent::run_blocking()
}
