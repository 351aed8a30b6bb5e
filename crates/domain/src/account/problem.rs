//! Configurations that nobody has confirmed for too long (processing §13.2).

use chrono::TimeDelta;

use super::{Changed, Data};
use crate::{Timestamp, time};

/// The error shown for a configuration nobody has confirmed in time.
pub const CONFIGURATION_IS_NOT_EFFECTUAL: &str = "CONFIGURATION_IS_NOT_EFFECTUAL";

/// How long silence of the server is no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a new configuration to become effectual (`APP_MAX_CONFIG_DELAY_HOURS`).
    pub config: TimeDelta,
    /// For a sign of life from the server account (`APP_MAX_HEARTBEAT_DELAY_DAYS`).
    pub heartbeat: TimeDelta,
}

/// All that tells whether the server listens to the account's holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The server account is believed to exist.
    pub has_server_account: bool,
    /// The last sign of life from it.
    pub last_heartbeat_ts: Timestamp,
    /// The server has confirmed the configuration.
    pub is_config_effectual: bool,
    /// It is known why the configuration was not applied.
    pub has_config_error: bool,
    /// When the server was told of the configuration.
    pub last_config_ts: Timestamp,
}

impl Contact {
    /// Of the account with its server.
    pub const fn of(data: &Data) -> Self {
        Self {
            has_server_account: data.server.has_server_account,
            last_heartbeat_ts: data.server.last_heartbeat_ts,
            is_config_effectual: data.config.is_config_effectual,
            has_config_error: data.config.config_error.is_some(),
            last_config_ts: data.config.last_config_ts,
        }
    }

    /// Whether the server ignores the account, which is not known yet.
    pub fn is_lost(&self, patience: Patience, now: Timestamp) -> bool {
        let is_silent = self.has_server_account && self.last_heartbeat_ts < time::before(now, patience.heartbeat);
        (!self.is_config_effectual || is_silent)
            && !self.has_config_error
            && self.last_config_ts < time::before(now, patience.config)
    }
}

/// Records that the server ignores the account; `None` if all is well, it is early yet, or an error is known.
pub fn report_config_problem(mut data: Data, patience: Patience, now: Timestamp) -> Option<Changed> {
    Contact::of(&data).is_lost(patience, now).then(|| {
        data.config.config_error = Some(CONFIGURATION_IS_NOT_EFFECTUAL.to_owned());
        Changed::new(data, now)
    })
}
