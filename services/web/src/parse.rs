//! Reading requests: lenient bodies and query parameters, strict results (webapi §4, §5).
//!
//! A request is a struct that implements [`Input`]: it takes its members out of [`Fields`] one by one, each with a
//! [`FieldType`], and all errors of a request are told together.

pub mod body;
pub mod boolean;
pub mod datetime;
pub mod errors;
pub mod fields;
pub mod json;
pub mod number;
pub mod query;
pub mod text;
pub mod uuids;

pub use self::{
    body::Body,
    boolean::boolean,
    datetime::datetime,
    errors::{Errors, Problem},
    fields::{FieldType, Fields, Input, nested},
    json::{Json, Object},
    number::{float, integer},
    query::Query,
    text::text,
    uuids::uuid,
};
