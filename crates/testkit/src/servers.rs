//! Private servers: own data directory, own ports, loopback only, an unprivileged account.

mod authorization;
mod home;
mod nginx;
mod postgres;
mod rabbitmq;

pub use authorization::{Access, AuthorizationServer};
pub use nginx::Nginx;
pub use postgres::Postgres;
pub use rabbitmq::RabbitMq;

use std::path::Path;

use crate::process::Lifetime;

/// What a server is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Tests: fast, nothing needs to survive.
    Tests,
    /// Demo, benchmarks, the local stack: as safe as in production.
    Durable,
}

/// How a server is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// What it is for.
    pub purpose: Purpose,
    /// What happens to it when we end.
    pub lifetime: Lifetime,
}

impl Manner {
    /// For tests: forgets everything, ends with us.
    pub const TESTS: Self = Self { purpose: Purpose::Tests, lifetime: Lifetime::Tied };
    /// Safe storage, ends with us.
    pub const DURABLE: Self = Self { purpose: Purpose::Durable, lifetime: Lifetime::Tied };
}

/// Removes the data of all servers in a directory. None of them may be running.
pub fn remove_homes(directory: &Path) {
    for name in ["postgres", "rabbitmq", "nginx", "authorization"] {
        home::remove(directory, name);
    }
}
