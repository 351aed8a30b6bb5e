//! Exchange policies of accounts (processing §6 "exchange").

use crate::{
    AccountKey, DebtorId, Timestamp,
    log_entry::{AccountObject, LogEntry},
    signal::UpdatedPolicy,
    update_id::Patch,
};

/// A fixed exchange rate to another account of the same holder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peg {
    /// One unit of the account is worth so many of the other; not negative.
    pub exchange_rate: f64,
    /// The other account's debtor; may be the account's own.
    pub debtor_id: DebtorId,
}

/// What the holder chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Name of the policy.
    pub name: Option<String>,
    /// Do not sell below this principal.
    pub min_principal: i64,
    /// Do not buy above this principal; not less than `min_principal`.
    pub max_principal: i64,
    /// The peg.
    pub peg: Option<Peg>,
}

impl Default for Policy {
    /// No automatic exchange.
    fn default() -> Self {
        Self { name: None, min_principal: i64::MIN, max_principal: i64::MAX, peg: None }
    }
}

impl Policy {
    /// The message that tells the circular-trade subsystem.
    pub(super) fn updated_policy(&self, account: AccountKey, update_id: i64, ts: Timestamp) -> UpdatedPolicy {
        UpdatedPolicy {
            account,
            update_id,
            policy_name: self.name.clone(),
            min_principal: self.min_principal,
            max_principal: self.max_principal,
            peg_exchange_rate: self.peg.map(|peg| peg.exchange_rate),
            peg_debtor_id: self.peg.map(|peg| peg.debtor_id),
            ts,
        }
    }
}

/// A row of `account_exchange`.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// What the holder has chosen.
    pub policy: Policy,
    /// Update id of the AccountExchange object.
    pub latest_update_id: i64,
    /// When the AccountExchange object changed.
    pub latest_update_ts: Timestamp,
}

/// An account with another policy, provided that its peg exists.
///
/// An update id has grown: `object_update_id_seq` is to be bumped (processing §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Exchanged {
    /// The row to write.
    pub exchange: Exchange,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
    /// Message to the circular-trade subsystem.
    pub signal: UpdatedPolicy,
}

/// Gives an account the policy its holder wishes. `update_id` is the id the object is to get.
pub fn adopt_policy(
    account: AccountKey,
    exchange: &Exchange,
    policy: Policy,
    update_id: i64,
    now: Timestamp,
) -> Patch<Exchanged> {
    let same = exchange.policy == policy;
    Patch::judge(exchange.latest_update_id, update_id, same, || Exchanged {
        log_entry: LogEntry::account_object(AccountObject::Exchange, account, update_id, now),
        signal: policy.updated_policy(account, update_id, now),
        exchange: Exchange { policy, latest_update_id: update_id, latest_update_ts: now },
    })
}
