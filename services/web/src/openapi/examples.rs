//! Examples of requests and responses, for people who learn the API.

use serde::Deserialize;
use serde_json::{Map, Value};

const TEXT: &str = include_str!("examples.json");

/// The parts of an account, which are objects of their own too.
const PARTS: [(&str, &str); 6] = [
    ("config", "AccountConfig"),
    ("display", "AccountDisplay"),
    ("exchange", "AccountExchange"),
    ("info", "AccountInfo"),
    ("knowledge", "AccountKnowledge"),
    ("ledger", "AccountLedger"),
];

/// All examples.
#[derive(Deserialize)]
pub(super) struct Examples {
    /// By the names of their schemas.
    objects: Map<String, Value>,
    /// Responses that do not look like the example of their schema, by the ids of operations.
    pages: Map<String, Value>,
    /// Bodies of requests by the ids of operations.
    requests: Map<String, Value>,
}

impl Examples {
    pub(super) fn read() -> serde_json::Result<Self> {
        let mut examples: Self = serde_json::from_str(TEXT)?;
        for (member, name) in PARTS {
            examples.objects["Account"][member] = examples.object(name).clone();
        }
        Ok(examples)
    }

    /// The example of a schema; `null` if there is none.
    pub(super) fn object(&self, schema: &str) -> &Value {
        self.objects.get(schema).unwrap_or(&Value::Null)
    }

    /// Adds the examples of the operation's request and responses.
    pub(super) fn add_to(&self, operation: &mut Value) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if let Some(request) = self.requests.get(&id) {
            operation["requestBody"]["content"]["application/json"]["example"] = request.clone();
        }
        let responses = operation["responses"].as_object_mut().into_iter().flat_map(Map::iter_mut);
        for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            let Some(content) = response.get_mut("content").map(|content| &mut content["application/json"]) else {
                continue;
            };
            let reference = content["schema"]["$ref"].as_str().unwrap_or_default();
            let name = reference.rsplit('/').next().unwrap_or_default();
            content["example"] = self.pages.get(&id).unwrap_or_else(|| self.object(name)).clone();
        }
    }
}
