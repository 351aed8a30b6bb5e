//! The simulated authority at a real broker.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod agent;
mod process;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent::{ALICE, Agent, BOB, DEBTOR, at, configuration, finalization, request};
use amqp::{BrokerUrl, Header};
use chrono::TimeDelta;
use creditors_testkit::TestBroker;
use creditors_testkit::authority::control::{Client, ClientError, Control, Debtor, InterestRate, Issue};
use creditors_testkit::authority::{Authority, AuthorityOptions, CommandError, Faults, Refused, status};
use domain::incoming::Incoming;
use domain::routing::binary_key;
use domain::signal::Signal;
use domain::{AccountKey, CreditorId, DebtorId};
use runtime::ManualClock;

async fn options(broker: &TestBroker) -> AuthorityOptions {
    agent::declare_exchanges(broker).await;
    AuthorityOptions::new(BrokerUrl::parse(broker.url()).unwrap(), vec![DEBTOR])
}

/// An authority with accounts of Alice (who got the money) and of Bob, and all that it said until then.
async fn with_accounts(options: AuthorityOptions, agent: &mut Agent, money: i64) -> Authority {
    let authority = Authority::start(options).await.unwrap();
    for key in [ALICE, BOB] {
        agent.say(Signal::ConfigureAccount(configuration(key))).await;
    }
    agent.hear_until(|heard| [ALICE, BOB].iter().all(|key| heard.contains_key(key))).await;
    if money > 0 {
        authority.issue(ALICE, money).await.unwrap();
    }
    authority
}

#[tokio::test]
async fn a_payment_through_the_broker() {
    let broker = TestBroker::create().await;
    let mut options = options(&broker).await;
    options.clock = Arc::new(ManualClock::new(at(0)));
    let mut agent = Agent::start(&broker).await;
    let authority = with_accounts(options, &mut agent, 100).await;

    let issued = agent.hear("AccountTransfer").await;
    assert!(matches!(issued, Incoming::AccountTransfer(m) if (m.account, m.acquired_amount) == (ALICE, 100)));
    agent.say(Signal::PrepareTransfer(request(ALICE, BOB, 1))).await;
    let Incoming::PreparedTransfer(prepared) = agent.hear("PreparedTransfer").await else { unreachable!() };
    assert_eq!((prepared.account, prepared.coordinator_request_id, &*prepared.recipient), (ALICE, 1, "102"));
    agent.say(Signal::FinalizeTransfer(finalization(&prepared, 30))).await;
    let Incoming::FinalizedTransfer(finalized) = agent.hear("FinalizedTransfer").await else { unreachable!() };
    assert_eq!((&*finalized.status_code, finalized.committed_amount), (status::OK, 30));
    agent.hear_until(|heard| heard.get(&BOB).is_some_and(|state| state.principal == 30)).await;
    agent.hear_until(|heard| heard[&ALICE].principal == 70).await;

    let states = authority.accounts().await.unwrap();
    assert_eq!(states.iter().map(|state| (state.key, state.principal)).collect::<Vec<_>>(), [(ALICE, 70), (BOB, 30)]);
    authority.stop().await;
    assert_eq!(authority.issue(ALICE, 1).await, Err(CommandError::Stopped));
}

#[tokio::test]
async fn messages_are_made_as_the_agent_wants_them() {
    let broker = TestBroker::create().await;
    let options = options(&broker).await;
    let mut agent = Agent::start(&broker).await;
    let authority = with_accounts(options, &mut agent, 0).await;
    agent.say(Signal::PrepareTransfer(request(ALICE, BOB, 5))).await;
    let delivery = agent.delivery("PreparedTransfer").await;

    assert_eq!(delivery.exchange, "creditors_in");
    assert_eq!(delivery.routing_key, binary_key(ALICE.creditor_id));
    assert_eq!(delivery.properties.content_type.as_deref(), Some("application/json"));
    assert_eq!(delivery.properties.message_type.as_deref(), Some("PreparedTransfer"));
    assert!(delivery.properties.persistent);
    let expected = [
        ("message-type", Header::from("PreparedTransfer")),
        ("debtor-id", Header::from(DEBTOR.get())),
        ("creditor-id", Header::from(ALICE.creditor_id.get())),
        ("ca-creditors", Header::from(true)),
        ("ca-trade", Header::from(false)),
        ("coordinator-id", Header::from(ALICE.creditor_id.get())),
        ("coordinator-type", Header::from("direct")),
    ];
    for (name, value) in expected {
        assert_eq!(delivery.header(name), Some(&value), "{name}");
    }
    authority.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_does_not_stop_the_rest() {
    let broker = TestBroker::create().await;
    let options = options(&broker).await;
    let queue = options.queue.clone();
    let mut agent = Agent::start(&broker).await;
    let authority = Authority::start(options).await.unwrap();
    agent.shout("ConfigureAccount", b"{").await;
    agent.shout("Nonsense", b"{}").await;
    agent.say(Signal::ConfigureAccount(configuration(ALICE))).await;
    agent.hear("AccountUpdate").await;
    authority.stop().await;
    let left = amqp::topology::queue_status(&BrokerUrl::parse(broker.url()).unwrap(), &queue).await.unwrap();
    assert_eq!(left.map(|queue| (queue.ready, queue.consumers)), Some((0, 0)));
}

#[tokio::test]
async fn questions_are_answered_by_the_next_authority() {
    let broker = TestBroker::create().await;
    let options = options(&broker).await;
    let mut agent = Agent::start(&broker).await;
    Authority::start(options.clone()).await.unwrap().stop().await;
    agent.say(Signal::ConfigureAccount(configuration(ALICE))).await;
    let authority = Authority::start(options).await.unwrap();
    agent.hear("AccountUpdate").await;
    authority.stop().await;
}

#[tokio::test]
async fn all_debtors_can_be_served() {
    let broker = TestBroker::create().await;
    let mut options = options(&broker).await;
    (options.debtors, options.binding_keys) = (vec![], vec!["#".to_owned()]);
    let mut agent = Agent::start(&broker).await;
    let authority = Authority::start(options).await.unwrap();
    let strange = AccountKey::new(CreditorId::new(1), DebtorId::new(i64::MIN));
    agent.say(Signal::ConfigureAccount(configuration(strange))).await;
    agent.hear_until(|heard| heard.contains_key(&strange)).await;
    authority.stop().await;
}

#[tokio::test]
async fn an_authority_without_the_agents_exchanges_does_not_start() {
    let broker = TestBroker::create().await;
    let options = AuthorityOptions::new(BrokerUrl::parse(broker.url()).unwrap(), vec![DEBTOR]);
    assert!(Authority::start(options).await.err().unwrap().is_not_found());
}

#[tokio::test]
async fn payments_survive_the_misfortunes_that_the_protocol_provides_for() {
    const PAYMENTS: i64 = 60;
    let broker = TestBroker::create().await;
    let mut options = options(&broker).await;
    options.faults = Faults {
        seed: 17,
        max_delay: Duration::from_millis(30),
        repeat_probability: 0.3,
        reorder_window: 5,
        lose_probability: BTreeMap::from([("PreparedTransfer".to_owned(), 0.4), ("AccountUpdate".to_owned(), 0.4)]),
        ..Faults::default()
    };
    options.book.reminder_period = TimeDelta::milliseconds(100);
    options.book.heartbeat_period = TimeDelta::milliseconds(500);
    let mut agent = Agent::start(&broker).await;
    let authority = with_accounts(options, &mut agent, 1000).await;
    for number in 1..=PAYMENTS {
        agent.say(Signal::PrepareTransfer(request(ALICE, BOB, number))).await;
    }
    let ended = agent.finalize_all(PAYMENTS, 3).await;
    assert!(ended.values().all(|ending| ending == &(status::OK.to_owned(), 3)), "{ended:?}");
    let principals = [(ALICE, 1000 - 3 * PAYMENTS), (BOB, 3 * PAYMENTS)];
    agent.hear_until(|heard| principals.iter().all(|(key, principal)| heard[key].principal == *principal)).await;
    for (key, principal) in principals {
        let state = authority.state(key).await.unwrap().unwrap();
        assert_eq!((state.principal, state.locked, state.prepared), (principal, 0, 0));
    }
    authority.stop().await;
}

#[tokio::test]
async fn other_processes_give_commands_by_http() {
    let broker = TestBroker::create().await;
    let options = options(&broker).await;
    let mut agent = Agent::start(&broker).await;
    let authority = Arc::new(with_accounts(options, &mut agent, 0).await);
    let control = Control::start(Arc::clone(&authority), 0).unwrap();
    let client = Client::new(&format!("http://{}/", control.address()));
    assert!(control.address().ip().is_loopback() && client.is_healthy().await);

    let (debtor_id, creditor_id) = (DEBTOR.get(), ALICE.creditor_id.get());
    let account = client.issue(Issue { debtor_id, creditor_id, amount: 55 }).await.unwrap();
    assert_eq!((account.key(), account.principal, &*account.account_id), (ALICE, 55, "101"));
    assert_eq!(client.accounts().await.unwrap().len(), 2);
    agent.hear("AccountTransfer").await;
    for (creditor_id, amount, status) in [(999, 1, 404), (creditor_id, 0, 422)] {
        let error = client.issue(Issue { debtor_id, creditor_id, amount }).await.unwrap_err();
        assert!(matches!(error, ClientError::Refused { status: s, .. } if s == status), "{error}");
    }
    client.set_interest_rate(InterestRate { debtor_id, interest_rate: 7.0 }).await.unwrap();
    agent.hear_until(|heard| (heard[&ALICE].interest_rate - 7.0).abs() < 1e-6).await;
    client.pay_interest(Debtor { debtor_id }).await.unwrap();

    authority.stop().await;
    assert!(!client.is_healthy().await);
    control.stop().await;
}

#[tokio::test]
async fn configurations_can_be_refused_and_accounts_removed() {
    let broker = TestBroker::create().await;
    let options = options(&broker).await;
    let mut agent = Agent::start(&broker).await;
    let authority = with_accounts(options, &mut agent, 9).await;
    authority.reject_configs("data", "TEST_REFUSAL").await.unwrap();
    agent.say(Signal::ConfigureAccount(configuration(ALICE))).await;
    let rejected = agent.hear("RejectedConfig").await;
    assert!(matches!(rejected, Incoming::RejectedConfig(m) if m.rejection_code == "TEST_REFUSAL"));
    authority.purge(ALICE).await.unwrap();
    let purged = agent.hear("AccountPurge").await;
    assert!(matches!(purged, Incoming::AccountPurge(m) if m.account == ALICE));
    assert_eq!(authority.issue(ALICE, 1).await, Err(CommandError::Refused(Refused::NoSuchAccount)));
    authority.stop().await;
}
