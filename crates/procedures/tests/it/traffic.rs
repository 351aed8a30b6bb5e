//! Random incoming messages of all types: valid, stale, repeated, contradicting each other, about unknown things.

use chrono::TimeDelta;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    incoming::{
        AccountPurge, AccountTransfer, AccountUpdate, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer,
        Incoming, PreparedTransfer, RejectedConfig, RejectedTransfer,
    },
};

use super::{
    dice::Dice,
    seed::{C, World, date, key, transfer, update},
};

/// Debtors of creditor [`C`]'s accounts.
pub(crate) const DEBTORS: i64 = 24;

/// Requests of running transfers of creditor [`C`].
pub(crate) const REQUESTS: i64 = 30;

/// Reserved creditors.
pub(crate) const RESERVED: i64 = 4;

impl World {
    /// What the random messages are about. Nothing in it depends on when or how often it is done.
    pub(crate) async fn populate(&self) {
        for debtor_id in 1..=DEBTORS {
            self.add_account(key(debtor_id)).await;
        }
        for request_id in 1..=REQUESTS {
            self.add_running_transfer(C, request_id).await;
        }
        for n in 1..=RESERVED {
            let mut tx = self.db.begin("test").await.unwrap();
            creditors_procedures::creditors::reserve(&mut tx, reserved(n), self.now).await.unwrap();
            tx.commit().await.unwrap();
        }
        // Some have errors that an effectual configuration clears, some can be deleted safely.
        self.sql(
            "UPDATE account_data SET config_error = 'OLD' WHERE debtor_id % 7 = 0; \
             UPDATE account_data SET config_flags = 1, is_config_effectual = true WHERE debtor_id % 7 = 1; \
             UPDATE account_data SET ledger_principal = 77, ledger_last_entry_id = 9, ledger_last_transfer_number = 2 \
                 WHERE debtor_id % 7 = 2",
        )
        .await;
    }

    /// A transfer of 1000 to bob from account 5, as it is just after its creation.
    pub(crate) async fn add_running_transfer(&self, creditor_id: CreditorId, request_id: i64) {
        let (creditor_id, now) = (creditor_id.get(), self.now.to_rfc3339());
        self.sql(&format!(
            "INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient, \
                 transfer_note_format, transfer_note, initiated_at, locked_amount, coordinator_request_id, \
                 latest_update_id, latest_update_ts, final_interest_rate_ts) \
             VALUES ({creditor_id}, lpad('{request_id}', 32, '0')::uuid, 5, 1000, 'swpt:5/bob', 'bob', 'json', '{{}}', \
                 '{now}', 10, {request_id}, 1, '{now}', '9999-12-31T23:59:59Z')",
        ))
        .await;
    }
}

pub(crate) fn reserved(n: i64) -> CreditorId {
    CreditorId::new(C.get() + 1000 + n)
}

/// One message.
pub(crate) fn message(dice: &mut Dice, now: Timestamp) -> Incoming {
    match dice.below(16) {
        0 | 1 => Incoming::RejectedConfig(rejected_config(dice, now)),
        2..=4 => Incoming::AccountUpdate(Box::new(account_update(dice, now))),
        5 => Incoming::AccountPurge(AccountPurge { account: account(dice), creation_date: creation_date(dice) }),
        6..=9 => Incoming::AccountTransfer(account_transfer(dice, now)),
        10 => Incoming::RejectedTransfer(rejected(dice)),
        11 | 12 => Incoming::PreparedTransfer(prepared(dice)),
        13 => Incoming::FinalizedTransfer(finalized(dice)),
        14 => Incoming::ConfigureAccount(bounced(dice, now)),
        _ => Incoming::ActivateCreditor(activation(dice)),
    }
}

/// Mostly known ones, and mostly some few.
fn account(dice: &mut Dice) -> AccountKey {
    match dice.below(12) {
        0 => key(400 + dice.below(3)),
        1 => AccountKey::new(CreditorId::new(77 + dice.below(2)), DebtorId::new(1)),
        2..=6 => key(1 + dice.below(4)),
        _ => key(1 + dice.below(DEBTORS)),
    }
}

fn creation_date(dice: &mut Dice) -> chrono::NaiveDate {
    dice.pick(&[date("2026-01-01"), date("2026-01-01"), date("2026-01-01"), date("2026-01-03")])
}

fn recently(dice: &mut Dice, now: Timestamp) -> Timestamp {
    now - TimeDelta::seconds(dice.below(4))
}

fn account_update(dice: &mut Dice, now: Timestamp) -> AccountUpdate {
    // Configurations are those of the accounts, which do not change, or others.
    let start = super::seed::ts("2026-03-01T12:00:00.123456Z");
    AccountUpdate {
        creation_date: creation_date(dice),
        last_change_ts: recently(dice, now),
        last_change_seqnum: dice.pick(&[0, 1, 2, 3, i32::MIN, i32::MAX]),
        principal: dice.below(100),
        interest_rate: dice.pick(&[3.5, 3.5, 3.500_01, -2.0]),
        last_interest_rate_change_ts: start,
        last_config_ts: dice.pick(&[start, start, start, now + TimeDelta::seconds(1)]),
        negligible_amount: dice.pick(&[1e30, 1e30, 1e30, 2.0]),
        config_flags: dice.below(2).try_into().unwrap(),
        account_id: dice.pick(&["account-1", "account-1", "account-1", "account-2"]).to_owned(),
        last_transfer_number: dice.below(9),
        last_transfer_committed_at: now - TimeDelta::days(15 * dice.below(2)),
        ts: now - TimeDelta::seconds(dice.pick(&[-5, 0, 1, 5])),
        ttl: dice.pick(&[0, 1, 1000, 1000]),
        ..update(account(dice), now)
    }
}

fn rejected_config(dice: &mut Dice, now: Timestamp) -> RejectedConfig {
    let start = super::seed::ts("2026-03-01T12:00:00.123456Z");
    RejectedConfig {
        account: account(dice),
        config_ts: dice.pick(&[start, start, start, start, now + TimeDelta::seconds(1)]),
        config_seqnum: i32::from(dice.once_in(9)),
        config_flags: i32::from(dice.once_in(5)),
        config_data: if dice.once_in(9) { "x".to_owned() } else { String::new() },
        negligible_amount: if dice.once_in(9) { 1.0001e30 } else { 1e30 },
        rejection_code: dice.pick(&["ONE", "TWO"]).to_owned(),
    }
}

fn account_transfer(dice: &mut Dice, now: Timestamp) -> AccountTransfer {
    let number = 1 + dice.below(9);
    let previous = if dice.once_in(4) { dice.below(number) } else { number - 1 };
    let amount = dice.pick(&[10, 10, 11, -10]);
    let age = dice.pick(&[0, 0, 0, 0, 20, 46]);
    AccountTransfer {
        creation_date: creation_date(dice),
        committed_at: now - TimeDelta::days(age),
        ts: now - TimeDelta::days(if dice.once_in(9) { 46 } else { 0 }),
        ..transfer(account(dice), number, previous, amount, 10 * number, now)
    }
}

fn coordinator(dice: &mut Dice) -> (CreditorId, i64) {
    let creditor_id = if dice.once_in(12) { CreditorId::new(77) } else { C };
    let requests = dice.pick(&[6, REQUESTS + 2]);
    (creditor_id, 1 + dice.below(requests))
}

fn sender(dice: &mut Dice) -> AccountKey {
    if dice.once_in(9) { account(dice) } else { key(5) }
}

fn rejected(dice: &mut Dice) -> RejectedTransfer {
    let (coordinator_id, coordinator_request_id) = coordinator(dice);
    RejectedTransfer {
        account: sender(dice),
        coordinator_id,
        coordinator_request_id,
        status_code: dice.pick(&["TEST_ERROR", "OK"]).to_owned(),
        total_locked_amount: 600,
    }
}

fn prepared(dice: &mut Dice) -> PreparedTransfer {
    let (coordinator_id, coordinator_request_id) = coordinator(dice);
    PreparedTransfer {
        account: sender(dice),
        transfer_id: dice.pick(&[71, 71, 71, 72]),
        coordinator_id,
        coordinator_request_id,
        locked_amount: dice.pick(&[10, 10, 11, 9]),
        recipient: dice.pick(&["bob", "bob", "bob", "bob", "eve"]).to_owned(),
    }
}

fn finalized(dice: &mut Dice) -> FinalizedTransfer {
    let (coordinator_id, coordinator_request_id) = coordinator(dice);
    FinalizedTransfer {
        account: sender(dice),
        transfer_id: dice.pick(&[71, 71, 72]),
        coordinator_id,
        coordinator_request_id,
        committed_amount: dice.pick(&[1000, 1000, 0, 999]),
        status_code: dice.pick(&["OK", "TIMEOUT"]).to_owned(),
        total_locked_amount: 100,
    }
}

fn bounced(dice: &mut Dice, now: Timestamp) -> BouncedConfigureAccount {
    BouncedConfigureAccount {
        account: account(dice),
        ts: recently(dice, now),
        seqnum: dice.below(3).try_into().unwrap(),
        negligible_amount: 2.5,
        config_flags: 1,
        config_data: "d".to_owned(),
    }
}

fn activation(dice: &mut Dice) -> ActivateCreditor {
    // The seed's creditor has the first reservation number.
    let n = dice.below(RESERVED + 2);
    let given = if dice.once_in(3) { 99 } else { n + 1 };
    ActivateCreditor { creditor_id: if n == 0 { C } else { reserved(n) }, reservation_id: given.to_string() }
}
