//! The HTTP server.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, dev::Server, web::Data};
use runtime::{Stop, tasks};

use crate::{State, configure};

/// So long may a client take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A little longer than the proxies in front of us keep their connections, so that they close them and not we.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// So many seconds may requests take that have begun before the stop.
const SHUTDOWN_SECONDS: u64 = 20;

/// Answers requests until `stop`, and then finishes those that have begun. The returned future tells when that is done.
///
/// Must be called inside a Tokio runtime.
pub fn start(listener: TcpListener, state: Data<State>, workers: usize, stop: Stop) -> io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(|config| configure(config, state.clone())))
        .workers(workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run();
    // Not by a shutdown signal of the server's own: that would stop everything else of the actix system too.
    let handle = server.handle();
    tasks::spawn("web stop", async move {
        stop.stopped().await;
        handle.stop(true).await;
    });
    Ok(server)
}
