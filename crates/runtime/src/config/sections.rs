//! One file per section: the declarations of its variables, the typed values, and how the one becomes the other.

pub(super) mod admin;
pub(super) mod auth;
pub(super) mod broker;
pub(super) mod database;
pub(super) mod development;
pub(super) mod flusher;
pub(super) mod ledger_processor;
pub(super) mod log_processor;
pub(super) mod logging;
pub(super) mod policy;
pub(super) mod scans;
pub(super) mod shard;
pub(super) mod verify;
pub(super) mod web;

use std::time::Duration;

use super::{Section, Variable, catalogue};

const SECONDS: Duration = Duration::from_secs(1);
const MILLISECONDS: Duration = Duration::from_millis(1);
const HOURS: Duration = Duration::from_hours(1);
const DAYS: Duration = Duration::from_hours(24);

/// The longest legal waiting time in seconds.
const MAX_WAIT: f64 = 1e9;
/// With at most so many days, a moment computed from the present stays in the years that the peer implementation and
/// PostgreSQL can express.
const MAX_DAYS: f64 = 700_000.0;
const MAX_HOURS: f64 = MAX_DAYS * 24.0;
const MAX_SECONDS: f64 = MAX_HOURS * 3600.0;

impl Section {
    /// All sections, in the order in which they are documented.
    pub const ALL: &[Self] = &[
        Self::Shard,
        Self::Database,
        Self::Broker,
        Self::Web,
        Self::Auth,
        Self::Policy,
        Self::Flusher,
        Self::LogProcessor,
        Self::LedgerProcessor,
        Self::Scans,
        Self::Verify,
        Self::Logging,
        Self::Admin,
        Self::Development,
    ];

    /// The variables of this section.
    pub const fn variables(self) -> &'static [Variable] {
        match self {
            Self::Shard => shard::VARIABLES,
            Self::Database => database::VARIABLES,
            Self::Broker => broker::VARIABLES,
            Self::Web => web::VARIABLES,
            Self::Auth => auth::VARIABLES,
            Self::Policy => policy::VARIABLES,
            Self::Flusher => flusher::VARIABLES,
            Self::LogProcessor => log_processor::VARIABLES,
            Self::LedgerProcessor => ledger_processor::VARIABLES,
            Self::Scans => scans::VARIABLES,
            Self::Verify => verify::VARIABLES,
            Self::Logging => logging::VARIABLES,
            Self::Admin => admin::VARIABLES,
            Self::Development => development::VARIABLES,
            Self::Only(_) => &[],
        }
    }

    /// What `--help` says of it.
    pub(super) fn listed(self) -> impl Iterator<Item = &'static Variable> {
        let only = catalogue().filter(move |variable| self == Self::Only(variable.name));
        self.variables().iter().chain(only)
    }
}
