//! `creditors-local with-stack -- COMMAND`.

use std::{ffi::OsString, path::Path, process::ExitCode};

use anyhow::Result;

use super::{
    interrupt::Interrupt,
    servers::Throwaway,
    stack::{Callers, Options, Stack},
    with_servers::{carry_out, exit_code},
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub(super) async fn run(run_dir: &Path, arguments: Arguments) -> Result<ExitCode> {
    let mut interrupt = Interrupt::listen()?;
    let directory = Throwaway::create(run_dir)?;
    let options = Options { callers: Callers::Tokens, ..Options::throwaway(directory.path()) };
    let stack = tokio::select! {
        stack = Stack::up(&options) => stack?,
        signal = interrupt.next() => return Ok(exit_code(128 + signal)),
    };
    let (_web, web_url) = stack.one_more_web().await?;
    let mut variables = vec![("CREDITORS_API_URL", stack.addresses().api.clone()), ("CREDITORS_WEB_URL", web_url)];
    if let Some(access) = stack.addresses().authorization.clone() {
        variables.extend([
            ("CREDITORS_TOKEN_URL", access.token_url()),
            ("CREDITORS_AUTHORIZATION_URL", access.authorization_url()),
            ("CREDITORS_SUPERUSER_SECRET", access.superuser_secret),
            ("CREDITORS_PASSWORD", access.password),
        ]);
    }
    carry_out(&arguments.command, variables, &mut interrupt).await
}
