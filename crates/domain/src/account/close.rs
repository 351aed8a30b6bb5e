//! Deleting accounts (processing §6 "delete account").

use thiserror::Error;

use super::{Data, Policy};
use crate::{
    AccountKey, Timestamp,
    creditor::AccountsHead,
    log_entry::{AccountObject, LogEntry},
    signal::{Signal, UpdatedFlags, UpdatedLedger, UpdatedPolicy},
    time::EPOCH_DATE,
};

/// Why an account must not be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// Money might be lost, and the holder has not accepted that.
    #[error("the account can not be deleted safely")]
    Unsafe,
    /// Another account of the holder is pegged to it.
    #[error("another account is pegged to the account")]
    Pegged,
}

/// Decides whether an account may be deleted.
///
/// `debtor_name`: the holder's name for the debtor; until it is given, the account is not in use. `is_pegged_to`: another
/// account of the holder (not itself) is pegged to it.
pub fn allow_deletion(data: &Data, debtor_name: Option<&str>, is_pegged_to: bool) -> Result<(), Refused> {
    if debtor_name.is_some() && !data.is_deletion_safe() && !data.config.allow_unsafe_deletion {
        Err(Refused::Unsafe)
    } else if is_pegged_to {
        Err(Refused::Pegged)
    } else {
        Ok(())
    }
}

/// Outgoing messages that stop trading with an account that is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct StopTrade {
    /// The ledger is empty.
    pub ledger: UpdatedLedger,
    /// There is no policy.
    pub policy: UpdatedPolicy,
    /// There are no flags.
    pub flags: UpdatedFlags,
}

impl From<StopTrade> for [Signal; 3] {
    fn from(stop: StopTrade) -> Self {
        [Signal::UpdatedLedger(stop.ledger), Signal::UpdatedPolicy(stop.policy), Signal::UpdatedFlags(stop.flags)]
    }
}

/// Stops trading with an account; `update_id` was drawn from `object_update_id_seq`.
pub fn stop_trade(account: AccountKey, update_id: i64, now: Timestamp) -> StopTrade {
    StopTrade {
        ledger: UpdatedLedger {
            account,
            update_id,
            account_id: String::new(),
            creation_date: EPOCH_DATE,
            principal: 0,
            last_transfer_number: 0,
            ts: now,
        },
        policy: Policy::default().updated_policy(account, update_id, now),
        flags: UpdatedFlags { account, update_id, config_flags: 0, ts: now },
    }
}

/// What to write for the deletion of an account, next to deleting its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// The changed columns of the creditor.
    pub creditor: AccountsHead,
    /// Entries to be logged at once, in this order.
    pub log_entries: Vec<LogEntry>,
    /// Outgoing messages.
    pub stop_trade: StopTrade,
}

/// Deletes an account whose deletion is allowed; `deletion_id` was drawn from `object_update_id_seq`.
pub fn close(data: &Data, creditor: AccountsHead, deletion_id: i64, now: Timestamp) -> Closed {
    let account = data.key;
    let mut creditor = creditor.changed(now);
    creditor.largest_historic_ledger_entry_id =
        creditor.largest_historic_ledger_entry_id.max(data.ledger.last_entry_id);
    let list = LogEntry::accounts_list(account.creditor_id, creditor.list_update_id, now);
    let objects = AccountObject::ALL.map(|object| LogEntry::account_object_deleted(object, account, deletion_id, now));
    Closed {
        creditor,
        log_entries: std::iter::once(list).chain(objects).collect(),
        stop_trade: stop_trade(account, deletion_id, now),
    }
}
