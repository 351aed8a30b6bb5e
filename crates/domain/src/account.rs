//! Accounts: what their server, their holder and their ledger say (database §4, `account_data`).

use chrono::NaiveDate;

use crate::{AccountKey, Timestamp, ledger};

mod bounce;
mod checkup;
mod close;
mod config;
mod display;
mod exchange;
mod info;
mod knowledge;
mod open;
mod orphan;
mod problem;
mod purge;
mod rejection;
mod update;

#[cfg(test)]
mod tests;

pub use bounce::{NO_CONNECTION_TO_DEBTOR, bounce};
pub use checkup::{Ailments, Checkup, Vitals};
pub use close::{Closed, Refused, StopTrade, allow_deletion, close, stop_trade};
pub use config::{ConfigRequest, Reconfigured, reconfigure};
pub use display::{Appearance, Display, Displayed, rearrange};
pub use exchange::{Exchange, Exchanged, Peg, Policy, adopt_policy};
pub use info::Changed;
pub use knowledge::{Knowledge, Noted, note};
pub use open::{FirstUpdateIds, Opened, open};
pub use orphan::orphan_reaction;
pub use problem::{CONFIGURATION_IS_NOT_EFFECTUAL, Contact, Patience, report_config_problem};
pub use purge::apply_purge;
pub use rejection::apply_rejected_config;
pub use update::{UpdateOutcome, Updated, apply_update, is_expired};

/// Bit 0 of the configuration flags: the account is scheduled for deletion.
pub const SCHEDULED_FOR_DELETION: i32 = 1;

/// What the accounting authority said last about the server account.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// The server account is believed to exist.
    pub has_server_account: bool,
    /// Creation date of the server account; 1970-01-01 until one is known.
    pub creation_date: NaiveDate,
    /// Of the newest AccountUpdate applied.
    pub last_change_ts: Timestamp,
    /// Of the newest AccountUpdate applied.
    pub last_change_seqnum: i32,
    /// The principal according to the server.
    pub principal: i64,
    /// Interest accumulated up to `last_change_ts`.
    pub interest: f64,
    /// The server's newest transfer number.
    pub last_transfer_number: i64,
    /// When that transfer was committed.
    pub last_transfer_committed_at: Timestamp,
    /// Newest `ts` of an AccountUpdate seen, at most the time of its arrival.
    pub last_heartbeat_ts: Timestamp,
}

/// How the holder has configured the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `ts` of the newest ConfigureAccount.
    pub last_config_ts: Timestamp,
    /// `seqnum` of the newest ConfigureAccount.
    pub last_config_seqnum: i32,
    /// The amount the holder does not care about.
    pub negligible_amount: f32,
    /// Bit 0: scheduled for deletion.
    pub config_flags: i32,
    /// Configuration data.
    pub config_data: String,
    /// The server has confirmed this configuration.
    pub is_config_effectual: bool,
    /// The holder accepts a deletion that may lose money.
    pub allow_unsafe_deletion: bool,
    /// Why the configuration was not applied, if known.
    pub config_error: Option<String>,
    /// Update id of the AccountConfig object.
    pub latest_update_id: i64,
    /// When the AccountConfig object changed.
    pub latest_update_ts: Timestamp,
}

/// What the server tells the holder about the account and its debtor.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// Percent per year.
    pub interest_rate: f32,
    /// When the rate last changed.
    pub last_interest_rate_change_ts: Timestamp,
    /// Longest transfer note in bytes.
    pub transfer_note_max_bytes: i32,
    /// The account's identity at its debtor; empty until known.
    pub account_id: String,
    /// Where to read about the debtor.
    pub debtor_info_iri: Option<String>,
    /// Media type of the debtor info.
    pub debtor_info_content_type: Option<String>,
    /// SHA-256 of the debtor info.
    pub debtor_info_sha256: Option<Vec<u8>>,
    /// Update id of the AccountInfo object.
    pub latest_update_id: i64,
    /// When the AccountInfo object changed.
    pub latest_update_ts: Timestamp,
}

/// A whole row of `account_data`.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// Which account.
    pub key: AccountKey,
    /// Its server's view.
    pub server: Server,
    /// Its holder's configuration.
    pub config: Config,
    /// Its information.
    pub info: Info,
    /// The head of its ledger.
    pub ledger: ledger::Head,
}

impl Config {
    /// Whether the account is scheduled for deletion.
    pub const fn is_scheduled_for_deletion(&self) -> bool {
        self.config_flags & SCHEDULED_FOR_DELETION != 0
    }
}

impl Data {
    /// Whether the account can be deleted without losing money (processing §11).
    pub const fn is_deletion_safe(&self) -> bool {
        is_deletion_safe(&self.server, &self.config)
    }

    /// What ledger updates need to know of the account.
    pub fn ledger_account(&self) -> ledger::Account {
        ledger::Account {
            key: self.key,
            account_id: self.info.account_id.clone(),
            creation_date: self.server.creation_date,
            server_principal: self.server.principal,
            server_last_transfer_number: self.server.last_transfer_number,
            server_last_transfer_committed_at: self.server.last_transfer_committed_at,
            head: self.ledger.clone(),
        }
    }
}

/// Whether an account can be deleted without losing money (processing §11).
pub const fn is_deletion_safe(server: &Server, config: &Config) -> bool {
    !server.has_server_account && config.is_scheduled_for_deletion() && config.is_config_effectual
}
