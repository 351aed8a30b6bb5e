use super::*;

fn parsed(text: &str) -> (bool, String, String, String, u16, String, u16) {
    let url = BrokerUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    (url.tls, url.user, url.password, url.host, url.port, url.vhost, url.heartbeat)
}

#[test]
fn urls_are_taken_apart() {
    for (text, expected) in [
        ("amqp://guest:guest@localhost:5672", (false, "guest", "guest", "localhost", 5672, "/", 10)),
        ("amqp://", (false, "guest", "guest", "localhost", 5672, "/", 10)),
        ("amqp://host", (false, "guest", "guest", "host", 5672, "/", 10)),
        ("amqps://host", (true, "guest", "guest", "host", 5671, "/", 10)),
        ("amqp://u:p@host/", (false, "u", "p", "host", 5672, "/", 10)),
        ("amqp://u:p@host/%2F", (false, "u", "p", "host", 5672, "/", 10)),
        ("amqp://u:p@host/%2fa%2F", (false, "u", "p", "host", 5672, "/a/", 10)),
        ("amqp://u:p@host/first/second", (false, "u", "p", "host", 5672, "first", 10)),
        ("amqp://u:p@host/first/?heartbeat=5", (false, "u", "p", "host", 5672, "first", 5)),
        ("amqp://u%40x:p%3A%2f%25@rabbit_mq.local:1", (false, "u@x", "p:/%", "rabbit_mq.local", 1, "/", 10)),
        ("amqp://u:p@ss@host", (false, "u", "p@ss", "host", 5672, "/", 10)),
        ("amqp://u@host", (false, "u", "", "host", 5672, "/", 10)),
        ("amqp://:p@host", (false, "", "p", "host", 5672, "/", 10)),
        ("amqps://u:p@[::1]:9/v", (true, "u", "p", "[::1]", 9, "v", 10)),
        ("amqp://u:p@10.0.0.7", (false, "u", "p", "10.0.0.7", 5672, "/", 10)),
        ("AMQP://u:p@h/za%C5%BC", (false, "u", "p", "h", 5672, "zaż", 10)),
    ] {
        let (tls, user, password, host, port, vhost, heartbeat) = expected;
        let expected = (tls, user.into(), password.into(), host.into(), port, vhost.into(), heartbeat);
        assert_eq!(parsed(text), expected, "{text}");
    }
}

#[test]
fn heartbeat_is_kept_within_reason_and_other_tuning_is_ignored() {
    for (query, expected) in [
        ("heartbeat=20", 20),
        ("heartbeat=60", 60),
        ("heartbeat=0", 60),
        ("heartbeat=1", 4),
        ("heartbeat=600", 60),
        ("heartbeat=99999999999999", 60),
        ("heartbeat=-1", 10),
        ("heartbeat=soon", 10),
        ("heartbeat", 10),
        ("connection_attempts=3&heartbeat=15&frame_max=1&ssl_options=%7B%7D", 15),
        ("blocked_connection_timeout=300&retry_delay=2&socket_timeout=1&locale=x&channel_max=0", 10),
    ] {
        assert_eq!(parsed(&format!("amqp://h?{query}")).6, expected, "{query}");
    }
}

#[test]
fn bad_urls_are_refused_without_repeating_them() {
    let long = format!("amqp://u:sesame@h/{}", "v".repeat(256));
    for (text, expected) in [
        ("", InvalidUrl::Syntax),
        ("sesame", InvalidUrl::Syntax),
        ("amqp:sesame", InvalidUrl::Syntax),
        ("amqp://u:ses/ame@host", InvalidUrl::Syntax),
        ("amqp://u:sesame#x@host", InvalidUrl::Syntax),
        ("amqp://u:sesame@host:99999", InvalidUrl::Syntax),
        ("amqp://u:sesame@[::1", InvalidUrl::Syntax),
        ("http://u:sesame@host", InvalidUrl::Scheme),
        ("sesame:u@host", InvalidUrl::Scheme),
        ("amqp://u:sesame%FF@host", InvalidUrl::Credentials),
        ("amqp://u:sesame%00@host", InvalidUrl::Credentials),
        ("amqp://u:sesame@host/%FF", InvalidUrl::Vhost),
        (long.as_str(), InvalidUrl::Vhost),
    ] {
        let error = BrokerUrl::parse(text).expect_err(text);
        assert_eq!(error, expected, "{text}");
        assert!(!format!("{error} {error:?}").contains("ses"), "{text}");
    }
}

#[test]
fn the_password_is_never_shown() {
    let url = BrokerUrl::parse("amqps://alice%40x:sesame@host:1234/%2Fa%20b?heartbeat=30").unwrap();
    assert_eq!(url.to_string(), "amqps://alice%40x:***@host:1234/%2Fa%20b");
    assert_eq!(format!("{url:?}"), "BrokerUrl(amqps://alice%40x:***@host:1234/%2Fa%20b)");
    assert_eq!(url.password(), "sesame");
}
