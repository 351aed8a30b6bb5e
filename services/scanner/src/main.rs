//! Collects garbage and repairs what was lost.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_scanner::run_blocking()
}
