//! Logs as streams of events.

use std::time::Duration;

use creditors_web::feed::Feed;
use persistence::{Target, Wake as Stage, wake};
use procedures::log_additions;
use runtime::{Stop, Wake, tasks};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::world::World;

/// Longer than anything should take, on the slowest machine.
const SOON: Duration = Duration::from_mins(1);

/// A world whose web server is fed.
struct Fed {
    world: World,
    stop: Stop,
}

impl Fed {
    async fn new() -> Self {
        let stop = Stop::new();
        let world = World::changed(|state| state.feed = Feed::new(stop.clone())).await;
        let (state, call, token) = (world.state(), Wake::new(), stop.token().clone());
        let (caller, target) = (call.clone(), Target::parse(world.url()).unwrap());
        tasks::spawn("wake-ups", wake::listen(target, Stage::LogGrew, token, move || caller.wake()));
        tasks::spawn("feed", async move { state.feed.run(&state.db, &call).await });
        Self { world, stop }
    }

    async fn follow(&self, query: &str, headers: &str) -> Events {
        let mut stream = self.world.web.connect().await;
        let request = format!(
            "GET /creditors/4294967296/log{query} HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut events = Events { stream, received: String::new() };
        let head = events.until("\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.to_lowercase().contains("content-type: text/event-stream\r\n"), "{head}");
        events
    }
}

impl Drop for Fed {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// The events that a client has received.
struct Events {
    stream: TcpStream,
    received: String,
}

impl Events {
    /// What comes before this text, which is taken away too.
    async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some((before, after)) = self.received.split_once(end) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.received = after;
                return before;
            }
            let mut chunk = [0; 4096];
            let length = timeout(SOON, self.stream.read(&mut chunk)).await.unwrap().unwrap();
            assert!(length > 0, "the stream has ended: {:?}", self.received);
            self.received += std::str::from_utf8(&chunk[..length]).unwrap();
        }
    }

    /// The next entry. Sizes of chunks stand between the events, and are passed over.
    async fn next(&mut self) -> Value {
        let _ = self.until("id: ").await;
        let id: i64 = self.until("\ndata: ").await.parse().unwrap();
        let entry: Value = serde_json::from_str(&self.until("\n\n").await).unwrap();
        assert_eq!((&entry["type"], entry["entryId"].as_i64()), (&json!("LogEntry"), Some(id)));
        entry
    }

    async fn ids(&mut self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.next().await["entryId"].as_i64().unwrap());
        }
        ids
    }
}

#[actix_web::test]
async fn entries_are_sent_when_they_are_there() {
    let fed = Fed::new().await;
    let world = &fed.world;
    world.open_account(1).await;
    let mut events = fed.follow("", "").await;
    assert_eq!(events.ids(2).await, [1, 2], "what is there already");
    world.open_account(2).await;
    assert_eq!(events.ids(2).await, [3, 4], "what is written at once");
    let body =
        json!({"transferUuid": "123e4567-e89b-12d3-a456-426655440000", "recipient": {"uri": "swpt:1/a"}, "amount": 1});
    assert_eq!(world.status("POST", "transfers/", &body).await, 201);
    let database = world.connect();
    let mut tx = database.begin("test").await.unwrap();
    log_additions::run(&mut tx, i64::MIN, 100).await.unwrap();
    tx.commit().await.unwrap();
    let entries = [events.next().await, events.next().await];
    assert_eq!(entries.each_ref().map(|entry| entry["objectType"].clone()), ["Transfer", "TransfersList"]);
    // The events are the entries of the page.
    assert_eq!(world.read("log?prev=4").await["items"], json!(entries));
}

#[actix_web::test]
async fn followers_go_on_where_they_were() {
    let fed = Fed::new().await;
    for debtor_id in 1..=3 {
        fed.world.open_account(debtor_id).await;
    }
    assert_eq!(fed.follow("?prev=4", "").await.ids(2).await, [5, 6]);
    assert_eq!(fed.follow("", "Last-Event-ID: 5\r\n").await.ids(1).await, [6]);
    let mut both = fed.follow("?prev=1", "Last-Event-ID: 6\r\n").await;
    fed.world.open_account(4).await;
    assert_eq!(both.ids(2).await, [7, 8], "the later place is the interruption");
    let accept = ("Accept", "text/event-stream");
    for wrong in ["x", "-1", "", "9223372036854775808"] {
        let answer = fed.world.send_with(&[accept, ("Last-Event-ID", wrong)], "GET", "log", &Value::Null).await;
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn many_follow_and_nobody_misses_anything() {
    let fed = Fed::new().await;
    let mut followers = Vec::new();
    for _ in 0..20 {
        followers.push(fed.follow("", "").await);
    }
    for debtor_id in 1..=10 {
        fed.world.open_account(debtor_id).await;
    }
    for follower in &mut followers {
        assert_eq!(follower.ids(20).await, (1..=20).collect::<Vec<_>>());
    }
}

#[actix_web::test]
async fn who_may_follow() {
    let fed = Fed::new().await;
    let accept = ("Accept", "text/event-stream");
    for (user, path, status) in [
        ("creditors:4294967297", "/creditors/4294967296/log", 403),
        ("nobody", "/creditors/4294967296/log", 403),
        ("creditors-superuser", "/creditors/1/log", 404),
        ("creditors-superuser", "/creditors/4294967299/log", 404),
    ] {
        let answer = fed.world.web.send("GET", path, &[accept, ("X-Swpt-User-Id", user)]).await;
        assert_eq!(answer.json()["code"], status, "{user} {path}");
    }
}

#[actix_web::test]
async fn everything_else_is_answered_by_pages() {
    let fed = Fed::new().await;
    for accept in ["application/json", "*/*", "text/event-stream, application/json", "text/event-stream;q=0.9", ""] {
        let answer = fed.world.send_with(&[("Accept", accept)], "GET", "log", &Value::Null).await;
        assert_eq!(answer.json()["type"], "LogEntriesPage", "{accept}");
    }
    let answer = fed.world.send_with(&[("Accept", "text/event-stream")], "GET", "wallet", &Value::Null).await;
    assert_eq!(answer.json()["type"], "Wallet", "only logs are followed");
}

#[actix_web::test]
async fn streams_end_with_the_server() {
    let fed = Fed::new().await;
    fed.world.open_account(1).await;
    let mut events = fed.follow("", "").await;
    assert_eq!(events.ids(2).await, [1, 2]);
    fed.stop.stop();
    // The last chunk.
    events.until("\r\n0\r\n\r\n").await;
}
