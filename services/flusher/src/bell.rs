//! How a lane is called to work.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use runtime::{Damper, Stop, Wake, Woken};

/// Calls one lane, and shows whether it is at work. Copies are the same bell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bell {
    wake: Wake,
    busy: Arc<AtomicBool>,
}

impl Bell {
    /// Makes the lane look at its table, now or when it has finished what it is doing.
    pub(crate) fn ring(&self) {
        self.wake.wake();
    }

    /// Whether the lane is at work, so that there is no need to find out whether it has any.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire)
    }

    /// After work that has taken so long: rests if the bell was rung meanwhile.
    pub(crate) async fn damp(&self, damper: &mut Damper, worked: Duration, stop: &Stop) {
        damper.rest(&self.wake, stop, worked).await;
    }

    /// Waits to be called, but not longer than `max`. False when it is time to finish.
    pub(crate) async fn wait(&self, max: Duration, stop: &Stop) -> bool {
        self.busy.store(false, Ordering::Release);
        // Whoever saw us busy has rung, and this has not been missed.
        let woken = self.wake.wait(max, stop).await;
        self.busy.store(true, Ordering::Release);
        woken != Woken::Stopped
    }
}
