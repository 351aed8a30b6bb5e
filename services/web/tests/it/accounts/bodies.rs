//! Requests that change parts of accounts.

use serde_json::{Value, json};

use crate::world::World;

/// The parts that the PIN protects.
pub(crate) const GUARDED: [&str; 3] = ["config", "display", "exchange"];

/// All parts that clients change.
pub(crate) const CHANGEABLE: [&str; 4] = ["config", "display", "exchange", "knowledge"];

/// A good request that changes a part of a new account.
pub(crate) fn change(part: &str, latest_update_id: i64) -> Value {
    let change = match part {
        "config" => json!({
            "type": "AccountConfig", "scheduledForDeletion": true, "negligibleAmount": 1.1, "allowUnsafeDeletion": false,
            "configData": "ж",
        }),
        "display" => json!({
            "type": "AccountDisplay", "debtorName": "Bank", "amountDivisor": 100.0, "decimalPlaces": 2, "unit": "€",
            "knownDebtor": true,
        }),
        "exchange" => json!({
            "type": "AccountExchange", "policy": "conservative", "minPrincipal": -5, "maxPrincipal": 10,
            "peg": {"type": "CurrencyPeg", "exchangeRate": 1.5, "account": {"uri": "../2/"}},
        }),
        "knowledge" => json!({"type": "AccountKnowledge", "interestRate": 11.5, "mine": [1, 1.0, null]}),
        _ => panic!("{part}"),
    };
    with(&change, "latestUpdateId", json!(latest_update_id))
}

/// The value with another member.
pub(crate) fn with(base: &Value, name: &str, member: Value) -> Value {
    let mut value = base.clone();
    value[name] = member;
    value
}

/// The value without a member.
pub(crate) fn without(base: &Value, name: &str) -> Value {
    let mut value = base.clone();
    value.as_object_mut().unwrap().remove(name);
    value
}

/// The update id of an object.
pub(crate) fn update_id(object: &Value) -> i64 {
    object["latestUpdateId"].as_i64().unwrap()
}

impl World {
    /// The present update id of a part of the account with debtor 1.
    pub(crate) async fn part_id(&self, part: &str) -> i64 {
        update_id(&self.read(&format!("accounts/1/{part}")).await)
    }

    /// What waits to be logged: the types, URIs and update ids of objects.
    pub(crate) async fn pending_log(&self) -> Vec<String> {
        self.rows(
            "SELECT object_type, object_uri, object_update_id, is_deleted, object_type_hint, added_at AT TIME ZONE 'UTC' \
             FROM pending_log_entry ORDER BY pending_entry_id",
        )
        .await
    }
}

/// The entry that is to be logged for a change made at the beginning of the test.
pub(crate) fn logged(object_type: &str, part: &str, update_id: i64) -> String {
    format!("{object_type},/creditors/4294967296/accounts/1/{part},{update_id},-,-,2024-01-02 03:04:05.678901")
}

/// A part as it is shown, but for what is special about it.
pub(crate) fn shown(object_type: &str, part: &str, update_id: i64) -> Value {
    json!({
        "type": object_type, "uri": format!("/creditors/4294967296/accounts/1/{part}"),
        "account": {"uri": "/creditors/4294967296/accounts/1/"}, "latestUpdateId": update_id,
        "latestUpdateAt": crate::world::NOW,
    })
}

/// The value, and the members of another one.
pub(crate) fn joined(mut base: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("{members}") };
    base.as_object_mut().unwrap().extend(members);
    base
}
