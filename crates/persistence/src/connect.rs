//! Connections: from the operator's URL to a session with our settings (operations §3, database §1).

mod parameters;
mod tls;
mod url;

use std::{fmt, pin::Pin, time::Duration};

use futures::{Stream, StreamExt as _, stream};
use tokio_postgres::{
    AsyncMessage, Client, Config, NoTls,
    config::{Host, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Result};
use tls::{Attempt, Tls};
pub use url::InvalidUrl;

/// What the server sends besides answers; ends when the connection ends. It must be polled for the client to work.
pub(crate) type Traffic = Pin<Box<dyn Stream<Item = Result<AsyncMessage, tokio_postgres::Error>> + Send>>;

/// Settings of every session of ours.
///
/// * UTC, and READ COMMITTED with explicit row locks (design: transactions), whatever the server's defaults are.
/// * `enable_seqscan` off, as the peer has it: the queue tables swing between empty and huge, and a plan made for an
///   empty table must not stay. `jit` off, because the cost penalty of an unavoidable scan would switch it on.
/// * `enable_bitmapscan` off: where a few rows are wanted in the order of an index, they must be read in that order. For
///   a creditor or an account of average size it is as quick to read all its rows and sort them, and that is what the
///   statistics suggest; but those that are in use the most have many times as many.
/// * `enable_hashjoin` and `enable_mergejoin` off: what we join is a few keys with the rows they name. For a plan that was
///   made when the table was small it is as quick to read all of the table, and plans are kept while it grows.
/// * A transaction that its process has forgotten must not keep its locks, not even while it waits for others: servers
///   that can are asked to look every second whether we are still there.
const SESSION: &str = "SET TimeZone = 'UTC'; SET default_transaction_isolation = 'read committed'; \
     SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET jit = off; SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = '120s'; \
     SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'";

/// Where servers listen, if the URL does not say it.
const DEFAULT_PORT: u16 = 5432;

/// Where the database is and how to get in. Its `Debug` form shows no password.
#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: Tls,
    /// Which servers to try: first all of those that suit best.
    wanted: Vec<TargetSessionAttrs>,
    unknown: Vec<String>,
}

/// Nobody answers there, or we are refused.
#[derive(Debug, thiserror::Error)]
#[error("no session at {place}")]
struct NoSession {
    place: String,
    source: tokio_postgres::Error,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.config.get_hosts(), self.config.get_dbname().unwrap_or("?"))
    }
}

impl Target {
    /// Reads a URL in the form that existing deployments use (operations §3).
    ///
    /// Parameters mean what they mean to libpq. So TLS is used whenever the server offers it, and certificates are
    /// verified with `sslmode` `verify-ca` or `verify-full`, and with `require` if there is an `sslrootcert`.
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let parts = url::Parts::parse(url)?;
        let parameters = parameters::apply(parts)?;
        let mut config = parameters.config;
        if config.get_application_name().is_none() {
            config.application_name("creditors-agent");
        }
        if config.get_connect_timeout().is_none() && !parameters.waits_for_ever {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A server that has silently vanished must not hold up a batch until the system gives up on the socket.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }
        if config.get_keepalives_idle() == Config::new().get_keepalives_idle() {
            config.keepalives_idle(Duration::from_secs(30));
        }
        // Files that cannot be read are told at once; they are read again for each connection, as they may be renewed.
        parameters.tls.client_config().map_err(InvalidUrl::Tls)?;
        Ok(Self { config, tls: parameters.tls, wanted: parameters.wanted, unknown: parameters.unknown })
    }

    /// Names of parameters in the URL that nobody knows; they have no effect.
    pub fn unknown_parameters(&self) -> &[String] {
        &self.unknown
    }

    /// The same target with another application name, as seen in `pg_stat_activity`.
    #[must_use]
    pub fn named(mut self, application: &str) -> Self {
        self.config.application_name(application);
        self
    }

    /// Opens a session with our settings.
    pub(crate) async fn open(&self) -> Result<(Client, Traffic)> {
        let tls = self.tls.client_config().map_err(|error| Error::Connect(error.into()))?;
        let mut failure = None;
        for wanted in &self.wanted {
            for attempt in self.tls.attempts() {
                // On the heap: the futures of the driver are large.
                match Box::pin(self.attempt(*wanted, *attempt, tls.clone())).await {
                    Ok(session) => return Ok(session),
                    // The first failure is that of what the operator wanted most.
                    Err(error) if tls::is_worth_another_attempt(&error) => failure = failure.or(Some(error)),
                    Err(error) => {
                        failure = failure.or(Some(error));
                        break;
                    }
                }
            }
        }
        let place = self.place();
        Err(failure.map_or(Error::PoolClosed, |source| Error::Connect(Box::new(NoSession { place, source }))))
    }

    /// Hosts and ports, or directories of sockets.
    fn place(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(DEFAULT_PORT);
            match host {
                Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
                Host::Tcp(name) => format!("{name}:{port}"),
                Host::Unix(directory) => format!("{}/.s.PGSQL.{port}", directory.display()),
            }
        });
        hosts.collect::<Vec<_>>().join(", ")
    }

    async fn attempt(
        &self,
        wanted: TargetSessionAttrs,
        attempt: Attempt,
        tls: Option<rustls::ClientConfig>,
    ) -> Result<(Client, Traffic), tokio_postgres::Error> {
        let mut config = self.config.clone();
        config.target_session_attrs(wanted).ssl_mode(attempt.mode());
        if let Some(tls) = tls.filter(|_| attempt.is_encrypted()) {
            let (client, mut connection) = config.connect(MakeRustlsConnect::new(tls)).await?;
            Ok((client, stream::poll_fn(move |cx| connection.poll_message(cx)).boxed()))
        } else {
            let (client, mut connection) = config.connect(NoTls).await?;
            Ok((client, stream::poll_fn(move |cx| connection.poll_message(cx)).boxed()))
        }
    }
}

/// Applies our session settings.
pub(crate) async fn set_up(client: &Client) -> Result<()> {
    client.batch_execute(SESSION).await.map_err(|e| Error::Connect(Box::new(e)))
}
