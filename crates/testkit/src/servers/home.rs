//! The directory in which a private server lives.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};

use super::Purpose;
use crate::{process::User, random};

/// Where systems keep files in memory.
const MEMORY: &str = "/dev/shm";
/// What the tests of one run need at most, in bytes.
const ROOM: u64 = 4 << 30;

/// A directory owned by the server's account.
#[derive(Debug)]
pub(super) struct Home {
    /// Where the directory really is.
    pub(super) path: PathBuf,
    /// Whether it is removed when this is dropped, which must be after the server's end.
    is_in_memory: bool,
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.is_in_memory {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
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
        let path = if user.can_enter(&directory) { wanted } else { elsewhere(&wanted, Path::new("/var/tmp"))? };
        Self::given_to(user, path, false)
    }

    /// The same for data that tests do not need to keep: in memory, while this lives, if the system has room there.
    /// On disks, making files takes most of the time of a test that has a database of its own.
    pub(super) fn open_for(purpose: Purpose, directory: &Path, name: &str, user: &User) -> Result<Self> {
        if purpose == Purpose::Durable || !has_room(Path::new(MEMORY)) {
            return Self::open(directory, name, user);
        }
        fs::create_dir_all(directory).with_context(|| format!("{} cannot be created", directory.display()))?;
        Self::given_to(user, elsewhere(&directory.join(name), Path::new(MEMORY))?, true)
    }

    fn given_to(user: &User, path: PathBuf, is_in_memory: bool) -> Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{} cannot be protected", path.display()))?;
        user.own(&path)?;
        Ok(Self { path, is_in_memory })
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

/// Whether files here are in memory, and plenty of them can be.
fn has_room(directory: &Path) -> bool {
    statfs(directory).is_ok_and(|system| {
        system.filesystem_type() == TMPFS_MAGIC
            && system.blocks_available().saturating_mul(system.block_size().unsigned_abs()) >= ROOM
    })
}

/// A place below another directory that belongs to `wanted`, which becomes a link to it.
///
/// The name is not taken from `wanted` alone: somebody else might have made that directory, and would then own ours.
fn elsewhere(wanted: &Path, base: &Path) -> Result<PathBuf> {
    if let Ok(target) = fs::read_link(wanted)
        && target.is_dir()
    {
        return Ok(target);
    }
    let _ = fs::remove_file(wanted);
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    let target = base.join(format!("creditors-{:016x}-{}", hasher.finish(), random::token()));
    fs::create_dir(&target).with_context(|| format!("{} cannot be created", target.display()))?;
    symlink(&target, wanted).with_context(|| format!("{} cannot become a link", wanted.display()))?;
    Ok(target)
}
