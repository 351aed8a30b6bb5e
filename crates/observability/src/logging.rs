//! Log lines in the formats that log pipelines know (operations §8).
//!
//! Everything that wants to say something says it through `tracing`; what libraries say through `log`, and panics, become
//! lines of the same format. An event's message becomes the line's message and its other fields, with those of the
//! spans it is in, are added to the line. Two fields are special: an `error = &error as &dyn Error` is shown with its
//! causes, and `exc_info` is shown as a trace, on further lines in the text format.

mod bridge;
mod fields;
mod layer;
mod level;
mod line;
mod panics;
mod sink;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use layer::LineLayer;
pub use level::Level;
pub use line::Format;
use sink::Sink;

/// The log lines cannot be set up as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoggingError {
    /// There is no such level.
    #[error("there is no log level {0:?}")]
    UnknownLevel(String),
    /// There is no such format.
    #[error("there is no log format {0:?}")]
    UnknownFormat(String),
    /// Somebody else collects the events of this process.
    #[error("the log lines of this process are already set up otherwise")]
    Occupied,
}

/// Writes the log lines of this process to its standard output from now on: those of our own crates from `level`
/// (`debug`, `info`, `warning`, `error`, `critical`), those of libraries from `warning`; as `text` or `json`.
///
/// The first call decides; a later one changes nothing.
pub fn init_logging(level: &str, format: &str) -> Result<(), LoggingError> {
    static INITIALISED: Mutex<bool> = Mutex::new(false);
    let level: Level = level.parse()?;
    let format: Format = format.parse()?;
    let mut initialised = INITIALISED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if *initialised {
        return Ok(());
    }
    let sink = Arc::new(Sink::new(format, Box::new(io::stdout()), now));
    let subscriber = registry().with(level.filter()).with(LineLayer::new(Arc::clone(&sink)));
    tracing::subscriber::set_global_default(subscriber).or(Err(LoggingError::Occupied))?;
    bridge::install(&sink);
    panics::install(sink);
    *initialised = true;
    Ok(())
}

/// The same lines, written to `out` with the time that `now` tells, for whoever wants to look at them.
pub fn subscriber(
    level: Level,
    format: Format,
    out: impl Write + Send + 'static,
    now: fn() -> DateTime<Utc>,
) -> impl Subscriber + Send + Sync {
    let sink = Arc::new(Sink::new(format, Box::new(out), now));
    registry().with(level.filter()).with(LineLayer::new(sink))
}

/// The time of a line: nothing is decided by it, so nobody needs to set it.
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests;
