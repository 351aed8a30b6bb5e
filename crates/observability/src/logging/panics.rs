//! Panics as lines: the standard message on stderr would not be JSON.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::thread;

use super::fields::Fields;
use super::line::Line;
use super::sink::Sink;

/// Writes panics to `sink` from now on, as lines of level `CRITICAL`; with a trace if `RUST_BACKTRACE` asks for it.
pub(super) fn install(sink: Arc<Sink>) {
    panic::set_hook(Box::new(move |panic| {
        let fields = describe(panic);
        sink.write(&Line { level: "CRITICAL", target: "creditors.panic", fields: &fields });
    }));
}

fn describe(panic: &PanicHookInfo<'_>) -> Fields {
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let place = panic.location().map(|location| format!(" at {}:{}", location.file(), location.line()));
    let reason = panic.payload_as_str().unwrap_or("(no message)");
    let mut fields = Fields::saying(format!("The thread {thread} panicked{}: {reason}", place.unwrap_or_default()));
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        fields.trace = Some(trace.to_string());
    }
    fields
}
