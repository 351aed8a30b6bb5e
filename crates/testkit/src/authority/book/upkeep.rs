//! What happens by the passing of time.

use domain::Timestamp;

use super::Book;
use crate::authority::outgoing::Outgoing;

impl Book {
    /// Removes accounts whose time has come, reminds of transfers that wait for their finalisation, and repeats what
    /// was not told for long. To be called every now and then.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Outgoing> {
        self.conversations.forget(now - self.options.memory);
        let mut outgoing = self.remove_condemned(now);
        let reminders = self.conversations.due(now, now + self.options.reminder_period);
        outgoing.extend(reminders.into_iter().map(|conversation| conversation.prepared(now)));
        outgoing.extend(self.heartbeats(now));
        outgoing
    }

    fn remove_condemned(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let latest = now - self.options.purge_delay;
        let is_due = |key: &&_| {
            let is_told = !self.changed.contains(key);
            let is_due = |account: &super::Account| account.is_deletable() && account.updated_at <= latest;
            is_told && self.accounts.get(key).is_some_and(is_due)
        };
        let due: Vec<_> = self.condemned.iter().filter(is_due).copied().collect();
        due.into_iter().flat_map(|key| self.purge(key, now).unwrap_or_default()).collect()
    }

    /// Deletable accounts have none, lest they revive an account that is about to be removed.
    fn heartbeats(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let latest = now - self.options.heartbeat_period;
        let quiet = self.accounts.values().filter(|account| account.updated_at <= latest && !account.is_deletable());
        let keys: Vec<_> = quiet.map(|account| account.key).collect();
        keys.into_iter().filter_map(|key| self.update(key, now)).collect()
    }
}
