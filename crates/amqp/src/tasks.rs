//! The one place where this crate starts a task.

use std::future::Future;

use tokio::task::JoinHandle;

/// Starts the task that looks after a connection.
#[expect(
    clippy::disallowed_methods,
    reason = "`runtime` stands above this crate; the owner of a handle sees its supervisor end through the status"
)]
pub(crate) fn spawn<F>(task: F) -> JoinHandle<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(task)
}
