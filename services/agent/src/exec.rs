//! Making way for another program: same process, same signals, its own exit status.

use std::{
    ffi::{OsStr, OsString},
    io::ErrorKind,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Command, ExitCode},
};

use runtime::config::{Environment, Logging};
use tracing::error;

use crate::{NAME, roles::Role};

/// What shells say when there is no such program.
const NOT_FOUND: u8 = 127;
/// What shells say when a program cannot be executed.
const NOT_EXECUTABLE: u8 = 126;

/// The path of a binary of ours: they lie side by side.
pub(crate) fn sibling(binary: &str) -> PathBuf {
    // Where even the system does not know our path, the search path must do.
    std::env::current_exe().map_or_else(|_| PathBuf::from(binary), |ours| ours.with_file_name(binary))
}

/// Becomes one of our services. Returns only if that is impossible, which it says in the operator's log format.
pub(crate) fn become_role(role: Role, arguments: Vec<OsString>) -> ExitCode {
    let program = sibling(role.binary);
    let failure = Command::new(&program).args(role.argument).args(arguments).exec();
    let logging = Logging::lenient(&Environment::process());
    (hosting::service(NAME, 1).init_logging)(&logging);
    let program = program.display();
    if failure.kind() == ErrorKind::NotFound {
        error!("{NAME} cannot start {}: there is no {program}; the binaries belong into one directory.", role.binary);
    } else {
        error!("{NAME} cannot start {program}: {failure}.");
    }
    ExitCode::FAILURE
}

/// Becomes any program that the search path knows. Returns only if that is impossible, with the status of a shell.
pub(crate) fn become_program(program: &OsStr, arguments: Vec<OsString>) -> ExitCode {
    let failure = Command::new(program).args(arguments).exec();
    let name = program.to_string_lossy();
    if failure.kind() == ErrorKind::NotFound {
        eprintln!(
            "{NAME}: {name:?} is neither a word that {NAME} knows nor a program; `{NAME} --help` lists the words."
        );
        return ExitCode::from(NOT_FOUND);
    }
    eprintln!("{NAME}: {name:?} cannot be executed: {failure}.");
    ExitCode::from(NOT_EXECUTABLE)
}
