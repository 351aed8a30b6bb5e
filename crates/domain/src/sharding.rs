//! Which creditors a database shard is responsible for (smp §8).

use std::fmt;

use thiserror::Error;

use crate::{CreditorId, routing};

/// Binary digits a routing key may have.
const MAX_DIGITS: usize = 20;

/// Not a routing key of a sharding realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a routing key is 0 to {MAX_DIGITS} binary digits, each followed by a dot, and then \"#\", as in \"1.0.#\"")]
pub struct InvalidRoutingKey;

/// The creditors whose id's hash begins with certain bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Realm {
    mask: u32,
    prefix: u32,
}

impl Realm {
    /// The realm of all creditors: `#`.
    pub const EVERYTHING: Self = Self { mask: 0, prefix: 0 };

    /// Reads a routing key such as `1.0.#`.
    pub fn parse(routing_key: &str) -> Result<Self, InvalidRoutingKey> {
        let digits = routing_key.strip_suffix('#').ok_or(InvalidRoutingKey)?;
        let mut realm = Self::EVERYTHING;
        let mut bit = 1_u32 << 31;
        for (index, digit) in digits.split_inclusive('.').enumerate() {
            match digit {
                _ if index >= MAX_DIGITS => return Err(InvalidRoutingKey),
                "0." => {}
                "1." => realm.prefix |= bit,
                _ => return Err(InvalidRoutingKey),
            }
            realm.mask |= bit;
            bit >>= 1;
        }
        Ok(realm)
    }

    /// The realm that was split in two, one of which is this; `#` is its own parent.
    #[must_use]
    pub const fn parent(self) -> Self {
        let mask = self.mask & (self.mask << 1);
        Self { mask, prefix: self.prefix & mask }
    }

    /// Whether the creditor belongs to the realm.
    pub fn matches(self, creditor_id: CreditorId) -> bool {
        routing::hash_prefix(creditor_id) & self.mask == self.prefix
    }

    /// Whether the creditor belongs to the parent realm.
    pub fn matches_parent(self, creditor_id: CreditorId) -> bool {
        self.parent().matches(creditor_id)
    }
}

impl fmt::Display for Realm {
    /// Writes the routing key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::try_from(self.mask.count_ones()).unwrap_or(0);
        for bit in routing::bits(self.prefix, digits) {
            f.write_str(if bit { "1." } else { "0." })?;
        }
        f.write_str("#")
    }
}

/// The creditors of one database shard: a range of ids, and a realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    min_id: CreditorId,
    max_id: CreditorId,
    realm: Realm,
}

impl Shard {
    /// The creditors of `realm` whose signed ids are in `min_id..=max_id`.
    pub const fn new(min_id: CreditorId, max_id: CreditorId, realm: Realm) -> Self {
        Self { min_id, max_id, realm }
    }

    /// The same as operators write it down: the ids as signed numbers, and the realm as a routing key.
    pub fn parse(min_id: i64, max_id: i64, routing_key: &str) -> Result<Self, InvalidRoutingKey> {
        Ok(Self::new(CreditorId::new(min_id), CreditorId::new(max_id), Realm::parse(routing_key)?))
    }

    /// The smallest id.
    pub const fn min_id(&self) -> CreditorId {
        self.min_id
    }

    /// The largest id.
    pub const fn max_id(&self) -> CreditorId {
        self.max_id
    }

    /// The realm.
    pub const fn realm(&self) -> Realm {
        self.realm
    }

    /// Whether the id is within the range, whatever its realm.
    pub fn in_range(&self, creditor_id: CreditorId) -> bool {
        (self.min_id..=self.max_id).contains(&creditor_id)
    }

    /// Whether the shard is responsible for the creditor: "valid creditor id" of the specification.
    pub fn is_valid(&self, creditor_id: CreditorId) -> bool {
        self.in_range(creditor_id) && self.realm.matches(creditor_id)
    }

    /// Whether the shard this one was split from was responsible for the creditor.
    pub fn is_valid_for_parent(&self, creditor_id: CreditorId) -> bool {
        self.in_range(creditor_id) && self.realm.matches_parent(creditor_id)
    }
}

#[cfg(test)]
mod tests;
