//! Just enough of an agent to talk with an authority.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use amqp::topology::{Exchange, ExchangeBinding, Queue, QueueBinding};
use amqp::{
    BrokerUrl, Consumer, ConsumerOptions, Delivery, Message, Properties, Publisher, PublisherOptions, Topology,
};
use chrono::TimeDelta;
use creditors_testkit::TestBroker;
use creditors_testkit::authority::account_id;
use domain::incoming::{AccountUpdate, Incoming, PreparedTransfer};
use domain::routing::hex_key;
use domain::signal::{ConfigureAccount, FinalizeTransfer, PrepareTransfer, Signal};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};
use runtime::{Clock as _, Stop, SystemClock};
use smp::{incoming, outgoing};

pub(super) const DEBTOR: DebtorId = DebtorId::new(-7);
pub(super) const ALICE: AccountKey = AccountKey::new(CreditorId::new(101), DEBTOR);
pub(super) const BOB: AccountKey = AccountKey::new(CreditorId::new(102), DEBTOR);

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) fn at(seconds: i64) -> Timestamp {
    SystemClock.now() + TimeDelta::seconds(seconds)
}

pub(super) fn configuration(account: AccountKey) -> ConfigureAccount {
    let (ts, config_data) = (at(0), "some data".to_owned());
    ConfigureAccount { account, ts, seqnum: 0, negligible_amount: 1e30, config_data, config_flags: 0 }
}

pub(super) fn request(sender: AccountKey, recipient: AccountKey, number: i64) -> PrepareTransfer {
    PrepareTransfer {
        account: sender,
        coordinator_request_id: number,
        locked_amount: 0,
        recipient: account_id(recipient.creditor_id),
        final_interest_rate_ts: "9999-12-31T23:59:59Z".parse().unwrap(),
        max_commit_delay: i32::MAX,
        inserted_at: at(0),
    }
}

pub(super) fn finalization(prepared: &PreparedTransfer, amount: i64) -> FinalizeTransfer {
    FinalizeTransfer {
        account: prepared.account,
        transfer_id: prepared.transfer_id,
        coordinator_id: prepared.coordinator_id,
        coordinator_request_id: prepared.coordinator_request_id,
        committed_amount: amount,
        transfer_note_format: String::new(),
        transfer_note: String::new(),
        inserted_at: at(0),
    }
}

fn exchange(name: &str, kind: &str) -> Exchange {
    Exchange { name: name.to_owned(), kind: kind.to_owned(), arguments: vec![] }
}

/// The part of the agent's exchanges that an authority has to do with.
pub(super) async fn declare_exchanges(broker: &TestBroker) {
    let topology = Topology {
        exchanges: vec![
            exchange("creditors_in", "headers"),
            exchange("ca.creditors", "topic"),
            exchange("creditors_out", "topic"),
        ],
        exchange_bindings: vec![ExchangeBinding {
            source: "creditors_in".to_owned(),
            destination: "ca.creditors".to_owned(),
            routing_key: String::new(),
            arguments: vec![("x-match".to_owned(), "all".into()), ("ca-creditors".to_owned(), true.into())],
        }],
        ..Topology::default()
    };
    amqp::topology::apply(&BrokerUrl::parse(broker.url()).unwrap(), &topology).await.unwrap();
}

/// Says what it is told to, and listens.
pub(super) struct Agent {
    publisher: Publisher,
    consumer: Consumer,
    heard: VecDeque<Delivery>,
    /// The newest state heard of each account.
    accounts: HashMap<AccountKey, AccountUpdate>,
    _stop: tokio_util::sync::DropGuard,
}

impl Agent {
    /// The exchanges must exist.
    pub(super) async fn start(broker: &TestBroker) -> Self {
        let url = BrokerUrl::parse(broker.url()).unwrap();
        let queue = "the-agent".to_owned();
        let topology = Topology {
            queues: vec![Queue { name: queue.clone(), arguments: vec![] }],
            queue_bindings: vec![QueueBinding {
                exchange: "ca.creditors".to_owned(),
                queue: queue.clone(),
                routing_key: "#".to_owned(),
                arguments: vec![],
            }],
            ..Topology::default()
        };
        amqp::topology::apply(&url, &topology).await.unwrap();
        let stop = Stop::new();
        let name = "an agent".to_owned();
        let consumer_options = ConsumerOptions { name: name.clone(), queue, prefetch_count: 1000 };
        Self {
            publisher: Publisher::start(url.clone(), PublisherOptions::new(name), stop.token()),
            consumer: Consumer::start(url, consumer_options, stop.token()),
            heard: VecDeque::new(),
            accounts: HashMap::new(),
            _stop: stop.token().clone().drop_guard(),
        }
    }

    /// Sends a message, as the flusher does.
    pub(super) async fn say(&mut self, signal: Signal) {
        self.publish(outgoing::message_type(signal.kind()), outgoing::routing_key(&signal), outgoing::encode(&signal))
            .await;
    }

    /// Sends anything.
    pub(super) async fn shout(&mut self, message_type: &str, body: &[u8]) {
        self.publish(message_type, hex_key(DEBTOR), body.to_vec()).await;
    }

    async fn publish(&mut self, message_type: &str, routing_key: String, body: Vec<u8>) {
        let message = Message {
            exchange: "creditors_out".to_owned(),
            routing_key,
            mandatory: true,
            properties: Properties {
                message_type: Some(message_type.to_owned()),
                content_type: Some("application/json".to_owned()),
                persistent: true,
                ..Properties::default()
            },
            body,
        };
        let outcomes = self.publisher.publish(&[message]).await;
        assert!(outcomes.iter().all(amqp::Outcome::is_confirmed), "{outcomes:?}");
    }

    /// Waits for some messages and takes note of accounts' states.
    async fn listen(&mut self) {
        let next = tokio::time::timeout(PATIENCE, self.consumer.next_batch(1000)).await;
        let mut batch = next.unwrap_or_else(|_| panic!("the authority says nothing")).unwrap();
        for delivery in std::mem::take(&mut batch.deliveries) {
            if let Incoming::AccountUpdate(update) = read(&delivery) {
                self.note(*update);
            }
            self.heard.push_back(delivery);
        }
        batch.ack_all().await.unwrap();
    }

    fn note(&mut self, update: AccountUpdate) {
        let order = |m: &AccountUpdate| (m.creation_date, m.last_change_ts, m.last_change_seqnum);
        if self.accounts.get(&update.account).is_none_or(|known| order(known) < order(&update)) {
            self.accounts.insert(update.account, update);
        }
    }

    /// Waits for a message of the given type; others that come before it are forgotten.
    pub(super) async fn delivery(&mut self, message_type: &str) -> Delivery {
        loop {
            while let Some(delivery) = self.heard.pop_front() {
                if delivery.properties.message_type.as_deref() == Some(message_type) {
                    return delivery;
                }
            }
            self.listen().await;
        }
    }

    /// The same, read.
    pub(super) async fn hear(&mut self, message_type: &str) -> Incoming {
        read(&self.delivery(message_type).await)
    }

    /// Waits until the states of accounts are as wanted.
    pub(super) async fn hear_until(&mut self, wanted: impl Fn(&HashMap<AccountKey, AccountUpdate>) -> bool) {
        while !wanted(&self.accounts) {
            self.listen().await;
        }
    }

    /// Commits each prepared transfer it hears of, until so many have ended. Returns how, by request number.
    pub(super) async fn finalize_all(&mut self, count: i64, amount: i64) -> HashMap<i64, (String, i64)> {
        let mut ended = HashMap::new();
        while ended.len() < usize::try_from(count).unwrap() {
            let Some(delivery) = self.heard.pop_front() else {
                self.listen().await;
                continue;
            };
            match read(&delivery) {
                Incoming::PreparedTransfer(m) => self.say(Signal::FinalizeTransfer(finalization(&m, amount))).await,
                Incoming::FinalizedTransfer(m) => {
                    let ending = (m.status_code, m.committed_amount);
                    let known = ended.insert(m.coordinator_request_id, ending.clone());
                    assert!(known.is_none_or(|known| known == ending));
                }
                _ => {}
            }
        }
        ended
    }
}

fn read(delivery: &Delivery) -> Incoming {
    let properties = &delivery.properties;
    let decoded =
        incoming::decode(properties.content_type.as_deref(), properties.message_type.as_deref(), &delivery.body);
    decoded.unwrap().message
}
