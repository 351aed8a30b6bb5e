//! New accounts (processing §6 "create account").

use super::{Appearance, Config, Data, Display, Exchange, Info, Knowledge, Policy, Server};
use crate::{
    AccountKey, Timestamp,
    creditor::AccountsHead,
    ledger,
    log_entry::{AccountObject, LogEntry},
    signal::ConfigureAccount,
    time::{EPOCH, EPOCH_DATE},
    tolerance::HUGE,
    update_id,
};

/// Seven values drawn from `object_update_id_seq`: the first update ids of the account's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstUpdateIds {
    /// Of the Account.
    pub account: i64,
    /// Of the AccountConfig.
    pub config: i64,
    /// Of the AccountInfo.
    pub info: i64,
    /// Of the AccountLedger.
    pub ledger: i64,
    /// Of the AccountDisplay.
    pub display: i64,
    /// Of the AccountExchange.
    pub exchange: i64,
    /// Of the AccountKnowledge.
    pub knowledge: i64,
}

impl From<[i64; 7]> for FirstUpdateIds {
    fn from([account, config, info, ledger, display, exchange, knowledge]: [i64; 7]) -> Self {
        Self { account, config, info, ledger, display, exchange, knowledge }
    }
}

/// What to write for a new account.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Update id of the Account object; it was created, and changed, now.
    pub account_update_id: i64,
    /// The row of `account_data`.
    pub data: Data,
    /// The row of `account_display`.
    pub display: Display,
    /// The row of `account_exchange`.
    pub exchange: Exchange,
    /// The row of `account_knowledge`; its data is an empty object.
    pub knowledge: Knowledge,
    /// The changed columns of the creditor.
    pub creditor: AccountsHead,
    /// Entries to be logged at once, in this order.
    pub log_entries: [LogEntry; 2],
    /// Message to the server.
    pub configure_account: ConfigureAccount,
}

/// Opens an account that does not exist, for an active creditor.
///
/// The ledger's first entry leaves out one id after all those the creditor's former accounts have used.
pub fn open(account: AccountKey, ids: FirstUpdateIds, creditor: AccountsHead, now: Timestamp) -> Opened {
    let creditor = creditor.changed(now);
    let config = new_config(ids.config, now);
    Opened {
        account_update_id: ids.account,
        display: Display { appearance: Appearance::default(), latest_update_id: ids.display, latest_update_ts: now },
        exchange: Exchange { policy: Policy::default(), latest_update_id: ids.exchange, latest_update_ts: now },
        knowledge: Knowledge { latest_update_id: ids.knowledge, latest_update_ts: now },
        creditor,
        log_entries: [
            LogEntry::account_object(AccountObject::Account, account, ids.account, now),
            LogEntry::accounts_list(account.creditor_id, creditor.list_update_id, now),
        ],
        configure_account: config.configure_account(account),
        data: Data {
            key: account,
            server: unknown_server(now),
            config,
            info: unknown_info(ids.info, now),
            ledger: ledger::Head {
                principal: 0,
                last_entry_id: update_id::next(creditor.largest_historic_ledger_entry_id),
                last_transfer_number: 0,
                pending_transfer_ts: None,
                latest_update_id: ids.ledger,
                latest_update_ts: now,
            },
        },
    }
}

fn unknown_server(now: Timestamp) -> Server {
    Server {
        has_server_account: false,
        creation_date: EPOCH_DATE,
        last_change_ts: EPOCH,
        last_change_seqnum: 0,
        principal: 0,
        interest: 0.0,
        last_transfer_number: 0,
        last_transfer_committed_at: EPOCH,
        last_heartbeat_ts: now,
    }
}

fn new_config(update_id: i64, now: Timestamp) -> Config {
    Config {
        last_config_ts: now,
        last_config_seqnum: 0,
        negligible_amount: HUGE,
        config_flags: 0,
        config_data: String::new(),
        is_config_effectual: false,
        allow_unsafe_deletion: false,
        config_error: None,
        latest_update_id: update_id,
        latest_update_ts: now,
    }
}

fn unknown_info(update_id: i64, now: Timestamp) -> Info {
    Info {
        interest_rate: 0.0,
        last_interest_rate_change_ts: EPOCH,
        transfer_note_max_bytes: 0,
        account_id: String::new(),
        debtor_info_iri: None,
        debtor_info_content_type: None,
        debtor_info_sha256: None,
        latest_update_id: update_id,
        latest_update_ts: now,
    }
}
