//! Tasks that are not lost: a panic is logged, a failure ends the others.

use std::fmt;
use std::thread;

use tokio::task::{JoinHandle, JoinSet};
use tracing::error;

use crate::Stop;

/// Runs `future` beside everything else. If it panics, that is logged under `name` at once, not only when somebody
/// looks at the handle.
#[expect(clippy::disallowed_methods, reason = "this is the place where panics of tasks are noticed")]
pub fn spawn<F>(name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(watched(name, future))
}

async fn watched<F: Future>(name: &'static str, future: F) -> F::Output {
    let _watch = Watch(name);
    future.await
}

/// Is dropped by the unwinding of a panic, or silently.
struct Watch(&'static str);

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            error!(task = self.0, "The task {} panicked.", self.0);
        }
    }
}

/// Tasks that end together: the first failure stops the rest, and everybody is waited for.
#[derive(Debug)]
pub struct Group<E> {
    stop: Stop,
    tasks: JoinSet<Result<(), Failure<E>>>,
}

/// How a member of a [`Group`] failed.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// The task ended with an error.
    Failed(&'static str, E),
    /// The task panicked, or was aborted.
    Lost(String),
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(name, _) => write!(f, "the task {name} failed"),
            Self::Lost(reason) => write!(f, "a task was lost: {reason}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for Failure<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(_, error) => Some(error),
            Self::Lost(_) => None,
        }
    }
}

impl<E: Send + 'static> Group<E> {
    /// An empty group; a failure of one of its tasks will stop `stop`.
    pub fn new(stop: Stop) -> Self {
        Self { stop, tasks: JoinSet::new() }
    }

    /// Runs one more task, which must end soon after the stop.
    pub fn spawn<F>(&mut self, name: &'static str, future: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
    {
        let named = async move { watched(name, future).await.map_err(|error| Failure::Failed(name, error)) };
        self.tasks.spawn(named);
    }

    /// Waits until all tasks have ended, and tells of the first failure.
    pub async fn finish(mut self) -> Result<(), Failure<E>> {
        let mut first = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.unwrap_or_else(|lost| Err(Failure::Lost(lost.to_string())));
            if ended.is_err() {
                self.stop.stop();
            }
            first = first.and(ended);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    async fn until(stop: Stop) -> Result<(), io::Error> {
        stop.stopped().await;
        Ok(())
    }

    #[tokio::test]
    async fn a_failure_stops_the_others() {
        let stop = Stop::new();
        let mut group = Group::new(stop.clone());
        group.spawn("patient", until(stop.clone()));
        group.spawn("hasty", async { Err(io::Error::other("no luck")) });
        let failure = group.finish().await.unwrap_err();
        assert_eq!(failure.to_string(), "the task hasty failed");
        assert_eq!(std::error::Error::source(&failure).unwrap().to_string(), "no luck");
    }

    #[tokio::test]
    async fn a_panic_stops_the_others_and_reaches_the_handle() {
        let stop = Stop::new();
        let mut group = Group::new(stop.clone());
        group.spawn("patient", until(stop.clone()));
        group.spawn("clumsy", async { panic!("oops") });
        assert!(matches!(group.finish().await, Err(Failure::Lost(_))));
        assert!(stop.is_stopped());
        assert!(spawn("clumsy", async { panic!("oops") }).await.unwrap_err().is_panic());
    }

    #[tokio::test]
    async fn an_orderly_end_is_no_failure() {
        let stop = Stop::new();
        let mut group = Group::new(stop.clone());
        group.spawn("one", until(stop.clone()));
        group.spawn("two", until(stop.clone()));
        stop.stop();
        assert_eq!(group.finish().await.map_err(|failure| failure.to_string()), Ok(()));
    }
}
