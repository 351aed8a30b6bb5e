//! Which scope an operation needs (webapi §13).

use creditors_web::caller::TokenScope;

/// The rules as they have always been at the gateway: by the method and the path. `None`: no token is needed.
fn gateway(method: &str, path: &str) -> Option<TokenScope> {
    let ends_with = |word: &str| {
        let rest = path.strip_suffix(word);
        rest.is_some_and(|rest| rest.ends_with(['.', '/', '-']))
    };
    let path_of_documents = path == "/creditors/.docs" || path.starts_with("/creditors/.docs/");
    match method {
        "GET" if path_of_documents || ends_with("public") => None,
        "GET" => Some(TokenScope::Read),
        "POST" if ends_with("lookup") => Some(TokenScope::Read),
        "POST" if ends_with("reserve") || ends_with("activate") => Some(TokenScope::Activate),
        "POST" if ends_with("deactivate") => Some(TokenScope::Deactivate),
        "POST" | "PATCH" | "DELETE" => Some(TokenScope::Change),
        other => panic!("{other} {path}"),
    }
}

#[test]
fn every_route_needs_what_the_gateway_asked_for() {
    let mut count = 0;
    for (template, method, needed) in creditors_web::routes::all().scopes() {
        let path = template
            .replace("{creditorId}", "4294967296")
            .replace("{debtorId}", "1")
            .replace("{transferUuid}", "123e4567-e89b-12d3-a456-426655440000")
            .replace("{transferId}", "18444-1")
            .replace("{file}", "index.css");
        assert_eq!(needed, gateway(method.as_str(), &path), "{method} {template}");
        count += 1;
    }
    assert!(count >= 38, "{count}");
}

#[test]
fn the_documentation_tells_what_is_needed() {
    let document = crate::documents::document();
    for (template, method, needed) in creditors_web::routes::all().scopes() {
        let operation = &document["paths"][template][method.as_str().to_lowercase()];
        if operation.is_null() {
            assert!(template.starts_with("/creditors/.docs/"), "{template}");
            continue;
        }
        // Lookups are documented as if they changed something, and have always been possible for readers.
        let documented = if template.ends_with("lookup") { Some(TokenScope::Change) } else { needed };
        let told = operation["security"][0]["oauth2"][0].as_str();
        assert_eq!(told, documented.map(TokenScope::name), "{method} {template}");
    }
}
