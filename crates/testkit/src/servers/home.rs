//! The directory in which a private server lives.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{process::User, random};

/// A directory owned by the server's account.
#[derive(Debug)]
pub(super) struct Home {
    /// Where the directory really is.
    pub(super) path: PathBuf,
}

impl Home {
    /// Creates or finds `directory/name`.
    ///
    /// If the account cannot get there (the project is in root's home, say), the server lives in a directory below
    /// `/var/tmp` instead, and `directory/name` is a link to it.
    pub(super) fn open(directory: &Path, name: &str, user: &User) -> Result<Self> {
        fs::create_dir_all(directory).with_context(|| format!("{} cannot be created", directory.display()))?;
        let directory = directory.canonicalize().with_context(|| format!("{} is gone", directory.display()))?;
        let wanted = directory.join(name);
        let path = if user.can_enter(&directory) { wanted } else { elsewhere(&wanted)? };
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{} cannot be protected", path.display()))?;
        user.own(&path)?;
        Ok(Self { path })
    }

    /// The password that belongs to this directory; made when it is asked for first.
    pub(super) fn password(&self, user: &User) -> Result<String> {
        let path = self.path.join("password");
        if let Ok(password) = fs::read_to_string(&path) {
            return Ok(password);
        }
        let password = random::password();
        self.write("password", &password, user)?;
        Ok(password)
    }

    /// Writes a file that only the account can read.
    pub(super) fn write(&self, name: &str, text: &str, user: &User) -> Result<PathBuf> {
        let path = self.path.join(name);
        fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .with_context(|| format!("{} cannot be protected", path.display()))?;
        user.own(&path)?;
        Ok(path)
    }
}

/// Removes `directory/name`, also if it is a link to the real place.
pub(super) fn remove(directory: &Path, name: &str) {
    let path = directory.join(name);
    if let Ok(target) = fs::read_link(&path) {
        let _ = fs::remove_dir_all(target);
        let _ = fs::remove_file(&path);
    } else {
        let _ = fs::remove_dir_all(&path);
    }
}

/// A place below `/var/tmp` that belongs to `wanted`, which becomes a link to it.
///
/// The name is not taken from `wanted` alone: somebody else might have made that directory, and would then own ours.
fn elsewhere(wanted: &Path) -> Result<PathBuf> {
    if let Ok(target) = fs::read_link(wanted)
        && target.is_dir()
    {
        return Ok(target);
    }
    let _ = fs::remove_file(wanted);
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    let target = Path::new("/var/tmp").join(format!("creditors-{:016x}-{}", hasher.finish(), random::token()));
    fs::create_dir(&target).with_context(|| format!("{} cannot be created", target.display()))?;
    symlink(&target, wanted).with_context(|| format!("{} cannot become a link", wanted.display()))?;
    Ok(target)
}
