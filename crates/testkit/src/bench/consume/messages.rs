//! What accounting authorities send.

use std::time::Duration;

use amqp::{Message, Properties};
use anyhow::{Context as _, Result};
use chrono::{NaiveDate, TimeDelta};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    incoming::{AccountTransfer, AccountUpdate, FinalizedTransfer, Incoming, PreparedTransfer},
    time::EPOCH,
};
use rand::{SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use runtime::{Clock as _, SystemClock};
use smp::{authority::Unused, names};

use crate::bench::{
    bed::PATIENCE,
    seed::{ACCOUNTS_EACH, CREATION_DATE, FIRST_CREDITOR},
};

/// Half of the messages are `AccountTransfer`, 30 % `AccountUpdate`, 10 % `PreparedTransfer`, 10 % `FinalizedTransfer`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix {
    pub(super) messages: u32,
    pub(super) creditors: u32,
}

/// A message of a [`Mix`]: its kind, and its number among those of its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    Transfer(u32),
    Update(u32),
    Prepared(u32),
    Finalized(u32),
}

impl Mix {
    /// The number of messages that 10 % are.
    pub(super) fn tenth(self) -> u32 {
        self.messages / 10
    }

    pub(super) fn accounts(self) -> u32 {
        self.creditors * ACCOUNTS_EACH
    }

    /// How many accounts have transfers.
    pub(super) fn accounts_with_transfers(self) -> i64 {
        (5 * self.tenth()).min(self.accounts()).into()
    }

    /// The sum of all accounts' last sequence numbers.
    pub(super) fn last_seqnums(self) -> i64 {
        // Each account's are 1, 2, …, and one message has one of them.
        (3 * self.tenth()).into()
    }

    /// How long the messages may take: ten times as long as they should.
    pub(super) fn patience(self) -> Duration {
        PATIENCE + Duration::from_millis(self.messages.into())
    }

    /// All that there are, in any order.
    pub(super) fn items(self) -> Vec<Item> {
        let tenth = self.tenth();
        let mut items: Vec<_> = (0..5 * tenth).map(Item::Transfer).collect();
        items.extend((0..3 * tenth).map(Item::Update));
        items.extend((0..tenth).map(Item::Prepared));
        items.extend((tenth..2 * tenth).map(Item::Finalized));
        items.shuffle(&mut StdRng::seed_from_u64(1));
        items
    }

    /// Some of them as messages, made just before they are published: a million would not fit into memory.
    ///
    /// `now` must be the same for all of them: it decides which of an account's states is the newest.
    pub(super) fn messages(self, items: &[Item], now: Timestamp) -> Result<Vec<Message>> {
        let message = |item| match item {
            Item::Transfer(number) => account_transfer(self.account(number), self.round(number).into(), now),
            Item::Update(number) => account_update(self.account(number), self.round(number), now),
            Item::Prepared(number) => Ok(prepared(self.payer(number), number.into())),
            Item::Finalized(number) => Ok(finalized(self.payer(number), number.into())),
        };
        items.iter().map(|item| Ok(to_message(&message(*item)?, now))).collect()
    }

    fn account(self, number: u32) -> AccountKey {
        let account = number % self.accounts();
        key(account / ACCOUNTS_EACH, account % ACCOUNTS_EACH + 1)
    }

    /// How many messages about the account there are up to this one.
    fn round(self, number: u32) -> u32 {
        number / self.accounts() + 1
    }

    /// Who makes the payment of this number.
    fn payer(self, number: u32) -> AccountKey {
        key(number % self.creditors, number % ACCOUNTS_EACH + 1)
    }
}

/// A transfer to the creditor's account with the debtor 1; it follows the one with the number before.
pub(in crate::bench) fn transfer(creditor: u32, number: i64) -> Result<Message> {
    let now = SystemClock.now();
    Ok(to_message(&account_transfer(key(creditor, 1), number, now)?, now))
}

fn key(creditor: u32, debtor: u32) -> AccountKey {
    AccountKey::new(CreditorId::new(FIRST_CREDITOR + i64::from(creditor)), DebtorId::new(debtor.into()))
}

fn creation_date() -> Result<NaiveDate> {
    CREATION_DATE.parse().context("the creation date is none")
}

fn account_transfer(account: AccountKey, number: i64, now: Timestamp) -> Result<Incoming> {
    Ok(Incoming::AccountTransfer(AccountTransfer {
        account,
        creation_date: creation_date()?,
        transfer_number: number,
        coordinator_type: names::DIRECT.to_owned(),
        sender: "sender".to_owned(),
        recipient: format!("account-{}", account.creditor_id.get()),
        acquired_amount: 10,
        transfer_note_format: String::new(),
        transfer_note: "A payment for the benchmark".to_owned(),
        committed_at: now,
        principal: 10 * number,
        ts: now,
        previous_transfer_number: number - 1,
    }))
}

fn account_update(account: AccountKey, round: u32, now: Timestamp) -> Result<Incoming> {
    Ok(Incoming::AccountUpdate(Box::new(AccountUpdate {
        account,
        creation_date: creation_date()?,
        last_change_ts: now - TimeDelta::hours(1),
        last_change_seqnum: i32::try_from(round)?,
        principal: 1000,
        interest: 0.5,
        interest_rate: 3.5,
        last_interest_rate_change_ts: EPOCH,
        last_config_ts: now,
        last_config_seqnum: 0,
        negligible_amount: 1e30,
        config_flags: 0,
        config_data: String::new(),
        account_id: format!("account-{}", account.creditor_id.get()),
        debtor_info_iri: Some("https://example.com/debtors/1".to_owned()),
        debtor_info_content_type: None,
        debtor_info_sha256: None,
        last_transfer_number: 0,
        last_transfer_committed_at: EPOCH,
        transfer_note_max_bytes: 500,
        ts: now,
        ttl: 86_400,
    })))
}

fn prepared(account: AccountKey, number: i64) -> Incoming {
    Incoming::PreparedTransfer(PreparedTransfer {
        account,
        transfer_id: number,
        coordinator_id: account.creditor_id,
        coordinator_request_id: number,
        locked_amount: 1000,
        recipient: "r".to_owned(),
    })
}

fn finalized(account: AccountKey, number: i64) -> Incoming {
    Incoming::FinalizedTransfer(FinalizedTransfer {
        account,
        transfer_id: number,
        coordinator_id: account.creditor_id,
        coordinator_request_id: number,
        committed_amount: 1000,
        status_code: "OK".to_owned(),
        total_locked_amount: 0,
    })
}

/// As the message enters the broker.
fn to_message(message: &Incoming, now: Timestamp) -> Message {
    let unused = Unused::at(now);
    let headers = smp::authority::headers(message, &unused).into_iter();
    Message {
        exchange: names::CREDITORS_IN.to_owned(),
        routing_key: smp::authority::routing_key(message),
        mandatory: true,
        properties: Properties {
            message_type: Some(smp::authority::message_type(message).to_owned()),
            content_type: Some(names::CONTENT_TYPE.to_owned()),
            headers: headers.map(|(name, value)| (name.to_owned(), value.convert())).collect(),
            persistent: true,
            app_id: Some("benchmark".to_owned()),
            ..Properties::default()
        },
        body: smp::authority::encode(message, &unused),
    }
}
