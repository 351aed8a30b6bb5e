//! The life of a process: configuration, log lines, tokio, signals, exit status.

use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tracing::{error, info};

use crate::config::{Environment, Logging, Settings};
use crate::{Clock, Random, Stop, SystemClock, SystemRandom};

/// So long does the end of a process wait for blocking calls that were left behind.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// What there is to know about a service before it starts.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// What its log lines call it, as `creditors-flusher`.
    pub name: &'static str,
    /// Threads of the tokio runtime, besides the one that called.
    pub worker_threads: usize,
    /// Makes the log lines of this process look as configured.
    pub init_logging: fn(&Logging),
}

/// What a service is given.
#[derive(Clone)]
pub struct Context {
    /// The checked configuration.
    pub settings: Settings,
    /// Is stopped by the signals that ask a process to end.
    pub stop: Stop,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub random: Arc<dyn Random>,
}

/// A running service. The result is the exit status; an error means status 1.
pub type Running = Pin<Box<dyn Future<Output = anyhow::Result<ExitCode>>>>;

impl Service {
    /// Runs `body` to its end, and tells the status to exit with (operations §5). Whatever goes wrong is told in one log
    /// line per problem.
    ///
    /// ```
    /// use std::process::ExitCode;
    /// use creditors_runtime::Service;
    ///
    /// const SERVICE: Service = Service { name: "creditors-example", worker_threads: 2, init_logging: |_| {} };
    ///
    /// /// Not generic, so that its code is made once, here, and not in every `main`.
    /// pub fn run_blocking() -> ExitCode {
    ///     SERVICE.run_blocking(|context| async move {
    ///         context.stop.stop();
    ///         context.stop.stopped().await;
    ///         Ok(ExitCode::SUCCESS)
    ///     })
    /// }
    /// # assert_eq!(run_blocking(), ExitCode::SUCCESS);
    /// ```
    pub fn run_blocking<F, Fut>(self, body: F) -> ExitCode
    where
        F: FnOnce(Context) -> Fut + 'static,
        Fut: Future<Output = anyhow::Result<ExitCode>> + 'static,
    {
        self.run(&Environment::process(), Box::new(|context| Box::pin(body(context))))
    }

    /// The same with this environment.
    pub fn run(self, environment: &Environment, body: Box<dyn FnOnce(Context) -> Running>) -> ExitCode {
        (self.init_logging)(&Logging::lenient(environment));
        let settings = match Settings::load(environment) {
            Ok(settings) => settings,
            Err(problems) => {
                for sentence in problems.sentences() {
                    error!("{} cannot start: {sentence}", self.name);
                }
                return ExitCode::FAILURE;
            }
        };
        let runtime = match self.runtime() {
            Ok(runtime) => runtime,
            Err(cause) => {
                error!("{} cannot start: its threads could not be created: {cause}", self.name);
                return ExitCode::FAILURE;
            }
        };
        let ended = runtime.block_on(live(settings, body));
        runtime.shutdown_timeout(LAST_WAIT);
        self.report(ended)
    }

    fn runtime(self) -> std::io::Result<Runtime> {
        Builder::new_multi_thread().worker_threads(self.worker_threads.max(1)).enable_all().build()
    }

    fn report(self, ended: anyhow::Result<ExitCode>) -> ExitCode {
        match ended {
            Ok(status) => {
                info!("{} has ended.", self.name);
                status
            }
            Err(cause) => {
                error!("{} failed: {cause:#}", self.name);
                ExitCode::FAILURE
            }
        }
    }
}

async fn live(settings: Settings, body: Box<dyn FnOnce(Context) -> Running>) -> anyhow::Result<ExitCode> {
    let stop = Stop::on_signals()?;
    body(Context { settings, stop, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }).await
}
