//! Finding executables: those of the servers, and our own.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::environment;

/// The newest executable called `name` below `/usr/lib/postgresql`, or the one in `PATH`.
pub(crate) fn postgres(name: &str) -> Result<PathBuf> {
    newest(Path::new("/usr/lib/postgresql"), &format!("bin/{name}"))
        .or_else(|| in_path(name))
        .with_context(|| missing(name, "postgresql"))
}

/// The broker's start script. The distribution's own wrapper in `PATH` insists on being root, so it comes last.
pub(crate) fn rabbitmq_server() -> Result<PathBuf> {
    newest(Path::new("/usr/lib/rabbitmq/lib"), "sbin/rabbitmq-server")
        .or_else(|| in_path("rabbitmq-server"))
        .with_context(|| missing("rabbitmq-server", "rabbitmq-server"))
}

/// Erlang's name server.
pub(crate) fn epmd() -> Result<PathBuf> {
    in_path("epmd").with_context(|| missing("epmd", "erlang-base"))
}

/// The web server in front.
pub(crate) fn nginx() -> Result<PathBuf> {
    in_path("nginx").with_context(|| missing("nginx", "nginx-light"))
}

/// What runs the authorization server.
pub(crate) fn node() -> Result<PathBuf> {
    in_path("node").or_else(|| existing(tools().join("bin/node"))).with_context(|| missing("node", "nodejs"))
}

/// The libraries of the authorization server, which `deploy/local/run` installs.
pub(crate) fn authorization_libraries() -> Result<PathBuf> {
    existing(tools().join("authorization/node_modules"))
        .and_then(|path| path.canonicalize().ok())
        .context("the authorization server is not installed: run deploy/local/run with `test`, `demo` or `up`")
}

/// Where `deploy/local/run` puts what does not come from the distribution.
fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.run/tools")
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}

/// One of this workspace's own executables: it lies next to the running one, or next to its `deps` directory.
pub fn sibling(name: &str) -> Result<PathBuf> {
    let running = std::env::current_exe().context("the running executable has no path")?;
    let mut directory = running.parent().context("the running executable is in no directory")?;
    if directory.ends_with("deps") {
        directory = directory.parent().unwrap_or(directory);
    }
    let path = directory.join(name);
    if !path.is_file() {
        let release = if directory.ends_with("release") { " --release" } else { "" };
        bail!("{} is missing; build it: cargo build{release} --workspace --bins", path.display());
    }
    Ok(path)
}

/// An executable in `PATH` or where the system's administrative programs are.
pub(crate) fn in_path(name: &str) -> Option<PathBuf> {
    let path = environment::get("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file())
}

fn missing(program: &str, package: &str) -> String {
    format!("`{program}` is not installed: run deploy/local/run, or install the package {package}")
}

/// `<root>/<version>/<program>` with the greatest version.
fn newest(root: &Path, program: &str) -> Option<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(root)
        .ok()?
        .filter_map(|entry| {
            let directory = entry.ok()?.path();
            let candidate = directory.join(program);
            candidate.is_file().then(|| (version(&directory), candidate))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

/// The numbers in a directory's name: `rabbitmq_server-3.10.8` → 3, 10, 8.
fn version(directory: &Path) -> Vec<u32> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version(Path::new("/x/rabbitmq_server-3.10.8")) > version(Path::new("/x/rabbitmq_server-3.9.27")));
        assert!(version(Path::new("/usr/lib/postgresql/15")) > version(Path::new("/usr/lib/postgresql/9.6")));
    }

    #[test]
    fn a_missing_executable_of_ours_is_reported_with_its_remedy() {
        let error = sibling("creditors-nothing").unwrap_err().to_string();
        assert!(error.contains("creditors-nothing is missing; build it: cargo build"), "{error}");
    }
}
