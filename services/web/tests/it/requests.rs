//! The requests of webapi §12, read from their JSON.

use creditors_web::{
    parse::{Input, Json},
    requests::{
        accounts::{AccountConfigUpdate, AccountDisplayUpdate, AccountsPageQuery, LedgerEntriesQuery},
        admin::{CreditorActivationRequest, CreditorReservationRequest},
        creditors::{LogPageQuery, PinInfoUpdate},
        exchange::AccountExchangeUpdate,
        identities::{AccountIdentity, DebtorIdentity},
        knowledge::AccountKnowledgeUpdate,
        transfers::{TransferCreationRequest, TransfersPageQuery},
    },
};
use domain::{CreditorId, DebtorId, pin};
use serde_json::{Value, json};

fn read<T: Input>(value: &Value) -> Result<T, Value> {
    read_text(&value.to_string())
}

fn read_text<T: Input>(text: &str) -> Result<T, Value> {
    let Ok(Json::Object(object)) = Json::parse(text) else { panic!("{text}") };
    T::read(object).map_err(|errors| serde_json::to_value(errors).unwrap())
}

/// The value with another member.
fn with(base: &Value, name: &str, member: Value) -> Value {
    let mut value = base.clone();
    value[name] = member;
    value
}

fn error<T: Input>(value: &Value) -> Value {
    read::<T>(value).err().unwrap_or_else(|| panic!("{value} is accepted"))
}

const INT64: &str = "Must be greater than or equal to 0 and less than or equal to 9223372036854775807.";
const POSITIVE: &str = "Must be greater than or equal to 1 and less than or equal to 9223372036854775807.";
const PATTERN: &str = "String does not match expected pattern.";

#[test]
fn admin() {
    assert!(read::<CreditorReservationRequest>(&json!({"type": "CreditorReservationRequest"})).is_ok());
    assert_eq!(error::<CreditorReservationRequest>(&json!({"foo": "bar"})), json!({"foo": ["Unknown field."]}));
    let request: CreditorActivationRequest = read(&json!({"reservationId": "02"})).unwrap();
    assert_eq!(request.reservation_id.as_deref(), Some("02"));
    assert_eq!(
        error::<CreditorActivationRequest>(&json!({"reservationId": 2})),
        json!({"reservationId": ["Not a valid string."]})
    );
    assert_eq!(error::<CreditorActivationRequest>(&json!({"type": "Creditor"})), json!({"type": ["Invalid type."]}));
}

#[test]
fn pins() {
    let good = json!({"type": "PinInfo", "status": "on", "newPin": "1234", "pin": "0123456789", "latestUpdateId": 2});
    let update: PinInfoUpdate = read(&good).unwrap();
    assert_eq!((update.status, update.latest_update_id), (pin::Status::On, 2));
    assert!(update.new_pin.is_some() && update.pin.is_some());
    let off: PinInfoUpdate = read(&json!({"status": "off", "latestUpdateId": "3"})).unwrap();
    assert!(off.new_pin.is_none() && off.pin.is_none());
    assert_eq!(
        error::<PinInfoUpdate>(&json!({})),
        json!({"status": ["Missing data for required field."], "latestUpdateId": ["Missing data for required field."]})
    );
    assert_eq!(
        error::<PinInfoUpdate>(&json!({"status": "on", "latestUpdateId": 2})),
        json!({"_schema": ["When the PIN is \"on\", newPin is requred."]})
    );
    assert_eq!(error::<PinInfoUpdate>(&with(&good, "latestUpdateId", json!(0))), json!({"latestUpdateId": [POSITIVE]}));
    for status in ["", "ON", "enabled", "off\n"] {
        assert_eq!(error::<PinInfoUpdate>(&with(&good, "status", json!(status))), json!({"status": [PATTERN]}));
    }
    for pin in ["123", "12345678901", "1234\n", "123a", "١٢٣٤", ""] {
        assert_eq!(error::<PinInfoUpdate>(&with(&good, "pin", json!(pin))), json!({"pin": [PATTERN]}));
        assert_eq!(error::<PinInfoUpdate>(&with(&good, "newPin", json!(pin))), json!({"newPin": [PATTERN]}));
    }
    // Errors of the object as a whole wait until no field has an error.
    let both = json!({"status": "on", "latestUpdateId": 0});
    assert_eq!(error::<PinInfoUpdate>(&both), json!({"latestUpdateId": [POSITIVE]}));
}

#[test]
fn pins_are_not_printed() {
    let update: PinInfoUpdate =
        read(&json!({"status": "on", "newPin": "4711", "pin": "0815", "latestUpdateId": 2})).unwrap();
    let printed = format!("{update:?}");
    assert!(!printed.contains("4711") && !printed.contains("0815"), "{printed}");
}

#[test]
fn identities() {
    let debtor: DebtorIdentity = read(&json!({"type": "DebtorIdentity", "uri": "swpt:01"})).unwrap();
    assert_eq!(debtor.debtor_id().unwrap(), DebtorId::new(1));
    let account: AccountIdentity = read(&json!({"uri": "swpt:1/!YWJj"})).unwrap();
    assert_eq!(account.account(&["uri"]).unwrap(), (DebtorId::new(1), "abc".to_owned()));
    let uri = |length| json!({"uri": "x".repeat(length)});
    assert!(read::<DebtorIdentity>(&uri(100)).unwrap().debtor_id().is_err());
    assert_eq!(error::<DebtorIdentity>(&uri(101)), json!({"uri": ["Longer than maximum length 100."]}));
    assert!(read::<AccountIdentity>(&uri(200)).unwrap().account(&["uri"]).is_err());
    assert_eq!(error::<AccountIdentity>(&uri(201)), json!({"uri": ["Longer than maximum length 200."]}));
}

#[test]
fn configurations() {
    let good = json!({
        "type": "AccountConfig", "scheduledForDeletion": "yes", "negligibleAmount": 1.1, "allowUnsafeDeletion": 0,
        "configData": "data", "latestUpdateId": 1e1, "pin": "1234",
    });
    let (request, pin) = read::<AccountConfigUpdate>(&good).unwrap().split();
    assert!(request.scheduled_for_deletion && !request.allow_unsafe_deletion && pin.is_some());
    assert_eq!(
        (request.negligible_amount, request.config_data.as_str(), request.latest_update_id),
        (1.1_f32, "data", 10)
    );
    let required = ["allowUnsafeDeletion", "latestUpdateId", "negligibleAmount", "scheduledForDeletion"];
    let missing: Value =
        required.map(|name| (name.to_owned(), json!(["Missing data for required field."]))).into_iter().collect();
    assert_eq!(error::<AccountConfigUpdate>(&json!({})), missing);
    let config_data = |text: &str| with(&good, "configData", json!(text));
    assert!(read::<AccountConfigUpdate>(&config_data(&"x".repeat(2000))).is_ok());
    assert!(read::<AccountConfigUpdate>(&config_data(&"ж".repeat(1000))).is_ok());
    let too_long = json!({"configData": ["Longer than maximum length 2000."]});
    assert_eq!(error::<AccountConfigUpdate>(&config_data(&"ж".repeat(2001))), too_long);
    let too_many_bytes = json!({"configData": ["The total byte-length of the config exceeds 2000 bytes."]});
    assert_eq!(error::<AccountConfigUpdate>(&config_data(&"ж".repeat(1001))), too_many_bytes);
    assert!(error::<AccountConfigUpdate>(&config_data("\0"))["configData"].is_array());
    for name in ["uri", "account", "latestUpdateAt"] {
        assert_eq!(error::<AccountConfigUpdate>(&with(&good, name, json!("x"))), json!({name: ["Unknown field."]}));
    }
}

#[test]
fn displays() {
    let good = json!({
        "debtorName": "ж".repeat(40), "amountDivisor": "1e2", "decimalPlaces": -20, "unit": "$", "knownDebtor": true,
        "latestUpdateId": 2,
    });
    let update: AccountDisplayUpdate = read(&good).unwrap();
    let appearance = update.appearance();
    assert_eq!((appearance.amount_divisor, appearance.decimal_places), (100.0, -20));
    assert_eq!((appearance.unit.as_deref(), appearance.known_debtor), (Some("$"), true));
    let cases = [
        ("amountDivisor", json!(0), "Must be greater than 0.0."),
        ("decimalPlaces", json!(21), "Must be greater than or equal to -20 and less than or equal to 20."),
        ("debtorName", json!(""), "Length must be between 1 and 40."),
        ("unit", json!("x".repeat(41)), "Length must be between 1 and 40."),
        ("knownDebtor", json!("?"), "Not a valid boolean."),
        ("pin", json!(1234), "Not a valid string."),
    ];
    for (name, value, message) in cases {
        assert_eq!(error::<AccountDisplayUpdate>(&with(&good, name, value)), json!({name: [message]}));
    }
}

#[test]
fn exchanges() {
    let good = json!({
        "policy": "off", "minPrincipal": 1000, "maxPrincipal": 1000, "latestUpdateId": 2,
        "peg": {"type": "CurrencyPeg", "exchangeRate": 1.5, "account": {"uri": "../11/"}},
    });
    let update: AccountExchangeUpdate = read(&good).unwrap();
    assert_eq!(update.peg.unwrap().account.uri, "../11/");
    let order = json!({"_schema": ["maxPrincipal must be equal or greater than minPrincipal."]});
    assert_eq!(error::<AccountExchangeUpdate>(&with(&good, "minPrincipal", json!(1001))), order);
    let pegs = [
        (
            json!({}),
            json!({"account": ["Missing data for required field."], "exchangeRate": ["Missing data for required field."]}),
        ),
        (json!("x"), json!({"_schema": ["Invalid input type."]})),
        (json!(null), json!(["Field may not be null."])),
        (
            json!({"type": "Peg", "exchangeRate": -0.5, "account": {"uri": "../11/", "bar": 1}, "foo": 1}),
            json!({
                "type": ["Invalid type."], "exchangeRate": ["Must be greater than or equal to 0.0."],
                "account": {"bar": ["Unknown field."]}, "foo": ["Unknown field."],
            }),
        ),
        (json!({"exchangeRate": 1, "account": []}), json!({"account": {"_schema": ["Invalid input type."]}})),
    ];
    for (peg, problem) in pegs {
        assert_eq!(error::<AccountExchangeUpdate>(&with(&good, "peg", peg)), json!({"peg": problem}));
    }
}

#[test]
fn knowledge() {
    let text = r#"{"type":"AccountKnowledge","latestUpdateId":2,"interestRate":"11.5","interestRateChangedAt":"2020-1-2 3:04",
        "noteMaxBytes":1e2,"identity":{"uri":"any\u0000thing"},"configError":"\u0000","pin":"1234","n":[1,1.0,1e+0,null],
        "big":123456789012345678901234567890,"ж":"ж"}"#;
    let update: AccountKnowledgeUpdate = read_text(text).unwrap();
    assert_eq!(update.latest_update_id, 2);
    let stored = r#"{"big":123456789012345678901234567890,"configError":"\u0000","identity":{"uri":"any\u0000thing"},"interestRate":"11.5","interestRateChangedAt":"2020-1-2 3:04","n":[1,1.0,1.0,null],"noteMaxBytes":100.0,"pin":"1234","ж":"ж"}"#;
    assert_eq!(update.text(), stored);
    assert!(update.is_same(stored));
    assert!(update.is_same(&stored.replace("[1,1.0,1.0,null]", " [1.0, 1, 1e0, null] ").replace("100.0", "1e2")));
    assert!(!update.is_same("{}"));
    assert!(!update.is_same(&stored.replace("100.0", "101.0")));
}

#[test]
fn unacceptable_knowledge() {
    let base = json!({"latestUpdateId": 2});
    let cases = [
        ("interestRate", json!(null), json!(["Field may not be null."])),
        ("interestRate", json!("x"), json!(["Not a valid number."])),
        ("interestRateChangedAt", json!("2020-01-01"), json!(["Not a valid datetime."])),
        ("noteMaxBytes", json!(501), json!(["Must be greater than or equal to 0 and less than or equal to 500."])),
        ("identity", json!("x"), json!({"_schema": ["Invalid input type."]})),
        ("identity", json!({"uri": "x".repeat(201)}), json!({"uri": ["Longer than maximum length 200."]})),
        ("identity", json!({"uri": "x", "y": 1}), json!({"y": ["Unknown field."]})),
        ("type", json!("x"), json!(["Invalid type."])),
    ];
    for (name, value, problem) in cases {
        assert_eq!(error::<AccountKnowledgeUpdate>(&with(&base, name, value)), json!({name: problem}));
    }
    let schema = [
        (
            r#"{"latestUpdateId":2,"latestUpdateAt":1,"uri":1,"account":1,"x":1e400}"#.to_owned(),
            "Can not modify \"uri\".",
        ),
        (r#"{"latestUpdateId":2,"latestUpdateAt":1,"account":1}"#.to_owned(), "Can not modify \"account\"."),
        (r#"{"latestUpdateId":2,"latestUpdateAt":1}"#.to_owned(), "Can not modify \"latestUpdateAt\"."),
        (r#"{"latestUpdateId":2,"x":[-1e400]}"#.to_owned(), "The message is not JSON compliant."),
        (
            format!(r#"{{"latestUpdateId":2,"x":"{}"}}"#, "ж".repeat(3997)),
            "The total length of the stored data exceeds 8000 bytes.",
        ),
    ];
    for (text, message) in schema {
        assert_eq!(
            read_text::<AccountKnowledgeUpdate>(&text).unwrap_err(),
            json!({"_schema": [message]}),
            "{text:.60}"
        );
    }
    assert!(
        read_text::<AccountKnowledgeUpdate>(&format!(r#"{{ "latestUpdateId" : 2, "x" : "{}" }}"#, "ж".repeat(3996)))
            .is_ok()
    );
}

fn transfer() -> Value {
    json!({
        "type": "TransferCreationRequest", "transferUuid": "123E4567-e89b-12d3-a456-426655440000", "amount": 1000,
        "recipient": {"type": "AccountIdentity", "uri": "swpt:01/!YWJj"}, "noteFormat": "json", "note": "ж", "pin": "1234",
        "options": {
            "type": "whatever", "finalInterestRateTimestamp": "2024-01-02T03:04:05", "deadline": "2024-01-02T03:04:05.678Z",
            "lockedAmount": "1",
        },
    })
}

#[test]
fn transfers() {
    let (request, pin) = read::<TransferCreationRequest>(&transfer()).unwrap().split(CreditorId::new(4)).unwrap();
    assert!(pin.is_some());
    assert_eq!((request.account.creditor_id.get(), request.account.debtor_id.get(), request.amount), (4, 1, 1000));
    assert_eq!((request.recipient_uri.as_str(), request.recipient.as_str()), ("swpt:01/!YWJj", "abc"));
    assert_eq!(request.final_interest_rate_ts.to_rfc3339(), "2024-01-02T03:04:05+00:00");
    assert_eq!(request.deadline.unwrap().to_rfc3339(), "2024-01-02T03:04:05.678+00:00");
    assert_eq!(request.locked_amount, 1);
    let minimal = json!({"transferUuid": transfer()["transferUuid"], "recipient": {"uri": "swpt:1/a"}, "amount": 0});
    let (request, pin) = read::<TransferCreationRequest>(&minimal).unwrap().split(CreditorId::new(4)).unwrap();
    assert!(pin.is_none() && request.deadline.is_none());
    assert_eq!(request.final_interest_rate_ts.to_rfc3339(), "9999-12-31T23:59:59+00:00");
    assert_eq!(
        (request.transfer_note_format.as_str(), request.transfer_note.as_str(), request.locked_amount),
        ("", "", 0)
    );
}

#[test]
fn unacceptable_transfers() {
    let options = |name: &str, value: Value| json!({"options": {name: [value]}});
    let cases = [
        ("transferUuid", json!("x"), json!({"transferUuid": ["Not a valid UUID."]})),
        ("amount", json!(-1), json!({"amount": [INT64]})),
        ("amount", json!("x"), json!({"amount": ["Not a valid integer."]})),
        ("recipient", json!({"uri": "x", "foo": 1}), json!({"recipient": {"foo": ["Unknown field."]}})),
        ("noteFormat", json!("123456789"), json!({"noteFormat": [PATTERN]})),
        ("noteFormat", json!("a\n"), json!({"noteFormat": [PATTERN]})),
        ("noteFormat", json!("a_b"), json!({"noteFormat": [PATTERN]})),
        ("note", json!("x".repeat(501)), json!({"note": ["Longer than maximum length 500."]})),
        ("note", json!("ж".repeat(251)), json!({"note": ["The total byte-length of the note exceeds 500 bytes."]})),
        ("note", json!(null), json!({"note": ["Field may not be null."]})),
        ("options", json!([]), json!({"options": {"_schema": ["Invalid input type."]}})),
        ("options", json!({"lockedAmount": -1}), options("lockedAmount", json!(INT64))),
        ("options", json!({"deadline": "2024-01-02T03:04:05"}), options("deadline", json!("Not a valid datetime."))),
        ("options", json!({"type": 1}), options("type", json!("Not a valid string."))),
        ("initiatedAt", json!("x"), json!({"initiatedAt": ["Unknown field."]})),
    ];
    for (name, value, problem) in cases {
        assert_eq!(error::<TransferCreationRequest>(&with(&transfer(), name, value)), problem);
    }
    let several = json!({"amount": true, "transferUuid": null, "x": 1});
    let problems = json!({
        "amount": ["Not a valid integer."], "transferUuid": ["Field may not be null."], "x": ["Unknown field."],
        "recipient": ["Missing data for required field."],
    });
    assert_eq!(error::<TransferCreationRequest>(&several), problems);
    let unrecognized = read::<TransferCreationRequest>(&with(&transfer(), "recipient", json!({"uri": "bad"}))).unwrap();
    assert!(unrecognized.split(CreditorId::new(4)).is_err());
}

/// Query parameters are strings.
fn query<T: Input>(pairs: &[(&str, &str)]) -> Result<T, Value> {
    read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect())
}

#[test]
fn queries() {
    assert_eq!(query::<LogPageQuery>(&[("x", "y")]).unwrap().prev, 0);
    assert_eq!(query::<LogPageQuery>(&[("prev", "+05")]).unwrap().prev, 5);
    for value in ["", "5.0", "x"] {
        assert_eq!(query::<LogPageQuery>(&[("prev", value)]).unwrap_err(), json!({"prev": ["Not a valid integer."]}));
    }
    assert_eq!(query::<LogPageQuery>(&[("prev", "-1")]).unwrap_err(), json!({"prev": [INT64]}));

    let entries: LedgerEntriesQuery = query(&[("prev", "9"), ("stop", "3")]).unwrap();
    assert_eq!((entries.prev, entries.stop), (9, 3));
    assert_eq!(query::<LedgerEntriesQuery>(&[]).unwrap_err(), json!({"prev": ["Missing data for required field."]}));
    let both = json!({"prev": ["Not a valid integer."], "stop": ["Not a valid integer."]});
    assert_eq!(query::<LedgerEntriesQuery>(&[("stop", "x"), ("prev", "y")]).unwrap_err(), both);

    assert_eq!(query::<AccountsPageQuery>(&[]).unwrap().prev, None);
    let good = [("1", 1), ("01", 1), ("18446744073709551615", -1)];
    for (text, id) in good {
        assert_eq!(query::<AccountsPageQuery>(&[("prev", text)]).unwrap().prev, Some(DebtorId::new(id)), "{text}");
    }
    let not_numbers = ["-1", "x", "18446744073709551616", "1_0", "="];
    for text in not_numbers {
        assert_eq!(
            query::<AccountsPageQuery>(&[("prev", text)]).unwrap_err(),
            json!({"prev": ["Invalid value."]}),
            "{text}"
        );
    }
    for text in ["", "+1", " 1", "1\n", "é", &"1".repeat(65)] {
        assert_eq!(query::<AccountsPageQuery>(&[("prev", text)]).unwrap_err(), json!({"prev": [PATTERN]}), "{text}");
    }

    assert!(query::<TransfersPageQuery>(&[("prev", "123e4567-e89b-12d3-a456-426655440000")]).unwrap().prev.is_some());
    assert_eq!(query::<TransfersPageQuery>(&[("prev", "")]).unwrap_err(), json!({"prev": ["Not a valid UUID."]}));
}
