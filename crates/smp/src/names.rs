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

/// The header that says why a message was put aside (smp §2, "Dead letters").
pub const DEAD_LETTER_REASON: &str = "x-dead-letter-reason";
/// The header that names the queue from which a message was put aside.
pub const DEAD_LETTER_QUEUE: &str = "x-dead-letter-queue";
/// The header that says when a message was put aside (RFC 3339, UTC).
pub const DEAD_LETTER_TIME: &str = "x-dead-letter-time";
/// The header that names the exchange to which a message was published before it was put aside.
pub const DEAD_LETTER_EXCHANGE: &str = "x-dead-letter-exchange";
/// The header with the routing key with which a message was published before it was put aside.
pub const DEAD_LETTER_ROUTING_KEY: &str = "x-dead-letter-routing-key";
