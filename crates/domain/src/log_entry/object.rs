//! Kinds of objects whose changes are logged.

use crate::{AccountKey, uris};

/// An account, or one of its parts: the objects whose update ids come from the database-wide sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountObject {
    /// The account itself.
    Account,
    /// Its configuration.
    Config,
    /// What its server tells.
    Info,
    /// Its ledger.
    Ledger,
    /// How it is shown.
    Display,
    /// Its exchange policy.
    Exchange,
    /// What the client has noted.
    Knowledge,
}

impl AccountObject {
    /// All of them, in the order in which their deletions are logged.
    pub const ALL: [Self; 7] =
        [Self::Account, Self::Config, Self::Info, Self::Ledger, Self::Display, Self::Exchange, Self::Knowledge];

    /// The `object_type` in the log.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Account => "Account",
            Self::Config => "AccountConfig",
            Self::Info => "AccountInfo",
            Self::Ledger => "AccountLedger",
            Self::Display => "AccountDisplay",
            Self::Exchange => "AccountExchange",
            Self::Knowledge => "AccountKnowledge",
        }
    }

    /// The object's URI.
    pub fn uri(self, account: AccountKey) -> String {
        match self {
            Self::Account => uris::account(account),
            Self::Config => uris::account_part(account, "config"),
            Self::Info => uris::account_part(account, "info"),
            Self::Ledger => uris::account_part(account, "ledger"),
            Self::Display => uris::account_part(account, "display"),
            Self::Exchange => uris::account_part(account, "exchange"),
            Self::Knowledge => uris::account_part(account, "knowledge"),
        }
    }
}

/// Kinds of objects that frequent entries name by a number instead of by type and URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A running transfer.
    Transfer,
    /// The creditor's list of transfers.
    TransfersList,
    /// A committed transfer.
    CommittedTransfer,
    /// An account's ledger.
    AccountLedger,
}

impl Hint {
    /// The hint with the given `object_type_hint`.
    pub const fn from_code(code: i16) -> Option<Self> {
        match code {
            1 => Some(Self::Transfer),
            2 => Some(Self::TransfersList),
            3 => Some(Self::CommittedTransfer),
            4 => Some(Self::AccountLedger),
            _ => None,
        }
    }

    /// The `object_type_hint` in the log.
    pub const fn code(self) -> i16 {
        match self {
            Self::Transfer => 1,
            Self::TransfersList => 2,
            Self::CommittedTransfer => 3,
            Self::AccountLedger => 4,
        }
    }

    /// The `object_type` it stands for.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Transfer => "Transfer",
            Self::TransfersList => "TransfersList",
            Self::CommittedTransfer => "CommittedTransfer",
            Self::AccountLedger => AccountObject::Ledger.type_name(),
        }
    }
}
