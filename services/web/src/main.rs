//! Starts the service.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_web::run_blocking()
}
