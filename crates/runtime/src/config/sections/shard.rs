//! Which creditors this shard is responsible for.

use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

variables! {
    Shard {
        MIN_CREDITOR_ID = "MIN_CREDITOR_ID", Kind::Id, ["0x0000010100000000"],
            "smallest creditor id of this agent, all shards together";
        MAX_CREDITOR_ID = "MAX_CREDITOR_ID", Kind::Id, ["0x000001ffffffffff"],
            "largest creditor id of this agent, all shards together";
        ROUTING_KEY = "PROTOCOL_BROKER_QUEUE_ROUTING_KEY", Kind::RoutingKey, ["#"],
            "binding key of the queue, which is the sharding realm of this shard";
        DELETE_PARENT_SHARD_RECORDS = "DELETE_PARENT_SHARD_RECORDS", Kind::Bool, ["false"],
            "throw away what a split has left of the parent shard";
    }
}

/// Which creditors this shard is responsible for (smp §8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Smallest creditor id of the agent, as a signed number; never above the largest one.
    pub min_creditor_id: i64,
    /// Largest creditor id of the agent, as a signed number.
    pub max_creditor_id: i64,
    /// The sharding realm: binary digits, each followed by a dot, and `#`. Well-formed.
    pub routing_key: String,
    /// Whether left-overs of the parent shard are deleted (processing §15).
    pub delete_parent_shard_records: bool,
}

impl Shard {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        let min_creditor_id = reader.id(&MIN_CREDITOR_ID);
        let max_creditor_id = reader.id(&MAX_CREDITOR_ID);
        if min_creditor_id.zip(max_creditor_id).is_some_and(|(min, max)| min > max) {
            reader.refuse(&MIN_CREDITOR_ID, "an id not above MAX_CREDITOR_ID, compared as signed numbers");
        }
        Self {
            min_creditor_id: min_creditor_id.unwrap_or_default(),
            max_creditor_id: max_creditor_id.unwrap_or_default(),
            routing_key: reader.routing_key(&ROUTING_KEY),
            delete_parent_shard_records: reader.boolean(&DELETE_PARENT_SHARD_RECORDS),
        }
    }
}
