//! What the server tells about an account (processing §4.2).

use chrono::TimeDelta;

use super::{Config, Data, Info, Server};
use crate::{
    Timestamp,
    incoming::AccountUpdate,
    ledger::{self, Entry, Restart},
    log_entry::LogEntry,
    numeric, seqnum,
    signal::UpdatedLedger,
    time, tolerance,
};

/// What an AccountUpdate means for an account that exists.
#[derive(Clone, Debug, PartialEq)]
pub enum UpdateOutcome {
    /// The message came too late to be believed, or is about another account: nothing changes.
    Ignored,
    /// The account's state is known already.
    Stale {
        /// The new `last_heartbeat_ts`, if it changes.
        heartbeat: Option<Timestamp>,
    },
    /// The account has a new state.
    Applied(Box<Updated>),
}

/// An account brought to the state its server has told.
#[derive(Clone, Debug, PartialEq)]
pub struct Updated {
    /// The row to write.
    pub data: Data,
    /// Entries of the holder's log, to be enqueued in this order. If there are any, update ids have grown by one each:
    /// `object_update_id_seq` is to be bumped (processing §3).
    pub log_entries: Vec<LogEntry>,
    /// New correcting entries of the ledger.
    pub ledger_entries: Vec<Entry>,
    /// Outgoing message about the ledger.
    pub signal: Option<UpdatedLedger>,
    /// An update of the ledger is to be scheduled.
    pub schedule_ledger_update: bool,
}

/// Whether the message is too old to be applied.
pub fn is_expired(update: &AccountUpdate, now: Timestamp) -> bool {
    time::between(update.ts, now) > TimeDelta::seconds(i64::from(update.ttl))
}

/// Judges an AccountUpdate and applies it to the account's row.
pub fn apply_update(data: Data, update: &AccountUpdate, now: Timestamp) -> UpdateOutcome {
    if data.key != update.account || is_expired(update, now) {
        return UpdateOutcome::Ignored;
    }
    let heartbeat = (update.ts > data.server.last_heartbeat_ts).then(|| update.ts.min(now));
    if !is_later(update, &data.server) {
        return UpdateOutcome::Stale { heartbeat };
    }
    UpdateOutcome::Applied(Box::new(apply(data, update, heartbeat, now)))
}

fn apply(old: Data, update: &AccountUpdate, heartbeat: Option<Timestamp>, now: Timestamp) -> Updated {
    let restart = restart_reason(&old, update);
    let config = confirm(old.config.clone(), update);
    let info_changed =
        old.is_deletion_safe() || info_differs(&old.info, update) || config.config_error != old.config.config_error;

    let mut data = Data {
        key: old.key,
        server: server(update, heartbeat.unwrap_or(old.server.last_heartbeat_ts)),
        config,
        info: info(update, &old.info),
        ledger: old.ledger,
    };
    let mut log_entries = Vec::new();
    if info_changed {
        log_entries.push(data.info.touch(data.key, now));
    }
    let Some(reason) = restart else {
        return Updated { data, log_entries, ledger_entries: Vec::new(), signal: None, schedule_ledger_update: false };
    };
    let outcome = ledger::restart(data.ledger_account(), reason, now);
    data.ledger = outcome.head;
    let (log_entry, signal) = outcome.announcement.map(|a| (a.log_entry, a.signal)).unzip();
    log_entries.extend(log_entry);
    Updated { data, log_entries, ledger_entries: outcome.entries, signal, schedule_ledger_update: true }
}

/// Whether the message tells a newer state than the known one.
fn is_later(update: &AccountUpdate, server: &Server) -> bool {
    (update.creation_date, update.last_change_ts)
        .cmp(&(server.creation_date, server.last_change_ts))
        .then_with(|| {
            if seqnum::is_later(update.last_change_seqnum, server.last_change_seqnum) {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Less
            }
        })
        .is_gt()
}

fn restart_reason(old: &Data, update: &AccountUpdate) -> Option<Restart> {
    if update.creation_date > old.server.creation_date {
        Some(Restart::NewServerAccount)
    } else if update.account_id != old.info.account_id {
        Some(Restart::NewAccountId)
    } else {
        None
    }
}

/// The server's word on the holder's configuration; the configuration itself is not taken from the message.
fn confirm(mut config: Config, update: &AccountUpdate) -> Config {
    config.is_config_effectual = config.last_config_ts == update.last_config_ts
        && config.last_config_seqnum == update.last_config_seqnum
        && config.config_flags == update.config_flags
        && config.config_data == update.config_data
        && tolerance::same_negligible_amount(config.negligible_amount, update.negligible_amount);
    if config.is_config_effectual {
        config.config_error = None;
    }
    config
}

fn info_differs(old: &Info, update: &AccountUpdate) -> bool {
    old.account_id != update.account_id
        || tolerance::rate_differs(old.interest_rate, update.interest_rate)
        || old.last_interest_rate_change_ts != update.last_interest_rate_change_ts
        || old.transfer_note_max_bytes != update.transfer_note_max_bytes
        || old.debtor_info_iri != update.debtor_info_iri
        || old.debtor_info_content_type != update.debtor_info_content_type
        || old.debtor_info_sha256.as_deref() != update.debtor_info_sha256.as_ref().map(<[u8; 32]>::as_slice)
}

fn server(update: &AccountUpdate, last_heartbeat_ts: Timestamp) -> Server {
    Server {
        has_server_account: true,
        creation_date: update.creation_date,
        last_change_ts: update.last_change_ts,
        last_change_seqnum: update.last_change_seqnum,
        principal: update.principal,
        interest: update.interest,
        last_transfer_number: update.last_transfer_number,
        last_transfer_committed_at: update.last_transfer_committed_at,
        last_heartbeat_ts,
    }
}

fn info(update: &AccountUpdate, old: &Info) -> Info {
    Info {
        interest_rate: numeric::to_f32(update.interest_rate),
        last_interest_rate_change_ts: update.last_interest_rate_change_ts,
        transfer_note_max_bytes: update.transfer_note_max_bytes,
        account_id: update.account_id.clone(),
        debtor_info_iri: update.debtor_info_iri.clone(),
        debtor_info_content_type: update.debtor_info_content_type.clone(),
        debtor_info_sha256: update.debtor_info_sha256.map(Vec::from),
        latest_update_id: old.latest_update_id,
        latest_update_ts: old.latest_update_ts,
    }
}
