//! `creditors-local up`, `down`, `status`.

use std::{path::Path, process::ExitCode};

use anyhow::Result;

use super::{Addresses, Options, Record, Stack, Storage, directory};
use crate::{
    local::{interrupt::Interrupt, servers},
    process::Lifetime,
};

#[derive(clap::Args)]
pub(in crate::local) struct Up {
    /// Port of the web API on 127.0.0.1; any free one if it is not given
    #[arg(long)]
    port: Option<u16>,
}

#[derive(clap::Args)]
pub(in crate::local) struct Down {
    /// Remove all data and logs too
    #[arg(long)]
    erase: bool,
}

pub(in crate::local) async fn up(run_dir: &Path, arguments: Up) -> Result<ExitCode> {
    let directory = directory(run_dir);
    if let Some(record) = Record::load(&directory)
        && record.is_running()
    {
        println!("It is running already.");
        return Ok(status(run_dir));
    }
    let mut interrupt = Interrupt::listen()?;
    let options = Options {
        directory: directory.clone(),
        lifetime: Lifetime::Detachable,
        storage: Storage::Kept,
        port: arguments.port,
    };
    let stack = tokio::select! {
        stack = Stack::up(&options) => stack?,
        signal = interrupt.next() => {
            eprintln!("interrupted; everything that was started has been stopped");
            return Ok(ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)));
        }
    };
    let record = stack.detach(&directory)?;
    print(&record.addresses);
    Ok(ExitCode::SUCCESS)
}

pub(in crate::local) fn down(run_dir: &Path, arguments: &Down) -> ExitCode {
    let directory = directory(run_dir);
    if !Stack::down(&directory) {
        println!("Nothing was running.");
    }
    if arguments.erase {
        servers::remove(&directory);
        println!("All data and logs are removed.");
    }
    ExitCode::SUCCESS
}

/// Ends with 0 if everything runs, else with 1.
pub(in crate::local) fn status(run_dir: &Path) -> ExitCode {
    let Some(record) = Record::load(&directory(run_dir)).filter(Record::is_running) else {
        println!("Nothing is running. To start: just up");
        return ExitCode::FAILURE;
    };
    let mut all = true;
    for (name, process) in &record.processes {
        let runs = process.is_running();
        all &= runs;
        println!("{name:<28} {} (process {})", if runs { "runs" } else { "HAS ENDED" }, process.pid);
    }
    print(&record.addresses);
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(addresses: &Addresses) {
    println!();
    println!("Payments Web API   {}/creditors/", addresses.api);
    println!("Swagger UI         {}/creditors/.docs/", addresses.api);
    for (name, port) in &addresses.admin_ports {
        println!("{name:<26} http://127.0.0.1:{port}/metrics, /health/ready");
    }
    println!("Authority          {} (simulated; POST /issue makes money)", addresses.authority);
    println!("PostgreSQL         {}", addresses.postgres);
    println!("RabbitMQ           {}", addresses.broker);
    println!("RabbitMQ's UI      {}", addresses.broker_api);
    println!();
    println!("Everything listens on 127.0.0.1 only, and whoever can reach it is trusted:");
    println!("the API takes the caller from the X-Swpt-User-Id header; without it, the caller may do everything.");
    println!("Logs: just logs    To stop: just down");
}
