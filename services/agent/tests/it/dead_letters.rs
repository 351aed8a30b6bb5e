//! `dead-letters`: from the stream into which consumers put bad messages aside.

use amqp::{
    BrokerUrl, Consumer, ConsumerOptions, Delivery, Header, Message, Outcome, Properties, Publisher, PublisherOptions,
};
use serde_json::Value;
use smp::names::{
    DEAD_LETTER_EXCHANGE, DEAD_LETTER_QUEUE, DEAD_LETTER_REASON, DEAD_LETTER_ROUTING_KEY, DEAD_LETTER_TIME,
};
use testkit::TestBroker;
use tokio_util::sync::CancellationToken;

use crate::program::{Ended, run};

const QUEUE: &str = "shard";

/// A broker with the shard's queues and four dead letters.
struct Rig {
    broker: TestBroker,
}

impl Rig {
    async fn new() -> Self {
        let rig = Self { broker: TestBroker::create().await };
        assert_eq!(rig.run(&["subscribe"]).status, Some(0));
        let publisher = rig.publisher();
        for message in letters() {
            assert_eq!(publisher.publish(&[message]).await, [Outcome::Confirmed]);
        }
        publisher.close().await;
        rig
    }

    fn run(&self, words: &[&str]) -> Ended {
        run(words, &[("PROTOCOL_BROKER_URL", self.broker.url()), ("PROTOCOL_BROKER_QUEUE", QUEUE)])
    }

    /// What a successful command prints.
    fn say(&self, words: &[&str]) -> String {
        let words: Vec<&str> = ["dead-letters"].iter().chain(words).copied().collect();
        let outcome = self.run(&words);
        assert_eq!(outcome.status, Some(0), "{words:?}: {outcome:?}");
        outcome.stdout
    }

    fn offsets(&self, words: &[&str]) -> Vec<u64> {
        let words: Vec<&str> = ["list"].iter().chain(words).copied().collect();
        self.say(&words)
            .lines()
            .map(|line| {
                line.split('\t')
                    .next()
                    .expect("what the test's servers do")
                    .parse()
                    .expect("what the test's servers do")
            })
            .collect()
    }

    fn url(&self) -> BrokerUrl {
        BrokerUrl::parse(self.broker.url()).expect("what the test's servers do")
    }

    fn publisher(&self) -> Publisher {
        Publisher::start(self.url(), PublisherOptions::new("test"), &CancellationToken::new())
    }

    /// Takes that many messages from the shard's queue.
    async fn take(&self, count: usize) -> Vec<Delivery> {
        let options = ConsumerOptions { name: "test".to_owned(), queue: QUEUE.to_owned(), prefetch_count: 10 };
        let mut consumer = Consumer::start(self.url(), options, &CancellationToken::new());
        let mut taken = Vec::new();
        while taken.len() < count {
            let batch = consumer.next_batch(count).await.expect("what the test's servers do");
            taken.extend(batch.deliveries.clone());
            batch.ack_all().await.expect("what the test's servers do");
        }
        consumer.close().await;
        taken
    }
}

fn letter(message_type: &str, body: &str, headers: &[(&str, Header)]) -> Message {
    Message {
        routing_key: format!("{QUEUE}.XQ"),
        mandatory: true,
        properties: Properties {
            message_type: Some(message_type.to_owned()),
            content_type: Some("application/json".to_owned()),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            ..Properties::default()
        },
        body: body.as_bytes().to_vec(),
        ..Message::default()
    }
}

fn put_aside(message_type: &str, body: &str, reason: &str, time: &str) -> Message {
    let mut headers = vec![
        (DEAD_LETTER_REASON, Header::from(reason)),
        (DEAD_LETTER_QUEUE, QUEUE.into()),
        (DEAD_LETTER_TIME, time.into()),
        (DEAD_LETTER_EXCHANGE, "ca.creditors".into()),
        (DEAD_LETTER_ROUTING_KEY, "0.1.1".into()),
    ];
    if message_type == "AccountTransfer" {
        headers.push(("creditor-id", Header::Int(-5)));
    }
    letter(message_type, body, &headers)
}

fn letters() -> Vec<Message> {
    vec![
        put_aside("AccountTransfer", "{}", "schema: creditor_id is missing", "2026-11-01T10:00:00.000001Z"),
        put_aside("AccountPurge", r#"{"creditor_id": 7}"#, "nul: a zero\tbyte", "2026-11-02T10:00:00.000000Z"),
        put_aside("AccountPurge", "not JSON", "json: no JSON", "2026-11-03T10:00:00.000000Z"),
        // As a broker puts it aside by itself.
        letter("AccountPurge", r#"{"creditor_id": 9}"#, &[]),
    ]
}

#[tokio::test]
async fn letters_are_listed_by_what_they_are() {
    let rig = Rig::new().await;
    assert_eq!(
        rig.say(&["list"]),
        "0\t2026-11-01T10:00:00Z\twaiting\tAccountTransfer\t-5\tschema: creditor_id is missing\n\
         1\t2026-11-02T10:00:00Z\twaiting\tAccountPurge\t7\tnul: a zero\\tbyte\n\
         2\t2026-11-03T10:00:00Z\twaiting\tAccountPurge\t-\tjson: no JSON\n\
         3\t-\twaiting\tAccountPurge\t9\t-\n"
    );
    for (words, expected) in [
        (vec!["--type", "AccountPurge"], vec![1, 2, 3]),
        (vec!["--creditor", "18446744073709551611"], vec![0]),
        (vec!["--creditor", "-5"], vec![0]),
        (vec!["--reason", "JSON"], vec![2]),
        (vec!["--since", "2026-11-02T10:00:00Z"], vec![1, 2]),
        (vec!["--until", "2026-11-02T10:00:00Z"], vec![0]),
        (vec!["--since", "2026-11-02", "--until", "2026-11-03"], vec![1]),
        (vec!["--type", "AccountPurge", "--creditor", "9", "--dropped"], vec![3]),
        (vec!["--reason", "no such reason"], vec![]),
    ] {
        assert_eq!(rig.offsets(&words), expected, "{words:?}");
    }
    let lines = rig.say(&["list", "--json", "--creditor", "7"]);
    let line: Value = serde_json::from_str(&lines).expect("what the test's servers do");
    assert_eq!(line["offset"], 1);
    assert_eq!(line["state"], "waiting");
    assert_eq!(line["reason"], "nul: a zero\tbyte");

    let shown: Value = serde_json::from_str(&rig.say(&["show", "1"])).expect("what the test's servers do");
    assert_eq!(shown["body"]["creditor_id"], 7);
    assert_eq!(shown["exchange"], "ca.creditors");
    assert_eq!(shown["headers"]["x-dead-letter-routing-key"], "0.1.1");
    let shown: Value = serde_json::from_str(&rig.say(&["show", "2"])).expect("what the test's servers do");
    assert_eq!(shown["body"], "not JSON");
    let missing = rig.run(&["dead-letters", "show", "4"]);
    assert_eq!(missing.status, Some(1));
    assert!(missing.stdout.contains("there is no dead letter 4"), "{missing:?}");
}

#[tokio::test]
async fn a_letter_is_sent_again_as_the_message_that_it_was() {
    let rig = Rig::new().await;
    assert_eq!(rig.say(&["replay", "--type", "AccountPurge", "--dry-run"]).lines().count(), 3);
    assert_eq!(rig.say(&["replay", "1", "3"]), "Dead letters sent again: 2.\n");
    // To where it came from: the binding of the shard takes it.
    assert_eq!(rig.say(&["replay", "--to-origin", "0"]), "Dead letters sent again: 1.\n");
    let taken = rig.take(3).await;
    let bodies: Vec<&[u8]> = taken.iter().map(|delivery| delivery.body.as_slice()).collect();
    assert_eq!(bodies, [&br#"{"creditor_id": 7}"#[..], br#"{"creditor_id": 9}"#, b"{}"]);
    let origin = &taken[2];
    assert_eq!((origin.exchange.as_str(), origin.routing_key.as_str()), ("ca.creditors", "0.1.1"));
    assert_eq!(origin.properties.message_type.as_deref(), Some("AccountTransfer"));
    assert_eq!(origin.properties.content_type.as_deref(), Some("application/json"));
    assert_eq!(origin.properties.headers, [("creditor-id".to_owned(), Header::Int(-5))]);
    assert!(taken.iter().all(|delivery| delivery.properties.persistent));
    // Nothing is gone.
    assert_eq!(rig.offsets(&[]), [0, 1, 2, 3]);
    assert_eq!(rig.offsets(&["--waiting"]), [2]);
}

/// Or else one that is put aside again would be sent twice by the next replay, and then four times.
#[tokio::test]
async fn what_has_been_sent_again_is_not_sent_once_more_unless_asked_for() {
    let rig = Rig::new().await;
    let sent = |words: &[&str]| rig.say(words);
    assert_eq!(sent(&["replay", "--creditor", "7"]), "Dead letters sent again: 1.\n");
    assert_eq!(rig.say(&["list", "--creditor", "7"]).split('\t').nth(2), Some("replayed"));
    assert_eq!(sent(&["replay"]), "Dead letters sent again: 3.\n");
    assert_eq!(sent(&["replay"]), "Dead letters sent again: 0.\n");
    assert_eq!(sent(&["replay", "2"]), "Dead letters sent again: 1.\n");
    assert_eq!(sent(&["replay", "--again", "--type", "AccountPurge"]), "Dead letters sent again: 3.\n");
    assert_eq!(rig.take(8).await.len(), 8);

    let publisher = rig.publisher();
    assert_eq!(publisher.publish(&letters()[..1]).await, [Outcome::Confirmed]);
    publisher.close().await;
    assert_eq!(rig.offsets(&["--waiting"]), [4], "a later letter is a new one");
    assert_eq!(sent(&["replay"]), "Dead letters sent again: 1.\n");
}

/// More than are marked at a time.
#[tokio::test]
async fn many_letters_are_sent_in_their_order() {
    let rig = Rig::new().await;
    let many: Vec<Message> = (0..1_200).map(|n| letter("AccountPurge", &n.to_string(), &[])).collect();
    let publisher = rig.publisher();
    assert!(publisher.publish(&many).await.iter().all(Outcome::is_confirmed));
    publisher.close().await;
    assert_eq!(rig.say(&["drop", "3"]), "Dead letters up to 3 are done with; 1200 are left.\n");
    assert_eq!(rig.say(&["replay"]), "Dead letters sent again: 1200.\n");
    let numbers = rig.take(1_200).await;
    let numbers = numbers.iter().map(|delivery| String::from_utf8_lossy(&delivery.body).into_owned());
    assert!(numbers.eq((0..1_200).map(|n| n.to_string())));
    assert_eq!(rig.offsets(&["--waiting"]), [0_u64; 0]);
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_and_goes_on_waiting() {
    let rig = Rig::new().await;
    let unknown = rig.run(&["dead-letters", "replay", "1", "99"]);
    assert_eq!(unknown.status, Some(1));
    assert!(unknown.stdout.contains("there is no dead letter 99"), "{unknown:?}");
    let homeless = rig.run(&["dead-letters", "replay", "--to-origin"]);
    assert_eq!(homeless.status, Some(1));
    for line in [
        "Dead letter 3 has not been sent again: it does not tell where it was sent first.\n",
        "Dead letters sent again: 3.\n",
        "dead letters not sent again: 1\n",
    ] {
        assert!(homeless.stdout.contains(line), "{homeless:?}");
    }
    assert_eq!(rig.offsets(&["--waiting"]), [3]);

    // Nobody is there to take it.
    assert_eq!(rig.run(&["unsubscribe"]).status, Some(0));
    let unwanted = rig.run(&["dead-letters", "replay", "--to-origin", "1"]);
    assert_eq!(unwanted.status, Some(1));
    assert!(unwanted.stdout.contains("Dead letter 1 has not been sent again: no queue took it (312 "), "{unwanted:?}");
    rig.take(3).await;
    assert_eq!(rig.run(&["delete_queue"]).status, Some(0));
    let lost = rig.run(&["dead-letters", "replay", "1"]);
    assert_eq!(lost.status, Some(1), "without a queue nothing has been sent: {lost:?}");
    assert!(lost.stdout.contains("there is no queue shard; nothing was sent"), "{lost:?}");
}

#[tokio::test]
async fn what_the_operator_is_done_with_is_not_shown_again() {
    let rig = Rig::new().await;
    assert_eq!(rig.say(&["drop", "1"]), "Dead letters up to 1 are done with; 2 are left.\n");
    assert_eq!(rig.offsets(&[]), [2, 3]);
    let all = rig.say(&["list", "--dropped"]);
    let states: Vec<_> = all.lines().filter_map(|line| line.split('\t').nth(2)).collect();
    assert_eq!(states, ["dropped", "dropped", "waiting", "waiting"]);
    // Named ones can be sent even then; filters concern what is left.
    assert_eq!(rig.say(&["replay", "0"]), "Dead letters sent again: 1.\n");
    assert_eq!(rig.say(&["replay", "--type", "AccountTransfer"]), "Dead letters sent again: 0.\n");
    for (words, reason) in [
        (["dead-letters", "drop", "0"], "all dead letters before 2 are done with already"),
        (["dead-letters", "drop", "4"], "there is no dead letter 4: the last one is 3"),
    ] {
        let refused = rig.run(&words);
        assert_eq!(refused.status, Some(1));
        assert!(refused.stdout.contains(reason), "{refused:?}");
    }
    assert_eq!(rig.say(&["drop", "--all"]), "All dead letters, up to 3, are done with.\n");
    assert_eq!(rig.say(&["list"]), "");
    assert_eq!(rig.say(&["drop", "--all"]), "There are no dead letters to be done with.\n");

    let publisher = rig.publisher();
    assert_eq!(publisher.publish(&letters()[..1]).await, [Outcome::Confirmed]);
    publisher.close().await;
    assert_eq!(rig.offsets(&[]), [4], "a later letter is a new one");
}

#[tokio::test]
async fn without_a_stream_there_is_a_sentence() {
    let broker = TestBroker::create().await;
    let outcome = run(&["dead-letters", "list"], &[("PROTOCOL_BROKER_URL", broker.url())]);
    assert_eq!(outcome.status, Some(1));
    assert!(outcome.stdout.contains("there is no queue swpt_creditors.XQ"), "{outcome:?}");
}
