//! Changing how accounts are shown.

use serde_json::json;

use super::bodies::{change, joined, logged, shown, update_id, with, without};
use crate::world::World;

const PATH: &str = "accounts/1/display";

#[actix_web::test]
async fn a_change() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["display"]) + 1;
    let answer = world.send("PATCH", PATH, &change("display", id)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = joined(
        shown("AccountDisplay", "display", id),
        json!({"debtorName": "Bank", "amountDivisor": 100.0, "decimalPlaces": 2, "unit": "€", "knownDebtor": true}),
    );
    assert_eq!(answer.json(), expected);
    assert_eq!(world.read(PATH).await, expected);
    assert_eq!(world.pending_log().await, [logged("AccountDisplay", "display", id)]);
    assert_eq!(world.counters().await, ["1,0,2,0"]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM account_display \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);

    // What is absent is removed.
    let bare = without(&without(&change("display", id + 1), "debtorName"), "unit");
    assert_eq!(world.status("PATCH", PATH, &bare).await, 200);
    let display = world.read(PATH).await;
    assert_eq!((display.get("debtorName"), display.get("unit")), (None, None));
}

#[actix_web::test]
async fn names_are_unique() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["display"]);
    let other = update_id(&world.open_account(2).await["display"]) + 1;
    assert_eq!(world.status("PATCH", "accounts/2/display", &change("display", other)).await, 200);
    let taken = world.send("PATCH", PATH, &change("display", id + 1)).await;
    let errors = json!({"json": {"debtorName": ["Another account with the same debtorName already exist."]}});
    assert_eq!((taken.status, &taken.json()["errors"]), (422, &errors));
    // The update id is looked at first.
    assert_eq!(world.status("PATCH", PATH, &change("display", id + 2)).await, 409);
    assert_eq!(world.counters().await, ["2,0,3,0"]);
    let named = |name: &str, id| with(&change("display", id), "debtorName", json!(name));
    for (name, id) in [("bank", id + 1), ("Bank ", id + 2)] {
        assert_eq!(world.status("PATCH", PATH, &named(name, id)).await, 200, "{name}");
    }
    // One's own name is not taken.
    let unknown = with(&named("Bank ", id + 3), "knownDebtor", json!(false));
    assert_eq!(world.status("PATCH", PATH, &unknown).await, 200);
    // Names are counted by characters.
    assert_eq!(world.status("PATCH", PATH, &named(&"ж".repeat(40), id + 4)).await, 200);
    assert_eq!(world.status("PATCH", PATH, &named(&"ж".repeat(41), id + 5)).await, 422);
    // Accounts without a name do not disturb each other.
    for (path, id) in [(PATH, id + 5), ("accounts/2/display", other + 1)] {
        assert_eq!(world.status("PATCH", path, &without(&change("display", id), "debtorName")).await, 200);
    }
}
