//! Every operation with every kind of caller, against a table that is looked at by people.

use std::fmt::Write as _;

use serde_json::json;
use testkit::issuer::Issuer;

use super::OWN;
use crate::{
    app::{JSON, Web},
    world::World,
};

/// What is expected. An operation that is not in it makes the test fail.
const TABLE: &str = include_str!("permissions.txt");

const ALL_SCOPES: [&str; 5] = ["access.readonly", "access", "activate", "deactivate", "disable_pin"];

/// Kinds of callers, in the order of the columns.
const COLUMNS: [&str; 7] = ["none", "expired", "scope", "supervisor", "own", "other", "superuser"];

/// An operation of the OpenAPI document.
struct Operation {
    id: String,
    method: String,
    path: String,
    scope: Option<String>,
}

fn operations() -> Vec<Operation> {
    let document = crate::documents::document();
    let mut operations = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let path = template
                .replace("{creditorId}", OWN)
                .replace("{debtorId}", "1")
                .replace("{transferUuid}", "123e4567-e89b-12d3-a456-426655440000")
                .replace("{transferId}", "18444-1");
            operations.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path,
                scope: operation["security"][0]["oauth2"][0].as_str().map(str::to_owned),
            });
        }
    }
    // The creditor is needed until the end.
    operations.sort_by_key(|operation| (operation.id == "deactivateCreditor", operation.id.clone()));
    operations
}

/// Makes the tokens known. The `scope` column has a superuser's token with all scopes but those that would do.
fn grant_tokens(issuer: &Issuer) {
    issuer.say("expired", json!({"active": true, "sub": "creditors-superuser", "scope": ALL_SCOPES, "exp": 0}));
    issuer.grant("supervisor", "creditors-supervisor", "access.readonly activate");
    issuer.grant("own", &format!("creditors:{OWN}"), "access.readonly access");
    issuer.grant("other", "creditors:4294967297", "access.readonly access");
    issuer.grant("superuser", "creditors-superuser", &ALL_SCOPES.join(" "));
    for needed in ALL_SCOPES {
        let others = ALL_SCOPES.into_iter().filter(|scope| *scope != needed && !needed.starts_with(scope));
        issuer.grant(&format!("without-{needed}"), "creditors-superuser", &others.collect::<Vec<_>>().join(" "));
    }
}

fn token(column: &str, operation: &Operation) -> Option<String> {
    match column {
        "none" => None,
        "scope" => {
            // Lookups are documented with more than they need.
            let scope =
                if operation.id.ends_with("Lookup") { Some("access.readonly") } else { operation.scope.as_deref() };
            scope.map(|scope| format!("without-{scope}"))
        }
        other => Some(other.to_owned()),
    }
}

async fn row(web: &Web, operation: &Operation) -> String {
    let mut row = format!("{:<28}", operation.id);
    for column in COLUMNS {
        let authorization = token(column, operation).map(|token| format!("Bearer {token}"));
        let mut headers = vec![JSON];
        headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
        let body: &[u8] = if operation.method == "GET" || operation.method == "DELETE" { &[] } else { b"{}" };
        let status = web.send_body(&operation.method, &operation.path, &headers, body).await.status;
        write!(row, "{status:>11}").unwrap();
    }
    row
}

#[actix_web::test]
async fn table() {
    let world = World::new().await;
    let issuer = Issuer::start().unwrap();
    grant_tokens(&issuer);
    let url = issuer.introspection_url();
    let web = world.again(&[("APP_AUTH_MODE", "introspection"), ("OAUTH2_INTROSPECT_URL", &url)]);
    let mut actual = format!("{:<28}", "# operation");
    for column in COLUMNS {
        write!(actual, "{column:>11}").unwrap();
    }
    actual.push('\n');
    for operation in operations() {
        writeln!(actual, "{}", row(&web, &operation).await).unwrap();
    }
    assert_eq!(actual, TABLE, "the table should be:\n{actual}");
}
