//! What libraries say through the `log` crate.

use std::sync::Arc;

use log::{LevelFilter, Log, Metadata, Record};

use super::fields::Fields;
use super::line::Line;
use super::sink::Sink;

/// Libraries are heard from this level.
const THRESHOLD: LevelFilter = LevelFilter::Warn;

/// Hands the records of the `log` crate on.
pub(super) struct Bridge(pub(super) Arc<Sink>);

/// Writes the records of the `log` crate to `sink` from now on, unless somebody else already collects them.
pub(super) fn install(sink: &Arc<Sink>) {
    if log::set_boxed_logger(Box::new(Bridge(Arc::clone(sink)))).is_ok() {
        log::set_max_level(THRESHOLD);
    }
}

impl Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= THRESHOLD
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let level = match record.level() {
                log::Level::Error => "ERROR",
                log::Level::Warn => "WARNING",
                log::Level::Info => "INFO",
                log::Level::Debug | log::Level::Trace => "DEBUG",
            };
            let fields = Fields::saying(record.args().to_string());
            self.0.write(&Line { level, target: record.target(), fields: &fields });
        }
    }

    fn flush(&self) {}
}
