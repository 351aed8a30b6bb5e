//! Rounds through a queue in the database, in which one bad member does not hold up the others.

use std::{
    fmt::Debug,
    sync::{Mutex, MutexGuard, PoisonError},
};

use persistence::{Error, Fault, Result};
use runtime::worker::Pass;
use tracing::error;

/// Where a loop is in its round through a queue: batch after batch, in the order of a key.
///
/// * The next batch begins where the last one has ended, so everybody gets a turn, however busy the first ones are.
/// * When a batch fails because of its data, its members are taken one by one. Those that fail alone are told in the log
///   and passed over. When everybody else has been served, the round ends with the first of these errors
///   (processing §16).
#[derive(Debug)]
pub struct Round<K>(Mutex<State<K>>);

#[derive(Debug)]
struct State<K> {
    after: Option<K>,
    current: Option<K>,
    singly_until: Option<K>,
    failure: Option<Error>,
}

/// Where the next batch begins, and how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<K> {
    /// After this key; `None`: at the beginning of the queue.
    pub after: Option<K>,
    /// Only one member is to be taken.
    pub is_single: bool,
}

impl<K> Default for Round<K> {
    fn default() -> Self {
        Self(Mutex::new(State { after: None, current: None, singly_until: None, failure: None }))
    }
}

impl<K: Copy + Ord + Debug> Round<K> {
    /// Where the next batch begins.
    pub fn place(&self) -> Place<K> {
        let state = self.state();
        Place { after: state.after, is_single: state.singly_until.is_some() }
    }

    /// A batch that ends with this key is being worked on; `None` if nothing is left of the queue.
    pub fn begin(&self, last: Option<K>) {
        self.state().current = last;
    }

    /// The batch is done. `more`: others may follow; `left`: some of the queue was passed by and needs another look.
    ///
    /// Tells whether to go on at once. Fails at the end of a round in which a member had failed.
    pub fn done(&self, more: bool, left: bool) -> Result<Pass> {
        let mut state = self.state();
        if more {
            state.move_on();
            return Ok(Pass::Full);
        }
        let was_whole = state.after.is_none();
        state.after = None;
        state.singly_until = None;
        match state.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(if was_whole && !left { Pass::Drained } else { Pass::Full }),
        }
    }

    /// The batch has failed, and nothing of it is done.
    ///
    /// Gives the error back if the cause does not lie in the data.
    pub fn failed(&self, failure: Error) -> Result<Pass> {
        let mut state = self.state();
        let Some(last) = state.current.filter(|_| failure.fault() != Fault::Unavailable) else { return Err(failure) };
        if state.singly_until.is_none() {
            state.singly_until = Some(last);
            return Ok(Pass::Full);
        }
        error!(
            member = ?last,
            error = &failure as &dyn std::error::Error,
            "The work for {last:?} cannot be done; the others go on."
        );
        state.failure.get_or_insert(failure);
        state.move_on();
        Ok(Pass::Full)
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Ord> State<K> {
    fn move_on(&mut self) {
        self.after = self.current;
        if self.after >= self.singly_until {
            self.singly_until = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad() -> Error {
        Error::Inconsistent { table: "t", key: "k".to_owned() }
    }

    fn place(after: Option<i64>, is_single: bool) -> Place<i64> {
        Place { after, is_single }
    }

    #[test]
    fn a_round_goes_from_batch_to_batch_and_then_looks_again() {
        let round = Round::default();
        assert_eq!(round.place(), place(None, false));
        for last in [5, 9] {
            round.begin(Some(last));
            assert_eq!(round.done(true, false).unwrap(), Pass::Full);
            assert_eq!(round.place(), place(Some(last), false));
        }
        round.begin(None);
        assert_eq!(round.done(false, false).unwrap(), Pass::Full, "something may have come in the meantime");
        round.begin(Some(9));
        assert_eq!(round.done(false, true).unwrap(), Pass::Full, "something was passed by");
        assert_eq!(round.done(false, false).unwrap(), Pass::Drained);
    }

    #[test]
    fn a_bad_member_is_passed_over_and_told_of_at_the_end() {
        let round = Round::default();
        round.begin(Some(3));
        assert_eq!(round.failed(bad()).unwrap(), Pass::Full);
        for member in 1..=3 {
            assert_eq!(round.place(), place((member > 1).then_some(member - 1), true));
            round.begin(Some(member));
            let pass = if member == 2 { round.failed(bad()) } else { round.done(true, false) };
            assert_eq!(pass.unwrap(), Pass::Full);
        }
        assert_eq!(round.place(), place(Some(3), false), "whole batches again");
        round.begin(Some(7));
        assert_eq!(round.done(true, false).unwrap(), Pass::Full);
        round.begin(None);
        assert!(matches!(round.done(false, false), Err(Error::Inconsistent { .. })));
    }

    #[test]
    fn an_absent_database_is_no_matter_of_the_data() {
        let round = Round::<i64>::default();
        round.begin(Some(3));
        assert!(matches!(round.failed(Error::PoolTimeout), Err(Error::PoolTimeout)));
        assert_eq!(round.place(), place(None, false));
        round.begin(None);
        assert!(matches!(round.failed(bad()), Err(Error::Inconsistent { .. })), "nothing had been taken");
    }
}
