//! Health and metrics over HTTP, on a port of their own.
//!
//! | path | answer |
//! |---|---|
//! | `/health/live` | 200 as long as the process runs |
//! | `/health/ready` | 200 if the process can do its work, else 503; `unmet` lists what is missing |
//! | `/metrics` | the metrics, as text for Prometheus |
//!
//! The responder has a thread of its own, so it answers even when the service is busy.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::{Server, ServerHandle};
use actix_web::rt::System;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::json;

use crate::{Metrics, Readiness};

/// The port of each service, if nothing else is configured.
pub mod ports {
    /// The supervisor of a container with all services.
    pub const AGENT: u16 = 9100;
    /// The web API.
    pub const WEB: u16 = 9101;
    /// Incoming messages.
    pub const CONSUMER: u16 = 9102;
    /// Outgoing messages.
    pub const FLUSHER: u16 = 9103;
    /// The ledgers.
    pub const LEDGER_PROCESSOR: u16 = 9104;
    /// The logs.
    pub const LOG_PROCESSOR: u16 = 9105;
    /// The table scanners.
    pub const SCANNER: u16 = 9106;
}

/// What Prometheus expects.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Health and metrics cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The port is occupied, or may not be used.
    #[error("health and metrics cannot be shown at {address}, the address that APP_ADMIN_PORT asks for")]
    Bind {
        /// Where they should have been shown.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The responder's thread could not be started.
    #[error("the thread for health and metrics could not be started")]
    Thread(#[source] io::Error),
}

/// A running responder. It ends when this is dropped.
pub struct Admin {
    address: SocketAddr,
    server: ServerHandle,
    thread: JoinHandle<()>,
}

impl Admin {
    /// Starts the responder; with port 0 there is none.
    pub fn start(bind: IpAddr, port: u16, readiness: Readiness, metrics: Metrics) -> Result<Option<Self>, AdminError> {
        if port == 0 {
            return Ok(None);
        }
        let address = SocketAddr::new(bind, port);
        let listener = TcpListener::bind(address).map_err(|source| AdminError::Bind { address, source })?;
        Self::start_on(listener, readiness, metrics).map(Some)
    }

    /// Starts the responder on a socket that already listens.
    pub fn start_on(listener: TcpListener, readiness: Readiness, metrics: Metrics) -> Result<Self, AdminError> {
        let address = listener.local_addr().map_err(AdminError::Thread)?;
        let (started, starting) = mpsc::sync_channel(1);
        let body = move || {
            System::new().block_on(async move {
                match server(listener, readiness, metrics) {
                    Ok(server) => {
                        // Nobody waits for it if the starter is gone, and then the handle has no use either.
                        let _ = started.send(Ok(server.handle()));
                        let _ = server.await;
                    }
                    Err(error) => {
                        let _ = started.send(Err(error));
                    }
                }
            });
        };
        let thread = thread::Builder::new().name("admin".into()).spawn(body).map_err(AdminError::Thread)?;
        let server = starting.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))).map_err(AdminError::Thread)?;
        Ok(Self { address, server, thread })
    }

    /// Where it answers.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether the responder still answers.
    pub fn is_running(&self) -> bool {
        !self.thread.is_finished()
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        // The command is sent by the call; the future only tells when it has been obeyed.
        drop(self.server.stop(false));
    }
}

fn server(listener: TcpListener, readiness: Readiness, metrics: Metrics) -> io::Result<Server> {
    let app = move || {
        App::new()
            .app_data(Data::new(readiness.clone()))
            .app_data(Data::new(metrics.clone()))
            .route("/health/live", get().to(live))
            .route("/health/ready", get().to(ready))
            .route("/metrics", get().to(show_metrics))
    };
    let server = HttpServer::new(app).workers(1).worker_max_blocking_threads(1).disable_signals();
    Ok(server.max_connections(64).listen(listener)?.run())
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "live": true }))
}

async fn ready(readiness: Data<Readiness>) -> HttpResponse {
    let unmet = readiness.unmet();
    let mut response = if unmet.is_empty() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(json!({ "ready": unmet.is_empty(), "unmet": unmet }))
}

async fn show_metrics(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok().content_type(METRICS_TYPE).body(metrics.render())
}
