//! The HTTP server.

use std::{
    any::Any,
    io,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpRequest, HttpServer,
    dev::{Server, ServiceRequest, ServiceResponse},
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

/// So long may requests take that have begun before that. Operators expect us to be gone after 10 s.
const FINISHING: Duration = Duration::from_secs(5);

/// So many seconds may it take in the end until answers have been taken.
const SHUTDOWN_SECONDS: u64 = 2;

/// So long nothing must be under way before the server ends: a request may be on its way through an open connection.
const QUIET: Duration = Duration::from_millis(50);

/// Answers requests until a moment after `stop`, and then finishes those that have begun. Answers after the stop ask
/// clients to connect anew, and so elsewhere. The returned future tells when that is done.
///
/// Must be called inside a Tokio runtime.
pub fn start(listener: TcpListener, state: Data<State>, workers: usize, stop: Stop) -> io::Result<Server> {
    let patience = state.patience;
    let ending = Ending { stop: stop.clone(), under_way: Arc::default() };
    let under_way = Arc::clone(&ending.under_way);
    let server = HttpServer::new(move || {
        App::new().app_data(ending.clone()).configure(|config| configure(config, state.clone()))
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
        // A thread that has nothing more to do ends at once, and with it the connections to the database that were made
        // there, which requests of other threads may be using. So all have to be done first.
        handle.pause().await;
        finish(&under_way).await;
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

/// Waits until no request is under way, for some time.
async fn finish(under_way: &AtomicUsize) {
    let began = Instant::now();
    loop {
        sleep(QUIET).await;
        if under_way.load(Ordering::Acquire) == 0 || began.elapsed() > FINISHING {
            break;
        }
    }
}

/// Tells requests whether the server is about to end, and the server how many requests are under way.
#[derive(Clone)]
struct Ending {
    stop: Stop,
    under_way: Arc<AtomicUsize>,
}

/// A request that is under way until this is dropped.
pub(crate) struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    /// Counts the request; `None` outside of a server that can end.
    pub(crate) fn begin(request: &ServiceRequest) -> Option<Self> {
        let counted = Arc::clone(&request.app_data::<Ending>()?.under_way);
        counted.fetch_add(1, Ordering::AcqRel);
        Some(Self(counted))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Lets the client look for another server, if this one is about to end.
pub(crate) fn decorate(response: &mut ServiceResponse) {
    let is_ending = |request: &HttpRequest| request.app_data::<Ending>().is_some_and(|ending| ending.stop.is_stopped());
    if is_ending(response.request()) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}
