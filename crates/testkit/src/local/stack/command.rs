//! `creditors-local up`, `down`, `status`.

use std::{io::Write as _, path::Path, process::ExitCode};

use anyhow::Result;

use super::{Addresses, Callers, Options, Record, Stack, Storage, directory};
use crate::{
    local::{interrupt::Interrupt, servers},
    process::Lifetime,
    servers::Access,
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
        print("It is running already.\n");
        return Ok(status(run_dir));
    }
    let mut interrupt = Interrupt::listen()?;
    let options = Options {
        lifetime: Lifetime::Detachable,
        storage: Storage::Kept,
        port: arguments.port,
        callers: Callers::Tokens,
        ..Options::throwaway(&directory)
    };
    let stack = tokio::select! {
        stack = Stack::up(&options) => stack?,
        signal = interrupt.next() => {
            eprintln!("interrupted; everything that was started has been stopped");
            return Ok(ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)));
        }
    };
    let record = stack.detach(&directory)?;
    print(&describe(&record.addresses));
    Ok(ExitCode::SUCCESS)
}

pub(in crate::local) fn down(run_dir: &Path, arguments: &Down) -> ExitCode {
    let directory = directory(run_dir);
    if !Stack::down(&directory) {
        print("Nothing was running.\n");
    }
    if arguments.erase {
        servers::remove(&directory);
        print("All data and logs are removed.\n");
    }
    ExitCode::SUCCESS
}

/// Ends with 0 if everything runs, else with 1.
pub(in crate::local) fn status(run_dir: &Path) -> ExitCode {
    let Some(record) = Record::load(&directory(run_dir)).filter(Record::is_running) else {
        print("Nothing is running. To start: just up\n");
        return ExitCode::FAILURE;
    };
    let mut all = true;
    for (name, process) in &record.processes {
        let runs = process.is_running();
        all &= runs;
        let state = if runs { "runs" } else { "HAS ENDED" };
        print(&format!("{name:<28}{state} (process {})\n", process.pid));
    }
    print(&describe(&record.addresses));
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn describe(addresses: &Addresses) -> String {
    let Addresses { api, postgres, broker, broker_api, authority, authorization, admin_ports } = addresses;
    let line = |name: &str, place: String| format!("{name:<28}{place}\n");
    let mut text = String::from("\n");
    text += &line("Payments Web API", format!("{api}/creditors/"));
    text += &line("Swagger UI", format!("{api}/creditors/.docs/"));
    for (name, port) in admin_ports {
        text += &line(name, format!("http://127.0.0.1:{port}/metrics and /health/ready"));
    }
    text += &line("simulated authority", format!("{authority} (POST /issue makes money)"));
    text += &line("PostgreSQL", postgres.clone());
    text += &line("RabbitMQ", broker.clone());
    text += &line("RabbitMQ's user interface", broker_api.clone());
    if let Some(access) = authorization {
        text += &line("authorization server", access.url.clone());
        text += &who_may_call(access);
    }
    text += "\nEverything listens on 127.0.0.1 only.\nLogs: just logs    To stop: just down\n";
    text
}

fn who_may_call(access: &Access) -> String {
    let Access { password, superuser_secret, supervisor_secret, .. } = access;
    format!(
        "\nWhoever calls the API needs a token. Creditors log in as `creditors:NUMBER` with the password\n  \
         {password}\n(in Swagger UI: Authorize). An administrator's token:\n  \
         curl -u creditors-superuser:{superuser_secret} -d grant_type=client_credentials \\\n    \
         -d 'scope=access activate deactivate disable_pin' {}\n\
         The client creditors-supervisor has the secret {supervisor_secret}.\n",
        access.token_url()
    )
}

/// Prints, also to a reader that has seen enough and is gone.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
