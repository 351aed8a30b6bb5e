//! Randomness: drawn here and nowhere else.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A source of random bits. The source in use is fit for secrets; tests use one that repeats itself.
pub trait Random: Send + Sync {
    /// Overwrites all of `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Any 64-bit number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// A span from zero up to, but not including, `limit`.
    fn up_to(&self, limit: Duration) -> Duration {
        let high_bits = (self.next_u64() >> 32) as u32;
        limit.mul_f64(f64::from(high_bits) / 4_294_967_296.0)
    }
}

/// The generator of this thread, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the source that everything else takes as an argument")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// A generator that draws the same numbers from the same seed, for tests.
#[derive(Debug)]
pub struct SeededRandom(Mutex<StdRng>);

impl SeededRandom {
    /// A generator that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself() {
        let (one, same, other) = (SeededRandom::new(1), SeededRandom::new(1), SeededRandom::new(2));
        let drawn = one.next_u64();
        assert_eq!(drawn, same.next_u64());
        assert_ne!(drawn, other.next_u64());
        assert_ne!(drawn, one.next_u64());
        assert_ne!(SystemRandom.next_u64(), SystemRandom.next_u64());
    }

    #[test]
    fn spans_stay_below_their_limit() {
        let random = SeededRandom::new(3);
        let limit = Duration::from_millis(10);
        let drawn: Vec<Duration> = (0..1_000).map(|_| random.up_to(limit)).collect();
        assert!(drawn.iter().all(|span| *span < limit));
        assert!(drawn.iter().any(|span| *span > limit / 2) && drawn.iter().any(|span| *span < limit / 2));
        assert_eq!(random.up_to(Duration::ZERO), Duration::ZERO);
    }
}
