//! How every service behaves that works off what waits in the database.

use std::process::Command;

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;

use super::Stage;
use crate::programs;

/// Fails if wrong words are no usage error, or a cry for help is.
pub fn check_words(service: &str, wrong: &[&[&str]]) -> Result<()> {
    let program = programs::sibling(service)?;
    for (words, status) in wrong.iter().map(|words| (*words, 2)).chain([(&["--help"][..], 0)]) {
        let output = Command::new(&program).args(words).output()?;
        ensure!(output.status.code() == Some(status), "{service} {words:?}: {output:?}");
    }
    Ok(())
}

impl Stage {
    /// Fails if a signal does not end the service silently with status 1 (operations §5).
    pub async fn check_signals(&self) -> Result<()> {
        for signal in [Signal::SIGTERM, Signal::SIGINT] {
            let service = self.service()?.start().await?;
            service.signal(signal)?;
            let status = self.end(&mut service.into_daemon()).await?;
            ensure!(status.code() == Some(1) && self.said().is_empty(), "{signal}: {status}: {}", self.said());
        }
        Ok(())
    }

    /// Fails if the service works without a database, or with one of another revision, instead of telling why it cannot.
    pub async fn check_database(&self) -> Result<()> {
        self.client.batch_execute("UPDATE alembic_version SET version_num = '8d8c816257ce'").await?;
        for (url, sentence) in [(self.database.url(), "the database is at revision 8d8c816257ce"), ("", "POSTGRES_URL")]
        {
            let status = self.run(self.service()?.env("POSTGRES_URL", url)).await?;
            ensure!(status.code() == Some(1) && self.said().contains(sentence), "{url:?}: {status}: {}", self.said());
        }
        Ok(())
    }
}
