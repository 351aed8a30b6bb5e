//! What is wrong with a request, by field (webapi §6).

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

/// The key of errors that concern an object as a whole.
const SCHEMA: &str = "_schema";

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Problem {
    /// Messages for people and for tests of clients.
    Messages(Vec<Cow<'static, str>>),
    /// The field is an object, and these are the problems inside.
    Nested(Errors),
}

/// What is wrong with an object: problems by the names of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Errors(BTreeMap<Cow<'static, str>, Problem>);

impl Errors {
    /// One problem of one field.
    pub fn field(name: impl Into<Cow<'static, str>>, problem: impl Into<Problem>) -> Self {
        let mut errors = Self::default();
        errors.add(name, problem);
        errors
    }

    /// A problem of the object as a whole.
    pub fn schema(message: impl Into<Cow<'static, str>>) -> Self {
        Self::field(SCHEMA, Problem::message(message))
    }

    /// Notes a problem of a field.
    pub fn add(&mut self, name: impl Into<Cow<'static, str>>, problem: impl Into<Problem>) {
        self.0.insert(name.into(), problem.into());
    }

    /// Nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Problem {
    /// One message.
    pub fn message(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Messages(vec![text.into()])
    }
}

impl From<&'static str> for Problem {
    fn from(text: &'static str) -> Self {
        Self::message(text)
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::message(text)
    }
}

impl From<Errors> for Problem {
    fn from(errors: Errors) -> Self {
        Self::Nested(errors)
    }
}
