//! What one side writes, the other reads.

use domain::incoming::Incoming;
use domain::signal::Signal;
use proptest::prelude::*;
use smp::incoming::Kind;
use smp::outgoing::{CONTENT_TYPE, encode, message_type};
use smp::{authority, incoming};

use crate::strategies;

proptest! {
    #[test]
    fn from_the_authority_to_the_agent(message in strategies::incoming(), unused in strategies::unused()) {
        let body = authority::encode(&message, &unused);
        let decoded = incoming::decode(Some(CONTENT_TYPE), Some(authority::message_type(&message)), &body);
        prop_assert_eq!(decoded.map(|decoded| (decoded.message, decoded.foreign_coordinator)), Ok((message, None)));
    }

    #[test]
    fn from_the_agent_to_the_authority(signal in strategies::request()) {
        let body = encode(&signal);
        prop_assert_eq!(authority::decode(Some(CONTENT_TYPE), Some(message_type(signal.kind())), &body), Ok(signal));
    }

    /// Nobody serves the debtor: the request comes back as it is.
    #[test]
    fn from_the_agent_through_the_loopback(sent in strategies::configure_account()) {
        let body = encode(&Signal::ConfigureAccount(sent.clone()));
        let decoded = incoming::decode(Some(CONTENT_TYPE), Some("ConfigureAccount"), &body).unwrap();
        let Incoming::ConfigureAccount(read) = decoded.message else { panic!("another type") };
        prop_assert_eq!((read.account, read.ts, read.seqnum), (sent.account, sent.ts, sent.seqnum));
        prop_assert_eq!((read.config_flags, read.config_data), (sent.config_flags, sent.config_data));
        #[expect(clippy::cast_possible_truncation, reason = "what is done with the amount")]
        let amount = read.negligible_amount as f32;
        prop_assert_eq!(amount.to_bits(), sent.negligible_amount.to_bits());
    }

    #[test]
    fn from_one_shard_to_the_other(sent in strategies::signalled_rejection()) {
        let body = encode(&Signal::RejectedConfig(sent.clone()));
        let decoded = incoming::decode(Some(CONTENT_TYPE), Some(Kind::RejectedConfig.name()), &body).unwrap();
        let Incoming::RejectedConfig(read) = decoded.message else { panic!("another type") };
        prop_assert_eq!(read.account, sent.account);
        prop_assert_eq!((read.config_ts, read.config_seqnum), (sent.config_ts, sent.config_seqnum));
        prop_assert_eq!((read.config_flags, read.config_data), (sent.config_flags, sent.config_data));
        prop_assert_eq!(read.rejection_code, sent.rejection_code);
        #[expect(clippy::cast_possible_truncation, reason = "what the stored amount is compared as")]
        let amount = read.negligible_amount as f32;
        prop_assert_eq!(amount.to_bits(), sent.negligible_amount.to_bits());
    }

    /// Read by another JSON implementation, and byte for byte what a compact writer makes but for the numbers.
    #[test]
    fn to_the_trade_subsystem(sent in strategies::updated_policy()) {
        let body = encode(&Signal::UpdatedPolicy(sent.clone()));
        let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(&read["policy_name"], &serde_json::json!(sent.policy_name));
        prop_assert_eq!(&read["min_principal"], &serde_json::json!(sent.min_principal));
        prop_assert_eq!(&read["peg_debtor_id"], &serde_json::json!(sent.peg_debtor_id.map(domain::DebtorId::get)));
        prop_assert_eq!(read["peg_exchange_rate"].is_null(), sent.peg_exchange_rate.is_none());
        let name = serde_json::to_string(&sent.policy_name).unwrap();
        let written = String::from_utf8(body).unwrap();
        let member = format!(",\"policy_name\":{name},\"min_principal\":");
        prop_assert!(written.contains(&member), "{}", written);
    }
}
