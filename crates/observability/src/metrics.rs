//! Metrics in the format of Prometheus.
//!
//! The code that has something to count uses the macros of the `metrics` crate: `counter!`, `gauge!`, `histogram!`. Names
//! of counters end in `_total`; histograms of durations end in `_seconds`, all others are sizes of batches.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use metrics::{Unit, describe_gauge, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper limits of the classes of durations, in seconds: from half a millisecond to half a minute.
pub const DURATION_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Upper limits of the classes of sizes.
pub const SIZE_BUCKETS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4];

/// Histograms keep every value until this is done, so it must be done even if nobody asks for the metrics.
const UPKEEP_PERIOD: Duration = Duration::from_secs(5);

const UPTIME: &str = "process_uptime_seconds";
const MEMORY: &str = "process_resident_memory_bytes";

/// Metrics cannot be collected.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The recorder refused to start, most often because there already is another one.
    #[error("the metrics recorder could not be installed")]
    Recorder(#[from] BuildError),
    /// The thread that keeps the histograms small could not be started.
    #[error("the thread of the metrics could not be started")]
    Thread(#[source] std::io::Error),
}

/// The metrics of this process.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
    started: Instant,
}

impl Metrics {
    /// Collects the metrics of this process from now on. Every call gives the same metrics.
    pub fn install() -> Result<Self, MetricsError> {
        static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*installed {
            return Ok(metrics.clone());
        }
        let metrics = Self { handle: recorder()?, started: Instant::now() };
        describe_gauge!(UPTIME, Unit::Seconds, "Time since the start of the process.");
        describe_gauge!(MEMORY, Unit::Bytes, "Memory of the process that is resident.");
        *installed = Some(metrics.clone());
        keep_up(metrics.handle.clone()).map_err(MetricsError::Thread)?;
        Ok(metrics)
    }

    /// All metrics as text.
    pub fn render(&self) -> String {
        gauge!(UPTIME).set(self.started.elapsed().as_secs_f64());
        if let Some(kilobytes) = resident_kilobytes() {
            gauge!(MEMORY).set(f64::from(kilobytes) * 1024.0);
        }
        self.handle.render()
    }
}

fn recorder() -> Result<PrometheusHandle, BuildError> {
    PrometheusBuilder::new()
        .set_buckets(SIZE_BUCKETS)?
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), DURATION_BUCKETS)?
        .install_recorder()
}

fn keep_up(handle: PrometheusHandle) -> std::io::Result<()> {
    let thread = thread::Builder::new().name("metrics".into()).stack_size(128 * 1024);
    thread.spawn(move || {
        loop {
            thread::sleep(UPKEEP_PERIOD);
            handle.run_upkeep();
        }
    })?;
    Ok(())
}

/// As Linux tells it; nothing elsewhere.
fn resident_kilobytes() -> Option<u32> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
