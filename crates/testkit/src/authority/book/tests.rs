//! Conversations with the book, one by one; the properties of many are in `properties`.

use chrono::{Days, TimeDelta};
use domain::incoming::{AccountTransfer, AccountUpdate, Incoming};
use domain::signal::{ConfigureAccount, FinalizeTransfer, PrepareTransfer, Signal};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};

use super::*;
use crate::authority::{account_id, status};

mod properties;

const DEBTOR: DebtorId = DebtorId::new(-7);
const ALICE: AccountKey = AccountKey::new(CreditorId::new(101), DEBTOR);
const BOB: AccountKey = AccountKey::new(CreditorId::new(-2), DEBTOR);

fn at(seconds: i64) -> Timestamp {
    "2024-03-05T12:00:00Z".parse::<Timestamp>().unwrap() + TimeDelta::seconds(seconds)
}

fn config(account: AccountKey, ts: Timestamp) -> ConfigureAccount {
    let config_data = "data".to_owned();
    ConfigureAccount { account, ts, seqnum: 0, negligible_amount: 10.0, config_data, config_flags: 0 }
}

fn condemned(account: AccountKey, ts: Timestamp) -> ConfigureAccount {
    ConfigureAccount { config_flags: 1, ..config(account, ts) }
}

fn request(number: i64, locked_amount: i64, recipient: AccountKey) -> PrepareTransfer {
    PrepareTransfer {
        account: ALICE,
        coordinator_request_id: number,
        locked_amount,
        recipient: account_id(recipient.creditor_id),
        final_interest_rate_ts: at(1_000_000),
        max_commit_delay: 60,
        inserted_at: at(10),
    }
}

fn finalization(transfer_id: i64, number: i64, committed_amount: i64) -> FinalizeTransfer {
    FinalizeTransfer {
        account: ALICE,
        transfer_id,
        coordinator_id: ALICE.creditor_id,
        coordinator_request_id: number,
        committed_amount,
        transfer_note_format: "fmt".to_owned(),
        transfer_note: "note".to_owned(),
        inserted_at: at(10),
    }
}

/// Alice with 100 units, Bob with nothing, nothing to be told.
fn book() -> Book {
    let mut book = Book::default();
    for account in [ALICE, BOB] {
        assert_eq!(book.handle(&Signal::ConfigureAccount(config(account, at(0))), at(0)), []);
    }
    book.issue(ALICE, 100, at(1)).unwrap();
    book.updates(at(1));
    book
}

impl Book {
    fn prepared_id(&mut self, request: &PrepareTransfer, now: Timestamp) -> i64 {
        match self.prepare(request, now).message {
            Incoming::PreparedTransfer(m) => m.transfer_id,
            other => panic!("{other:?}"),
        }
    }

    fn prepare_status(&mut self, request: &PrepareTransfer, now: Timestamp) -> (String, i64) {
        match self.prepare(request, now).message {
            Incoming::RejectedTransfer(m) => (m.status_code, m.total_locked_amount),
            other => panic!("{other:?}"),
        }
    }

    /// Status, committed amount and what else is told.
    fn finalized(&mut self, message: &FinalizeTransfer, now: Timestamp) -> (String, i64, Vec<AccountTransfer>) {
        let mut outgoing = self.finalize(message, now).into_iter();
        match outgoing.next().unwrap().message {
            Incoming::FinalizedTransfer(m) => {
                let transfers = outgoing.map(|outgoing| as_transfer(outgoing.message)).collect();
                (m.status_code, m.committed_amount, transfers)
            }
            other => panic!("{other:?}"),
        }
    }

    fn principals(&self) -> [i64; 2] {
        [ALICE, BOB].map(|key| self.account(key).unwrap().principal)
    }
}

fn as_transfer(message: Incoming) -> AccountTransfer {
    match message {
        Incoming::AccountTransfer(m) => m,
        other => panic!("{other:?}"),
    }
}

fn as_update(outgoing: Outgoing) -> AccountUpdate {
    match outgoing.message {
        Incoming::AccountUpdate(m) => *m,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_configuration_opens_an_account_and_is_effectual() {
    let mut book = Book::default();
    let message = config(ALICE, at(0));
    book.handle(&Signal::ConfigureAccount(message.clone()), at(5));
    let [update] = book.updates(at(5)).try_into().unwrap();
    let update = as_update(update);
    assert_eq!((update.account, update.principal, update.last_transfer_number), (ALICE, 0, 0));
    assert_eq!(update.account_id, "101");
    assert_eq!(update.creation_date, at(5).date_naive());
    assert_eq!((update.last_config_ts, update.last_config_seqnum), (message.ts, message.seqnum));
    assert_eq!((update.config_flags, &*update.config_data), (0, "data"));
    assert!((update.negligible_amount - 10.0).abs() < 1e-9);
    assert_eq!(book.updates(at(6)), [], "told once");
}

#[test]
fn an_older_configuration_is_ignored_and_a_repeated_one_answered() {
    let mut book = book();
    let before = book.account(ALICE).cloned();
    book.handle(&Signal::ConfigureAccount(ConfigureAccount { seqnum: -1, ..config(ALICE, at(0)) }), at(7));
    assert_eq!((book.account(ALICE).cloned(), book.updates(at(7))), (before, vec![]));
    let answers = book.handle(&Signal::ConfigureAccount(config(ALICE, at(0))), at(8));
    let [answer] = answers.try_into().unwrap();
    assert_eq!(as_update(answer).last_change_seqnum, book.account(ALICE).unwrap().last_change_seqnum);
}

#[test]
fn refused_configurations_change_nothing() {
    let mut book = Book::default();
    book.reject_configs("dat", "INVALID");
    let answers = book.handle(&Signal::ConfigureAccount(config(ALICE, at(0))), at(1));
    let [Outgoing { message: Incoming::RejectedConfig(rejection), .. }] = answers.as_slice() else {
        panic!("{answers:?}")
    };
    assert_eq!((&*rejection.rejection_code, rejection.config_ts, &*rejection.config_data), ("INVALID", at(0), "data"));
    assert_eq!(book.updates(at(1)), []);
    assert_eq!(book.account(ALICE), None);
    book.accept_configs();
    book.handle(&Signal::ConfigureAccount(config(ALICE, at(0))), at(2));
    assert!(book.account(ALICE).is_some());
}

#[test]
fn issued_money_is_told_as_a_transfer_from_the_issuer() {
    let mut book = book();
    let transfer = as_transfer(book.issue(ALICE, 11, at(3)).unwrap().message);
    assert_eq!((&*transfer.coordinator_type, &*transfer.sender, &*transfer.recipient), ("issuing", "0", "101"));
    assert_eq!((transfer.acquired_amount, transfer.principal), (11, 111));
    assert_eq!((transfer.previous_transfer_number, transfer.transfer_number), (1, 2));
    assert_eq!(book.issued(DEBTOR), 111);
    let unknown = AccountKey::new(CreditorId::new(9), DEBTOR);
    assert_eq!(book.issue(unknown, 1, at(3)), Err(Refused::NoSuchAccount));
    for amount in [0, -1, i64::MAX] {
        assert_eq!(book.issue(ALICE, amount, at(3)), Err(Refused::Amount));
    }
}

#[test]
fn a_payment_goes_its_way() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    let alice = book.account(ALICE).unwrap();
    assert_eq!((alice.principal, alice.locked, alice.available()), (100, 30, 70));
    assert_eq!(book.prepared_id(&request(1, 30, BOB), at(12)), id, "the same request");
    assert_eq!(book.account(ALICE).unwrap().locked, 30);

    let (code, amount, transfers) = book.finalized(&finalization(id, 1, 40), at(13));
    assert_eq!((&*code, amount), (status::OK, 40));
    let [sent, received] = transfers.try_into().unwrap();
    assert_eq!((sent.account, sent.acquired_amount, sent.principal), (ALICE, -40, 60));
    assert_eq!((received.account, received.acquired_amount, received.principal), (BOB, 40, 40));
    for transfer in [&sent, &received] {
        assert_eq!((&*transfer.coordinator_type, &*transfer.sender), ("direct", "101"));
        assert_eq!(transfer.recipient, account_id(BOB.creditor_id));
        assert_eq!((&*transfer.transfer_note_format, &*transfer.transfer_note), ("fmt", "note"));
    }
    let updates: Vec<_> = book.updates(at(13)).into_iter().map(as_update).collect();
    let told: Vec<_> = updates.iter().map(|m| (m.account, m.principal, m.last_transfer_number)).collect();
    assert_eq!(told, [(BOB, 40, 1), (ALICE, 60, 2)]);

    let (code, amount, transfers) = book.finalized(&finalization(id, 1, 40), at(14));
    assert_eq!((&*code, amount, transfers), (status::OK, 40, vec![]), "repeated");
    assert_eq!(book.prepared_id(&request(1, 30, BOB), at(15)), id, "still the same request");
    assert_eq!((book.principals(), book.account(ALICE).unwrap().locked), ([60, 40], 0));
}

#[test]
fn the_same_number_at_another_time_is_another_request() {
    let mut book = book();
    let first = book.prepared_id(&request(1, 30, BOB), at(11));
    let second = book.prepared_id(&PrepareTransfer { inserted_at: at(11), ..request(1, 30, BOB) }, at(11));
    assert_ne!(first, second);
    assert_eq!(book.account(ALICE).unwrap().locked, 60);
}

#[test]
fn a_dismissal_unlocks() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    let (code, amount, transfers) = book.finalized(&finalization(id, 1, 0), at(1000));
    assert_eq!((&*code, amount, transfers), (status::OK, 0, vec![]));
    assert_eq!((book.principals(), book.account(ALICE).unwrap().locked), ([100, 0], 0));
}

#[test]
fn what_belongs_to_no_prepared_transfer_is_ignored() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    let right = finalization(id, 1, 30);
    for wrong in [
        FinalizeTransfer { transfer_id: id + 1, ..right.clone() },
        FinalizeTransfer { coordinator_request_id: 2, ..right.clone() },
        FinalizeTransfer { coordinator_id: BOB.creditor_id, ..right.clone() },
        FinalizeTransfer { account: BOB, ..right },
    ] {
        assert_eq!(book.finalize(&wrong, at(12)), []);
    }
    assert_eq!(book.account(ALICE).unwrap().locked, 30);
}

#[test]
fn reasons_not_to_prepare() {
    let mut book = book();
    book.prepared_id(&request(1, 60, BOB), at(11));
    let nobody = AccountKey::new(CreditorId::new(9), DEBTOR);
    let cases = [
        (request(2, 41, BOB), status::INSUFFICIENT_AVAILABLE_AMOUNT, 60),
        (request(3, 1, nobody), status::RECIPIENT_IS_UNREACHABLE, 60),
        (
            PrepareTransfer { recipient: "no number".to_owned(), ..request(4, 1, BOB) },
            status::RECIPIENT_IS_UNREACHABLE,
            60,
        ),
        (request(5, 1, ALICE), status::RECIPIENT_SAME_AS_SENDER, 60),
        (PrepareTransfer { max_commit_delay: 0, ..request(6, 1, BOB) }, status::TIMEOUT, 60),
        (PrepareTransfer { account: nobody, ..request(7, 0, BOB) }, status::SENDER_IS_UNREACHABLE, 0),
    ];
    for (request, code, total_locked) in cases {
        assert_eq!(book.prepare_status(&request, at(11)), (code.to_owned(), total_locked));
    }
    book.prepared_id(&request(8, 40, BOB), at(11));
    book.set_interest_rate(DEBTOR, 5.0, at(12)).unwrap();
    let hasty = PrepareTransfer { final_interest_rate_ts: at(11), ..request(9, 0, BOB) };
    assert_eq!(book.prepare_status(&hasty, at(13)).0, status::NEWER_INTEREST_RATE);
}

#[test]
fn reasons_not_to_commit() {
    let prepared = |locked| {
        let mut book = book();
        let id = book.prepared_id(&request(1, locked, BOB), at(11));
        (book, id)
    };
    let check = |mut book: Book, message: FinalizeTransfer, now, code: &str| {
        let before = [ALICE, BOB].map(|key| book.account(key).map(|account| account.principal));
        let (status, amount, transfers) = book.finalized(&message, now);
        assert_eq!((&*status, amount, transfers), (code, 0, vec![]));
        assert_eq!([ALICE, BOB].map(|key| book.account(key).map(|account| account.principal)), before);
        assert!(book.account(ALICE).is_none_or(|alice| alice.locked == 0 && alice.prepared == 0));
    };

    let (book, id) = prepared(30);
    check(book.clone(), finalization(id, 1, 101), at(12), status::INSUFFICIENT_AVAILABLE_AMOUNT);
    check(book.clone(), finalization(id, 1, 30), at(71), status::TIMEOUT);
    let wordy = FinalizeTransfer { transfer_note: "x".repeat(501), ..finalization(id, 1, 30) };
    check(book.clone(), wordy, at(12), status::TRANSFER_NOTE_IS_TOO_LONG);
    let mut newer = book.clone();
    newer.set_interest_rate(DEBTOR, 1.0, at(1_000_001)).unwrap();
    check(newer, finalization(id, 1, 30), at(12), status::NEWER_INTEREST_RATE);
    let mut lonely = book.clone();
    lonely.purge(BOB, at(12)).unwrap();
    check(lonely, finalization(id, 1, 30), at(12), status::RECIPIENT_IS_UNREACHABLE);
    let mut gone = book;
    gone.purge(ALICE, at(12)).unwrap();
    check(gone.clone(), finalization(id, 1, 30), at(12), status::SENDER_IS_UNREACHABLE);
    gone.handle(&Signal::ConfigureAccount(config(ALICE, at(13))), at(13));
    check(gone, finalization(id, 1, 30), at(14), status::SENDER_IS_UNREACHABLE);

    let (mut book, id) = prepared(0);
    assert_eq!(book.finalized(&finalization(id, 1, 100), at(70)).1, 100, "in time, with nothing locked");
}

#[test]
fn an_account_to_be_deleted_is_purged_when_nothing_of_worth_is_left() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    book.handle(&Signal::ConfigureAccount(condemned(ALICE, at(12))), at(12));
    assert_eq!(book.issue(ALICE, 1, at(12)), Err(Refused::ScheduledForDeletion));
    book.updates(at(12));
    assert!(book.tick(at(30)).iter().all(|outgoing| !matches!(outgoing.message, Incoming::AccountPurge(_))));
    assert_eq!(book.finalized(&finalization(id, 1, 93), at(31)).1, 93);
    let created = book.account(ALICE).unwrap().creation_date;

    assert_eq!(book.tick(at(40)), [], "the last change has not been told");
    assert_eq!(book.updates(at(40)).len(), 2);
    assert_eq!(book.tick(at(41)), [], "and may still be on its way");
    let told = book.tick(at(42));
    let [burnt, Outgoing { message: Incoming::AccountPurge(purge), .. }] = told.as_slice() else { panic!("{told:?}") };
    let burnt = as_transfer(burnt.message.clone());
    assert_eq!((&*burnt.coordinator_type, burnt.acquired_amount, &*burnt.recipient), ("delete", -7, "0"));
    assert_eq!((purge.account, purge.creation_date), (ALICE, created));
    assert_eq!((book.account(ALICE), book.issued(DEBTOR)), (None, 93));

    let answers = book.handle(&Signal::ConfigureAccount(condemned(ALICE, at(12))), at(43));
    let [Outgoing { message: Incoming::AccountPurge(again), .. }] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(again, purge, "what belongs to the old account does not open a new one");
    book.handle(&Signal::ConfigureAccount(config(ALICE, at(44))), at(44));
    let account = book.account(ALICE).unwrap();
    assert_eq!(account.creation_date, created + Days::new(1));
    assert_eq!((account.principal, account.last_transfer_number), (0, 0));
}

#[test]
fn reminders_and_heartbeats_come_in_time() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    assert_eq!(book.tick(at(70)), []);
    let reminder = book.tick(at(71));
    assert!(matches!(&*reminder, [Outgoing { message: Incoming::PreparedTransfer(m), .. }] if m.transfer_id == id));
    assert_eq!(book.tick(at(130)), []);
    book.finalized(&finalization(id, 1, 0), at(130));
    assert_eq!(book.tick(at(131)), []);

    let day = 24 * 3600;
    let heartbeats: Vec<_> = book.tick(at(day + 1)).into_iter().map(as_update).collect();
    assert_eq!(
        heartbeats.iter().map(|m| (m.account, m.ts)).collect::<Vec<_>>(),
        [(BOB, at(day + 1)), (ALICE, at(day + 1))]
    );
    assert_eq!(book.tick(at(day + 2)), []);
}

#[test]
fn interest_accumulates_and_is_paid_in_whole_units() {
    let mut book = book();
    book.set_interest_rate(DEBTOR, 5.0, at(1)).unwrap();
    assert_eq!(book.set_interest_rate(DEBTOR, -101.0, at(1)), Err(Refused::InterestRate));
    assert_eq!(book.set_interest_rate(DEBTOR, f64::NAN, at(1)), Err(Refused::InterestRate));
    let updates: Vec<_> = book.updates(at(1)).into_iter().map(as_update).collect();
    assert!(updates.iter().all(|m| (m.interest_rate - 5.0).abs() < 1e-9 && m.last_interest_rate_change_ts == at(1)));

    let next_year = at(1) + TimeDelta::days(366);
    let payments: Vec<_> = book.pay_interest(DEBTOR, next_year).into_iter().map(|m| as_transfer(m.message)).collect();
    let [payment] = payments.try_into().unwrap();
    assert_eq!((&*payment.coordinator_type, payment.account, payment.acquired_amount), ("interest", ALICE, 5));
    assert_eq!((&*payment.sender, payment.principal, book.issued(DEBTOR)), ("0", 105, 105));
    assert!((0.0..0.1).contains(&book.account(ALICE).unwrap().interest));

    book.set_interest_rate(DEBTOR, -50.0, next_year).unwrap();
    let late = PrepareTransfer { inserted_at: next_year, final_interest_rate_ts: next_year, ..request(1, 90, BOB) };
    book.prepared_id(&late, next_year);
    let [payment] = book.pay_interest(DEBTOR, next_year + TimeDelta::days(366)).try_into().unwrap();
    let payment = as_transfer(payment.message);
    assert_eq!((payment.acquired_amount, payment.principal), (-15, 90), "locked amounts are safe");
    assert_eq!((&*payment.sender, &*payment.recipient), ("101", "0"));
}

#[test]
fn finalised_transfers_are_forgotten_one_day() {
    let mut book = book();
    let id = book.prepared_id(&request(1, 30, BOB), at(11));
    book.finalized(&finalization(id, 1, 30), at(12));
    book.tick(at(12 + 3599));
    assert_eq!(book.finalized(&finalization(id, 1, 30), at(13)).1, 30);
    book.tick(at(12 + 3600));
    assert_eq!(book.finalize(&finalization(id, 1, 30), at(13)), []);
    assert_eq!(book.principals(), [70, 30]);
}
