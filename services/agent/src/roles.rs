//! Our services: which binary does what.

/// A service with the arguments that make it do one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    /// Its binary, which lies next to ours.
    pub(crate) binary: &'static str,
    /// Comes before the operator's arguments.
    pub(crate) argument: Option<&'static str>,
}

pub(crate) const WEB: Role = Role::of("creditors-web");
pub(crate) const CONSUMER: Role = Role::of("creditors-consumer");
pub(crate) const FLUSHER: Role = Role::of("creditors-flusher");
pub(crate) const LEDGER_PROCESSOR: Role = Role::of("creditors-ledger-processor");
pub(crate) const LOG_PROCESSOR: Role = Role::of("creditors-log-processor");
pub(crate) const SCANNER: Role = Role::of("creditors-scanner");

impl Role {
    const fn of(binary: &'static str) -> Self {
        Self { binary, argument: None }
    }

    /// The same service, restricted by an argument.
    pub(crate) const fn with(self, argument: &'static str) -> Self {
        Self { argument: Some(argument), ..self }
    }
}
