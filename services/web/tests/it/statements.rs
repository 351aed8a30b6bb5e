//! How many times operations go to the database and back, with how many statements, and how much memory they ask for. The
//! application runs in the thread of the test, so that its statements can be told from those of other tests.

use std::{cell::RefCell, collections::BTreeSet, future::poll_fn, sync::Arc, task::Poll};

use actix_web::{
    App,
    http::header,
    test::{TestRequest, call_service, init_service, read_body},
};
use chrono::DateTime;
use creditors_web::routes;
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use runtime::ManualClock;
use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::{
    accounts::bodies::{self, update_id, with},
    app::state_with,
    world,
};

thread_local! {
    static TRAFFIC: RefCell<Traffic> =
        const { RefCell::new(Traffic { verbs: Vec::new(), trips: 0, unanswered: 0, allocations: 0 }) };
}

/// What was sent to the database.
#[derive(Debug, Default)]
struct Traffic {
    /// What the statements begin with.
    verbs: Vec<String>,
    /// How often something was sent after everything before had been answered.
    trips: usize,
    unanswered: usize,
    /// How often the application asked for memory, the driver of the connection not included.
    allocations: u64,
}

/// Counts what a future allocates itself: other tasks of the thread may run in between.
async fn counted<T>(future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    poll_fn(|context| {
        let mut polled = Poll::Pending;
        let used = allocation_counter::measure(|| polled = future.as_mut().poll(context));
        TRAFFIC.with_borrow_mut(|traffic| traffic.allocations += used.count_total);
        polled
    })
    .await
}

fn note(event: &InstrumentationEvent<'_>) {
    TRAFFIC.with_borrow_mut(|traffic| match event {
        InstrumentationEvent::StartQuery { query, .. } => {
            let text = query.to_string();
            // A commit is preceded by what makes it fail after a failed statement.
            let text = text.strip_prefix("SELECT; ").unwrap_or(&text);
            traffic.verbs.push(text.split_whitespace().next().unwrap_or_default().to_owned());
            traffic.trips += usize::from(traffic.unanswered == 0);
            traffic.unanswered += 1;
        }
        InstrumentationEvent::FinishQuery { .. } => traffic.unanswered -= 1,
        _ => {}
    });
}

/// Makes a function that sends a request, and tells status, body and statements.
macro_rules! application {
    ($call:ident, $database:ident) => {
        set_default_instrumentation(|| Some(Box::new(|event: InstrumentationEvent<'_>| note(&event)))).unwrap();
        let $database = TestDatabase::create().await;
        let state = state_with($database.url(), Arc::new(ManualClock::new(DateTime::UNIX_EPOCH)), &[]);
        world::add_creditor(&state).await;
        let app = init_service(App::new().configure(|config| creditors_web::configure(config, state))).await;
        let $call = async |method: &str, path: &str, body: &Value, pin: bool| {
            TRAFFIC.take();
            let request = TestRequest::default()
                .method(method.parse().unwrap())
                .uri(&format!("/creditors/{path}"))
                .insert_header((header::HOST, "example.com"))
                .insert_header(("X-Swpt-Require-Pin", pin.to_string()))
                .set_json(body);
            let request = request.to_request();
            let response = counted(call_service(&app, request)).await;
            let status = response.status().as_u16();
            let traffic = TRAFFIC.take();
            let body = read_body(response).await;
            (status, serde_json::from_slice::<Value>(&body).unwrap_or_default(), traffic)
        };
    };
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// No database.
    Nothing,
    /// One query, outside of a transaction.
    Query,
    /// A transaction with so many round trips and statements, its beginning and its end included.
    Commit(usize, usize),
    /// The same, and nothing is left behind.
    Rollback(usize, usize),
    /// A transaction, and then a query, which are counted too.
    CommitAndQuery(usize, usize),
}

impl Needs {
    fn of(traffic: &Traffic) -> Self {
        let Traffic { verbs, trips, unanswered, .. } = traffic;
        assert_eq!(*unanswered, 0, "{verbs:?}");
        let (trips, statements) = (*trips, verbs.len());
        let verbs: Vec<_> = verbs.iter().map(String::as_str).collect();
        let is_inner = |verb: &&str| !matches!(*verb, "BEGIN" | "COMMIT" | "ROLLBACK");
        match verbs.as_slice() {
            [] => Self::Nothing,
            ["SELECT"] => Self::Query,
            ["BEGIN", inner @ .., "COMMIT"] if inner.iter().all(is_inner) => Self::Commit(trips, statements),
            ["BEGIN", inner @ .., "ROLLBACK"] if inner.iter().all(is_inner) => Self::Rollback(trips, statements),
            ["BEGIN", inner @ .., "COMMIT", "SELECT"] if inner.iter().all(is_inner) => {
                Self::CommitAndQuery(trips, statements)
            }
            _ => panic!("neither a query nor a transaction: {verbs:?}"),
        }
    }
}

impl Needs {
    /// Below how many allocations an answer must come about.
    fn allocations(self) -> u64 {
        match self {
            Self::Nothing => 60,
            Self::Query => 250,
            // Statements that the connection has not had before are put together.
            Self::Commit(..) | Self::Rollback(..) | Self::CommitAndQuery(..) => 1_000,
        }
    }
}

const UUID: &str = "123e4567-e89b-12d3-a456-426655440000";

/// A request: method, template of the path, what stands for the creditor and follows the path, body, whether the PIN is
/// asked for.
type Step = (&'static str, &'static str, &'static str, &'static str, Value, bool);

/// Every operation at least once, in an order in which they have something to do.
fn steps() -> Vec<(Step, u16, Needs)> {
    use Needs::{Commit, CommitAndQuery, Nothing, Query, Rollback};
    let (own, other, new) = ("4294967296", "4294967300", "4294967301");
    let none = || json!({});
    let payment =
        |amount| json!({"transferUuid": UUID, "recipient": {"uri": "swpt:1/a"}, "amount": amount, "pin": "1234"});
    let debtor = || json!({"uri": "swpt:1"});
    let account = "/creditors/{creditorId}/accounts/{debtorId}/";
    let transfers = "/creditors/{creditorId}/transfers/";
    let transfer = "/creditors/{creditorId}/transfers/{transferUuid}";
    let part = |name: &str| -> &'static str {
        match name {
            "config" => "/creditors/{creditorId}/accounts/{debtorId}/config",
            "display" => "/creditors/{creditorId}/accounts/{debtorId}/display",
            "exchange" => "/creditors/{creditorId}/accounts/{debtorId}/exchange",
            _ => "/creditors/{creditorId}/accounts/{debtorId}/knowledge",
        }
    };
    let change = |name: &str, id| with(&bodies::without(&bodies::change(name, id), "peg"), "pin", json!("1234"));
    let pin = |id: i64| json!({"status": "on", "newPin": "1234", "pin": "1234", "latestUpdateId": id});
    let mut steps = vec![
        (("POST", "/creditors/.creditor-reserve", own, "", none(), false), 200, Commit(3, 3)),
        (("POST", "/creditors/{creditorId}/reserve", other, "", none(), false), 200, Commit(3, 3)),
        (("POST", "/creditors/{creditorId}/reserve", other, "", none(), false), 409, Rollback(3, 3)),
        (("POST", "/creditors/{creditorId}/activate", new, "", none(), false), 200, Commit(4, 4)),
        (
            ("POST", "/creditors/{creditorId}/activate", new, "", json!({"reservationId": "x"}), false),
            409,
            Rollback(3, 3),
        ),
        (("GET", "/creditors/.list", own, "", none(), false), 200, Nothing),
        (("GET", "/creditors/{creditorId}/enumerate", own, "", none(), false), 200, Query),
        (("GET", "/creditors/.wallet", own, "", none(), false), 204, Nothing),
        (("GET", "/creditors/{creditorId}/", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/wallet", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/pin", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/log", own, "?prev=0", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/accounts-list", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/transfers-list", own, "", none(), false), 200, Query),
        (("PATCH", "/creditors/{creditorId}/pin", own, "", pin(2), false), 200, Commit(2, 4)),
        (("PATCH", "/creditors/{creditorId}/pin", own, "", pin(3), true), 200, Commit(2, 4)),
        (("PATCH", "/creditors/{creditorId}/pin", own, "", pin(3), true), 409, Rollback(2, 3)),
        (("POST", "/creditors/{creditorId}/accounts/", own, "", debtor(), true), 201, Commit(2, 5)),
        (("POST", "/creditors/{creditorId}/accounts/", own, "", debtor(), true), 303, Commit(2, 4)),
        (("GET", "/creditors/{creditorId}/accounts/", own, "", none(), false), 200, Query),
        (("GET", account, own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/accounts/{debtorId}/info", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/accounts/{debtorId}/ledger", own, "", none(), false), 200, Query),
        (("GET", "/creditors/{creditorId}/accounts/{debtorId}/entries", own, "?prev=9", none(), false), 200, Query),
        (
            ("GET", "/creditors/{creditorId}/accounts/{debtorId}/transfers/{transferId}", own, "", none(), false),
            404,
            Query,
        ),
        (("POST", "/creditors/{creditorId}/account-lookup", own, "", json!({"uri": "swpt:1/a"}), false), 200, Nothing),
        (("POST", "/creditors/{creditorId}/debtor-lookup", own, "", debtor(), false), 303, Query),
    ];
    // The update ids of a new account are in the order of these parts.
    for (name, first_id) in [("config", 2), ("display", 5), ("exchange", 6), ("knowledge", 7)] {
        let path = part(name);
        steps.extend([
            (("GET", path, own, "", none(), false), 200, Query),
            (("PATCH", path, own, "", change(name, first_id + 1), true), 200, Commit(2, 5)),
            (("PATCH", path, own, "", change(name, first_id + 1), true), 200, Commit(2, 5)),
            (("PATCH", path, own, "", change(name, first_id + 3), true), 409, Rollback(2, 4)),
        ]);
    }
    let unsafe_config = with(&change("config", 4), "allowUnsafeDeletion", json!(true));
    steps.extend([
        (("POST", transfers, own, "", payment(1), true), 201, Commit(2, 4)),
        (("POST", transfers, own, "", payment(1), true), 303, CommitAndQuery(3, 5)),
        (("POST", transfers, own, "", payment(2), false), 409, CommitAndQuery(3, 5)),
        (("GET", transfers, own, "", none(), false), 200, Query),
        (("GET", transfer, own, "", none(), false), 200, Query),
        (("POST", transfer, own, "", none(), false), 200, Commit(2, 4)),
        (("POST", transfer, own, "", none(), false), 200, Commit(2, 3)),
        (("DELETE", transfer, own, "", none(), false), 204, Commit(2, 4)),
        (("DELETE", transfer, own, "", none(), false), 204, Rollback(2, 3)),
        (("DELETE", account, own, "", none(), false), 403, Rollback(2, 4)),
        (("PATCH", part("config"), own, "", unsafe_config, true), 200, Commit(2, 5)),
        (("DELETE", account, own, "", none(), false), 204, Commit(2, 5)),
        (("DELETE", account, own, "", none(), false), 204, Commit(2, 4)),
        (("POST", "/creditors/{creditorId}/deactivate", new, "", none(), false), 204, Commit(7, 7)),
        (("POST", "/creditors/{creditorId}/deactivate", new, "", none(), false), 204, Commit(3, 3)),
    ]);
    steps
}

#[actix_web::test]
async fn every_operation() {
    application!(call, database);
    let mut found = Vec::new();
    let mut tried = BTreeSet::new();
    for ((method, template, creditor_id, query, body, pin), status, needs) in steps() {
        tried.insert(format!("{method} {template}"));
        let path = template
            .trim_start_matches("/creditors/")
            .replace("{creditorId}", creditor_id)
            .replace("{debtorId}", "1")
            .replace("{transferUuid}", UUID)
            .replace("{transferId}", "1-1");
        let (actual, body, traffic) = call(method, &format!("{path}{query}"), &body, pin).await;
        let actual = (actual, Needs::of(&traffic));
        eprintln!("{method} {path}: {needs:?}, {} allocations", traffic.allocations);
        assert!(traffic.allocations < needs.allocations(), "{method} {path}: {}", traffic.allocations);
        if actual != (status, needs) {
            found.push(format!("{method} {path}: {actual:?}, not {:?}: {traffic:?} {body}", (status, needs)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let is_of_the_api = |template: &str| !template.contains(".docs") && !template.contains("health");
    let routes = routes::all();
    let served = routes.list().filter(|(template, _)| is_of_the_api(template));
    assert_eq!(tried, served.map(|(template, method)| format!("{method} {template}")).collect());
}

#[actix_web::test]
async fn wrong_pins_are_one_transaction_too() {
    application!(call, database);
    let account = call("POST", "4294967296/accounts/", &json!({"uri": "swpt:1"}), false).await.1;
    let pin = json!({"status": "on", "newPin": "1234567890", "latestUpdateId": 2});
    assert_eq!(call("PATCH", "4294967296/pin", &pin, false).await.0, 200);
    for part in bodies::GUARDED {
        let id = update_id(&account[part]);
        let path = format!("4294967296/accounts/1/{part}");
        let change = bodies::without(&bodies::change(part, id + 1), "peg");
        let guess = |pin: &str| with(&change, "pin", json!(pin));
        for (guess, needs) in [(guess("1111"), Needs::Commit(2, 5)), (change.clone(), Needs::Rollback(2, 4))] {
            let (status, _, traffic) = call("PATCH", &path, &guess, true).await;
            assert_eq!((status, Needs::of(&traffic)), (403, needs), "{part}");
        }
    }
    let payment = json!({"transferUuid": UUID, "recipient": {"uri": "swpt:1/a"}, "amount": 1, "pin": "1111"});
    let other_pin = json!({"status": "off", "latestUpdateId": 3, "pin": "1111"});
    let guesses = [("POST", "transfers/", payment, (2, 4)), ("PATCH", "pin", other_pin, (2, 4))];
    for (method, path, body, (trips, statements)) in guesses {
        let (status, _, traffic) = call(method, &format!("4294967296/{path}"), &body, true).await;
        assert_eq!((status, Needs::of(&traffic)), (403, Needs::Commit(trips, statements)), "{method} {path}");
    }
    drop(database);
}

/// However much of a PIN is right, the same is asked of the database, and the same is answered.
#[actix_web::test]
async fn how_wrong_a_pin_is_does_not_show() {
    application!(call, database);
    let pin = json!({"status": "on", "newPin": "1234567890", "latestUpdateId": 2});
    assert_eq!(call("PATCH", "4294967296/pin", &pin, false).await.0, 200);
    let mut seen = Vec::new();
    for guess in ["1000000000", "1234567891", "0000000000", "0234567890", "1234", "9999"] {
        let body = json!({"status": "off", "latestUpdateId": 3, "pin": guess});
        let (status, answer, Traffic { verbs, .. }) = call("PATCH", "4294967296/pin", &body, true).await;
        assert_eq!(status, 403, "{guess}");
        seen.push((answer.to_string(), verbs));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1, "{seen:?}");
    drop(database);
}
