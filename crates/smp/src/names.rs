//! Names both ends of the broker agree on (smp §6, §9).

/// Where accounting authorities' messages enter.
pub const CREDITORS_IN: &str = "creditors_in";
/// Distributes messages for creditors over the shards' queues.
pub const CA_CREDITORS: &str = "ca.creditors";
/// Receives what nobody is bound for, and lets only our own `ConfigureAccount` through.
pub const CA_LOOPBACK_FILTER: &str = "ca.loopback_filter";
/// Hands bounced messages to any one shard.
pub const CA_LOOPBACK: &str = "ca.loopback";
/// Where our messages to accounting authorities leave.
pub const CREDITORS_OUT: &str = "creditors_out";
/// Where our messages to the circular-trade subsystem leave.
pub const TO_TRADE: &str = "to_trade";

/// The only content type in use, compared exactly (smp §2, check 1).
pub const CONTENT_TYPE: &str = "application/json";
/// `app_id` of everything we publish.
pub const APP_ID: &str = "swpt_creditors";
/// The coordinator type of the transfers this agent makes.
pub const DIRECT: &str = "direct";
