//! Waiting until something that failed works again.

use std::{sync::Arc, time::Duration};

use runtime::{Random, Stop, worker::Backoff};
use tokio::time::sleep;
use tracing::{info, warn};

const PAUSES: Backoff = Backoff { first: Duration::from_millis(250), cap: Duration::from_secs(5) };

/// Remembers how often in a row something has failed: each wait is longer than the one before.
pub(crate) struct Patience {
    failures: u32,
    stop: Stop,
    random: Arc<dyn Random>,
}

impl Patience {
    pub(crate) fn new(stop: Stop, random: Arc<dyn Random>) -> Self {
        Self { failures: 0, stop, random }
    }

    /// It works again, for good.
    pub(crate) fn forget(&mut self) {
        self.failures = 0;
    }

    /// Waits and probes until a probe succeeds. False when told to stop.
    ///
    /// `what` names what has failed, and `cause` tells why.
    pub(crate) async fn wait_out<F, Fut>(&mut self, what: &'static str, mut cause: String, mut probe: F) -> bool
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<(), String>>,
    {
        let mut told = String::new();
        loop {
            if cause != told {
                warn!(reason = cause, "Consuming pauses, because {what} cannot be used: {cause}.");
                told.clone_from(&cause);
            }
            self.failures = self.failures.saturating_add(1);
            let pause = PAUSES.pause(self.failures, &*self.random);
            tokio::select! {
                biased;
                () = self.stop.stopped() => return false,
                () = sleep(pause) => {}
            }
            let probed = tokio::select! {
                biased;
                () = self.stop.stopped() => return false,
                probed = probe() => probed,
            };
            match probed {
                Ok(()) => {
                    info!("Consuming goes on: {what} can be used again.");
                    return true;
                }
                Err(next) => cause = next,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use runtime::SeededRandom;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_something_has_worked() {
        let mut patience = Patience::new(Stop::new(), Arc::new(SeededRandom::new(1)));
        let (mut attempts, mut began) = (Vec::new(), Instant::now());
        let probe = || {
            attempts.push(began.elapsed());
            began = Instant::now();
            let enough = attempts.len() == 8;
            async move { if enough { Ok(()) } else { Err("it is away".to_owned()) } }
        };
        assert!(patience.wait_out("a test", "it went away".to_owned(), probe).await);
        for (attempt, longest) in attempts.iter().zip([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]) {
            let longest = Duration::from_millis(longest);
            assert!(*attempt >= longest / 2 && *attempt <= longest + Duration::from_millis(1), "{attempts:?}");
        }

        // What fails again soon is waited for longer than the first time.
        for (forget, longest) in [(false, 5_000), (true, 250)] {
            if forget {
                patience.forget();
            }
            let began = Instant::now();
            assert!(patience.wait_out("a test", "it went away".to_owned(), || async { Ok(()) }).await);
            let longest = Duration::from_millis(longest);
            assert!(began.elapsed() >= longest / 2 && began.elapsed() <= longest + Duration::from_millis(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_wait_and_the_probe() {
        let stop = Stop::new();
        let mut patience = Patience::new(stop.clone(), Arc::new(SeededRandom::new(1)));
        let probe = || {
            stop.stop();
            std::future::pending()
        };
        assert!(!patience.wait_out("a test", String::new(), probe).await);
    }
}
