//! The HTTP server.

use std::{any::Any, io, net::TcpListener, time::Duration};

use actix_web::{
    App, HttpRequest, HttpServer,
    dev::{Server, ServiceResponse},
    http::ConnectionType,
    rt::net::TcpStream,
    web::Data,
};
use runtime::{Stop, tasks};
use socket2::SockRef;
use tokio::time::sleep;

use crate::{State, configure};

/// So long new requests are taken after the stop: whoever sends them does not know of it yet.
const DRAINING: Duration = Duration::from_secs(1);

/// So many seconds may requests take that have begun before that. Operators expect us to be gone after 10.
const SHUTDOWN_SECONDS: u64 = 7;

/// Answers requests until a moment after `stop`, and then finishes those that have begun. Answers after the stop ask
/// clients to connect anew, and so elsewhere. The returned future tells when that is done.
///
/// Must be called inside a Tokio runtime.
pub fn start(listener: TcpListener, state: Data<State>, workers: usize, stop: Stop) -> io::Result<Server> {
    let patience = state.patience;
    let stopping = stop.clone();
    let server = HttpServer::new(move || {
        App::new().app_data(Ending(stopping.clone())).configure(|config| configure(config, state.clone()))
    })
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
        sleep(DRAINING).await;
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

/// Tells requests whether the server is about to end.
struct Ending(Stop);

/// Lets the client look for another server, if this one is about to end.
pub(crate) fn decorate(response: &mut ServiceResponse) {
    let is_ending = |request: &HttpRequest| request.app_data::<Ending>().is_some_and(|Ending(stop)| stop.is_stopped());
    if is_ending(response.request()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}
