//! Golden messages, byte for byte, in both directions.

use domain::signal::Kind as SignalKind;
use smp::incoming::{Decoded, Kind};
use smp::{authority, outgoing};

use crate::fixture::{decode, golden, golden_incoming};
use crate::samples;

#[test]
fn incoming_messages_are_read() {
    for kind in Kind::ALL {
        let decoded = decode(kind, &golden_incoming(kind)).unwrap();
        let sent_at = samples::at("2024-01-02T03:04:05.123456Z");
        assert_eq!(decoded, Decoded { message: samples::incoming(kind), foreign_coordinator: None, sent_at });
    }
}

#[test]
fn incoming_messages_are_what_an_authority_writes() {
    for kind in Kind::ALL {
        let body = authority::encode(&samples::incoming(kind), &samples::unused());
        assert_eq!(text(&body), text(&golden_incoming(kind)));
    }
}

#[test]
fn outgoing_messages_are_written() {
    for (name, signal) in samples::outgoing() {
        assert_eq!(text(&outgoing::encode(&signal)), text(&golden(&format!("out/{name}.json"))));
    }
}

#[test]
fn every_outgoing_kind_has_a_golden_file() {
    for kind in SignalKind::ALL {
        assert!(samples::outgoing().iter().any(|(_, signal)| signal.kind() == kind), "{kind:?}");
    }
}

#[test]
fn requests_are_what_an_authority_reads() {
    for (name, signal) in samples::outgoing() {
        if outgoing::exchange(signal.kind()) == smp::names::CREDITORS_OUT {
            let message_type = outgoing::message_type(signal.kind());
            let body = golden(&format!("out/{name}.json"));
            assert_eq!(authority::decode(Some(outgoing::CONTENT_TYPE), Some(message_type), &body), Ok(signal));
        }
    }
}

fn text(body: &[u8]) -> &str {
    std::str::from_utf8(body).unwrap()
}
