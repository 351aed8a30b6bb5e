//! The names of the incoming messages.

use domain::incoming::Incoming;

/// The nine kinds of incoming messages (smp §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// See [`domain::incoming::RejectedConfig`].
    RejectedConfig,
    /// See [`domain::incoming::AccountUpdate`].
    AccountUpdate,
    /// See [`domain::incoming::AccountPurge`].
    AccountPurge,
    /// See [`domain::incoming::AccountTransfer`].
    AccountTransfer,
    /// See [`domain::incoming::RejectedTransfer`].
    RejectedTransfer,
    /// See [`domain::incoming::PreparedTransfer`].
    PreparedTransfer,
    /// See [`domain::incoming::FinalizedTransfer`].
    FinalizedTransfer,
    /// See [`domain::incoming::BouncedConfigureAccount`].
    ConfigureAccount,
    /// See [`domain::incoming::ActivateCreditor`].
    ActivateCreditor,
}

impl Kind {
    /// All kinds, in the order of smp §3.
    pub const ALL: [Self; 9] = [
        Self::RejectedConfig,
        Self::AccountUpdate,
        Self::AccountPurge,
        Self::AccountTransfer,
        Self::RejectedTransfer,
        Self::PreparedTransfer,
        Self::FinalizedTransfer,
        Self::ConfigureAccount,
        Self::ActivateCreditor,
    ];

    /// The kind of a message.
    pub const fn of(message: &Incoming) -> Self {
        match message {
            Incoming::RejectedConfig(_) => Self::RejectedConfig,
            Incoming::AccountUpdate(_) => Self::AccountUpdate,
            Incoming::AccountPurge(_) => Self::AccountPurge,
            Incoming::AccountTransfer(_) => Self::AccountTransfer,
            Incoming::RejectedTransfer(_) => Self::RejectedTransfer,
            Incoming::PreparedTransfer(_) => Self::PreparedTransfer,
            Incoming::FinalizedTransfer(_) => Self::FinalizedTransfer,
            Incoming::ConfigureAccount(_) => Self::ConfigureAccount,
            Incoming::ActivateCreditor(_) => Self::ActivateCreditor,
        }
    }

    /// The message type on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RejectedConfig => "RejectedConfig",
            Self::AccountUpdate => "AccountUpdate",
            Self::AccountPurge => "AccountPurge",
            Self::AccountTransfer => "AccountTransfer",
            Self::RejectedTransfer => "RejectedTransfer",
            Self::PreparedTransfer => "PreparedTransfer",
            Self::FinalizedTransfer => "FinalizedTransfer",
            Self::ConfigureAccount => "ConfigureAccount",
            Self::ActivateCreditor => "ActivateCreditor",
        }
    }

    /// The kind with exactly this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
