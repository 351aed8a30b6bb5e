//! Streams are read from any offset to their end, and stay as they are.

use amqp::{Header, Message, Outcome, Stream, topology};

use crate::support::Rig;

async fn offsets_and_bodies(rig: &Rig, from: u64) -> Vec<(u64, String)> {
    let Some(mut stream) = Stream::open(&rig.url, "test", "stream", from).await.expect("the broker answers") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    while let Some((offset, delivery)) = stream.next().await.expect("the broker answers") {
        found.push((offset, String::from_utf8(delivery.body).expect("a text")));
    }
    stream.close().await;
    found
}

#[tokio::test]
async fn a_stream_is_read_from_an_offset_to_its_end_as_often_as_one_likes() {
    const COUNT: usize = 1_000;
    let rig = Rig::new().await;
    rig.queue_with("stream", &[("x-queue-type", Header::from("stream"))]).await;
    assert!(offsets_and_bodies(&rig, 0).await.is_empty());

    let publisher = rig.publisher();
    let message =
        |n: usize| Message { routing_key: "stream".into(), body: n.to_string().into_bytes(), ..Message::default() };
    let messages: Vec<Message> = (0..COUNT).map(message).collect();
    assert!(publisher.publish(&messages).await.iter().all(Outcome::is_confirmed));

    let all = offsets_and_bodies(&rig, 0).await;
    let expected: Vec<(u64, String)> = (0..).zip((0..COUNT).map(|n| n.to_string())).collect();
    assert_eq!(all, expected);
    // The broker delivers whole pieces; what lies before the wanted offset is left out.
    assert_eq!(offsets_and_bodies(&rig, 777).await, expected[777..]);
    assert_eq!(offsets_and_bodies(&rig, 999).await, expected[999..]);
    assert!(offsets_and_bodies(&rig, 1_000).await.is_empty());
    assert_eq!(offsets_and_bodies(&rig, 0).await, expected);

    let missing = Stream::open(&rig.url, "test", "no such queue", 0).await.expect_err("there is none");
    assert!(missing.is_not_found(), "{missing}");
}

#[tokio::test]
async fn the_first_message_of_a_queue_stays_when_it_is_looked_at() {
    let rig = Rig::new().await;
    assert_eq!(topology::first_message(&rig.url, "queue").await.expect("the broker answers"), None);
    rig.queue("queue").await;
    assert_eq!(topology::first_message(&rig.url, "queue").await.expect("the broker answers"), None);
    let publisher = rig.publisher();
    for body in ["one", "two"] {
        let message = Message { routing_key: "queue".into(), body: body.into(), ..Message::default() };
        assert_eq!(publisher.publish(&[message]).await, [Outcome::Confirmed]);
    }
    for _ in 0..2 {
        let found = topology::first_message(&rig.url, "queue").await.expect("the broker answers");
        assert_eq!(found.map(|found| found.body), Some(b"one".to_vec()));
        rig.wait_ready("queue", 2).await;
    }
}
