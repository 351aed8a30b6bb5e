//! Messages that requests cause can be followed to them.

use serde_json::{Value, json};

use super::Served;
use crate::app::JSON;

const ACCOUNT: &str = "/creditors/4294967296/accounts/18446744073709551615/";

/// What causes messages, in an order in which it works.
const REQUESTS: [(&str, &str, &str, &str); 6] = [
    ("activate", "POST", "/creditors/4294967296/activate", "{}"),
    ("account", "POST", "/creditors/4294967296/accounts/", r#"{"uri": "swpt:18446744073709551615"}"#),
    (
        "config",
        "PATCH",
        "config",
        r#"{"scheduledForDeletion": false, "allowUnsafeDeletion": true, "negligibleAmount": 1.0, "latestUpdateId": NEXT}"#,
    ),
    ("exchange", "PATCH", "exchange", r#"{"minPrincipal": 0, "maxPrincipal": 9, "latestUpdateId": NEXT}"#),
    (
        "transfer",
        "POST",
        "/creditors/4294967296/transfers/",
        r#"{"transferUuid": "123e4567-e89b-12d3-a456-426655440000", "amount": 1, "recipient": {"uri": "swpt:18446744073709551615/1"}}"#,
    ),
    ("deactivate", "POST", "/creditors/4294967296/deactivate", "{}"),
];

async fn lines_at(level: &str) -> Vec<Value> {
    let mode = ("APP_AUTH_MODE", "trusted-headers");
    let served = Served::start(&[mode, ("APP_LOG_LEVEL", level)]).await;
    let mut account = Value::Null;
    for (id, method, path, body) in REQUESTS {
        let next = account[path]["latestUpdateId"].as_i64().unwrap_or_default() + 1;
        let body = body.replace("NEXT", &next.to_string());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("{ACCOUNT}{path}") };
        let answer = served.web.send_body(method, &path, &[JSON, ("X-Request-Id", id)], body.as_bytes()).await;
        assert!(answer.status < 300, "{id}: {} {:?}", answer.status, answer.body);
        if id == "account" {
            account = answer.json();
        }
    }
    served.log().into_iter().filter(|line| line["name"] == "creditors.procedures.outgoing").collect()
}

#[actix_web::test]
async fn each_message_leaves_a_line_with_the_id_of_its_request() {
    let lines = lines_at("info").await;
    for line in &lines {
        assert_eq!((&line["creditor_id"], &line["debtor_id"]), (&json!(1u64 << 32), &json!(u64::MAX)), "{line}");
        let is_transfer = line["message_type"] == "PrepareTransfer";
        assert_eq!(line["coordinator_request_id"].is_i64(), is_transfer, "{line}");
    }
    let told: Vec<_> = lines.iter().map(|line| [&line["request_id"], &line["message_type"]]).collect();
    let expected = [
        ["account", "ConfigureAccount"],
        ["config", "UpdatedFlags"],
        ["config", "ConfigureAccount"],
        ["exchange", "UpdatedPolicy"],
        ["transfer", "PrepareTransfer"],
        ["deactivate", "UpdatedLedger"],
        ["deactivate", "UpdatedPolicy"],
        ["deactivate", "UpdatedFlags"],
    ];
    assert_eq!(told, expected);
}

#[actix_web::test]
async fn not_at_the_level_that_is_usual() {
    assert_eq!(lines_at("warning").await, [] as [Value; 0]);
}
