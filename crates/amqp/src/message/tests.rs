use super::*;

fn everything() -> Properties {
    Properties {
        message_type: Some("Type".to_owned()),
        content_type: Some("application/json".to_owned()),
        content_encoding: Some("utf-8".to_owned()),
        headers: vec![
            ("debtor-id".to_owned(), Header::Int(-1)),
            ("flag".to_owned(), Header::Bool(true)),
            ("text".to_owned(), "zażółć".into()),
        ],
        persistent: true,
        app_id: Some("app".to_owned()),
        user_id: Some("guest".to_owned()),
        message_id: Some("m".to_owned()),
        correlation_id: Some("c".to_owned()),
        reply_to: Some("r".to_owned()),
        expiration: Some("60000".to_owned()),
        timestamp: Some(1_700_000_000),
        priority: Some(3),
        cluster_id: Some("k".to_owned()),
    }
}

#[test]
fn properties_survive_the_client_librarys_form() {
    for properties in [everything(), Properties::default()] {
        let wire = properties.to_wire().expect("valid");
        assert_eq!(Properties::from(&wire), properties);
    }
}

#[test]
fn a_republished_message_keeps_all_but_what_the_broker_would_act_on() {
    let mut properties = everything();
    properties.headers.push(("CC".to_owned(), "elsewhere".into()));
    let delivery = Delivery {
        exchange: "e".to_owned(),
        routing_key: "k".to_owned(),
        redelivered: true,
        properties,
        body: b"{}".to_vec(),
    };
    assert_eq!(
        delivery.republish("", "dead"),
        Message {
            exchange: String::new(),
            routing_key: "dead".to_owned(),
            mandatory: false,
            properties: Properties { user_id: None, ..everything() },
            body: b"{}".to_vec(),
        }
    );
}

#[test]
fn what_amqp_cannot_carry_is_refused_with_the_reason() {
    let long = "x".repeat(256);
    let with = |properties| Message { properties, ..Message::default() };
    for (message, reason) in [
        (Message { exchange: long.clone(), ..Message::default() }, "the exchange is 256 bytes long"),
        (Message { routing_key: "é".repeat(128), ..Message::default() }, "the routing key is 256 bytes long"),
        (with(Properties { message_type: Some(long.clone()), ..Properties::default() }), "the type is 256"),
        (with(Properties { app_id: Some(long.clone()), ..Properties::default() }), "the application id is 256"),
        (
            with(Properties { headers: vec![(long.clone(), Header::Int(0))], ..Properties::default() }),
            "a header's name",
        ),
        (
            with(Properties { headers: vec![("h".to_owned(), "x".repeat(130_000).into())], ..Properties::default() }),
            "the headers are 130011 bytes long",
        ),
    ] {
        let error = validate(&message).expect_err(reason);
        assert!(error.starts_with(reason), "{error}");
    }
    assert_eq!(validate(&Message { routing_key: "x".repeat(255), ..with(everything()) }), Ok(()));
}
