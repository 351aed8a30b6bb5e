//! What the demo prints.

use std::io::{IsTerminal as _, Write as _, stdout};

use crate::environment;

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

/// Standard output, with colours if a person reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    colours: bool,
}

/// To which side a column's text is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// Prints a line. Readers that have seen enough and are gone are no reason to stop.
pub(super) fn line(text: &str) {
    let _ = writeln!(stdout(), "{}", text.trim_end());
}

impl Page {
    pub(super) fn of_terminal() -> Self {
        Self { colours: stdout().is_terminal() && environment::get("NO_COLOR").is_none() }
    }

    pub(super) fn scene(self, title: &str) {
        line(&format!("\n{}", self.paint(BOLD, title)));
    }

    pub(super) fn check(self, good: bool, what: &str) {
        let mark = if good { self.paint(GREEN, "✓") } else { self.paint(RED, "✗") };
        line(&format!("  {mark} {what}"));
    }

    pub(super) fn end(self, good: bool) {
        let verdict = if good { self.paint(GREEN, "All is well.") } else { self.paint(RED, "Not everything is well.") };
        line(&format!("\n{verdict}"));
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint(DIM, text)
    }

    pub(super) fn strong(self, text: &str) -> String {
        self.paint(BOLD, text)
    }

    /// Columns under their titles.
    pub(super) fn table<const N: usize>(self, columns: [(&str, Side); N], rows: &[[String; N]]) {
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([columns[column].0.chars().count()]).max().unwrap_or(0)
        };
        let widths: [usize; N] = std::array::from_fn(width);
        let join = |cells: [&str; N]| {
            let cells = cells.iter().zip(columns).zip(widths).map(|((cell, (_, side)), width)| match side {
                Side::Left => format!("{cell:<width$}"),
                Side::Right => format!("{cell:>width$}"),
            });
            cells.collect::<Vec<_>>().join("  ")
        };
        line(&self.dim(&format!("  {}", join(columns.map(|(title, _)| title)))));
        for row in rows {
            line(&format!("  {}", join(std::array::from_fn(|column| row[column].as_str()))));
        }
    }

    fn paint(self, colour: &str, text: &str) -> String {
        if self.colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
