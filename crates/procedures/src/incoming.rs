//! Batches of incoming messages: split into rounds, and applied with set-based statements (processing §4).
//!
//! The outcome equals that of applying the messages one by one in the order of their arrival. A round holds no two
//! messages about the same thing, AccountTransfers excepted: those of one account do not influence each other, and so
//! stand in one round together.

use std::collections::HashMap;

use chrono::TimeDelta;
use domain::{
    AccountKey, CreditorId, Timestamp,
    incoming::{
        AccountPurge, AccountTransfer, AccountUpdate, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer,
        Incoming, PreparedTransfer, RejectedConfig, RejectedTransfer,
    },
    sharding::Shard,
};
use persistence::{Result, Tx};

use crate::{
    account_purges, account_transfers, account_updates, activations, bounced_configs, rejected_configs,
    running_transfers,
};

/// What the handlers need to know besides the messages.
#[derive(Clone, Debug)]
pub struct Context {
    /// Which creditors are ours.
    pub shard: Shard,
    /// AccountTransfers older than this are ignored (`APP_LOG_RETENTION_DAYS`).
    pub log_retention: TimeDelta,
}

/// Applies a batch in the given transaction.
///
/// The number of statements depends on the types of the messages and on how often the same account or transfer occurs,
/// not on the number of messages.
pub async fn apply(tx: &mut Tx, messages: &[Incoming], context: &Context, now: Timestamp) -> Result<()> {
    for round in rounds(messages) {
        round.apply(tx, context, now).await?;
    }
    Ok(())
}

/// What a message changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Subject {
    Account(AccountKey),
    RunningTransfer(CreditorId, i64),
    Creditor(CreditorId),
}

/// Messages that can be applied together.
#[derive(Default)]
struct Round<'a> {
    activations: Vec<&'a ActivateCreditor>,
    rejected_configs: Vec<&'a RejectedConfig>,
    updates: Vec<&'a AccountUpdate>,
    purges: Vec<&'a AccountPurge>,
    transfers: Vec<&'a AccountTransfer>,
    rejected: Vec<&'a RejectedTransfer>,
    prepared: Vec<&'a PreparedTransfer>,
    finalized: Vec<&'a FinalizedTransfer>,
    bounced: Vec<&'a BouncedConfigureAccount>,
}

/// Where the newest message about a subject was put.
struct Place {
    round: usize,
    /// It was an AccountTransfer: another one may join it.
    open: bool,
}

/// Splits a batch: each message goes to the first round after that of the previous message about the same subject.
fn rounds(messages: &[Incoming]) -> Vec<Round<'_>> {
    let mut rounds: Vec<Round<'_>> = Vec::new();
    let mut places: HashMap<Subject, Place> = HashMap::new();
    for message in messages {
        let open = matches!(message, Incoming::AccountTransfer(_));
        let round = subject(message).map_or(0, |subject| {
            let place = places.entry(subject).and_modify(|place| {
                if !(open && place.open) {
                    place.round = place.round.saturating_add(1);
                }
                place.open = open;
            });
            place.or_insert(Place { round: 0, open }).round
        });
        if rounds.len() <= round {
            rounds.resize_with(round.saturating_add(1), Round::default);
        }
        if let Some(round) = rounds.get_mut(round) {
            round.add(message);
        }
    }
    rounds
}

/// `None`: the message changes nothing that another message could touch.
const fn subject(message: &Incoming) -> Option<Subject> {
    Some(match message {
        Incoming::RejectedConfig(m) => Subject::Account(m.account),
        Incoming::AccountUpdate(m) => Subject::Account(m.account),
        Incoming::AccountPurge(m) => Subject::Account(m.account),
        Incoming::AccountTransfer(m) => Subject::Account(m.account),
        Incoming::RejectedTransfer(m) => Subject::RunningTransfer(m.coordinator_id, m.coordinator_request_id),
        Incoming::PreparedTransfer(m) => Subject::RunningTransfer(m.coordinator_id, m.coordinator_request_id),
        Incoming::FinalizedTransfer(m) => Subject::RunningTransfer(m.coordinator_id, m.coordinator_request_id),
        Incoming::ActivateCreditor(m) => Subject::Creditor(m.creditor_id),
        Incoming::ConfigureAccount(_) => return None,
    })
}

impl<'a> Round<'a> {
    fn add(&mut self, message: &'a Incoming) {
        match message {
            Incoming::RejectedConfig(m) => self.rejected_configs.push(m),
            Incoming::AccountUpdate(m) => self.updates.push(m),
            Incoming::AccountPurge(m) => self.purges.push(m),
            Incoming::AccountTransfer(m) => self.transfers.push(m),
            Incoming::RejectedTransfer(m) => self.rejected.push(m),
            Incoming::PreparedTransfer(m) => self.prepared.push(m),
            Incoming::FinalizedTransfer(m) => self.finalized.push(m),
            Incoming::ConfigureAccount(m) => self.bounced.push(m),
            Incoming::ActivateCreditor(m) => self.activations.push(m),
        }
    }

    /// In the order in which rows are locked: creditors, accounts, running transfers.
    async fn apply(self, tx: &mut Tx, context: &Context, now: Timestamp) -> Result<()> {
        macro_rules! apply {
            ($messages:ident => $handler:path $(, $argument:expr)?) => {
                if !self.$messages.is_empty() {
                    $handler(tx, &self.$messages, $($argument,)? now).await?;
                }
            };
        }
        apply!(activations => activations::apply);
        apply!(rejected_configs => rejected_configs::apply);
        apply!(updates => account_updates::apply);
        apply!(purges => account_purges::apply);
        apply!(transfers => account_transfers::store, context.log_retention);
        apply!(rejected => running_transfers::on_rejected);
        apply!(prepared => running_transfers::on_prepared);
        apply!(finalized => running_transfers::on_finalized);
        apply!(bounced => bounced_configs::apply, &context.shard);
        Ok(())
    }
}
