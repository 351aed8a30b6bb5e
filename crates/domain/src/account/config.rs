//! How holders configure their accounts (processing §6 "config").

use std::cmp::Ordering;

use super::{Config, Data, SCHEDULED_FOR_DELETION};
use crate::{
    AccountKey, Timestamp,
    log_entry::{AccountObject, LogEntry},
    seqnum,
    signal::{ConfigureAccount, UpdatedFlags},
    update_id::Patch,
};

/// A holder's wish.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigRequest {
    /// The account is to be deleted when it can be.
    pub scheduled_for_deletion: bool,
    /// The amount the holder does not care about, already rounded (see [`crate::tolerance::to_single`]).
    pub negligible_amount: f32,
    /// The holder accepts a deletion that may lose money.
    pub allow_unsafe_deletion: bool,
    /// Configuration data.
    pub config_data: String,
    /// The update id the object is to get.
    pub latest_update_id: i64,
}

/// An account that was configured anew.
///
/// Update ids have grown: `object_update_id_seq` is to be bumped (processing §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Reconfigured {
    /// The row to write.
    pub data: Data,
    /// Entries of the holder's log, to be enqueued in this order.
    pub log_entries: Vec<LogEntry>,
    /// Message to the circular-trade subsystem.
    pub updated_flags: UpdatedFlags,
    /// Message to the server.
    pub configure_account: ConfigureAccount,
}

/// Configures an account as its holder wishes.
pub fn reconfigure(data: Data, request: ConfigRequest, now: Timestamp) -> Patch<Reconfigured> {
    let was_safe = data.is_deletion_safe();
    let Data { key, server, config, mut info, ledger } = data;
    config.apply(request, now).map(|config| {
        let mut log_entries = vec![LogEntry::account_object(AccountObject::Config, key, config.latest_update_id, now)];
        if was_safe {
            log_entries.push(info.touch(key, now));
        }
        Reconfigured {
            log_entries,
            updated_flags: config.updated_flags(key, now),
            configure_account: config.configure_account(key),
            data: Data { key, server, config, info, ledger },
        }
    })
}

impl Config {
    /// Judges a holder's wish, and applies it. A known error stays (processing §17).
    pub fn apply(self, request: ConfigRequest, now: Timestamp) -> Patch<Self> {
        let same = self.is_scheduled_for_deletion() == request.scheduled_for_deletion
            && self.negligible_amount.partial_cmp(&request.negligible_amount).is_some_and(Ordering::is_eq)
            && self.allow_unsafe_deletion == request.allow_unsafe_deletion
            && self.config_data == request.config_data;
        Patch::judge(self.latest_update_id, request.latest_update_id, same, || Self {
            last_config_ts: self.last_config_ts.max(now),
            last_config_seqnum: seqnum::next(self.last_config_seqnum),
            negligible_amount: request.negligible_amount,
            config_flags: if request.scheduled_for_deletion {
                self.config_flags | SCHEDULED_FOR_DELETION
            } else {
                self.config_flags & !SCHEDULED_FOR_DELETION
            },
            config_data: request.config_data,
            is_config_effectual: false,
            allow_unsafe_deletion: request.allow_unsafe_deletion,
            config_error: self.config_error,
            latest_update_id: request.latest_update_id,
            latest_update_ts: now,
        })
    }

    /// The message that tells the server.
    pub(super) fn configure_account(&self, account: AccountKey) -> ConfigureAccount {
        ConfigureAccount {
            account,
            ts: self.last_config_ts,
            seqnum: self.last_config_seqnum,
            negligible_amount: self.negligible_amount,
            config_data: self.config_data.clone(),
            config_flags: self.config_flags,
        }
    }

    fn updated_flags(&self, account: AccountKey, now: Timestamp) -> UpdatedFlags {
        UpdatedFlags { account, update_id: self.latest_update_id, config_flags: self.config_flags, ts: now }
    }
}
