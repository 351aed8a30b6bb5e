//! Connections: from the operator's URL to a session with our settings (operations §3, database §1).

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _, stream};
use tokio_postgres::{AsyncMessage, Client, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Error, Result};

/// What the server sends besides answers; ends when the connection ends. It must be polled for the client to work.
pub(crate) type Traffic = Pin<Box<dyn Stream<Item = Result<AsyncMessage, tokio_postgres::Error>> + Send>>;

/// Settings of every session of ours.
///
/// * UTC, and READ COMMITTED with explicit row locks (design: transactions), whatever the server's defaults are.
/// * `enable_seqscan` off, as the peer has it: the queue tables swing between empty and huge, and a plan made for an
///   empty table must not stay. `jit` off, because the cost penalty of an unavoidable scan would switch it on.
/// * A transaction that its process has forgotten must not keep its locks, not even while it waits for others: servers
///   that can are asked to look every second whether we are still there.
const SESSION: &str = "SET TimeZone = 'UTC'; SET default_transaction_isolation = 'read committed'; \
     SET enable_seqscan = off; SET jit = off; SET idle_in_transaction_session_timeout = '60s'; \
     SET statement_timeout = '120s'; \
     SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'";

/// Where the database is and how to get in. Its `Debug` form shows no password.
#[derive(Clone)]
pub struct Target {
    config: tokio_postgres::Config,
    tls: Option<Arc<rustls::ClientConfig>>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.config.get_hosts(), self.config.get_dbname().unwrap_or("?"))
    }
}

/// A database URL that cannot be used. The text never contains the URL, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum InvalidUrl {
    /// The scheme is not PostgreSQL's.
    #[error("must begin with postgresql://, postgresql+psycopg:// or postgres://")]
    Scheme,
    /// The rest cannot be understood.
    #[error("is not a PostgreSQL connection URL: {0}")]
    Syntax(String),
    /// `sslmode` has a value that libpq does not know.
    #[error("has an unknown sslmode; use disable, allow, prefer, require, verify-ca or verify-full")]
    SslMode,
}

impl Target {
    /// Reads a URL in the form that existing deployments use (operations §3).
    ///
    /// TLS is used with `sslmode` `require` or stricter, and then the server's certificate is always verified against
    /// the well-known authorities.
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let rest = ["postgresql://", "postgresql+psycopg://", "postgresql+psycopg2://", "postgres://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or(InvalidUrl::Scheme)?;
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut mode = "prefer";
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                _ => kept.push(pair),
            }
        }
        let url = format!("postgresql://{base}?{}", kept.join("&"));
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|e: tokio_postgres::Error| InvalidUrl::Syntax(cause(&e)))?;
        let tls = match mode {
            "disable" | "allow" | "prefer" => None,
            "require" | "verify-ca" | "verify-full" => Some(Arc::new(tls_config())),
            _ => return Err(InvalidUrl::SslMode),
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        if config.get_application_name().is_none() {
            config.application_name("creditors-agent");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        // A server that has silently vanished must not hold up a batch until the system gives up on the socket.
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }
        if config.get_keepalives_idle() == tokio_postgres::Config::new().get_keepalives_idle() {
            config.keepalives_idle(Duration::from_secs(30));
        }
        Ok(Self { config, tls })
    }

    /// The same target with another application name, as seen in `pg_stat_activity`.
    #[must_use]
    pub fn named(mut self, application: &str) -> Self {
        self.config.application_name(application);
        self
    }

    /// Opens a session with our settings.
    pub(crate) async fn open(&self) -> Result<(Client, Traffic)> {
        let connect = |e: tokio_postgres::Error| Error::Connect(Box::new(e));
        let (client, traffic): (Client, Traffic) = if let Some(tls) = &self.tls {
            let tls = MakeRustlsConnect::new(rustls::ClientConfig::clone(tls));
            let (client, mut connection) = self.config.connect(tls).await.map_err(connect)?;
            (client, stream::poll_fn(move |cx| connection.poll_message(cx)).boxed())
        } else {
            let (client, mut connection) = self.config.connect(NoTls).await.map_err(connect)?;
            (client, stream::poll_fn(move |cx| connection.poll_message(cx)).boxed())
        };
        Ok((client, traffic))
    }
}

/// Applies our session settings.
pub(crate) async fn set_up(client: &Client) -> Result<()> {
    client.batch_execute(SESSION).await.map_err(|e| Error::Connect(Box::new(e)))
}

fn tls_config() -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::DEFAULT_VERSIONS)
        .unwrap_or_else(|_| rustls::ClientConfig::builder());
    builder.with_root_certificates(roots).with_no_client_auth()
}

/// The innermost cause: the driver's own text only says "invalid connection string".
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(inner) = error.source() {
        error = inner;
    }
    error.to_string()
}
