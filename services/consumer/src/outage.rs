//! What keeps one worker from its work keeps all of them: they share the database and the queue of the dead letters.
//!
//! The worker that notices it first declares an outage, and stops the deliveries to all workers. Only then does anyone
//! return what he holds: what one of them returned earlier would be delivered to another, who would return it as well.
//! So no message comes back more than once. The worker that declared the outage finds out when it is over; the others
//! wait for that.

use std::sync::Arc;

use amqp::Brake;
use futures::future::join_all;
use tokio::sync::watch;

/// The outages of a process, one at a time.
#[derive(Clone)]
pub(crate) struct Outages {
    brakes: Arc<[Brake]>,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// How many there have been.
    declared: u64,
    /// In so many, nobody gets messages any more.
    in_force: u64,
    over: u64,
    /// Of the last one.
    cause: &'static str,
}

/// An outage that lasts until this is dropped.
pub(crate) struct Outage {
    outages: Outages,
}

/// What a worker has heard of outages.
#[derive(Clone)]
pub(crate) struct News {
    state: watch::Receiver<State>,
    lived_through: u64,
}

impl Outages {
    /// Of workers with these brakes.
    pub(crate) fn new(brakes: impl IntoIterator<Item = Brake>) -> Self {
        Self { brakes: brakes.into_iter().collect(), state: watch::Sender::default() }
    }

    /// Begins an outage. `None` if there is one already, and somebody else will tell its end.
    pub(crate) fn declare(&self, cause: &'static str) -> Option<Outage> {
        let is_first = self.state.send_if_modified(|state| {
            let is_first = state.declared == state.over;
            if is_first {
                *state = State { declared: state.declared.saturating_add(1), cause, ..*state };
            }
            is_first
        });
        is_first.then(|| Outage { outages: self.clone() })
    }

    pub(crate) fn news(&self) -> News {
        let state = self.state.subscribe();
        let lived_through = state.borrow().over;
        News { state, lived_through }
    }
}

impl Outage {
    /// Returns when no worker will get any more messages.
    pub(crate) async fn stop_deliveries(&self) {
        join_all(self.outages.brakes.iter().map(Brake::hold)).await;
        self.outages.state.send_modify(|state| state.in_force = state.declared);
    }
}

impl Drop for Outage {
    fn drop(&mut self) {
        self.outages.state.send_modify(|state| {
            state.in_force = state.declared;
            state.over = state.declared;
        });
    }
}

impl News {
    /// Waits until an outage that the worker has not lived through has stopped all deliveries. It may be over already:
    /// what matters is that the worker's own were stopped.
    pub(crate) async fn in_force(&mut self) {
        let lived_through = self.lived_through;
        if self.state.wait_for(|state| state.in_force > lived_through).await.is_err() {
            // There will be no more.
            std::future::pending::<()>().await;
        }
    }

    /// The cause of the outage that has not ended, if there is one.
    pub(crate) fn cause(&self) -> Option<&'static str> {
        let state = self.state.borrow();
        (state.over < state.declared).then_some(state.cause)
    }

    /// Waits until no outage is left to live through.
    pub(crate) async fn over(&mut self) {
        if let Ok(state) = self.state.wait_for(|state| state.over == state.declared).await {
            self.lived_through = state.over;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[test]
    fn one_worker_ends_what_all_wait_for() {
        let outages = Outages::new([]);
        let mut news = outages.news();
        assert!(news.in_force().now_or_never().is_none());
        assert!(news.over().now_or_never().is_some());

        let outage = outages.declare("database").unwrap();
        assert!(outages.declare("dead_letters").is_none());
        assert_eq!(news.cause(), Some("database"));
        // Somebody still gets messages: nothing may be returned yet.
        assert!(news.in_force().now_or_never().is_none());
        assert!(outage.stop_deliveries().now_or_never().is_some());
        assert!(news.in_force().now_or_never().is_some());
        assert!(news.over().now_or_never().is_none());
        drop(outage);
        assert_eq!(news.cause(), None);

        // Who has been busy meanwhile must still notice it, once.
        assert!(news.in_force().now_or_never().is_some());
        assert!(news.over().now_or_never().is_some());
        assert!(news.in_force().now_or_never().is_none());
        assert!(outages.declare("dead_letters").is_some());
        // Given up at once.
        assert!(news.in_force().now_or_never().is_some());
    }
}
