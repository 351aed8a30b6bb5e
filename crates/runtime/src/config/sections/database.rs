//! The PostgreSQL server.

use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{ConfigError, Kind, Problem, SecretUrl};

variables! {
    Database {
        POSTGRES_URL = "POSTGRES_URL", Kind::Url, [""], "the database: postgresql://user:password@host:port/name?…";
        FALLBACK_URL = "SQLALCHEMY_DATABASE_URI", Kind::Url, "the database, if POSTGRES_URL is not set or empty";
    }
}

/// The PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Where the database is (operations §3), unchecked; `None` if there is none, as in commands that need none.
    pub url: Option<SecretUrl>,
}

impl Database {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self { url: reader.optional_url(&POSTGRES_URL).or_else(|| reader.optional_url(&FALLBACK_URL)) }
    }

    /// The URL, for a command that cannot do without.
    pub fn require_url(&self) -> Result<&SecretUrl, ConfigError> {
        self.url.as_ref().ok_or_else(|| {
            ConfigError::Invalid(vec![Problem {
                variable: POSTGRES_URL.name,
                held: Some("nothing".into()),
                allowed: "the URL of the database, which this command needs".into(),
            }])
        })
    }
}
