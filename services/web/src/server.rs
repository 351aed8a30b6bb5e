//! The HTTP server.

use std::{any::Any, io, net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, dev::Server, rt::net::TcpStream, web::Data};
use runtime::{Stop, tasks};
use socket2::SockRef;

use crate::{State, configure};

/// So many seconds may requests take that have begun before the stop.
const SHUTDOWN_SECONDS: u64 = 20;

/// Answers requests until `stop`, and then finishes those that have begun. The returned future tells when that is done.
///
/// Must be called inside a Tokio runtime.
pub fn start(listener: TcpListener, state: Data<State>, workers: usize, stop: Stop) -> io::Result<Server> {
    let patience = state.patience;
    let server = HttpServer::new(move || App::new().configure(|config| configure(config, state.clone())))
        .workers(workers)
        .client_request_timeout(patience.head)
        .keep_alive(patience.idle)
        .on_connect(move |connection, _| limit_taking(connection, patience.taking))
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

/// Closes the connection if what was sent is not taken for so long.
fn limit_taking(connection: &dyn Any, patience: Duration) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        // Without it, the connection would merely last longer.
        let _ = SockRef::from(stream).set_tcp_user_timeout(Some(patience));
    }
}
