//! Where lines go.

use std::io::Write;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::line::{Format, Line};

/// Gives lines their format and writes them whole.
pub(super) struct Sink {
    format: Format,
    out: Mutex<Box<dyn Write + Send>>,
    now: fn() -> DateTime<Utc>,
}

impl Sink {
    pub(super) fn new(format: Format, out: Box<dyn Write + Send>, now: fn() -> DateTime<Utc>) -> Self {
        Self { format, out: Mutex::new(out), now }
    }

    pub(super) fn write(&self, line: &Line<'_>) {
        let text = line.render(self.format, (self.now)());
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A process whose output nobody reads any more goes on working.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }
}
