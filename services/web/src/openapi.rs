//! The OpenAPI document (webapi §12.7).
//!
//! Handlers describe their operations, and the structs of [`crate::render`] and [`crate::requests`] their members. What
//! is common to many operations is added here: path parameters, error responses, security schemes, examples.

mod examples;

use actix_web::http::StatusCode;
use runtime::config::{DocumentedUrls, Web};
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, PartialSchema};

use crate::{render, requests, routes};
use examples::Examples;

/// The text above everything else.
const INTRODUCTION: &str = include_str!("openapi/introduction.md");

/// Clients must not rely on what an object id looks like.
const OBJECT_ID: &str = "^[0-9A-Za-z_=-]{1,64}$";

/// The schemas of all objects.
#[derive(OpenApi)]
#[openapi(components(schemas(
    render::account::Account,
    render::config::AccountConfig,
    render::creditor::Creditor,
    render::creditor::CreditorReservation,
    render::creditor::CreditorsList,
    render::display::AccountDisplay,
    render::exchange::AccountExchange,
    render::exchange::CurrencyPeg,
    render::identities::AccountIdentity,
    render::identities::DebtorIdentity,
    render::info::AccountInfo,
    render::info::DebtorInfo,
    render::knowledge::AccountKnowledgeSchema,
    render::ledger::AccountLedger,
    render::ledger::LedgerEntriesPage,
    render::ledger::LedgerEntry,
    render::log::LogEntriesPage,
    render::log::LogEntry,
    render::page::ObjectReference,
    render::page::ObjectReferencesPage,
    render::page::PaginatedList,
    render::page::PaginatedStream,
    render::transfer::CommittedTransfer,
    render::transfer::Transfer,
    render::transfer::TransferError,
    render::transfer::TransferOptions,
    render::transfer::TransferResult,
    render::wallet::AccountsList,
    render::wallet::PinInfo,
    render::wallet::TransfersList,
    render::wallet::Wallet,
    requests::admin::CreditorActivationRequest,
    requests::admin::CreditorDeactivationRequest,
    requests::admin::CreditorReservationRequest,
    requests::transfers::TransferCancelationRequest,
    requests::transfers::TransferCreationRequest
)))]
struct Objects;

/// The whole document, with the operator's title, version and URLs.
///
/// Where the operator has named no URL, a word with a dollar sign stands for it; deployments substitute these words when
/// they publish the document elsewhere.
pub fn document(settings: &Web) -> serde_json::Result<Value> {
    let mut operations = serde_json::to_value(routes::Documentation::openapi())?;
    let mut objects = serde_json::to_value(Objects::openapi())?;
    let mut schemas = take(&mut objects, &["components", "schemas"]);
    add_members_of_requests(&mut schemas)?;
    hoist_read_only(&mut schemas);
    schemas.insert("Error".to_owned(), error_schema());
    let examples = Examples::read()?;
    let mut paths = take(&mut operations, &["paths"]);
    for (path, item) in &mut paths {
        complete_path(path, item, &examples);
    }
    let Web { api_title, api_version, documented, .. } = settings;
    let api_root = documented.api_root.as_deref().unwrap_or("$API_ROOT");
    Ok(json!({
        "openapi": operations["openapi"],
        "info": {"title": api_title, "version": api_version, "description": INTRODUCTION},
        "servers": [{"url": api_root}, {"url": "/"}],
        "tags": tags(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses(&examples),
            "securitySchemes": security_schemes(documented),
        },
    }))
}

/// Takes the object at the end of the path out of the value.
fn take(value: &mut Value, path: &[&str]) -> Map<String, Value> {
    let end = path.iter().try_fold(value, |value, key| value.get_mut(key)).map(Value::take);
    match end {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Requests have members which the objects do not show, and all have a type.
fn add_members_of_requests(schemas: &mut Map<String, Value>) -> serde_json::Result<()> {
    let updates = [
        ("AccountConfig", requests::accounts::AccountConfigUpdate::schema()),
        ("AccountDisplay", requests::accounts::AccountDisplayUpdate::schema()),
        ("AccountExchange", requests::exchange::AccountExchangeUpdate::schema()),
        ("PinInfo", requests::creditors::PinInfoUpdate::schema()),
    ];
    for (name, update) in updates {
        let members = take(&mut serde_json::to_value(update)?, &["properties"]);
        for (member, schema) in members {
            schemas[name]["properties"].as_object_mut().map(|shown| shown.entry(member).or_insert(schema));
        }
    }
    for name in [
        "CreditorActivationRequest",
        "CreditorDeactivationRequest",
        "CreditorReservationRequest",
        "TransferCancelationRequest",
        "TransferCreationRequest",
    ] {
        schemas[name]["properties"]["type"] =
            json!({"type": "string", "default": name, "writeOnly": true, "description": name});
    }
    Ok(())
}

/// utoipa says of the items what was said of the array.
fn hoist_read_only(schemas: &mut Map<String, Value>) {
    let members = schemas.values_mut().filter_map(|schema| schema.get_mut("properties")?.as_object_mut());
    for member in members.flat_map(Map::values_mut) {
        let items = member.get_mut("items").and_then(Value::as_object_mut);
        if let Some(read_only) = items.and_then(|items| items.remove("readOnly")) {
            member["readOnly"] = read_only;
        }
    }
}

/// Adds what follows from the path, and what all operations have.
fn complete_path(path: &str, item: &mut Value, examples: &Examples) {
    let Some(item) = item.as_object_mut() else { return };
    for operation in item.values_mut() {
        let has_input = operation.get("requestBody").is_some() || operation.get("parameters").is_some();
        complete_responses(&mut operation["responses"], has_input);
        examples.add_to(operation);
    }
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<_> = names.map(path_parameter).collect();
    if !parameters.is_empty() {
        item.insert("parameters".to_owned(), parameters.into());
    }
}

/// All operations can fail, and all failures look the same.
fn complete_responses(responses: &mut Value, has_input: bool) {
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if status.starts_with('4') {
            response["content"] = error_content();
            response["content"]["application/json"]["example"] = error_example(status);
        }
        if let Some(location) = response.pointer_mut("/headers/Location/schema") {
            location["format"] = json!("uri");
        }
    }
    responses["default"] = json!({"$ref": "#/components/responses/DEFAULT_ERROR"});
    if has_input {
        responses["422"] = json!({"$ref": "#/components/responses/UNPROCESSABLE_ENTITY"});
    }
}

fn path_parameter(name: &str) -> Value {
    let (schema, description, example) = match name {
        "transferUuid" => (
            json!({"type": "string", "format": "uuid"}),
            "The client's id of the transfer.",
            "8f2fa364-5d2e-4ca2-9d0c-0e0c4ce18f14",
        ),
        "transferId" => (json!({"type": "string", "pattern": OBJECT_ID}), "The committed transfer.", "20455-318"),
        "debtorId" => (json!({"type": "string", "pattern": OBJECT_ID}), "The debtor with whom the account is.", "1001"),
        _ => (json!({"type": "string", "pattern": OBJECT_ID}), "The creditor.", "4294967296"),
    };
    json!({
        "in": "path", "name": name, "required": true, "schema": schema, "description": description, "example": example,
    })
}

fn tags() -> Value {
    json!([
        {"name": "admin", "description": "The life of creditors."},
        {"name": "creditors", "description": "Wallets."},
        {"name": "accounts", "description": "Accounts with debtors."},
        {"name": "transfers", "description": "Payments."},
        {"name": "health", "description": "Is the server alive?"},
    ])
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "description": "Why a request was not answered as it was meant.",
        "properties": {
            "code": {"type": "integer", "description": "The status code."},
            "status": {"type": "string", "description": "The name of the status code."},
            "message": {"type": "string", "description": "What else can be said."},
            "errors": {"type": "object", "description": "What is wrong with the fields.", "additionalProperties": {}},
        },
        "additionalProperties": false,
    })
}

fn error_content() -> Value {
    json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}})
}

/// What an error without details looks like.
fn error_example(status: &str) -> Value {
    let status: Option<StatusCode> = status.parse().ok();
    json!({"code": status.map(|it| it.as_u16()), "status": status.and_then(|it| it.canonical_reason())})
}

fn responses(examples: &Examples) -> Value {
    let mut any = error_content();
    any["application/json"]["example"] = error_example("404");
    let mut unprocessable = error_content();
    unprocessable["application/json"]["example"] = examples.object("Error").clone();
    json!({
        "DEFAULT_ERROR": {"description": "The request failed.", "content": any},
        "UNPROCESSABLE_ENTITY": {
            "description": "Members of the body, or query parameters, cannot be accepted.",
            "content": unprocessable,
        },
    })
}

fn security_schemes(urls: &DocumentedUrls) -> Value {
    let authorization = urls.authorization.as_deref().unwrap_or("$OAUTH2_AUTHORIZATION_URL");
    let token = urls.token.as_deref().unwrap_or("$OAUTH2_TOKEN_URL");
    let refresh = urls.refresh.as_deref().unwrap_or("$OAUTH2_REFRESH_URL");
    let for_wallets = json!({
        "access.readonly": "read everything",
        "access": "read and change everything",
        "disable_pin": "change everything without the PIN",
    });
    let mut for_servers = for_wallets.clone();
    for_servers["activate"] = json!("activate creditors");
    for_servers["deactivate"] = json!("deactivate creditors");
    json!({"oauth2": {
        "type": "oauth2",
        "description": "Creditors log in by themselves; administrators and proxies have credentials of their own.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": authorization, "tokenUrl": token, "refreshUrl": refresh, "scopes": for_wallets,
            },
            "clientCredentials": {"tokenUrl": token, "refreshUrl": refresh, "scopes": for_servers},
        },
    }})
}
