//! What incoming messages say, once parsed and validated (smp §3).
//!
//! Members that are validated and then ignored ("unused" in smp §3) are not kept.

use chrono::NaiveDate;

use crate::{AccountKey, CreditorId, Timestamp};

/// The accounting authority refused a configuration (processing §4.1).
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedConfig {
    /// The account.
    pub account: AccountKey,
    /// `ts` of the refused ConfigureAccount.
    pub config_ts: Timestamp,
    /// `seqnum` of the refused ConfigureAccount.
    pub config_seqnum: i32,
    /// Its flags.
    pub config_flags: i32,
    /// Its data.
    pub config_data: String,
    /// Its negligible amount, finite and not negative.
    pub negligible_amount: f64,
    /// Why it was refused.
    pub rejection_code: String,
}

/// State of an account as its accounting authority sees it (processing §4.2).
#[derive(Clone, Debug, PartialEq)]
pub struct AccountUpdate {
    /// The account.
    pub account: AccountKey,
    /// When the server account was created; a later date means another server account.
    pub creation_date: NaiveDate,
    /// Orders updates of one server account, together with `last_change_seqnum`.
    pub last_change_ts: Timestamp,
    /// Orders updates with equal `last_change_ts`; compared modulo 2³².
    pub last_change_seqnum: i32,
    /// The account's principal.
    pub principal: i64,
    /// Interest accumulated up to `last_change_ts`.
    pub interest: f64,
    /// Percent per year; fits a single-precision float.
    pub interest_rate: f64,
    /// When the rate last changed.
    pub last_interest_rate_change_ts: Timestamp,
    /// `ts` of the last ConfigureAccount the authority has applied.
    pub last_config_ts: Timestamp,
    /// `seqnum` of the last ConfigureAccount the authority has applied.
    pub last_config_seqnum: i32,
    /// The configured negligible amount.
    pub negligible_amount: f64,
    /// The configured flags.
    pub config_flags: i32,
    /// The configured data.
    pub config_data: String,
    /// The account's identity at its debtor; may be empty.
    pub account_id: String,
    /// Where to read about the debtor; empty in the message means `None`.
    pub debtor_info_iri: Option<String>,
    /// Media type of the debtor info; empty in the message means `None`.
    pub debtor_info_content_type: Option<String>,
    /// SHA-256 of the debtor info; empty in the message means `None`.
    pub debtor_info_sha256: Option<[u8; 32]>,
    /// Number of the newest transfer of the server account; 0 for none.
    pub last_transfer_number: i64,
    /// When that transfer was committed.
    pub last_transfer_committed_at: Timestamp,
    /// Longest transfer note, in bytes, 0…500.
    pub transfer_note_max_bytes: i32,
    /// When the message was made.
    pub ts: Timestamp,
    /// Seconds after `ts` during which the message may be applied.
    pub ttl: i32,
}

/// A server account does not exist any more (processing §4.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPurge {
    /// The account.
    pub account: AccountKey,
    /// Creation date of the removed server account.
    pub creation_date: NaiveDate,
}

/// A transfer was committed to or from the account (processing §4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTransfer {
    /// The account.
    pub account: AccountKey,
    /// Creation date of the server account.
    pub creation_date: NaiveDate,
    /// Number of the transfer, 1 or more, greater than `previous_transfer_number`.
    pub transfer_number: i64,
    /// Who coordinated the transfer: `direct`, `interest`, `issuing`, `agent`, …
    pub coordinator_type: String,
    /// Account id of the sender; may be empty.
    pub sender: String,
    /// Account id of the recipient; may be empty.
    pub recipient: String,
    /// What the account gained (or, negative, lost); not 0.
    pub acquired_amount: i64,
    /// Format of the note.
    pub transfer_note_format: String,
    /// The note.
    pub transfer_note: String,
    /// When the transfer was committed.
    pub committed_at: Timestamp,
    /// The account's principal after the transfer.
    pub principal: i64,
    /// When the message was made.
    pub ts: Timestamp,
    /// Number of the transfer before this one; 0 for none.
    pub previous_transfer_number: i64,
}

/// A transfer could not be prepared (processing §4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedTransfer {
    /// The account named by the message.
    pub account: AccountKey,
    /// Coordinator of the transfer: the creditor who owns the running transfer.
    pub coordinator_id: CreditorId,
    /// The coordinator's number of the request.
    pub coordinator_request_id: i64,
    /// Why; never `OK`.
    pub status_code: String,
    /// Amount locked by other transfers, not negative.
    pub total_locked_amount: i64,
}

/// A transfer was prepared: its amount is locked (processing §4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedTransfer {
    /// The account named by the message.
    pub account: AccountKey,
    /// The authority's id of the prepared transfer.
    pub transfer_id: i64,
    /// Coordinator of the transfer: the creditor who owns the running transfer.
    pub coordinator_id: CreditorId,
    /// The coordinator's number of the request.
    pub coordinator_request_id: i64,
    /// Amount locked, not negative.
    pub locked_amount: i64,
    /// Account id of the recipient.
    pub recipient: String,
}

/// A prepared transfer was committed or dismissed (processing §4.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizedTransfer {
    /// The account named by the message.
    pub account: AccountKey,
    /// The authority's id of the prepared transfer.
    pub transfer_id: i64,
    /// Coordinator of the transfer: the creditor who owns the running transfer.
    pub coordinator_id: CreditorId,
    /// The coordinator's number of the request.
    pub coordinator_request_id: i64,
    /// Amount committed; 0 unless the status is `OK`.
    pub committed_amount: i64,
    /// `OK`, or why the transfer failed.
    pub status_code: String,
    /// Amount locked by other transfers, not negative.
    pub total_locked_amount: i64,
}

/// Our own ConfigureAccount, bounced by the broker because nobody serves the debtor (processing §4.8).
#[derive(Clone, Debug, PartialEq)]
pub struct BouncedConfigureAccount {
    /// The account.
    pub account: AccountKey,
    /// `ts` of the ConfigureAccount.
    pub ts: Timestamp,
    /// Its sequence number.
    pub seqnum: i32,
    /// Its negligible amount, exactly representable range of a single-precision float.
    pub negligible_amount: f64,
    /// Its flags.
    pub config_flags: i32,
    /// Its data.
    pub config_data: String,
}

/// An operator's tool activates a reserved creditor (processing §4.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivateCreditor {
    /// The creditor.
    pub creditor_id: CreditorId,
    /// Text of the reservation number.
    pub reservation_id: String,
}

/// Any incoming message.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// See [`RejectedConfig`].
    RejectedConfig(RejectedConfig),
    /// See [`AccountUpdate`].
    AccountUpdate(Box<AccountUpdate>),
    /// See [`AccountPurge`].
    AccountPurge(AccountPurge),
    /// See [`AccountTransfer`].
    AccountTransfer(AccountTransfer),
    /// See [`RejectedTransfer`].
    RejectedTransfer(RejectedTransfer),
    /// See [`PreparedTransfer`].
    PreparedTransfer(PreparedTransfer),
    /// See [`FinalizedTransfer`].
    FinalizedTransfer(FinalizedTransfer),
    /// See [`BouncedConfigureAccount`].
    ConfigureAccount(BouncedConfigureAccount),
    /// See [`ActivateCreditor`].
    ActivateCreditor(ActivateCreditor),
}
