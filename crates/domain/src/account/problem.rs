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

/// Records that the server ignores the account; `None` if all is well, it is early yet, or an error is known.
pub fn report_config_problem(mut data: Data, patience: Patience, now: Timestamp) -> Option<Changed> {
    let is_silent =
        data.server.has_server_account && data.server.last_heartbeat_ts < time::before(now, patience.heartbeat);
    let is_problem = (!data.config.is_config_effectual || is_silent)
        && data.config.config_error.is_none()
        && data.config.last_config_ts < time::before(now, patience.config);
    is_problem.then(|| {
        data.config.config_error = Some(CONFIGURATION_IS_NOT_EFFECTUAL.to_owned());
        Changed::new(data, now)
    })
}
