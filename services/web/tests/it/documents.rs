//! Health and documentation (webapi §12.7).

mod examples;

use std::collections::{BTreeMap, BTreeSet};

use runtime::config::{Environment, Settings};
use serde_json::{Map, Value, json};

use crate::app::Web;

#[actix_web::test]
async fn health() {
    // There is no database, and nobody is authenticated.
    let web = Web::start(&[]);
    for (method, body) in [("GET", "I am healthy."), ("HEAD", "")] {
        let answer = web.send(method, "/creditors/health/check/public", &[("X-Swpt-User-Id", "nobody")]).await;
        assert_eq!(
            (answer.status, answer.header("content-type"), answer.body.as_str()),
            (200, Some("text/plain"), body)
        );
    }
}

#[actix_web::test]
async fn the_page_shows_the_document() {
    let web = Web::start(&[]);
    let page = web.send("GET", "/creditors/.docs/", &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.body.contains("swagger-ui"), "{}", page.body);
    // Everything the page consists of is served by us.
    let files = page.body.split(['"', '\'']).filter_map(|text| text.strip_prefix("./"));
    let mut count = 0;
    for file in files.filter(|file| matches!(file.rsplit('.').next(), Some("js" | "css"))) {
        assert_eq!(web.send("HEAD", &format!("/creditors/.docs/{file}"), &[]).await.status, 200, "{file}");
        count += 1;
    }
    assert!(count >= 3, "{}", page.body);
    let initializer = web.send("GET", "/creditors/.docs/swagger-initializer.js", &[]).await;
    assert!(initializer.body.contains("openapi.json"), "{}", initializer.body);
    assert_eq!(web.send("GET", "/creditors/.docs/nope", &[]).await.status, 404);
}

#[actix_web::test]
async fn the_document_is_named_by_the_operator() {
    let web = Web::start(&[("API_TITLE", "My API"), ("API_VERSION", "v2")]);
    let document = web.send("GET", "/creditors/.docs/openapi.json", &[]).await.json();
    assert_eq!((&document["info"]["title"], &document["info"]["version"]), (&json!("My API"), &json!("v2")));
    assert_eq!(document["openapi"], "3.1.0");
}

#[actix_web::test]
async fn places_that_the_operator_names_are_in_the_document() {
    let web = Web::start(&[
        ("API_ROOT", "https://api.example"),
        ("OAUTH2_AUTHORIZATION_URL", "https://login.example/auth"),
        ("OAUTH2_TOKEN_URL", "https://login.example/token"),
        ("OAUTH2_REFRESH_URL", "https://login.example/refresh"),
    ]);
    let answer = web.send("GET", "/creditors/.docs/openapi.json", &[]).await;
    let document = answer.json();
    assert_eq!(document["servers"], json!([{"url": "https://api.example"}, {"url": "/"}]));
    let flows = &document["components"]["securitySchemes"]["oauth2"]["flows"];
    assert_eq!(flows["authorizationCode"]["authorizationUrl"], "https://login.example/auth");
    for flow in ["authorizationCode", "clientCredentials"] {
        assert_eq!(flows[flow]["tokenUrl"], "https://login.example/token");
        assert_eq!(flows[flow]["refreshUrl"], "https://login.example/refresh");
    }
    for placeholder in ["$API", "$OAUTH2"] {
        assert!(!answer.body.contains(placeholder), "{placeholder}");
    }
}

/// The document as it is published.
pub(crate) fn document() -> Value {
    creditors_web::openapi::document(&Settings::load(&Environment::default()).unwrap().web).unwrap()
}

fn documents() -> (Value, Value) {
    (document(), serde_json::from_str(include_str!("openapi-skeleton.json")).unwrap())
}

#[test]
fn the_published_document_is_the_present_one() {
    let published: Value = serde_json::from_str(include_str!("../../../../openapi/openapi.json")).unwrap();
    assert!(document() == published, "openapi/openapi.json is not what the code says: run `just openapi`");
}

/// Where the two values differ, apart from texts for people.
fn differences(ours: &Value, theirs: &Value, path: &str, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).filter(|name| *name != "description").collect();
            for name in names {
                let (ours, theirs) = (ours.get(name).unwrap_or(&Value::Null), theirs.get(name).unwrap_or(&Value::Null));
                differences(ours, theirs, &format!("{path}/{name}"), found);
            }
        }
        _ if ours == theirs => {}
        _ if ours.as_f64().is_some() && ours.as_f64() == theirs.as_f64() => {}
        _ => found.push(format!("{path}: {ours}, not {theirs}")),
    }
}

/// The schema in a form that does not depend on the version of OpenAPI and on habits of generators.
fn normalized(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut schema: BTreeMap<String, Value> = members.clone().into_iter().collect();
    schema.remove("description");
    if let Some(reference) = schema.remove("allOf").and_then(|all| all[0].get("$ref").cloned()) {
        schema.insert("$ref".to_owned(), reference);
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            *property = normalized(property);
        }
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.sort_by_key(ToString::to_string);
    }
    // What is said by leaving it out.
    schema.retain(|name, value| {
        !(name == "additionalProperties" && *value == json!(true) || name == "items" && value.is_null())
    });
    json!(schema)
}

#[test]
fn schemas() {
    let (ours, mut theirs) = documents();
    let theirs = theirs["components"]["schemas"].as_object_mut().unwrap();
    // Never used by any operation.
    theirs.remove("PaginationMetadata");
    // Transfers do not tell PINs, and nobody sends whole transfers.
    theirs["Transfer"]["properties"].as_object_mut().unwrap().remove("pin");
    // The same in other words.
    theirs["LogEntry"]["properties"]["data"]["additionalProperties"] = json!(true);
    // Like those of all other requests.
    for name in ["TransferCancelationRequest", "TransferCreationRequest"] {
        theirs[name]["properties"]["type"]["writeOnly"] = json!(true);
    }
    let ours = ours["components"]["schemas"].as_object().unwrap();
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    let mut found = Vec::new();
    for (name, schema) in ours {
        differences(&normalized(schema), &normalized(&theirs[name]), name, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn operations() {
    let (ours, mut theirs) = documents();
    // Reading is never a conflict.
    let notes = "/creditors/{creditorId}/accounts/{debtorId}/knowledge";
    theirs["paths"][notes]["get"]["responses"].as_object_mut().unwrap().remove("409");
    let mut found = Vec::new();
    let (ours, theirs) = (all_operations(&ours), all_operations(&theirs));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    for (name, (path_parameters, operation)) in &ours {
        let (their_path_parameters, expected) = &theirs[name];
        differences(&parameters(path_parameters), &parameters(their_path_parameters), name, &mut found);
        differences(&parameters(&operation["parameters"]), &parameters(&expected["parameters"]), name, &mut found);
        for member in ["operationId", "tags", "security"] {
            differences(&operation[member], &expected[member], &format!("{name}/{member}"), &mut found);
        }
        differences(&request(operation), &request(expected), &format!("{name}/requestBody"), &mut found);
        differences(&responses(operation), &responses(expected), &format!("{name}/responses"), &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The parameters of its path, and the operation, by method and path.
fn all_operations(document: &Value) -> BTreeMap<String, (&Value, &Value)> {
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            operations.insert(format!("{method} {path}"), (&item["parameters"], operation));
        }
    }
    operations
}

/// Parameters by name, without examples.
fn parameters(list: &Value) -> Value {
    let parameter = |parameter: &Value| {
        let mut parameter = parameter.clone();
        let members = parameter.as_object_mut().unwrap();
        members.remove("example");
        // It goes without saying that nobody answers with parameters.
        members["schema"].as_object_mut().unwrap().remove("writeOnly");
        (parameter["name"].as_str().unwrap().to_owned(), parameter)
    };
    list.as_array().into_iter().flatten().map(parameter).collect::<Map<_, _>>().into()
}

/// The name of a body's schema. What is shown in full is always the error.
fn body(content: &Value) -> Value {
    let schema = &content["content"]["application/json"]["schema"];
    if schema["properties"]["code"].is_object() { json!("#/components/schemas/Error") } else { schema["$ref"].clone() }
}

fn request(operation: &Value) -> Value {
    json!({"required": operation["requestBody"]["required"], "body": body(&operation["requestBody"])})
}

/// Body and headers by status.
fn responses(operation: &Value) -> Value {
    let response = |(status, response): (&String, &Value)| {
        let reference = &response["$ref"];
        (status.clone(), json!({"ref": reference, "body": body(response), "headers": response["headers"]}))
    };
    operation["responses"].as_object().unwrap().iter().map(response).collect::<Map<_, _>>().into()
}

#[test]
fn frame() {
    let (ours, theirs) = documents();
    let names = |tags: &Value| tags.as_array().unwrap().iter().map(|tag| tag["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(&ours["tags"]), names(&theirs["tags"]));
    assert_eq!(ours["servers"], theirs["servers"]);
    let flows = |document: &Value| document["components"]["securitySchemes"]["oauth2"]["flows"].clone();
    for (name, flow) in flows(&theirs).as_object().unwrap() {
        let ours = &flows(&ours)[name];
        for member in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
            assert_eq!(ours.get(member), flow.get(member), "{name}");
        }
        let scopes = |flow: &Value| flow["scopes"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(scopes(ours), scopes(flow), "{name}");
    }
}

#[test]
fn everything_is_described() {
    let ours = document();
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    for (name, (path_parameters, operation)) in all_operations(&ours) {
        assert!(is_text(&operation["summary"]) && is_text(&operation["description"]), "{name}");
        let parameters = [path_parameters, &operation["parameters"]].map(|list| list.as_array().into_iter().flatten());
        for parameter in parameters.into_iter().flatten() {
            assert!(is_text(&parameter["description"]), "{name}: {parameter}");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(response.get("$ref").is_some() || is_text(&response["description"]), "{name}: {status}");
            let example = &response["content"]["application/json"]["example"];
            assert!(response.get("content").is_none() || example.is_object(), "{name}: {status}");
        }
        assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/DEFAULT_ERROR", "{name}");
    }
    for (name, schema) in ours["components"]["schemas"].as_object().unwrap() {
        assert!(is_text(&schema["description"]), "{name}");
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            let is_reference = schema.get("$ref").is_some() || schema.get("allOf").is_some();
            assert!(is_reference || is_text(&schema["description"]), "{name}.{member}");
        }
    }
}

#[test]
fn every_served_operation_is_documented() {
    let (ours, _) = documents();
    let documentation = "/creditors/.docs/";
    for (template, method) in creditors_web::routes::all().list().filter(|(path, _)| !path.starts_with(documentation)) {
        let operation = &ours["paths"][template][method.as_str().to_lowercase()];
        assert!(operation["operationId"].is_string(), "{method} {template}");
    }
}
