#![doc = include_str!("../README.md")]

pub mod admin;
pub mod logging;
pub mod metrics;
pub mod readiness;

pub use admin::{Admin, AdminError};
pub use logging::{LoggingError, init_logging};
pub use metrics::{Metrics, MetricsError};
pub use readiness::Readiness;
