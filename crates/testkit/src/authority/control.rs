//! Commands for an authority by HTTP, on the loopback interface only.
//!
//! | Request | Body, answer |
//! |---|---|
//! | `GET /health` | `{"status": "ok"}`, or status 503 when the authority has stopped |
//! | `GET /accounts` | a list of [`AccountView`] |
//! | `GET /answering` | an [`Answering`] |
//! | `POST /issue` | an [`Issue`]; answered by the [`AccountView`] |
//! | `POST /interest-rate` | an [`InterestRate`]; answered by `{}` |
//! | `POST /interest-payments` | a [`Debtor`]; answered by `{}` |
//!
//! ```text
//! curl -d '{"debtorId": 1, "creditorId": 4294967296, "amount": 1000}' http://127.0.0.1:8090/issue
//! ```
//!
//! Ids are signed numbers. A refused command is answered with status 404 (no such account) or 422, and
//! `{"error": "…"}`.

mod client;
mod routes;
mod views;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use actix_web::{App, HttpServer, web};
use runtime::tasks;

use super::Authority;

pub use client::{Client, ClientError};
pub use views::{AccountView, Answering, Debtor, InterestRate, Issue};

/// The HTTP server. Dropped, it goes on until the runtime ends.
pub struct Control {
    address: SocketAddr,
    handle: actix_web::dev::ServerHandle,
}

impl Control {
    /// Begins to answer on the given port of the loopback interface; 0 means any free port.
    pub fn start(authority: Arc<Authority>, port: u16) -> io::Result<Self> {
        let data = web::Data::from(authority);
        let server = HttpServer::new(move || App::new().app_data(data.clone()).configure(routes::configure))
            .workers(1)
            .disable_signals()
            .bind((Ipv4Addr::LOCALHOST, port))?;
        let address = server.addrs().first().copied().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let server = server.run();
        let handle = server.handle();
        tasks::spawn("authority's control server", server);
        Ok(Self { address, handle })
    }

    /// Where it answers.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Finishes the requests that have begun, and ends.
    pub async fn stop(self) {
        self.handle.stop(true).await;
    }
}
