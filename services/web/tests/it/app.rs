//! The web server on a socket of its own, and a client that sends what it is told.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer, web::Data};
use chrono::{DateTime, Utc};
use creditors_web::{State, routing::Routes, server};
use persistence::{Db, PoolOptions, Target};
use runtime::{
    Clock, ManualClock, SeededRandom, Stop,
    config::{Environment, Settings},
    tasks,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A header.
pub(crate) type Header<'a> = (&'a str, &'a str);

/// The header of JSON bodies.
pub(crate) const JSON: Header<'static> = ("Content-Type", "application/json");

/// A running web server. It ends when this is dropped.
pub(crate) struct Web {
    address: SocketAddr,
    stop: Stop,
}

/// What the server has answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A state without a database: nobody listens at its port.
pub(crate) fn state(more: &[(&str, &str)]) -> Data<State> {
    Data::new(state_without_database(more))
}

/// The same, still to be changed.
pub(crate) fn state_without_database(more: &[(&str, &str)]) -> State {
    let clock = Arc::new(ManualClock::new(DateTime::<Utc>::UNIX_EPOCH));
    new_state("postgresql://127.0.0.1:9/none", clock, more)
}

/// A state with the settings of the transcripts, and more of them.
pub(crate) fn state_with(database_url: &str, clock: Arc<dyn Clock>, more: &[(&str, &str)]) -> Data<State> {
    Data::new(new_state(database_url, clock, more))
}

/// The same, still to be changed.
pub(crate) fn new_state(database_url: &str, clock: Arc<dyn Clock>, more: &[(&str, &str)]) -> State {
    // On a busy machine, a hundred requests at a time may wait long for one of the few connections.
    let pool = PoolOptions { wait: Duration::from_mins(1), ..PoolOptions::default() };
    let db = Db::new(Target::parse(database_url).unwrap(), pool).unwrap();
    State::new(settings(more), db, clock, Arc::new(SeededRandom::new(1))).unwrap()
}

/// The settings of the transcripts, and more of them.
pub(crate) fn settings(more: &[(&str, &str)]) -> Settings {
    let usual =
        [("APP_AUTH_MODE", "trusted-headers"), ("MIN_CREDITOR_ID", "4294967296"), ("MAX_CREDITOR_ID", "8589934591")];
    Settings::load(&Environment::from_pairs(usual.iter().chain(more).copied())).unwrap()
}

pub(crate) fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

impl Web {
    /// The web server as it is, with these settings besides the usual ones.
    pub(crate) fn start(more: &[(&str, &str)]) -> Self {
        Self::serve(state(more))
    }

    /// The web server as it is.
    pub(crate) fn serve(state: Data<State>) -> Self {
        let (listener, address) = listener();
        let stop = Stop::new();
        tasks::spawn("web", server::start(listener, state, 1, stop.clone()).unwrap());
        Self { address, stop }
    }

    /// The web server there, which somebody else ends.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, stop: Stop::new() }
    }

    /// Where it answers.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A web server with other routes.
    pub(crate) fn with_routes(routes: fn() -> Routes) -> Self {
        let (listener, address) = listener();
        let state = state(&[]);
        let app = move || App::new().app_data(state.clone()).default_service(routes());
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
        let (stop, handle) = (Stop::new(), server.handle());
        let stopped = stop.clone();
        tasks::spawn("web", server);
        tasks::spawn("web stop", async move {
            stopped.stopped().await;
            handle.stop(true).await;
        });
        Self { address, stop }
    }

    /// Sends a request without a body.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[Header<'_>]) -> Answer {
        self.send_body(method, path, headers, &[]).await
    }

    /// Sends a request with this body, unless it is empty.
    pub(crate) async fn send_body(&self, method: &str, path: &str, headers: &[Header<'_>], body: &[u8]) -> Answer {
        let length = body.len().to_string();
        let mut lines = vec![("Connection", "close")];
        if !headers.iter().any(|(name, _)| *name == "Host") {
            lines.push(("Host", "example.com"));
        }
        if !body.is_empty() {
            lines.push(("Content-Length", &length));
        }
        let lines: Vec<_> = lines.iter().chain(headers).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\n{}", lines.concat());
        self.send_raw(&[head.as_bytes(), b"\r\n", body].concat()).await
    }

    /// A connection.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends these bytes, and reads until the server closes the connection.
    pub(crate) async fn send_raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        // The server may answer and close before everything is sent.
        let _ = stream.write_all(bytes).await;
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received).await;
        Answer::parse(&received)
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

impl Answer {
    /// Takes the first answer apart. What follows the head is the body.
    fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Self { status, headers: lines.map(header).collect(), body: body.to_owned() }
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}
