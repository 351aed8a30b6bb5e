//! What was said about tokens, for a while.

use std::{fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::Timestamp;
use moka::{Expiry, future::Cache};
use runtime::Clock;
use sha2::{Digest as _, Sha256};

use super::{LIFETIME, Rejection};
use crate::caller::{Challenge, grant::Grant};

/// So many bad tokens are remembered, and so long.
const MAX_BAD: u64 = 1_000;
const BAD_LIFETIME: Duration = Duration::from_secs(5);

/// Stands for a token that nobody can guess: the token itself is not kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// The good and the bad tokens. Entries leave by themselves when their time is over.
pub(super) struct Memory {
    good: Cache<Digest, Remembered>,
    bad: Cache<Digest, (Challenge, Timestamp)>,
}

#[derive(Clone)]
struct Remembered {
    grant: Arc<Grant>,
    /// Until when it is believed.
    until: Timestamp,
    lifetime: Duration,
}

impl Remembered {
    fn new(grant: Grant, now: Timestamp) -> Self {
        let longest = TimeDelta::from_std(LIFETIME).unwrap_or_default();
        let left = grant.expires_at.map_or(longest, |end| longest.min(end - now));
        let lifetime = left.to_std().unwrap_or_default();
        Self { grant: Arc::new(grant), until: now + left, lifetime }
    }
}

/// For how long entries are kept, by the steady clock of the cache.
struct Lifetimes;

impl Expiry<Digest, Remembered> for Lifetimes {
    fn expire_after_create(&self, _: &Digest, remembered: &Remembered, _: std::time::Instant) -> Option<Duration> {
        Some(remembered.lifetime)
    }
}

impl Memory {
    /// Remembers so many good tokens.
    pub(super) fn new(max_good: u64) -> Self {
        Self {
            good: Cache::builder().max_capacity(max_good).expire_after(Lifetimes).build(),
            bad: Cache::builder().max_capacity(MAX_BAD).time_to_live(BAD_LIFETIME).build(),
        }
    }

    /// What is remembered of a token, or what `ask` tells about it. Of those that ask about the same token at the same
    /// time, one does it for all.
    pub(super) async fn grant(
        &self,
        digest: Digest,
        clock: &dyn Clock,
        ask: impl AsyncFnOnce() -> Result<Grant, Rejection>,
    ) -> Result<Arc<Grant>, Arc<Rejection>> {
        let now = clock.now();
        if let Some(remembered) = self.good.get(&digest).await {
            if now < remembered.until {
                return Ok(remembered.grant);
            }
            self.good.invalidate(&digest).await;
        }
        if let Some((challenge, until)) = self.bad.get(&digest).await
            && now < until
        {
            return Err(Arc::new(Rejection::Token(challenge)));
        }
        let asked = async { Ok(Remembered::new(ask().await?, now)) };
        let outcome = self.good.try_get_with(digest, asked).await;
        if let Err(rejection) = &outcome
            && let Rejection::Token(challenge) = **rejection
        {
            self.bad.insert(digest, (challenge, now + BAD_LIFETIME)).await;
        }
        outcome.map(|remembered| remembered.grant)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use runtime::{
        ManualClock,
        config::{Environment, Settings},
    };

    use super::*;
    use crate::caller::{SubjectRules, grant::Identity};

    fn grant() -> Grant {
        let settings = Settings::load(&Environment::default()).unwrap();
        Grant::new(&SubjectRules::new(&settings.auth).unwrap(), Identity::default(), None, None)
    }

    /// How many good and bad tokens are kept.
    async fn kept(memory: &Memory) -> (u64, u64) {
        memory.good.run_pending_tasks().await;
        memory.bad.run_pending_tasks().await;
        (memory.good.entry_count(), memory.bad.entry_count())
    }

    #[actix_web::test]
    async fn bad_tokens_take_a_limited_room_that_is_not_the_one_of_good_tokens() {
        let (memory, clock) = (Memory::new(10), ManualClock::new(DateTime::UNIX_EPOCH));
        let bad = || Err(Rejection::Token(Challenge::InvalidToken));
        memory.grant(Digest::of("good"), &clock, async || Ok(grant())).await.unwrap();
        for number in 0..10_000 {
            let outcome = memory.grant(Digest::of(&number.to_string()), &clock, async || bad()).await;
            assert!(outcome.is_err());
        }
        let (good, bad_ones) = kept(&memory).await;
        assert!(good == 1 && bad_ones <= MAX_BAD, "{good} {bad_ones}");
        // Nobody asks again.
        memory.grant(Digest::of("good"), &clock, async || bad()).await.unwrap();
    }

    #[actix_web::test]
    async fn good_tokens_take_the_room_that_the_operator_gives_them() {
        let (memory, clock) = (Memory::new(10), ManualClock::new(DateTime::UNIX_EPOCH));
        for number in 0..1_000 {
            memory.grant(Digest::of(&number.to_string()), &clock, async || Ok(grant())).await.unwrap();
        }
        assert!(kept(&memory).await.0 <= 10);
    }
}
