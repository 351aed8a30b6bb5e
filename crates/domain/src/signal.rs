//! What outgoing messages say (smp §5): one value per row of the outbox ("signal") tables of database §4.

use chrono::NaiveDate;

use crate::{AccountKey, CreditorId, Timestamp};

/// Asks an accounting authority to create or configure an account.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigureAccount {
    /// The account.
    pub account: AccountKey,
    /// When the configuration was made; orders configurations.
    pub ts: Timestamp,
    /// Orders configurations with equal `ts`; wraps.
    pub seqnum: i32,
    /// The amount the holder does not care about.
    pub negligible_amount: f32,
    /// The account's configuration data.
    pub config_data: String,
    /// Bit 0: scheduled for deletion.
    pub config_flags: i32,
}

/// Asks an accounting authority to lock an amount for a direct transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrepareTransfer {
    /// The sender's account; its creditor is the coordinator.
    pub account: AccountKey,
    /// The coordinator's number of the request.
    pub coordinator_request_id: i64,
    /// Sent as both the least and the greatest amount to lock.
    pub locked_amount: i64,
    /// Account id of the recipient.
    pub recipient: String,
    /// No later interest rate change may affect the transfer.
    pub final_interest_rate_ts: Timestamp,
    /// Seconds within which the transfer must be committed.
    pub max_commit_delay: i32,
    /// Sent as `ts`.
    pub inserted_at: Timestamp,
}

/// Commits a prepared transfer, or (`committed_amount` 0) dismisses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalizeTransfer {
    /// The sender's account.
    pub account: AccountKey,
    /// The authority's id of the prepared transfer.
    pub transfer_id: i64,
    /// Coordinator of the transfer.
    pub coordinator_id: CreditorId,
    /// The coordinator's number of the request.
    pub coordinator_request_id: i64,
    /// Amount to commit; 0 dismisses.
    pub committed_amount: i64,
    /// Format of the note.
    pub transfer_note_format: String,
    /// The note.
    pub transfer_note: String,
    /// Sent as `ts`.
    pub inserted_at: Timestamp,
}

/// Tells the circular-trade subsystem about a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdatedLedger {
    /// The account.
    pub account: AccountKey,
    /// The ledger's update id.
    pub update_id: i64,
    /// The account's identity at its debtor.
    pub account_id: String,
    /// Creation date of the server account.
    pub creation_date: NaiveDate,
    /// The ledger's principal.
    pub principal: i64,
    /// The newest transfer taken into the ledger.
    pub last_transfer_number: i64,
    /// When the ledger changed; also the row's `inserted_at`.
    pub ts: Timestamp,
}

/// Tells the circular-trade subsystem about an exchange policy.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdatedPolicy {
    /// The account.
    pub account: AccountKey,
    /// The exchange object's update id.
    pub update_id: i64,
    /// Name of the policy, if any.
    pub policy_name: Option<String>,
    /// Do not sell below this principal.
    pub min_principal: i64,
    /// Do not buy above this principal.
    pub max_principal: i64,
    /// Rate of the peg, if any.
    pub peg_exchange_rate: Option<f64>,
    /// Debtor of the peg account, if any.
    pub peg_debtor_id: Option<crate::DebtorId>,
    /// When the policy changed; also the row's `inserted_at`.
    pub ts: Timestamp,
}

/// Tells the circular-trade subsystem about configuration flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdatedFlags {
    /// The account.
    pub account: AccountKey,
    /// The configuration's update id.
    pub update_id: i64,
    /// The configuration flags.
    pub config_flags: i32,
    /// When the flags changed; also the row's `inserted_at`.
    pub ts: Timestamp,
}

/// Tells the right shard of ours that a configuration reached nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedConfig {
    /// The account.
    pub account: AccountKey,
    /// `ts` of the bounced ConfigureAccount.
    pub config_ts: Timestamp,
    /// Its sequence number.
    pub config_seqnum: i32,
    /// Its negligible amount.
    pub negligible_amount: f32,
    /// Its data.
    pub config_data: String,
    /// Its flags.
    pub config_flags: i32,
    /// Why, at most 30 characters.
    pub rejection_code: String,
    /// Sent as `ts`.
    pub inserted_at: Timestamp,
}

/// The seven kinds of outgoing messages, in the order in which they are flushed (processing §14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// [`ConfigureAccount`].
    ConfigureAccount,
    /// [`PrepareTransfer`].
    PrepareTransfer,
    /// [`FinalizeTransfer`].
    FinalizeTransfer,
    /// [`UpdatedLedger`].
    UpdatedLedger,
    /// [`UpdatedPolicy`].
    UpdatedPolicy,
    /// [`UpdatedFlags`].
    UpdatedFlags,
    /// [`RejectedConfig`].
    RejectedConfig,
}

impl Kind {
    /// All kinds, in flushing order.
    pub const ALL: [Self; 7] = [
        Self::ConfigureAccount,
        Self::PrepareTransfer,
        Self::FinalizeTransfer,
        Self::UpdatedLedger,
        Self::UpdatedPolicy,
        Self::UpdatedFlags,
        Self::RejectedConfig,
    ];
}

/// Any outgoing message.
#[derive(Clone, Debug, PartialEq)]
pub enum Signal {
    /// See [`ConfigureAccount`].
    ConfigureAccount(ConfigureAccount),
    /// See [`PrepareTransfer`].
    PrepareTransfer(PrepareTransfer),
    /// See [`FinalizeTransfer`].
    FinalizeTransfer(FinalizeTransfer),
    /// See [`UpdatedLedger`].
    UpdatedLedger(UpdatedLedger),
    /// See [`UpdatedPolicy`].
    UpdatedPolicy(UpdatedPolicy),
    /// See [`UpdatedFlags`].
    UpdatedFlags(UpdatedFlags),
    /// See [`RejectedConfig`].
    RejectedConfig(RejectedConfig),
}

impl Signal {
    /// The message's kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ConfigureAccount(_) => Kind::ConfigureAccount,
            Self::PrepareTransfer(_) => Kind::PrepareTransfer,
            Self::FinalizeTransfer(_) => Kind::FinalizeTransfer,
            Self::UpdatedLedger(_) => Kind::UpdatedLedger,
            Self::UpdatedPolicy(_) => Kind::UpdatedPolicy,
            Self::UpdatedFlags(_) => Kind::UpdatedFlags,
            Self::RejectedConfig(_) => Kind::RejectedConfig,
        }
    }

    /// The account the message is about.
    pub const fn account(&self) -> AccountKey {
        match self {
            Self::ConfigureAccount(s) => s.account,
            Self::PrepareTransfer(s) => s.account,
            Self::FinalizeTransfer(s) => s.account,
            Self::UpdatedLedger(s) => s.account,
            Self::UpdatedPolicy(s) => s.account,
            Self::UpdatedFlags(s) => s.account,
            Self::RejectedConfig(s) => s.account,
        }
    }
}
