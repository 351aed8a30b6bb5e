//! AMQP headers, without naming an AMQP library.

use std::borrow::Cow;

use domain::AccountKey;

/// Name of the header that repeats the message type; the loopback filter matches on it (smp §6).
pub const MESSAGE_TYPE: &str = "message-type";
/// Name of the header with the debtor's id.
pub const DEBTOR_ID: &str = "debtor-id";
/// Name of the header with the creditor's id.
pub const CREDITOR_ID: &str = "creditor-id";
/// Name of the header with the coordinator's id.
pub const COORDINATOR_ID: &str = "coordinator-id";
/// Name of the header with the coordinator's type.
pub const COORDINATOR_TYPE: &str = "coordinator-type";
/// Name of the header that sends a message to the creditors subsystem (smp §9).
pub const CA_CREDITORS: &str = "ca-creditors";
/// Name of the header that sends a message to the circular-trade subsystem.
pub const CA_TRADE: &str = "ca-trade";

/// A header: its name and its value.
pub type Header = (&'static str, HeaderValue);

/// The value of one AMQP header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// A string.
    Text(Cow<'static, str>),
    /// A signed 64-bit integer.
    Int(i64),
    /// A boolean; only messages *to* the agent carry one.
    Bool(bool),
}

impl HeaderValue {
    /// The same as the value of a header as an AMQP library has it.
    pub fn convert<H: From<String> + From<i64> + From<bool>>(self) -> H {
        match self {
            Self::Text(text) => text.into_owned().into(),
            Self::Int(number) => number.into(),
            Self::Bool(value) => value.into(),
        }
    }
}

/// The three headers of a message about `account`.
pub(crate) fn of_account(message_type: &'static str, account: AccountKey) -> Vec<Header> {
    vec![
        (MESSAGE_TYPE, HeaderValue::Text(message_type.into())),
        (DEBTOR_ID, HeaderValue::Int(account.debtor_id.get())),
        (CREDITOR_ID, HeaderValue::Int(account.creditor_id.get())),
    ]
}
