//! References, lists and pages.

use serde::Serialize;
use utoipa::ToSchema;

/// Where to find an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectReference {
    /// Its URI.
    #[schema(format = "uri-reference")]
    pub uri: String,
}

impl ObjectReference {
    /// A reference to what is found at `uri`.
    pub fn to(uri: impl Into<String>) -> Self {
        Self { uri: uri.into() }
    }
}

/// A part of a list of objects.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectReferencesPage {
    /// `ObjectReferencesPage`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Path and query of the request.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The objects, perhaps none.
    #[schema(read_only)]
    items: Vec<ObjectReference>,
    /// The next page, unless this is the last one.
    #[schema(read_only, format = "uri-reference", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl ObjectReferencesPage {
    /// The page that was asked for by `uri` (see [`request_uri`]).
    pub fn new(uri: String, items: Vec<ObjectReference>, next: Option<String>) -> Self {
        Self { r#type: "ObjectReferencesPage", uri, items, next }
    }
}

/// A list of objects that does not grow while it is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaginatedList {
    /// `PaginatedList`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Type of the items.
    #[schema(read_only, value_type = String)]
    items_type: &'static str,
    /// The first page.
    #[schema(read_only, format = "uri-reference")]
    first: String,
}

impl PaginatedList {
    /// A list that begins with the page `first`.
    pub fn new(items_type: &'static str, first: String) -> Self {
        Self { r#type: "PaginatedList", items_type, first }
    }
}

/// A list of objects to which new ones are appended all the time.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaginatedStream {
    /// `PaginatedStream`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Type of the items.
    #[schema(read_only, value_type = String)]
    items_type: &'static str,
    /// The first page.
    #[schema(read_only, format = "uri-reference")]
    first: String,
    /// The page of the items that do not exist yet.
    #[schema(read_only, format = "uri-reference")]
    forthcoming: String,
}

impl PaginatedStream {
    /// A stream that begins with the page `first`.
    pub fn new(items_type: &'static str, first: String, forthcoming: String) -> Self {
        Self { r#type: "PaginatedStream", items_type, first, forthcoming }
    }
}

/// Path and query of a request as they were received; with a question mark in any case (webapi §7.6).
pub fn request_uri(request: &actix_web::HttpRequest) -> String {
    format!("{}?{}", request.path(), request.query_string())
}
