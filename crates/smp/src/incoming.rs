//! Messages to the agent: the checks 1–4 of smp §2, and what the checks 5 and 6 need.

mod account_purge;
mod account_transfer;
mod account_update;
mod activate_creditor;
mod configure_account;
mod finalized_transfer;
mod kind;
mod prepared_transfer;
mod rejected_config;
mod rejected_transfer;

use domain::incoming::Incoming;
use domain::{AccountKey, CreditorId, Timestamp};

use crate::Rejection;
use crate::json::{Aside, Fields, Rule};
use crate::names::CONTENT_TYPE;

pub use kind::Kind;

/// `config_data` of every message that has it.
const CONFIG_DATA: Rule = Rule::bytes(2000);

/// A message that passed the checks 1–4.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// What the message says.
    pub message: Incoming,
    /// The coordinator type of a reply that is not for us (check 6): `None` if it is `direct`, and for all messages
    /// that are no replies.
    pub foreign_coordinator: Option<String>,
    /// The message's `ts`: when its sender says it was sent. Good for statistics only.
    pub sent_at: Timestamp,
}

impl Decoded {
    /// The creditor the agent must be responsible for (check 5). `None` for a bounced `ConfigureAccount`, which goes
    /// to a random shard.
    pub fn creditor_to_check(&self) -> Option<CreditorId> {
        match &self.message {
            Incoming::ConfigureAccount(_) => None,
            message => Some(creditor_id(message)),
        }
    }
}

/// Judges and reads one delivery by its AMQP properties `content_type` and `type` and its body.
///
/// Apply [`Decoded::creditor_to_check`] (check 5) and then [`Decoded::foreign_coordinator`] (check 6) to the result:
/// both stop the consumer instead of rejecting the message.
pub fn decode(content_type: Option<&str>, message_type: Option<&str>, body: &[u8]) -> Result<Decoded, Rejection> {
    if content_type != Some(CONTENT_TYPE) {
        return Err(Rejection::ContentType);
    }
    let kind = message_type.and_then(Kind::from_name).ok_or(Rejection::UnknownType)?;
    let mut fields = Fields::parse(kind.name(), body)?;
    let message = read(kind, &mut fields);
    let (message, Aside { foreign_coordinator, sent_at }) = fields.finish(message)?;
    Ok(Decoded { message, foreign_coordinator, sent_at })
}

/// The account the message is about; `None` for `ActivateCreditor`, which is about no account.
pub const fn account(message: &Incoming) -> Option<AccountKey> {
    match message {
        Incoming::RejectedConfig(m) => Some(m.account),
        Incoming::AccountUpdate(m) => Some(m.account),
        Incoming::AccountPurge(m) => Some(m.account),
        Incoming::AccountTransfer(m) => Some(m.account),
        Incoming::RejectedTransfer(m) => Some(m.account),
        Incoming::PreparedTransfer(m) => Some(m.account),
        Incoming::FinalizedTransfer(m) => Some(m.account),
        Incoming::ConfigureAccount(m) => Some(m.account),
        Incoming::ActivateCreditor(_) => None,
    }
}

/// The `creditor_id` of the message.
pub const fn creditor_id(message: &Incoming) -> CreditorId {
    match message {
        Incoming::RejectedConfig(m) => m.account.creditor_id,
        Incoming::AccountUpdate(m) => m.account.creditor_id,
        Incoming::AccountPurge(m) => m.account.creditor_id,
        Incoming::AccountTransfer(m) => m.account.creditor_id,
        Incoming::RejectedTransfer(m) => m.account.creditor_id,
        Incoming::PreparedTransfer(m) => m.account.creditor_id,
        Incoming::FinalizedTransfer(m) => m.account.creditor_id,
        Incoming::ConfigureAccount(m) => m.account.creditor_id,
        Incoming::ActivateCreditor(m) => m.creditor_id,
    }
}

fn read(kind: Kind, fields: &mut Fields<'_>) -> Incoming {
    match kind {
        Kind::RejectedConfig => Incoming::RejectedConfig(rejected_config::read(fields)),
        Kind::AccountUpdate => Incoming::AccountUpdate(Box::new(account_update::read(fields))),
        Kind::AccountPurge => Incoming::AccountPurge(account_purge::read(fields)),
        Kind::AccountTransfer => Incoming::AccountTransfer(account_transfer::read(fields)),
        Kind::RejectedTransfer => Incoming::RejectedTransfer(rejected_transfer::read(fields)),
        Kind::PreparedTransfer => Incoming::PreparedTransfer(prepared_transfer::read(fields)),
        Kind::FinalizedTransfer => Incoming::FinalizedTransfer(finalized_transfer::read(fields)),
        Kind::ConfigureAccount => Incoming::ConfigureAccount(configure_account::read(fields)),
        Kind::ActivateCreditor => Incoming::ActivateCreditor(activate_creditor::read(fields)),
    }
}
