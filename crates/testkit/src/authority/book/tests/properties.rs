//! What holds whatever happens.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

const DEBTORS: [DebtorId; 2] = [DEBTOR, DebtorId::new(8)];

/// Something that happens to the book.
#[derive(Clone, Copy, Debug)]
enum Event {
    Configure {
        account: AccountKey,
        is_condemned: bool,
        is_stale: bool,
    },
    Issue {
        account: AccountKey,
        amount: i64,
    },
    Prepare {
        sender: AccountKey,
        recipient: CreditorId,
        number: i64,
        locked_amount: i64,
        max_commit_delay: i32,
    },
    /// Of the transfer prepared so many transfers ago.
    Finalize {
        ago: usize,
        amount: i64,
    },
    Repeat {
        ago: usize,
    },
    SetRate {
        debtor: DebtorId,
        rate: f64,
    },
    PayInterest {
        debtor: DebtorId,
    },
    Purge {
        account: AccountKey,
    },
    Wait {
        seconds: i64,
    },
}

fn key() -> impl Strategy<Value = AccountKey> {
    (1_i64..4, 0..DEBTORS.len()).prop_map(|(id, debtor)| AccountKey::new(CreditorId::new(id), DEBTORS[debtor]))
}

fn debtor() -> impl Strategy<Value = DebtorId> {
    (0..DEBTORS.len()).prop_map(|index| DEBTORS[index])
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0_i64..200, 1 => Just(i64::MAX), 1 => Just(i64::MAX / 2)]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (key(), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
            .prop_map(|(account, is_condemned, is_stale)| Event::Configure { account, is_condemned, is_stale }),
        4 => (key(), amount()).prop_map(|(account, amount)| Event::Issue { account, amount }),
        8 => (key(), 1_i64..5, 0_i64..1000, amount(), prop_oneof![Just(0), Just(60), Just(i32::MAX)]).prop_map(
            |(sender, recipient, number, locked_amount, max_commit_delay)| Event::Prepare {
                sender,
                recipient: CreditorId::new(recipient),
                number,
                locked_amount,
                max_commit_delay,
            }
        ),
        8 => (0_usize..4, amount()).prop_map(|(ago, amount)| Event::Finalize { ago, amount }),
        2 => (0_usize..6).prop_map(|ago| Event::Repeat { ago }),
        1 => (debtor(), -100.0..1e6).prop_map(|(debtor, rate)| Event::SetRate { debtor, rate }),
        1 => debtor().prop_map(|debtor| Event::PayInterest { debtor }),
        1 => key().prop_map(|account| Event::Purge { account }),
        2 => prop_oneof![3 => 0_i64..100, 1 => Just(90_000_i64), 1 => Just(31_557_600_i64)]
            .prop_map(|seconds| Event::Wait { seconds }),
    ]
}

/// A book, what was said to it, and what a careful listener knows from its messages alone.
struct World {
    book: Book,
    now: Timestamp,
    said: Vec<Signal>,
    prepared: Vec<domain::incoming::PreparedTransfer>,
    /// By account: creation date, number and principal of the newest transfer.
    ledgers: HashMap<AccountKey, (NaiveDate, i64, i64)>,
    /// By account: what orders its updates.
    updates: HashMap<AccountKey, (NaiveDate, Timestamp, i32)>,
}

impl World {
    fn new() -> Self {
        let book = Book::default();
        let (said, prepared, ledgers, updates) = <_>::default();
        Self { book, now: at(100), said, prepared, ledgers, updates }
    }

    fn happen(&mut self, event: Event) {
        self.now += TimeDelta::milliseconds(1);
        let outgoing = self.consequences(event);
        self.hear(outgoing);
        let outgoing = self.book.updates(self.now);
        self.hear(outgoing);
        self.check();
    }

    fn say(&mut self, signal: &Signal) -> Vec<Outgoing> {
        self.said.push(signal.clone());
        self.book.handle(signal, self.now)
    }

    fn consequences(&mut self, event: Event) -> Vec<Outgoing> {
        let now = self.now;
        match event {
            Event::Configure { account, is_condemned, is_stale } => {
                let ts = if is_stale { at(0) } else { now };
                self.say(&Signal::ConfigureAccount(if is_condemned { condemned } else { config }(account, ts)))
            }
            Event::Issue { account, amount } => self.book.issue(account, amount, now).into_iter().collect(),
            Event::Prepare { sender, recipient, number, locked_amount, max_commit_delay } => {
                let recipient = AccountKey::new(recipient, sender.debtor_id);
                let request = PrepareTransfer {
                    account: sender,
                    max_commit_delay,
                    inserted_at: now,
                    final_interest_rate_ts: now + TimeDelta::days(1),
                    ..request(number, locked_amount, recipient)
                };
                let answers = self.say(&Signal::PrepareTransfer(request.clone()));
                assert_eq!(answers.len(), 1);
                if let Incoming::PreparedTransfer(prepared) = &answers[0].message {
                    assert_eq!((prepared.account, prepared.locked_amount), (sender, locked_amount));
                    assert_eq!(self.book.handle(&Signal::PrepareTransfer(request), now), answers);
                    self.prepared.push(prepared.clone());
                }
                answers
            }
            Event::Finalize { ago, amount } => {
                let Some(prepared) = self.prepared.iter().rev().nth(ago) else { return vec![] };
                let message = FinalizeTransfer {
                    account: prepared.account,
                    coordinator_id: prepared.coordinator_id,
                    ..finalization(prepared.transfer_id, prepared.coordinator_request_id, amount)
                };
                let answers = self.say(&Signal::FinalizeTransfer(message.clone()));
                check_finalization(&answers, amount);
                // Said again it must have no consequence but the same answer.
                let before = self.book.accounts().cloned().collect::<Vec<_>>();
                let again = self.book.handle(&Signal::FinalizeTransfer(message), now);
                assert_eq!(again, answers[..answers.len().min(1)]);
                assert_eq!(before, self.book.accounts().cloned().collect::<Vec<_>>());
                answers
            }
            Event::Repeat { ago } => match self.said.iter().rev().nth(ago).cloned() {
                Some(signal) => self.book.handle(&signal, now),
                None => vec![],
            },
            Event::SetRate { debtor, rate } => {
                self.book.set_interest_rate(debtor, rate, now).unwrap();
                vec![]
            }
            Event::PayInterest { debtor } => self.book.pay_interest(debtor, now),
            Event::Purge { account } => self.book.purge(account, now).unwrap_or_default(),
            Event::Wait { seconds } => {
                self.now += TimeDelta::seconds(seconds);
                self.book.tick(self.now)
            }
        }
    }

    fn hear(&mut self, outgoing: Vec<Outgoing>) {
        for Outgoing { message, unused } in outgoing {
            let body = smp::authority::encode(&message, &unused);
            let read =
                smp::incoming::decode(Some("application/json"), Some(smp::authority::message_type(&message)), &body);
            assert_eq!(read.as_ref().map(|decoded| &decoded.message), Ok(&message), "the agent can read it");
            match message {
                Incoming::AccountTransfer(m) => self.hear_transfer(&m),
                Incoming::AccountUpdate(m) => self.hear_update(&m),
                _ => {}
            }
        }
    }

    /// Transfer numbers are chained, and the amounts add up.
    fn hear_transfer(&mut self, m: &AccountTransfer) {
        let ledger = self.ledgers.entry(m.account).or_insert((m.creation_date, 0, 0));
        if ledger.0 < m.creation_date {
            *ledger = (m.creation_date, 0, 0);
        }
        assert_eq!((ledger.0, ledger.1), (m.creation_date, m.previous_transfer_number));
        assert!(m.transfer_number > m.previous_transfer_number);
        assert_eq!(ledger.2 + m.acquired_amount, m.principal);
        *ledger = (m.creation_date, m.transfer_number, m.principal);
    }

    /// Updates come in order, and agree with the transfers.
    fn hear_update(&mut self, m: &AccountUpdate) {
        let order = (m.creation_date, m.last_change_ts, m.last_change_seqnum);
        let known = self.updates.insert(m.account, order);
        assert!(known.is_none_or(|known| known <= order), "{known:?} {order:?}");
        let (creation_date, number, principal) =
            self.ledgers.get(&m.account).copied().unwrap_or((m.creation_date, 0, 0));
        if creation_date == m.creation_date {
            assert_eq!((m.last_transfer_number, m.principal), (number, principal));
        } else {
            assert!(creation_date < m.creation_date);
            assert_eq!((m.last_transfer_number, m.principal), (0, 0));
        }
    }

    fn check(&self) {
        for debtor_id in DEBTORS {
            let accounts = self.book.accounts().filter(|account| account.key.debtor_id == debtor_id);
            assert_eq!(
                accounts.map(|account| i128::from(account.principal)).sum::<i128>(),
                self.book.issued(debtor_id)
            );
        }
        for account in self.book.accounts() {
            let prepared = self.book.prepared_transfers();
            let own: Vec<_> = prepared
                .filter(|p| p.request.account == account.key && p.creation_date == account.creation_date)
                .map(|p| p.request.locked_amount)
                .collect();
            assert_eq!((account.locked, account.prepared), (own.iter().sum(), own.len()));
            assert!((0..=account.principal).contains(&account.locked), "{account:?}");
            assert!(account.interest.is_finite());
        }
    }
}

/// Either all of the amount moves from one account to another, or nothing happens.
fn check_finalization(answers: &[Outgoing], amount: i64) {
    let moved: Vec<i64> = answers
        .iter()
        .filter_map(|outgoing| match &outgoing.message {
            Incoming::AccountTransfer(m) => Some(m.acquired_amount),
            _ => None,
        })
        .collect();
    match answers.first().map(|outgoing| &outgoing.message) {
        None => assert!(moved.is_empty()),
        // Either it happens now, or this repeats what happened earlier, perhaps with another amount.
        Some(Incoming::FinalizedTransfer(m)) if !moved.is_empty() => {
            assert_eq!((&*m.status_code, m.committed_amount), (status::OK, amount));
            assert_eq!(moved, [-amount, amount]);
        }
        Some(Incoming::FinalizedTransfer(m)) => {
            assert!(m.status_code == status::OK || m.committed_amount == 0);
        }
        Some(other) => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_book_is_always_right(events in prop::collection::vec(event(), 1..80)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
        }
    }
}
