//! The web server with a database of its own.

use std::sync::Arc;

use actix_web::web::Data;
use chrono::{DateTime, TimeDelta, Utc};
use creditors_web::State;
use domain::{
    CreditorId,
    pin::{Pin, Salt, Secret},
};
use persistence::{Db, PoolOptions, Target};
use procedures::creditors;
use runtime::{Clock as _, ManualClock};
use serde_json::{Value, json};
use testkit::TestDatabase;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::app::{Answer, Header, JSON, Web, new_state, state_with};

/// An active creditor.
pub(crate) const C: CreditorId = CreditorId::new(4_294_967_296);

/// When the tests begin.
pub(crate) const NOW: &str = "2024-01-02T03:04:05.678901+00:00";

/// Callers who must give the PIN.
pub(crate) const PIN_REQUIRED: Header<'static> = ("X-Swpt-Require-Pin", "true");

/// The web server, a clock that stands still, and a database with the active creditor [`C`].
pub(crate) struct World {
    pub(crate) web: Web,
    pub(crate) clock: Arc<ManualClock>,
    client: Client,
    database: TestDatabase,
    state: Data<State>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these settings besides the usual ones.
    pub(crate) async fn with(more: &[(&str, &str)]) -> Self {
        Self::made(more, |_| {}).await
    }

    /// With another state.
    pub(crate) async fn changed(change: impl FnOnce(&mut State)) -> Self {
        Self::made(&[], change).await
    }

    /// The test makes rows up, so that promises are not checked at its end.
    pub(crate) fn made_up(&self) {
        self.database.made_up();
    }

    async fn made(more: &[(&str, &str)], change: impl FnOnce(&mut State)) -> Self {
        let database = TestDatabase::create().await;
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let mut state = new_state(database.url(), clock.clone(), more);
        change(&mut state);
        add_creditor(&state).await;
        let client = database.client().await;
        let state = Data::new(state);
        Self { web: Web::serve(state.clone()), clock, client, database, state }
    }

    /// What the web server works with.
    pub(crate) fn state(&self) -> Data<State> {
        self.state.clone()
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// Connections of somebody else to the same database.
    pub(crate) fn connect(&self) -> Db {
        Db::new(Target::parse(self.database.url()).unwrap(), PoolOptions::default()).unwrap()
    }

    /// What time it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Another web server for the same database, with other settings besides the usual ones.
    pub(crate) fn again(&self, more: &[(&str, &str)]) -> Web {
        Web::serve(state_with(self.database.url(), self.clock.clone(), more))
    }

    /// Sends a request of a superuser in PIN-reset mode. `path` is what follows the creditor's own path.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send_with(&[], method, path, body).await
    }

    /// The same with more headers.
    pub(crate) async fn send_with(&self, more: &[Header<'_>], method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.web.send_body(method, &full_path(path), &[&[JSON], more].concat(), body.as_bytes()).await
    }

    /// The same with a body that is sent to the letter.
    pub(crate) async fn send_text(&self, method: &str, path: &str, body: &str) -> Answer {
        self.web.send_body(method, &full_path(path), &[JSON], body.as_bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null).await
    }

    /// The object at the path, which must exist.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// The status of an answer to a changing request.
    pub(crate) async fn status(&self, method: &str, path: &str, body: &Value) -> u16 {
        self.send(method, path, body).await.status
    }

    /// Creates an account with the debtor. Returns the account.
    pub(crate) async fn open_account(&self, debtor_id: u64) -> Value {
        let answer = self.send("POST", "accounts/", &json!({"uri": format!("swpt:{debtor_id}")})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, span: TimeDelta) {
        self.clock.advance(span);
    }

    pub(crate) async fn sql(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap();
    }

    /// The rows that a query gives, their columns as text, separated by commas.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        let messages = self.client.simple_query(query).await.unwrap();
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|i| row.get(i).unwrap_or("-")).collect::<Vec<_>>().join(","))
            }
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    }

    /// What the creditor has done: accounts, transfers, configuration changes, initiations.
    pub(crate) async fn counters(&self) -> Vec<String> {
        self.rows("SELECT accounts_count, transfers_count, reconfigs_count, initiations_count FROM usage_stats").await
    }

    /// Switches the PIN on: the counters are those of a new one.
    pub(crate) async fn set_pin(&self, digits: &str) {
        let salt = "c2FsdHNh".to_owned();
        let hmac = Secret::new("").hmac(&Pin::parse(digits).unwrap(), Some(&Salt::from_text(salt.clone())));
        let length = i16::try_from(digits.len()).unwrap();
        let statement = "UPDATE pin_info SET status = 1, pin_length = $1, pin_salt = $2, pin_hmac = $3";
        self.client.execute(statement, &[&length, &salt, &hmac.as_bytes().as_slice()]).await.unwrap();
    }

    /// Wrong PINs: in a row, and all.
    pub(crate) async fn pin_failures(&self) -> String {
        self.rows("SELECT cfa, afa FROM pin_info").await.concat()
    }
}

fn full_path(path: &str) -> String {
    format!("/creditors/{}/{path}", C.unsigned())
}

pub(crate) async fn add_creditor(state: &State) {
    let mut tx = state.db.begin("test").await.unwrap();
    creditors::activate(&mut tx, C, None, state.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}
