//! Examples are right: responses look as their schemas say, and requests would be accepted.

use creditors_web::{
    parse::{Input, Json},
    requests::{
        accounts::{AccountConfigUpdate, AccountDisplayUpdate},
        admin::{CreditorActivationRequest, CreditorDeactivationRequest, CreditorReservationRequest},
        creditors::PinInfoUpdate,
        exchange::AccountExchangeUpdate,
        identities::{AccountIdentity, DebtorIdentity},
        knowledge::AccountKnowledgeUpdate,
        transfers::{TransferCancelationRequest, TransferCreationRequest},
    },
};
use regex::Regex;
use serde_json::{Value, json};

use super::{all_operations, document};

#[test]
fn responses_have_examples_that_fit() {
    let document = document();
    let mut found = Vec::new();
    for (name, (_, operation)) in all_operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let content = &response["content"]["application/json"];
            if status.starts_with('2') && !content.is_null() {
                let at = format!("{name} {status}");
                Fitting { document: &document, hidden: "writeOnly" }.check(
                    &content["schema"],
                    &content["example"],
                    &at,
                    &mut found,
                );
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn requests_have_examples_that_fit_and_are_accepted() {
    let document = document();
    let mut found = Vec::new();
    for (name, (_, operation)) in all_operations(&document) {
        if operation.get("requestBody").is_some() {
            let content = &operation["requestBody"]["content"]["application/json"];
            Fitting { document: &document, hidden: "readOnly" }.check(
                &content["schema"],
                &content["example"],
                &name,
                &mut found,
            );
            let id = operation["operationId"].as_str().unwrap();
            if let Err(problem) = read(id, &content["example"]) {
                found.push(format!("{name}: {problem}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn what_does_not_fit_is_noticed() {
    let document = document();
    let wallet = json!({"$ref": "#/components/schemas/AccountDisplay"});
    let shown = &document["paths"]["/creditors/{creditorId}/accounts/{debtorId}/display"]["get"];
    let good = &shown["responses"]["200"]["content"]["application/json"]["example"];
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        changed
    };
    let without_uri = {
        let mut changed = good.clone();
        changed.as_object_mut().unwrap().remove("uri");
        changed
    };
    let cases = [
        with("nope", json!(1)),
        with("pin", json!("1234")),
        with("decimalPlaces", json!("2")),
        with("decimalPlaces", json!(21)),
        with("account", json!({})),
        with("unit", json!(null)),
        without_uri,
        json!([]),
    ];
    for case in cases {
        let mut found = Vec::new();
        Fitting { document: &document, hidden: "writeOnly" }.check(&wallet, &case, "x", &mut found);
        assert_eq!(found.len(), 1, "{case}: {found:?}");
    }
}

/// Reads the request as the operation does.
fn read(operation_id: &str, request: &Value) -> Result<(), Value> {
    fn accept<T: Input>(request: &Value) -> Result<(), Value> {
        let Ok(Json::Object(object)) = Json::parse(&request.to_string()) else { return Err(json!("not an object")) };
        T::read(object).map(drop).map_err(|errors| serde_json::to_value(errors).unwrap())
    }
    match operation_id {
        "reserveRandomCreditor" | "reserveCreditor" => accept::<CreditorReservationRequest>(request),
        "activateCreditor" => accept::<CreditorActivationRequest>(request),
        "deactivateCreditor" => accept::<CreditorDeactivationRequest>(request),
        "updatePinInfo" => accept::<PinInfoUpdate>(request),
        "accountLookup" => accept::<AccountIdentity>(request),
        "debtorLookup" | "createAccount" => accept::<DebtorIdentity>(request),
        "updateAccountConfig" => accept::<AccountConfigUpdate>(request),
        "updateAccountDisplay" => accept::<AccountDisplayUpdate>(request),
        "updateAccountExchange" => accept::<AccountExchangeUpdate>(request),
        "updateAccountKnowledge" => accept::<AccountKnowledgeUpdate>(request),
        "createTransfer" => accept::<TransferCreationRequest>(request),
        "cancelTransfer" => accept::<TransferCancelationRequest>(request),
        _ => Err(json!("unknown operation")),
    }
}

/// Compares values with schemas, as far as our schemas go.
struct Fitting<'a> {
    document: &'a Value,
    /// The mark of members that must not be there.
    hidden: &'static str,
}

impl Fitting<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let inner = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"));
        if let Some(reference) = inner.and_then(Value::as_str) {
            let schema = self.document.pointer(reference.trim_start_matches('#')).unwrap();
            return self.check(schema, value, at, found);
        }
        match schema["type"].as_str() {
            Some("object") => self.check_object(schema, value, at, found),
            Some("array") if value.is_array() => {
                for item in value.as_array().into_iter().flatten() {
                    self.check(&schema["items"], item, at, found);
                }
            }
            Some(name) if !is_a(name, schema, value) => found.push(format!("{at}: {value} is no {schema}")),
            Some(_) => {}
            None => found.push(format!("{at}: {schema} says nothing")),
        }
    }

    fn check_object(&self, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Some(members) = value.as_object() else {
            found.push(format!("{at}: {value} is no object"));
            return;
        };
        let is_hidden = |name: &str| schema["properties"][name][self.hidden] == json!(true);
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !is_hidden(name) && !members.contains_key(name) {
                found.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, member) in members {
            match schema["properties"].get(name) {
                Some(_) if is_hidden(name) => found.push(format!("{at}: {name} must not be there")),
                Some(schema) => self.check(schema, member, &format!("{at}.{name}"), found),
                None if schema["additionalProperties"] == json!(false) => {
                    found.push(format!("{at}: {name} is unknown"));
                }
                None => {}
            }
        }
    }
}

/// Whether a value that has no parts is of the type and within its limits.
fn is_a(name: &str, schema: &Value, value: &Value) -> bool {
    match name {
        "string" => value.as_str().is_some_and(|text| {
            schema["pattern"].as_str().is_none_or(|pattern| Regex::new(pattern).unwrap().is_match(text))
        }),
        "boolean" => value.is_boolean(),
        "integer" | "number" => {
            let within = |limit: &str, is_within: fn(&f64, &f64) -> bool| {
                schema[limit].as_f64().is_none_or(|limit| is_within(&value.as_f64().unwrap(), &limit))
            };
            (value.is_i64() || name == "number" && value.is_f64())
                && within("minimum", f64::ge)
                && within("maximum", f64::le)
        }
        _ => false,
    }
}
