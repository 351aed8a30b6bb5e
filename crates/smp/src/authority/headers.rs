//! Headers of messages to the agent.

use domain::CreditorId;
use domain::incoming::Incoming;

use super::Unused;
use crate::headers::{self, CA_CREDITORS, CA_TRADE, COORDINATOR_ID, COORDINATOR_TYPE, Header, HeaderValue};
use crate::incoming::{Kind, account, creditor_id};

/// Coordinator type of the transfers of the circular-trade subsystem.
const AGENT: &str = "agent";

/// The headers of a message to the agent, as the exchange `creditors_in` wants them (smp §9).
///
/// A reply to a coordinator of type `agent` is for the circular-trade subsystem alone, an `AccountTransfer` made by
/// one is for both, and everything else is for the agent alone.
pub fn headers(message: &Incoming, unused: &Unused) -> Vec<Header> {
    let (coordinator_type, coordinator_id) = coordinator(message, unused);
    let for_trade = coordinator_type == Some(AGENT);
    let mut headers = vec![(headers::MESSAGE_TYPE, HeaderValue::Text(Kind::of(message).name().into()))];
    if let Some(account) = account(message) {
        headers.push((headers::DEBTOR_ID, HeaderValue::Int(account.debtor_id.get())));
    }
    headers.push((headers::CREDITOR_ID, HeaderValue::Int(creditor_id(message).get())));
    headers.push((CA_CREDITORS, HeaderValue::Bool(!for_trade || coordinator_id.is_none())));
    headers.push((CA_TRADE, HeaderValue::Bool(for_trade)));
    if let Some(id) = coordinator_id {
        headers.push((COORDINATOR_ID, HeaderValue::Int(id.get())));
    }
    if let Some(coordinator_type) = coordinator_type {
        headers.push((COORDINATOR_TYPE, HeaderValue::Text(coordinator_type.to_owned().into())));
    }
    headers
}

/// The message's `coordinator_type` and `coordinator_id`, where present.
fn coordinator<'a>(message: &'a Incoming, unused: &'a Unused) -> (Option<&'a str>, Option<CreditorId>) {
    let reply = Some(unused.coordinator_type.as_str());
    match message {
        Incoming::AccountTransfer(m) => (Some(&m.coordinator_type), None),
        Incoming::RejectedTransfer(m) => (reply, Some(m.coordinator_id)),
        Incoming::PreparedTransfer(m) => (reply, Some(m.coordinator_id)),
        Incoming::FinalizedTransfer(m) => (reply, Some(m.coordinator_id)),
        _ => (None, None),
    }
}
