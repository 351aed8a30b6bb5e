//! How many times operations go to the database and back. The application runs in the thread of the test, so that its
//! statements can be told from those of other tests.

use std::{cell::RefCell, sync::Arc};

use actix_web::{
    App,
    http::header,
    test::{TestRequest, call_service, init_service, read_body},
};
use chrono::DateTime;
use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use runtime::ManualClock;
use serde_json::{Value, json};
use testkit::TestDatabase;

use crate::{
    accounts::bodies::{self, update_id},
    app::state_with,
    world,
};

thread_local! {
    static STATEMENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Notes what is sent to the database.
fn note(event: &InstrumentationEvent<'_>) {
    if let InstrumentationEvent::StartQuery { query, .. } = event {
        let text = query.to_string();
        // A commit is preceded by what makes it fail after a failed statement.
        let text = text.strip_prefix("SELECT; ").unwrap_or(&text);
        let verb = text.split_whitespace().next().unwrap_or_default().to_owned();
        STATEMENTS.with_borrow_mut(|statements| statements.push(verb));
    }
}

#[actix_web::test]
async fn account_operations() {
    set_default_instrumentation(|| Some(Box::new(|event: InstrumentationEvent<'_>| note(&event)))).unwrap();
    let database = TestDatabase::create().await;
    let state = state_with(database.url(), Arc::new(ManualClock::new(DateTime::UNIX_EPOCH)), &[]);
    world::add_creditor(&state).await;
    let app = init_service(App::new().configure(|config| creditors_web::configure(config, state))).await;
    let call = async |method: &str, path: &str, body: Value| {
        STATEMENTS.take();
        let request = TestRequest::default()
            .method(method.parse().unwrap())
            .uri(&format!("/creditors/4294967296/{path}"))
            .insert_header((header::HOST, "example.com"))
            .set_json(body);
        let response = call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let statements = STATEMENTS.take();
        let body = read_body(response).await;
        (status, serde_json::from_slice::<Value>(&body).unwrap_or_default(), statements)
    };
    let debtor = || json!({"uri": "swpt:1"});
    // Statements of transactions, with their ends.
    let (_, account, created) = call("POST", "accounts/", debtor()).await;
    assert_eq!((created.len(), ends(&created)), (10, vec!["COMMIT"]));
    for (part, statements) in [("config", 9), ("display", 7), ("exchange", 8), ("knowledge", 7)] {
        let path = format!("accounts/1/{part}");
        let id = update_id(&account[part]);
        let change = |id| bodies::without(&bodies::change(part, id), "peg");
        let steps = [(id + 1, 200, statements, "COMMIT"), (id + 1, 200, 5, "COMMIT"), (id + 3, 409, 4, "ROLLBACK")];
        for (id, expected, count, end) in steps {
            let (status, _, patched) = call("PATCH", &path, change(id)).await;
            assert_eq!((status, patched.len(), ends(&patched)), (expected, count, vec![end]), "{part}: {patched:?}");
        }
    }
    // Single statements.
    let parts = ["", "config", "display", "exchange", "knowledge", "info", "ledger", "entries?prev=9"];
    for path in parts.map(|part| format!("accounts/1/{part}")).iter().map(String::as_str).chain(["accounts/"]) {
        let (status, _, read) = call("GET", path, Value::Null).await;
        assert_eq!((status, read), (200, vec!["SELECT".to_owned()]), "{path}");
    }
    let (status, _, looked_up) = call("POST", "debtor-lookup", debtor()).await;
    assert_eq!((status, looked_up), (303, vec!["SELECT".to_owned()]));
    call(
        "PATCH",
        "accounts/1/display",
        bodies::without(&bodies::change("display", update_id(&account["display"]) + 2), "debtorName"),
    )
    .await;
    let (status, _, deleted) = call("DELETE", "accounts/1/", Value::Null).await;
    assert_eq!((status, deleted.len(), ends(&deleted)), (204, 11, vec!["COMMIT"]), "{deleted:?}");
}

/// Where the transactions end.
fn ends(statements: &[String]) -> Vec<&str> {
    let end = |statement: &&String| matches!(statement.as_str(), "COMMIT" | "ROLLBACK");
    statements.iter().filter(end).map(String::as_str).collect()
}
