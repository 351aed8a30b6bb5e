use super::*;
use crate::{Header, Properties};

fn message(body: &str, mandatory: bool) -> Message {
    Message { exchange: "e".into(), routing_key: "k".into(), mandatory, body: body.into(), ..Message::default() }
}

fn sent(messages: &[Message]) -> (Confirms, Arc<Tally>) {
    let (confirms, tally) = (Confirms::default(), Tally::new(messages.len()));
    for (index, message) in messages.iter().enumerate() {
        confirms.expect(&tally, index, message);
    }
    (confirms, tally)
}

fn give_back(confirms: &Confirms, message: &Message) -> bool {
    confirms.returned(&Returned {
        code: 312,
        text: "NO_ROUTE",
        exchange: &message.exchange,
        routing_key: &message.routing_key,
        properties: &message.properties.to_wire().expect("valid"),
        body: &message.body,
    })
}

/// One letter per message: confirmed, nacked, returned, or nothing yet.
fn letters(tally: &Tally) -> String {
    tally
        .outcomes()
        .iter()
        .map(|outcome| match outcome {
            Outcome::Confirmed => 'c',
            Outcome::Nacked => 'n',
            Outcome::Returned { .. } => 'r',
            Outcome::Unconfirmed | Outcome::Invalid { .. } => '-',
        })
        .collect()
}

#[test]
fn confirms_by_number_singly_and_many_at_once_in_any_order() {
    let batch = vec![message("", false); 6];
    let (confirms, tally) = sent(&batch);
    confirms.settle(2, false, &Outcome::Confirmed);
    assert_eq!((letters(&tally).as_str(), tally.open(), confirms.open()), ("-c----", 5, 5));
    confirms.settle(4, true, &Outcome::Nacked);
    assert_eq!((letters(&tally).as_str(), tally.open(), confirms.open()), ("ncnn--", 2, 2));
    confirms.settle(6, false, &Outcome::Confirmed);
    confirms.settle(5, false, &Outcome::Confirmed);
    assert_eq!((letters(&tally).as_str(), tally.open(), confirms.open()), ("ncnncc", 0, 0));

    // Numbers go on where they were, and old ones mean nothing any more.
    let later = Tally::new(2);
    confirms.expect(&later, 0, &batch[0]);
    confirms.expect(&later, 1, &batch[0]);
    confirms.settle(6, true, &Outcome::Nacked);
    confirms.settle(3, false, &Outcome::Nacked);
    confirms.settle(9, true, &Outcome::Nacked);
    assert_eq!(letters(&later), "--");
    confirms.settle(0, true, &Outcome::Confirmed);
    assert_eq!((letters(&later).as_str(), letters(&tally).as_str()), ("cc", "ncnncc"));
}

#[test]
fn a_returned_message_is_recognised_before_its_confirm() {
    let batch = [message("a", true), message("b", true), message("b", false), message("c", true)];
    let (confirms, tally) = sent(&batch);
    assert!(give_back(&confirms, &batch[1]));
    confirms.settle(4, true, &Outcome::Confirmed);
    assert_eq!(letters(&tally), "crcc");
}

#[test]
fn only_mandatory_messages_on_their_way_come_back() {
    let batch = [message("a", true), message("b", false)];
    let (confirms, tally) = sent(&batch);
    assert!(!give_back(&confirms, &batch[1]));
    confirms.settle(1, false, &Outcome::Confirmed);
    assert!(!give_back(&confirms, &batch[0]));
    assert_eq!(letters(&tally), "c-");
}

#[test]
fn equal_messages_come_back_one_by_one() {
    let batch = vec![message("a", true); 3];
    let (confirms, tally) = sent(&batch);
    assert!(give_back(&confirms, &batch[0]));
    confirms.settle(1, false, &Outcome::Confirmed);
    assert!(give_back(&confirms, &batch[0]));
    confirms.settle(3, true, &Outcome::Confirmed);
    assert_eq!(letters(&tally), "rrc");
    assert!(!give_back(&confirms, &batch[0]));
}

#[test]
fn messages_that_differ_in_headers_only_are_told_apart() {
    let with = |number| Message {
        properties: Properties { headers: vec![("n".to_owned(), Header::Int(number))], ..Properties::default() },
        ..message("a", true)
    };
    let batch = [with(1), with(2), message("a", true)];
    let (confirms, tally) = sent(&batch);
    assert!(give_back(&confirms, &batch[1]));
    assert!(give_back(&confirms, &batch[2]));
    confirms.settle(3, true, &Outcome::Confirmed);
    assert_eq!(letters(&tally), "crr");

    // A broker that adds a header of its own does not confuse us.
    let batch = [message("b", true), message("a", true)];
    let (confirms, tally) = sent(&batch);
    assert!(give_back(&confirms, &with(3)));
    confirms.settle(2, true, &Outcome::Confirmed);
    assert_eq!(letters(&tally), "cr");
}
