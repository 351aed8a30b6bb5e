//! Whose messages are sent (processing §14).

use domain::{
    Shard,
    signal::{Kind, Signal},
};

/// The creditors that the flusher sends messages for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jurisdiction {
    /// The shard.
    pub(crate) shard: Shard,
    /// Whether messages of creditors of the parent shard are thrown away.
    pub(crate) delete_left_overs: bool,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Publish it.
    Send,
    /// Delete it without publishing it: it was copied from the parent shard, and another shard, or the parent, sends it.
    Discard,
    /// Nothing: it should not be here.
    Refuse,
}

impl Jurisdiction {
    pub(crate) fn duty(&self, signal: &Signal) -> Duty {
        let creditor_id = signal.account().creditor_id;
        // A bounced configuration arrives at any shard, which forwards what it makes of it to the right one.
        if signal.kind() == Kind::RejectedConfig || self.shard.is_valid(creditor_id) {
            Duty::Send
        } else if self.delete_left_overs && self.shard.is_valid_for_parent(creditor_id) {
            Duty::Discard
        } else {
            Duty::Refuse
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        AccountKey, CreditorId, DebtorId, Realm,
        signal::{RejectedConfig, UpdatedFlags},
        time::EPOCH,
    };

    use super::*;

    fn flags(creditor_id: i64) -> Signal {
        let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(1));
        Signal::UpdatedFlags(UpdatedFlags { account, update_id: 1, config_flags: 0, ts: EPOCH })
    }

    fn rejected(creditor_id: i64) -> Signal {
        Signal::RejectedConfig(RejectedConfig {
            account: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(1)),
            config_ts: EPOCH,
            config_seqnum: 1,
            config_flags: 0,
            config_data: String::new(),
            negligible_amount: 0.0,
            rejection_code: String::new(),
            inserted_at: EPOCH,
        })
    }

    #[test]
    fn the_table_of_the_specification() {
        // Of the shards 0.1.# (with the parent 0.#), 2³² is in the parent only, 1234 in both, 2 in neither (smp §8).
        let shard = Shard::new(CreditorId::new(0), CreditorId::new(i64::MAX), Realm::parse("0.1.#").unwrap());
        for (creditor_id, keeping, deleting) in [
            (1_234, Duty::Send, Duty::Send),
            (1 << 32, Duty::Refuse, Duty::Discard),
            (2, Duty::Refuse, Duty::Refuse),
            (i64::MIN, Duty::Refuse, Duty::Refuse),
        ] {
            for (delete_left_overs, expected) in [(false, keeping), (true, deleting)] {
                let jurisdiction = Jurisdiction { shard, delete_left_overs };
                assert_eq!(jurisdiction.duty(&flags(creditor_id)), expected, "{creditor_id}");
                assert_eq!(jurisdiction.duty(&rejected(creditor_id)), Duty::Send, "{creditor_id}");
            }
        }
    }
}
