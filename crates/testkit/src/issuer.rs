//! A token issuer that says what it is told to say: an introspection endpoint and signing keys, with all the failures
//! that real ones have.
//!
//! It is for tests of failures and for benchmarks; the local stack and the demo have a real authorization server.

mod signer;

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Data, Form},
};
use runtime::tasks;
use serde_json::{Value, json};

pub use signer::{Signer, parts, token};

/// A running issuer. It ends when this is dropped.
pub struct Issuer {
    address: SocketAddr,
    shared: Data<Shared>,
    handle: ServerHandle,
}

/// How questions are answered.
#[derive(Clone, Debug)]
pub enum Manner {
    /// As they should be.
    Good,
    /// As they should be, but late.
    Slow(Duration),
    /// With that status, and nothing else.
    Status(u16),
    /// With status 400 and that error.
    Complaint(&'static str),
    /// With that text, as if it were good.
    Text(&'static str),
}

/// A question as it has arrived.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// Its headers; names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The fields of the form.
    pub form: BTreeMap<String, String>,
    /// From where it came: the same port is the same connection.
    pub peer: Option<SocketAddr>,
}

#[derive(Default)]
struct Shared {
    tokens: Mutex<HashMap<String, Value>>,
    keys: Mutex<Vec<Value>>,
    manner: Mutex<Option<Manner>>,
    questions: Mutex<Vec<Question>>,
    keys_asked: Mutex<usize>,
    at_once: Mutex<AtOnce>,
}

/// Questions about tokens that are being answered.
#[derive(Default)]
struct AtOnce {
    now: usize,
    most: usize,
}

impl Issuer {
    /// Starts on a free port of the loopback interface.
    pub fn start() -> io::Result<Self> {
        Self::start_at(0)
    }

    /// Starts on that port.
    pub fn start_at(port: u16) -> io::Result<Self> {
        let shared = Data::new(Shared::default());
        let data = shared.clone();
        let app = move || {
            App::new()
                .app_data(data.clone())
                .route("/introspect", web::post().to(introspect))
                .route("/jwks", web::get().to(keys))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0);
        let server = server.bind((Ipv4Addr::LOCALHOST, port))?;
        let address = server.addrs().first().copied().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let server = server.run();
        let handle = server.handle();
        tasks::spawn("issuer", server);
        Ok(Self { address, shared, handle })
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where tokens are introspected.
    pub fn introspection_url(&self) -> String {
        format!("http://{}/introspect", self.address)
    }

    /// Where the keys are.
    pub fn keys_url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// From now on, this is said about the token.
    pub fn say(&self, token: &str, answer: Value) {
        lock(&self.shared.tokens).insert(token.to_owned(), answer);
    }

    /// From now on, the token is a good one of that subject, with these scopes.
    pub fn grant(&self, token: &str, subject: &str, scopes: &str) {
        self.say(token, json!({"active": true, "sub": subject, "client_id": "tests", "scope": scopes}));
    }

    /// From now on, the token is unknown.
    pub fn revoke(&self, token: &str) {
        lock(&self.shared.tokens).remove(token);
    }

    /// From now on, these are the keys.
    pub fn publish<'a>(&self, signers: impl IntoIterator<Item = &'a Signer>) {
        self.publish_raw(signers.into_iter().map(Signer::jwk).collect());
    }

    /// From now on, these are the keys, whatever they mean.
    pub fn publish_raw(&self, keys: Vec<Value>) {
        *lock(&self.shared.keys) = keys;
    }

    /// From now on, questions are answered so.
    pub fn behave(&self, manner: Manner) {
        *lock(&self.shared.manner) = Some(manner);
    }

    /// What was asked about tokens.
    pub fn questions(&self) -> Vec<Question> {
        lock(&self.shared.questions).clone()
    }

    /// How often tokens were asked about.
    pub fn asked(&self) -> usize {
        lock(&self.shared.questions).len()
    }

    /// How many questions about tokens there were at a time, at most.
    pub fn most_at_once(&self) -> usize {
        lock(&self.shared.at_once).most
    }

    /// How often the keys were asked for.
    pub fn keys_asked(&self) -> usize {
        *lock(&self.shared.keys_asked)
    }

    /// Ends, and returns when nobody can connect any more.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        // The order is given at once; nobody waits for the future.
        drop(self.handle.stop(false));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn introspect(
    request: HttpRequest,
    shared: Data<Shared>,
    Form(form): Form<BTreeMap<String, String>>,
) -> HttpResponse {
    let header = |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let answer = lock(&shared.tokens).get(form.get("token").map_or("", String::as_str)).cloned();
    let headers = request.headers().iter().map(header).collect();
    lock(&shared.questions).push(Question { headers, form, peer: request.peer_addr() });
    begin(&mut lock(&shared.at_once));
    let response = respond(&shared, &answer.unwrap_or_else(|| json!({"active": false}))).await;
    lock(&shared.at_once).now -= 1;
    response
}

fn begin(at_once: &mut AtOnce) {
    at_once.now += 1;
    at_once.most = at_once.most.max(at_once.now);
}

async fn keys(shared: Data<Shared>) -> HttpResponse {
    *lock(&shared.keys_asked) += 1;
    let keys = json!({"keys": *lock(&shared.keys)});
    respond(&shared, &keys).await
}

async fn respond(shared: &Arc<Shared>, answer: &Value) -> HttpResponse {
    let manner = lock(&shared.manner).clone();
    match manner.unwrap_or(Manner::Good) {
        Manner::Good => HttpResponse::Ok().json(answer),
        Manner::Slow(time) => {
            tokio::time::sleep(time).await;
            HttpResponse::Ok().json(answer)
        }
        Manner::Status(status) => {
            HttpResponse::new(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Manner::Complaint(error) => HttpResponse::BadRequest().json(json!({"error": error})),
        Manner::Text(text) => HttpResponse::Ok().content_type("text/html").body(text),
    }
}
