//! Rests between the passes of a loop that is called all the time.

use std::time::Duration;

use tokio::time;

use crate::{Stop, Wake, Woken};

/// The longest rest: what a loop adds at most to the time that its work takes.
const LONGEST: Duration = Duration::from_millis(20);

/// After so many passes in a row during which there were calls, rests grow no more.
const MOST: u32 = 10;

/// Makes a loop that is called all the time work less often, with more to do each time. A pass costs nearly the same whether it
/// finds one row or a hundred, so a system that has much to do gets more of it done.
///
/// Who calls a loop that sleeps does not wait. Only a call that comes during a pass is answered later: the first time
/// after half of the time that the pass has taken, and if it goes on like this, after up to five times that time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Damper {
    /// Passes in a row during which there were calls.
    hurried: u32,
}

impl Damper {
    /// After a pass that has taken so long: rests if there was a call meanwhile. The call is still there afterwards.
    pub async fn rest(&mut self, wake: &Wake, stop: &Stop, pass: Duration) {
        if wake.wait(Duration::ZERO, stop).await != Woken::Called {
            self.hurried = 0;
            return;
        }
        self.hurried = self.hurried.saturating_add(1).min(MOST);
        tokio::select! {
            biased;
            () = stop.stopped() => {}
            () = time::sleep((pass * self.hurried / 2).min(LONGEST)) => {}
        }
        wake.wake();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const PASS: Duration = Duration::from_millis(2);

    async fn rest(damper: &mut Damper, wake: &Wake, stop: &Stop, pass: Duration) -> u128 {
        let began = Instant::now();
        damper.rest(wake, stop, pass).await;
        began.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn rests_grow_while_calls_keep_coming() {
        let (mut damper, wake, stop) = (Damper::default(), Wake::new(), Stop::new());
        assert_eq!(rest(&mut damper, &wake, &stop, PASS).await, 0, "nobody has called");
        wake.wake();
        for expected in (1..=10).chain([10]) {
            assert_eq!(rest(&mut damper, &wake, &stop, PASS).await, expected);
        }
        assert_eq!(rest(&mut damper, &wake, &stop, PASS * 100).await, 20, "the longest of all");
        assert_eq!(wake.wait(Duration::ZERO, &stop).await, Woken::Called, "the call was not lost");
        assert_eq!(rest(&mut damper, &wake, &stop, PASS).await, 0, "nobody has called since");
        wake.wake();
        assert_eq!(rest(&mut damper, &wake, &stop, PASS).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_rest() {
        let (mut damper, wake, stop) = (Damper::default(), Wake::new(), Stop::new());
        wake.wake();
        let stopper = async {
            time::sleep(Duration::from_millis(1)).await;
            stop.stop();
        };
        let (rested, ()) = tokio::join!(rest(&mut damper, &wake, &stop, PASS * 10), stopper);
        assert_eq!(rested, 1);
    }
}
