//! Waking a loop that sleeps between its passes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time;

use crate::Stop;

/// A wake-up call for one loop. Copies call the same loop.
///
/// Calls coalesce: however many come while the loop is busy, it is woken once, and then sees everything that was
/// written before any of them. A call that comes between the last look and the wait is not lost.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use std::time::Duration;
/// use creditors_runtime::{Stop, Wake, Woken};
///
/// let (wake, stop) = (Wake::new(), Stop::new());
/// wake.wake();
/// wake.wake();
/// assert_eq!(wake.wait(Duration::MAX, &stop).await, Woken::Called);
/// assert_eq!(wake.wait(Duration::ZERO, &stop).await, Woken::Elapsed);
/// # })
/// ```
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There was a call.
    Called,
    /// The longest waiting time has passed.
    Elapsed,
    /// It is time to finish.
    Stopped,
}

impl Wake {
    /// A call that nobody has made yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the loop, now or when it next waits.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for a call, but not longer than `max`, and not when it is time to finish. A call that has already been made
    /// counts even if `max` is zero.
    pub async fn wait(&self, max: Duration, stop: &Stop) -> Woken {
        tokio::select! {
            biased;
            () = stop.stopped() => Woken::Stopped,
            () = self.0.notified() => Woken::Called,
            () = time::sleep(max) => Woken::Elapsed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test(start_paused = true)]
    async fn calls_coalesce_and_are_not_lost() {
        let (wake, stop) = (Wake::new(), Stop::new());
        let caller = wake.clone();
        caller.wake();
        caller.wake();
        assert_eq!(wake.wait(Duration::ZERO, &stop).await, Woken::Called);
        assert_eq!(wake.wait(LONG, &stop).await, Woken::Elapsed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_the_wait_at_once() {
        let (wake, stop) = (Wake::new(), Stop::new());
        let caller = wake.clone();
        let start = time::Instant::now();
        let (woken, ()) = tokio::join!(wake.wait(LONG, &stop), async move { caller.wake() });
        assert_eq!((woken, start.elapsed()), (Woken::Called, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn an_abandoned_wait_does_not_swallow_the_call() {
        let (wake, stop) = (Wake::new(), Stop::new());
        let mut abandoned = Box::pin(wake.wait(LONG, &stop));
        tokio::select! {
            biased;
            _ = &mut abandoned => unreachable!("nobody has called yet"),
            () = std::future::ready(()) => wake.wake(),
        }
        drop(abandoned);
        assert_eq!(wake.wait(LONG, &stop).await, Woken::Called);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_comes_first() {
        let (wake, stop) = (Wake::new(), Stop::new());
        wake.wake();
        stop.stop();
        assert_eq!(wake.wait(LONG, &stop).await, Woken::Stopped);
    }

    /// Whatever the interleaving, the last value written before a call is seen after it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_call_is_lost_under_concurrency() {
        use std::sync::atomic::{AtomicU32, Ordering};

        const LAST: u32 = 20_000;
        let (wake, stop, value) = (Wake::new(), Stop::new(), Arc::new(AtomicU32::new(0)));
        let (caller, written) = (wake.clone(), Arc::clone(&value));
        let writer = crate::tasks::spawn("writer", async move {
            for number in 1..=LAST {
                written.store(number, Ordering::Release);
                caller.wake();
                if number % 64 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
        while value.load(Ordering::Acquire) != LAST {
            assert_eq!(wake.wait(LONG, &stop).await, Woken::Called);
        }
        writer.await.unwrap();
    }
}
