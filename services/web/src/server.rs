//! The HTTP server.

use std::{io, net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, dev::Server, web::Data};
use runtime::Stop;

use crate::{State, configure};

/// So long may a client take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A little longer than the proxies in front of us keep their connections, so that they close them and not we.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// So many seconds may requests take that have begun before the stop.
const SHUTDOWN_SECONDS: u64 = 20;

/// Answers requests until `stop`, and then finishes those that have begun. The returned future tells when that is done.
pub fn start(listener: TcpListener, state: Data<State>, workers: usize, stop: Stop) -> io::Result<Server> {
    let server = HttpServer::new(move || App::new().configure(|config| configure(config, state.clone())))
        .workers(workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .shutdown_signal(async move { stop.stopped().await })
        .listen(listener)?
        .run();
    Ok(server)
}
