//! How long to wait before a part is started again.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// A part that has lived so long counts as started: its end is not the same failure again.
const STARTED: Duration = Duration::from_secs(30);

/// The pauses between the lives of one part: they double while it does not stay alive.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) const fn new() -> Self {
        Self(SHORTEST)
    }

    /// The pause after a life of that length.
    pub(super) fn after(&mut self, life: Duration) -> Duration {
        if life >= STARTED {
            self.0 = SHORTEST;
        }
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_the_part_stays_alive() {
        let mut pause = Pause::new();
        let lives = [0, 29, 0, 5, 1, 0, 0, 30, 0];
        let pauses = lives.map(|life| pause.after(Duration::from_secs(life)).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 1, 2]);
    }
}
