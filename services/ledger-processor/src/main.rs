//! Turns committed transfers into ledger entries.

use std::process::ExitCode;

fn main() -> ExitCode {
    creditors_ledger_processor::run_blocking()
}
