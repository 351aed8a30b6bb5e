//! Changing exchange policies.

use serde_json::{Value, json};

use super::bodies::{change, joined, logged, shown, update_id, with, without};
use crate::world::{PIN_REQUIRED, World};

const PATH: &str = "accounts/1/exchange";

fn pegged(uri: &str, id: i64) -> Value {
    with(&change("exchange", id), "peg", json!({"exchangeRate": 0, "account": {"uri": uri}}))
}

fn no_account() -> Value {
    json!({
        "code": 422, "status": "Unprocessable Entity",
        "errors": {"json": {"peg": {"account": {"uri": ["Account does not exist."]}}}},
    })
}

#[actix_web::test]
async fn a_change() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["exchange"]) + 1;
    world.open_account(2).await;
    let answer = world.send("PATCH", PATH, &change("exchange", id)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let peg = json!({
        "type": "CurrencyPeg", "exchangeRate": 1.5, "account": {"uri": "/creditors/4294967296/accounts/2/"},
    });
    let expected = joined(
        shown("AccountExchange", "exchange", id),
        json!({"policy": "conservative", "minPrincipal": -5, "maxPrincipal": 10, "peg": peg}),
    );
    assert_eq!(answer.json(), expected);
    assert_eq!(world.read(PATH).await, expected);
    let signal = "SELECT debtor_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, \
        ts = '2024-01-02T03:04:05.678901Z' FROM updated_policy_signal WHERE update_id = ";
    assert_eq!(world.rows(&format!("{signal}{id}")).await, ["1,conservative,-5,10,1.5,2,t"]);
    assert_eq!(world.pending_log().await, [logged("AccountExchange", "exchange", id)]);
    assert_eq!(world.counters().await, ["2,0,3,0"]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM account_exchange WHERE debtor_id = 1 \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats \
        UNION ALL SELECT xmin FROM updated_policy_signal) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);

    let bare = without(&without(&change("exchange", id + 1), "policy"), "peg");
    assert_eq!(world.status("PATCH", PATH, &bare).await, 200);
    let exchange = world.read(PATH).await;
    assert_eq!((exchange.get("policy"), exchange.get("peg")), (None, None));
    assert_eq!(world.rows(&format!("{signal}{}", id + 1)).await, ["1,-,-5,10,-,-,t"]);
}

#[actix_web::test]
async fn ways_to_name_the_account_of_a_peg() {
    let world = World::new().await;
    let mut id = update_id(&world.open_account(1).await["exchange"]);
    world.open_account(u64::MAX).await;
    let good = [
        "../18446744073709551615/",
        "/creditors/4294967296/accounts/18446744073709551615/",
        "http://example.com/creditors/4294967296/accounts/18446744073709551615/",
        "../../../4294967296/accounts/18446744073709551615/",
    ];
    for uri in good {
        id += 1;
        let answer = world.send("PATCH", PATH, &pegged(uri, id)).await;
        assert_eq!(answer.status, 200, "{uri}: {answer:?}");
        let peg = &answer.json()["peg"];
        assert_eq!(peg["account"]["uri"], "/creditors/4294967296/accounts/18446744073709551615/", "{uri}");
        // A rate of 0 is a rate.
        assert_eq!(peg["exchangeRate"], json!(0.0));
        // Spelled otherwise, it is the same.
        assert_eq!(world.status("PATCH", PATH, &pegged(good[0], id)).await, 200, "{uri}");
    }
    // To itself.
    assert_eq!(world.status("PATCH", PATH, &pegged("../1/", id + 1)).await, 200);
    let bad = [
        "",
        "../2/",
        "../1",
        "../01/",
        "../x/",
        "http://example.com:8080/creditors/4294967296/accounts/1/",
        "https://example.com/creditors/4294967296/accounts/1/",
        "/creditors/4294967297/accounts/1/",
        "../1/?a=b",
        "http://[",
        "swpt:1",
    ];
    for uri in bad {
        let answer = world.send("PATCH", PATH, &pegged(uri, id + 2)).await;
        assert_eq!((answer.status, answer.json()), (422, no_account()), "{uri}");
    }
}

#[actix_web::test]
async fn when_pegs_are_looked_at() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["exchange"]);
    world.set_pin("1234").await;
    let with_pin = |body: Value, pin: &str| with(&body, "pin", json!(pin));
    let steps = [
        // A URI that cannot be an account's: after the PIN, before the account and the update id.
        ("accounts/1/exchange", with_pin(pegged("x", id), "0000"), 403, "1,1"),
        ("accounts/1/exchange", with_pin(pegged("x", id), "1234"), 422, "0,1"),
        ("accounts/404/exchange", with_pin(pegged("x", id), "1234"), 422, "0,1"),
        // One that could be: after the update id.
        ("accounts/404/exchange", with_pin(pegged("../2/", id), "1234"), 404, "0,1"),
        ("accounts/1/exchange", with_pin(pegged("../2/", id), "1234"), 409, "0,1"),
        ("accounts/1/exchange", with_pin(pegged("../2/", id + 1), "0000"), 403, "1,2"),
        ("accounts/1/exchange", with_pin(pegged("../2/", id + 1), "1234"), 422, "0,2"),
    ];
    for (path, body, status, failures) in steps {
        let answer = world.send_with(&[PIN_REQUIRED], "PATCH", path, &body).await;
        assert_eq!(answer.status, status, "{path} {body}");
        if status == 422 {
            assert_eq!(answer.json(), no_account(), "{path} {body}");
        }
        assert_eq!(world.pin_failures().await, failures, "{path} {body}");
    }
    assert_eq!(world.counters().await, ["1,0,1,0"]);
    assert_eq!(world.rows("SELECT count(*) FROM updated_policy_signal").await, ["0"]);
}

#[actix_web::test]
async fn limits_of_principals() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["exchange"]);
    let body = without(&change("exchange", id + 1), "peg");
    let inverted = world.send("PATCH", PATH, &with(&body, "minPrincipal", json!(11))).await;
    let errors = json!({"json": {"_schema": ["maxPrincipal must be equal or greater than minPrincipal."]}});
    assert_eq!((inverted.status, &inverted.json()["errors"]), (422, &errors));
    let extreme = with(&with(&body, "minPrincipal", json!(i64::MIN)), "maxPrincipal", json!(i64::MAX));
    assert_eq!(world.status("PATCH", PATH, &extreme).await, 200);
}
