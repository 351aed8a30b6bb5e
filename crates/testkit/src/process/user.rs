//! The account under which a server runs: servers refuse root, or should.

use std::{
    os::unix::fs::chown,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};

use crate::programs;

/// An unprivileged account. For an ordinary user that is the user; for root, one of the system's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Whom to become; `None` = stay who we are.
    account: Option<nix::unistd::User>,
}

impl User {
    /// `preferred` if we are root and there is such an account, else `nobody`; ourselves if we are not root.
    pub fn unprivileged(preferred: &str) -> Result<Self> {
        if !nix::unistd::geteuid().is_root() {
            return Ok(Self { account: None });
        }
        let account = [preferred, "nobody"]
            .into_iter()
            .find_map(|name| nix::unistd::User::from_name(name).ok().flatten())
            .with_context(|| format!("root may not run a server, and there is no user {preferred} or nobody"))?;
        Ok(Self { account: Some(account) })
    }

    /// The user we are.
    pub fn ourselves() -> Self {
        Self { account: None }
    }

    /// Makes this account the owner.
    pub fn own(&self, path: &Path) -> Result<()> {
        if let Some(account) = &self.account {
            chown(path, Some(account.uid.as_raw()), Some(account.gid.as_raw()))
                .with_context(|| format!("{} cannot be given to {}", path.display(), account.name))?;
        }
        Ok(())
    }

    /// Whether this account can enter the directory, which depends on all directories above it.
    pub fn can_enter(&self, directory: &Path) -> bool {
        let Ok(mut command) = self.command(Path::new("test"), None) else { return false };
        command.arg("-x").arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// `program` under this account. With `parent_death`, the system sends it that signal when we are gone, however we
    /// ended; to be exact, when the calling thread is gone.
    pub(crate) fn command(&self, program: &Path, parent_death: Option<&str>) -> Result<Command> {
        let setpriv = programs::in_path("setpriv");
        if self.account.is_none() && (parent_death.is_none() || setpriv.is_none()) {
            return Ok(Command::new(program));
        }
        let mut command = Command::new(setpriv.context("`setpriv` is not installed (package util-linux)")?);
        if let Some(account) = &self.account {
            command
                .arg(format!("--reuid={}", account.uid))
                .arg(format!("--regid={}", account.gid))
                .arg("--clear-groups");
        }
        if let Some(signal) = parent_death {
            command.arg(format!("--pdeathsig={signal}"));
        }
        command.arg("--").arg(program);
        Ok(command)
    }
}
