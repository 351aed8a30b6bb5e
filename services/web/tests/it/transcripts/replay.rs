//! A transcript, step by step.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use creditors_web::State;
use procedures::log_additions;
use runtime::SystemClock;
use testkit::TestDatabase;
use tokio_postgres::Client;

use super::{compare::differences, exact::Exact, names::Names, sql};
use crate::app::{Answer, Web, state_with};

/// The configuration with which the transcripts were recorded.
const SETTINGS: [(&str, &str); 10] = [
    ("APP_CREDITORS_PER_PAGE", "2"),
    ("APP_LOG_ENTRIES_PER_PAGE", "2"),
    ("APP_ACCOUNTS_PER_PAGE", "2"),
    ("APP_TRANSFERS_PER_PAGE", "2"),
    ("APP_LEDGER_ENTRIES_PER_PAGE", "2"),
    ("APP_LOG_RETENTION_DAYS", "31"),
    ("APP_TRANSFERS_FINALIZATION_APPROX_SECONDS", "10"),
    ("PIN_PROTECTION_SECRET", ""),
    ("APP_ENABLE_CORS", "false"),
    ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "#"),
];

/// What a whole transcript has shown.
pub(crate) struct Story {
    pub(crate) names: Names,
    /// All update ids that were told.
    pub(crate) updates: Vec<Update>,
    /// The number of steps.
    pub(crate) steps: usize,
}

/// An object has this update id.
pub(crate) struct Update {
    pub(crate) step: usize,
    pub(crate) uri: String,
    pub(crate) id: i128,
}

/// Replays a transcript, and fails if anything is not as recorded.
pub(crate) async fn replay(transcript: &str) -> Story {
    let transcript = Exact::parse(transcript).unwrap();
    let (story, failures) = play(&transcript).await;
    let failures: Vec<_> = failures.into_values().collect();
    assert!(
        failures.is_empty(),
        "{}: {} failures\n{}",
        transcript.text_of("name"),
        failures.len(),
        failures.join("\n")
    );
    story
}

/// Plays all steps. Returns the differences too, by the indices of their steps.
pub(crate) async fn play(transcript: &Exact) -> (Story, BTreeMap<usize, String>) {
    let steps = transcript.get("steps").and_then(Exact::items).unwrap();
    let mut stage = Stage::new().await;
    let mut failures = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        stage.story.steps = index + 1;
        if let Err(found) = stage.play(step).await {
            failures.insert(index, format!("{}\n  {}", title(index, step), found.join("\n  ")));
        }
    }
    (stage.story, failures)
}

fn title(index: usize, step: &Exact) -> String {
    let part = |name| step.get(name).map(ToString::to_string).unwrap_or_default();
    let what: String = ["request", "sql", "query", "action"].map(part).concat();
    format!("step {}, n = {}, {} {what:.500}", index + 1, part("n"), part("note"))
}

/// Where a transcript is replayed.
struct Stage {
    web: Web,
    state: Data<State>,
    client: Client,
    story: Story,
    database: TestDatabase,
}

impl Stage {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let client = database.client().await;
        client.batch_execute("SET TIME ZONE 'UTC'").await.unwrap();
        let state = state_with(database.url(), Arc::new(SystemClock), &SETTINGS);
        let story = Story { names: Names::default(), updates: Vec::new(), steps: 0 };
        Self { web: Web::serve(state.clone()), state, client, story, database }
    }

    async fn play(&mut self, step: &Exact) -> Result<(), Vec<String>> {
        let text = |name| step.get(name).and_then(Exact::text);
        if let Some(request) = step.get("request") {
            return self.exchange(request, step.get("response").unwrap()).await;
        }
        if let Some(sql) = text("sql") {
            self.database.made_up();
            let sql = self.story.names.fill_text(sql).map_err(|error| vec![error])?;
            return self.client.batch_execute(&sql).await.map_err(|error| vec![format!("{error:?}")]);
        }
        if let Some(query) = text("query") {
            return self.query(query, step.get("rows").unwrap()).await;
        }
        assert_eq!(text("action"), Some("process-pending-log-entries"), "{step}");
        self.process_pending_log_entries().await;
        Ok(())
    }

    async fn exchange(&mut self, request: &Exact, response: &Exact) -> Result<(), Vec<String>> {
        let request = Request::new(request, &self.story.names).map_err(|error| vec![error])?;
        let answer = self.web.send_raw(&request.bytes()).await;
        let base = format!("http://{}", request.host());
        let mut found = self.compare_head(&base, response, &answer);
        found.extend(self.compare_body(response, &answer));
        if let Ok(body) = Exact::parse(&answer.body) {
            self.note_updates(&body);
            found.extend(unlikely_checkups(&body));
            if request.method == "POST" && request.path.ends_with("/accounts/") && answer.status == 201 {
                found.extend(self.unlikely_creation(&body).await);
            }
        }
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    fn compare_head(&self, base: &str, response: &Exact, answer: &Answer) -> Vec<String> {
        let mut found = Vec::new();
        if response.get("status").and_then(Exact::integer) != Some(answer.status.into()) {
            found.push(format!("status {}, not {:?}: {}", answer.status, response.get("status"), answer.body));
        }
        let headers = response.get("headers").and_then(Exact::members).into_iter().flatten();
        for (name, expected) in headers {
            let filled = self.story.names.fill_text(&expected.text().unwrap().replace("<base>", base));
            let actual = answer.header(name);
            let is_match = match (&filled, actual) {
                (Ok(expected), Some(actual)) if name == "Allow" => methods(expected) == methods(actual),
                (Ok(expected), Some(actual)) => expected == actual,
                _ => false,
            };
            if !is_match {
                found.push(format!("{name}: {actual:?}, not {filled:?}"));
            }
        }
        found
    }

    fn compare_body(&mut self, response: &Exact, answer: &Answer) -> Vec<String> {
        if let Some(expected) = response.get("rawBody").and_then(Exact::text) {
            return if answer.body == expected { Vec::new() } else { vec![format!("body {:?}", answer.body)] };
        }
        match response.get("body").unwrap() {
            Exact::Null if answer.body.is_empty() => Vec::new(),
            Exact::Null => vec![format!("body {:?}, not none", answer.body)],
            Exact::Text(text) if text == "<any>" => Vec::new(),
            expected => match Exact::parse(&answer.body) {
                Ok(actual) => {
                    self.story.names.bind(expected, &actual);
                    differences(&self.story.names, expected, &actual)
                }
                Err(error) => vec![error],
            },
        }
    }

    async fn query(&mut self, query: &str, expected: &Exact) -> Result<(), Vec<String>> {
        let query = self.story.names.fill_text(query).map_err(|error| vec![error])?;
        let (columns, rows) = sql::rows(&self.client, &query).await;
        // No value means "not deleted" there.
        let normal = |(index, value): (usize, Exact)| match value {
            Exact::Null if columns.get(index).is_some_and(|name| name == "is_deleted") => Exact::Bool(false),
            value => value,
        };
        let normal_row = |row: Vec<Exact>| Exact::Array(row.into_iter().enumerate().map(normal).collect());
        let actual = Exact::Array(rows.into_iter().map(normal_row).collect());
        let expected = expected.items().unwrap().iter().map(|row| normal_row(row.items().unwrap().to_vec()));
        let expected = Exact::Array(expected.collect());
        self.story.names.bind(&expected, &actual);
        let found = differences(&self.story.names, &expected, &actual);
        if found.is_empty() { Ok(()) } else { Err(found) }
    }

    /// What the background job does until nothing is waiting.
    async fn process_pending_log_entries(&self) {
        loop {
            let mut tx = self.state.db.begin("test").await.unwrap();
            let report = log_additions::run(&mut tx, i64::MIN, 1000).await.unwrap();
            tx.commit().await.unwrap();
            if report.taken == 0 && report.dropped == 0 {
                return;
            }
        }
    }

    fn note_updates(&mut self, body: &Exact) {
        let step = self.story.steps;
        body.walk(&mut |value| {
            let uri = value.get("uri").and_then(Exact::text);
            if let (Some(uri), Some(id)) = (uri, value.get("latestUpdateId").and_then(Exact::integer)) {
                self.story.updates.push(Update { step, uri: uri.to_owned(), id });
            }
        });
    }

    /// Everything about a new account has happened at the same moment, and so says its log entry.
    async fn unlikely_creation(&self, account: &Exact) -> Option<String> {
        let mut instants = Vec::new();
        account.walk(&mut |value| {
            instants.extend(["createdAt", "latestUpdateAt"].into_iter().filter_map(|name| value.get(name).cloned()));
        });
        let query = format!(
            "SELECT added_at FROM log_entry WHERE object_type = 'Account' AND object_uri = '{}' \
             AND is_deleted IS NOT TRUE ORDER BY entry_id DESC LIMIT 1",
            account.text_of("uri")
        );
        let (_, rows) = sql::rows(&self.client, &query).await;
        instants.extend(rows.into_iter().flatten());
        let is_likely = instants.len() == 9 && instants.windows(2).all(|pair| pair[0] == pair[1]);
        (!is_likely).then(|| format!("instants of a new account: {instants:?}"))
    }
}

/// Who has initiated a transfer is told to look at it later.
fn unlikely_checkups(body: &Exact) -> Vec<String> {
    let mut found = Vec::new();
    body.walk(&mut |value| {
        let instant = |name| value.get(name).and_then(Exact::text)?.parse::<DateTime<Utc>>().ok();
        if let (Some(checkup), Some(start)) = (instant("checkupAt"), instant("initiatedAt"))
            && checkup <= start
        {
            found.push(format!("checkupAt {checkup} is not after initiatedAt {start}"));
        }
    });
    found
}

fn methods(allow: &str) -> BTreeSet<&str> {
    allow.split(',').map(str::trim).collect()
}

/// A request with everything filled in.
struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Request {
    fn new(recorded: &Exact, names: &Names) -> Result<Self, String> {
        let headers = recorded.get("headers").and_then(Exact::members).into_iter().flatten();
        let header = |(name, value): (&String, &Exact)| (name.clone(), value.text().unwrap().to_owned());
        Ok(Self {
            method: recorded.text_of("method").to_owned(),
            path: names.fill_text(recorded.text_of("path"))?,
            headers: headers.map(header).collect(),
            body: body(recorded, names)?,
        })
    }

    fn host(&self) -> &str {
        let host = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Host"));
        host.map_or("agent.example", |(_, host)| host)
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { method, path, .. } = self;
        let first = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.host());
        let others = self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("Host"));
        let mut lines: Vec<_> = others.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        lines.extend(self.body.as_ref().map(|body| format!("Content-Length: {}\r\n", body.len())));
        let head = first + &lines.concat() + "\r\n";
        [head.as_bytes(), self.body.as_deref().unwrap_or_default()].concat()
    }
}

fn body(recorded: &Exact, names: &Names) -> Result<Option<Vec<u8>>, String> {
    let text = |name| recorded.get(name).and_then(Exact::text);
    if let Some(value) = recorded.get("body") {
        return Ok(Some(names.fill(value)?.to_string().into_bytes()));
    }
    if let Some(raw) = text("rawBody") {
        return Ok(Some(names.fill_text(raw)?.into_bytes()));
    }
    if let Some(digits) = text("rawBodyHex") {
        let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        return Ok(Some(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()));
    }
    Ok(recorded.get("rawBodyTemplate").map(|template| {
        let times = template.get("times").and_then(Exact::integer).and_then(|times| usize::try_from(times).ok());
        let repeated = template.text_of("repeat").repeat(times.unwrap());
        [template.text_of("prefix"), &repeated, template.text_of("suffix")].concat().into_bytes()
    }))
}
