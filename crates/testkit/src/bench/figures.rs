//! Figures side by side: ours, the bar, the peer's.

use std::{fmt::Write as _, time::Duration};

use super::{cpu::Cpu, latencies::Latencies, peer::Peer};

/// A measured or wanted value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// Items per second: more is better.
    Rate(f64),
    /// A duration: less is better.
    Milliseconds(f64),
    /// Memory: less is better.
    Megabytes(f64),
    /// Processor time: less is better.
    Seconds(f64),
    /// A share: less is better.
    Percent(f64),
}

/// A line of a table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    work: String,
    ours: Value,
    latencies: Option<(Duration, Duration)>,
    cpu: Option<Cpu>,
    bar: Option<Value>,
    peer: Option<Peer>,
}

/// What a part has measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    title: String,
    rows: Vec<Row>,
    notes: Vec<String>,
}

const HEAD: [&str; 9] =
    ["", "ours", "p50", "p99", "CPU per item", "bar", "peer (quiet)", "peer's CPU", "ratio (quiet)"];

impl Value {
    pub(super) fn rate(items: u32, time: Duration) -> Self {
        Self::Rate(f64::from(items) / time.as_secs_f64().max(1e-9))
    }

    pub(super) fn milliseconds(duration: Duration) -> Self {
        Self::Milliseconds(duration.as_secs_f64() * 1e3)
    }

    fn number(self) -> f64 {
        match self {
            Self::Rate(number)
            | Self::Milliseconds(number)
            | Self::Megabytes(number)
            | Self::Seconds(number)
            | Self::Percent(number) => number,
        }
    }

    /// How many times better than `other`.
    pub(super) fn times(self, other: Self) -> f64 {
        let (this, that) = (self.number(), other.number());
        if matches!(self, Self::Rate(_)) { this / that } else { that / this }
    }

    fn show(self) -> String {
        match self {
            Self::Rate(number) => format!("{}/s", grouped(number)),
            Self::Milliseconds(number) => milliseconds(number),
            Self::Megabytes(number) => format!("{number:.1} MB"),
            Self::Seconds(number) => format!("{number:.2} s"),
            Self::Percent(number) => format!("{number:.4} %"),
        }
    }
}

impl Row {
    pub(super) fn new(work: impl Into<String>, ours: Value) -> Self {
        Self { work: work.into(), ours, latencies: None, cpu: None, bar: None, peer: None }
    }

    /// A line whose value is the median.
    pub(super) fn median(work: impl Into<String>, latencies: &Latencies) -> Self {
        Self::new(work, Value::milliseconds(latencies.percentile(50))).latencies(latencies)
    }

    pub(super) fn latencies(self, latencies: &Latencies) -> Self {
        self.percentiles(latencies.percentile(50), latencies.percentile(99))
    }

    pub(super) fn percentiles(mut self, p50: Duration, p99: Duration) -> Self {
        self.latencies = Some((p50, p99));
        self
    }

    /// The processor time of one item.
    pub(super) fn cpu(mut self, cpu: Cpu) -> Self {
        self.cpu = Some(cpu);
        self
    }

    pub(super) fn bar(mut self, bar: Value) -> Self {
        self.bar = Some(bar);
        self
    }

    pub(super) fn peer(mut self, peer: Peer) -> Self {
        self.peer = Some(peer);
        self
    }

    /// How this way of doing the work compares with another one, in the same run.
    pub(super) fn compared_with(&self, other: &Self) -> String {
        let processor = self.cpu.zip(other.cpu).map(|(ours, theirs)| {
            let (ours, theirs) = (ours.services + ours.postgres, theirs.services + theirs.postgres);
            format!(", {} as much with the same processor time", times(theirs / ours.max(1e-9)))
        });
        let ratio = times(self.ours.times(other.ours));
        format!("{}: {ratio} as fast as \"{}\"{}", self.work, other.work, processor.unwrap_or_default())
    }

    fn cells(&self) -> [String; 9] {
        let percentile = |duration: Duration| Value::milliseconds(duration).show();
        let (p50, p99) = self.latencies.map(|(p50, p99)| (percentile(p50), percentile(p99))).unwrap_or_default();
        let bar = self.bar.map(|bar| {
            let verdict = if self.ours.times(bar) >= 1.0 { "met" } else { "MISSED" };
            format!("{} {verdict}", bar.show())
        });
        let peer = self.peer.map(|peer| with_quiet(peer.median.show(), peer.quiet.map(Value::show)));
        let ratio = self.peer.map(|peer| {
            let ratio = |of| times(self.ours.times(of));
            with_quiet(ratio(peer.median), peer.quiet.map(ratio))
        });
        [
            self.work.clone(),
            self.ours.show(),
            p50,
            p99,
            self.cpu.map(show_cpu).unwrap_or_default(),
            bar.unwrap_or_default(),
            peer.unwrap_or_default(),
            self.peer.and_then(|peer| peer.cpu).unwrap_or_default().to_owned(),
            ratio.unwrap_or_default(),
        ]
    }
}

impl Table {
    pub(super) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    pub(super) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A line below the table.
    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    pub(super) fn render(&self) -> String {
        let mut lines = vec![HEAD.map(str::to_owned)];
        lines.extend(self.rows.iter().map(Row::cells));
        let width = |column: usize| lines.iter().map(|line| length(&line[column])).max().unwrap_or(0);
        let is_used = |column: usize| column == 0 || lines.iter().skip(1).any(|line| !line[column].is_empty());
        let columns: Vec<(usize, usize)> =
            (0..HEAD.len()).filter(|&column| is_used(column)).map(|column| (column, width(column))).collect();
        let mut text = format!("\n{}\n", self.title);
        for line in &lines {
            let mut out = String::new();
            for &(column, width) in &columns {
                let cell = &line[column];
                let padding = " ".repeat(width - length(cell));
                // Words to the left, numbers to the right.
                let _ = if column == 0 { write!(out, "  {cell}{padding}") } else { write!(out, "  {padding}{cell}") };
            }
            text += out.trim_end();
            text.push('\n');
        }
        for note in &self.notes {
            let _ = writeln!(text, "  - {note}");
        }
        text
    }
}

fn length(cell: &str) -> usize {
    cell.chars().count()
}

fn with_quiet(median: String, quiet: Option<String>) -> String {
    match quiet {
        Some(quiet) => format!("{median} ({quiet})"),
        None => median,
    }
}

fn show_cpu(cpu: Cpu) -> String {
    let time = |seconds: f64| milliseconds(seconds * 1e3);
    let of_broker = cpu.broker.map(|broker| format!(" (+ {})", time(broker)));
    format!("{} + {}{}", time(cpu.services), time(cpu.postgres), of_broker.unwrap_or_default())
}

/// A duration for people.
pub(super) fn milliseconds(number: f64) -> String {
    match number {
        n if n < 1.0 => format!("{:.0} µs", n * 1e3),
        n if n < 100.0 => format!("{n:.1} ms"),
        n if n < 10_000.0 => format!("{n:.0} ms"),
        n => format!("{:.1} s", n / 1e3),
    }
}

/// Too little to be measured is not infinitely better.
fn times(ratio: f64) -> String {
    match ratio {
        ratio if !ratio.is_finite() => "–".to_owned(),
        ratio if ratio < 10.0 => format!("{ratio:.1}×"),
        ratio => format!("{ratio:.0}×"),
    }
}

/// `12345.6` → `12,346`.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_easy_to_read() {
        for (value, text) in [
            (Value::Rate(0.4), "0/s"),
            (Value::Rate(999.6), "1,000/s"),
            (Value::Rate(1_234_567.0), "1,234,567/s"),
            (Value::Milliseconds(0.0425), "42 µs"),
            (Value::Milliseconds(4.25), "4.2 ms"),
            (Value::Milliseconds(954.0), "954 ms"),
            (Value::Milliseconds(12_340.0), "12.3 s"),
            (Value::Percent(0.012_34), "0.0123 %"),
        ] {
            assert_eq!(value.show(), text);
        }
    }

    #[test]
    fn better_is_more_for_rates_and_less_for_durations() {
        let peer = Peer { median: Value::Rate(100.0), quiet: Some(Value::Rate(200.0)), cpu: Some("1 ms") };
        let rate = Row::new("work", Value::Rate(1000.0)).bar(Value::Rate(2000.0)).peer(peer).cells();
        assert_eq!(&rate[5..], ["2,000/s MISSED", "100/s (200/s)", "1 ms", "10× (5.0×)"]);
        let peer = Peer { median: Value::Milliseconds(90.0), quiet: None, cpu: None };
        let latencies = Latencies::new(vec![Duration::from_millis(3)]);
        let duration = Row::median("work", &latencies).bar(Value::Milliseconds(3.0)).peer(peer).cells();
        assert_eq!(duration[1..4], ["3.0 ms", "3.0 ms", "3.0 ms"]);
        assert_eq!(&duration[5..], ["3.0 ms met", "90.0 ms", "", "30×"]);
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new("title");
        table.row(Row::new("a", Value::Rate(5.0)).bar(Value::Rate(10.0)));
        table.row(Row::new("longer", Value::Rate(50_000.0)));
        table.note("note");
        let expected =
            "\ntitle\n              ours          bar\n  a            5/s  10/s MISSED\n  longer  50,000/s\n  - note\n";
        assert_eq!(table.render(), expected);
    }
}
