//! Taking the members of an object apart, and telling all of its errors together (webapi §4).

use super::{
    errors::{Errors, Problem},
    json::{Json, Object},
    text::text,
};

/// What a field may hold, and what it means.
pub trait FieldType {
    /// The meaning.
    type Value;

    /// Reads a value other than `null`.
    fn read(self, value: Json) -> Result<Self::Value, Problem>;
}

/// A request body, the query parameters of a request, or an object inside of a body.
pub trait Input: Sized {
    /// Reads the object, or tells everything that is wrong with it.
    fn read(object: Object) -> Result<Self, Errors>;
}

/// The members of an object that are still to be read.
///
/// Each reading method gives `None` after it has noted an error, and [`Self::finish`] tells the errors, so `?` belongs
/// only into the closure given to `finish`.
#[derive(Debug)]
pub struct Fields {
    object: Object,
    errors: Errors,
    open: bool,
}

impl Fields {
    /// Members that nobody reads are errors.
    pub fn strict(object: Object) -> Self {
        Self { object, errors: Errors::default(), open: false }
    }

    /// Members that nobody reads are ignored.
    pub fn open(object: Object) -> Self {
        Self { open: true, ..Self::strict(object) }
    }

    /// Reads a member that must be present.
    pub fn required<F: FieldType>(&mut self, name: &'static str, field: F) -> Option<F::Value> {
        let value = self.optional(name, field)?;
        if value.is_none() {
            self.errors.add(name, "Missing data for required field.");
        }
        value
    }

    /// Reads a member that may be absent; the inner `None` means that it is.
    pub fn optional<F: FieldType>(&mut self, name: &'static str, field: F) -> Option<Option<F::Value>> {
        let outcome = match self.object.remove(name) {
            None => return Some(None),
            Some(Json::Null) => Err("Field may not be null.".into()),
            Some(value) => field.read(value),
        };
        match outcome {
            Ok(value) => Some(Some(value)),
            Err(problem) => {
                self.errors.add(name, problem);
                None
            }
        }
    }

    /// Reads a member that may be absent.
    pub fn or_else<F: FieldType>(
        &mut self,
        name: &'static str,
        field: F,
        default: impl FnOnce() -> F::Value,
    ) -> Option<F::Value> {
        Some(self.optional(name, field)?.unwrap_or_else(default))
    }

    /// Reads the member `type`, which may be absent, but not different from what is expected.
    pub fn object_type(&mut self, expected: &'static str) {
        if let Some(Some(actual)) = self.optional("type", text())
            && actual != expected
        {
            self.errors.add("type", "Invalid type.");
        }
    }

    /// Makes the result, if everything was right.
    pub fn finish<T>(mut self, make: impl FnOnce() -> Option<T>) -> Result<T, Errors> {
        if !self.open {
            for name in self.object.into_keys() {
                self.errors.add(name, "Unknown field.");
            }
        }
        if self.errors.is_empty() { make().ok_or_else(not_an_object) } else { Err(self.errors) }
    }
}

/// The error of something that should have been an object.
pub(crate) fn not_an_object() -> Errors {
    Errors::schema("Invalid input type.")
}

/// A field that holds an object.
pub fn nested<T: Input>() -> impl FieldType<Value = T> {
    Nested(std::marker::PhantomData)
}

struct Nested<T>(std::marker::PhantomData<T>);

impl<T: Input> FieldType for Nested<T> {
    type Value = T;

    fn read(self, value: Json) -> Result<T, Problem> {
        match value {
            Json::Object(object) => Ok(T::read(object)?),
            _ => Err(not_an_object().into()),
        }
    }
}
