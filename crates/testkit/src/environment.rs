//! Where the servers are: three environment variables.

use serde::Serialize;

/// A PostgreSQL database whose user may create databases.
pub const POSTGRES_URL: &str = "CREDITORS_TEST_POSTGRES_URL";
/// A broker whose user is an administrator.
pub const BROKER_URL: &str = "CREDITORS_TEST_BROKER_URL";
/// The same broker's management API.
pub const BROKER_API_URL: &str = "CREDITORS_TEST_BROKER_API_URL";

/// Addresses of the servers to use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Urls {
    /// [`POSTGRES_URL`]
    pub postgres: String,
    /// [`BROKER_URL`]
    pub broker: String,
    /// [`BROKER_API_URL`]
    pub broker_api: String,
}

impl Urls {
    /// As environment variables for a process.
    pub fn variables(&self) -> [(&'static str, &str); 3] {
        [(POSTGRES_URL, &self.postgres), (BROKER_URL, &self.broker), (BROKER_API_URL, &self.broker_api)]
    }
}

/// The variable's value; an empty one counts as missing.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration but these variables")]
pub fn get(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variable's value; without it, the test cannot go on.
#[expect(clippy::panic, reason = "a test that cannot run must fail, with the way out")]
pub(crate) fn require(name: &str) -> String {
    get(name).unwrap_or_else(|| panic!("run the tests through `just test`, or set {name}"))
}
