//! What the operator asked to see, as opposed to log lines.

use std::io::Write as _;

/// Prints a text and ends the line, also for a reader who has seen enough and is gone.
pub(crate) fn say(text: impl AsRef<str>) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{}", text.as_ref().trim_end());
}
