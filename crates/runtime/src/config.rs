//! The configuration: environment variables, read once into one typed [`Settings`].
//!
//! Each variable is declared once, in the file of its section, with its type, limits, default and meaning; `--help`
//! texts, error messages and the list of effective values are made from the declarations. All variables are checked
//! by every command, whether it uses them or not (operations §1).

mod effective;
mod environment;
mod error;
mod help;
mod localhost;
mod parse;
mod reader;
mod secret;
mod sections;
mod variable;

pub use effective::{Effective, Source};
pub use environment::Environment;
pub use error::{ConfigError, Problem};
pub use help::help;
pub use secret::{Secret, SecretUrl};
pub use sections::admin::Admin;
pub use sections::auth::{Auth, AuthMode, JwtAuth};
pub use sections::broker::Broker;
pub use sections::database::Database;
pub use sections::flusher::{BurstCounts, Flusher};
pub use sections::ledger_processor::LedgerProcessor;
pub use sections::log_processor::LogProcessor;
pub use sections::logging::{LogFormat, LogLevel, Logging};
pub use sections::policy::Policy;
pub use sections::scans::{MinGroups, Scan, Scans};
pub use sections::shard::Shard;
pub use sections::verify::Verify;
pub use sections::web::{DocumentedUrls, PageSizes, Web};
pub use variable::{Kind, Section, Variable};

use reader::Reader;

/// All declared variables, section by section.
pub fn catalogue() -> impl Iterator<Item = &'static Variable> {
    Section::ALL.iter().flat_map(|section| section.variables())
}

/// The whole configuration. There is one way to make it, [`Settings::load`]; command-line options overwrite its fields.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which creditors this shard is responsible for.
    pub shard: Shard,
    /// The PostgreSQL server.
    pub database: Database,
    /// The message broker.
    pub broker: Broker,
    /// The HTTP server.
    pub web: Web,
    /// Who may call the web API.
    pub auth: Auth,
    /// Retentions, delays, limits, PINs.
    pub policy: Policy,
    /// The flushing of outgoing messages.
    pub flusher: Flusher,
    /// The additions to the creditors' logs.
    pub log_processor: LogProcessor,
    /// The updates of the accounts' ledgers.
    pub ledger_processor: LedgerProcessor,
    /// The table scanners.
    pub scans: Scans,
    /// The verification of a shard's content.
    pub verify: Verify,
    /// Log lines.
    pub logging: Logging,
    /// Health and metrics.
    pub admin: Admin,
    effective: Vec<Effective>,
}

impl Settings {
    /// Reads and checks all variables.
    ///
    /// The error lists every problem, not only the first.
    pub fn load(environment: &Environment) -> Result<Self, ConfigError> {
        let mut environment = environment.clone();
        localhost::substitute(&mut environment, localhost::default_gateway);
        let mut reader = Reader::new(&environment)?;
        let shard = Shard::read(&mut reader);
        let settings = Self {
            database: Database::read(&mut reader),
            broker: Broker::read(&mut reader, &shard),
            shard,
            web: Web::read(&mut reader),
            auth: Auth::read(&mut reader),
            policy: Policy::read(&mut reader),
            flusher: Flusher::read(&mut reader),
            log_processor: LogProcessor::read(&mut reader),
            ledger_processor: LedgerProcessor::read(&mut reader),
            scans: Scans::read(&mut reader),
            verify: Verify::read(&mut reader),
            logging: Logging::read(&mut reader),
            admin: Admin::read(&mut reader),
            effective: effective::list(&environment),
        };
        reader.finish(settings)
    }

    /// Every variable with the value in force when the environment was read, secrets masked.
    pub fn effective(&self) -> &[Effective] {
        &self.effective
    }
}
