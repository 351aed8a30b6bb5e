//! Requests about a creditor's wallet (webapi §12.2).

use domain::pin::{Pin, Status};
use utoipa::{IntoParams, ToSchema};

use super::{NOT_NEGATIVE, PinField, latest_update_id};
use crate::parse::{Errors, FieldType, Fields, Input, Json, Object, Problem, integer, text};

/// Changes the PIN.
#[derive(Clone, Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct PinInfoUpdate {
    /// `off`, `on` or `blocked`.
    #[schema(value_type = String, pattern = "^(off|on|blocked)$")]
    pub status: Status,
    /// The new PIN; required when the status is `on`. Without it the old one is removed.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub new_pin: Option<Pin>,
    /// The current PIN.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub pin: Option<Pin>,
    /// The id which the object is to get.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub latest_update_id: i64,
}

impl Input for PinInfoUpdate {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("PinInfo");
        let status = fields.required("status", StatusField);
        let new_pin = fields.optional("newPin", PinField);
        let pin = fields.optional("pin", PinField);
        let latest_update_id = latest_update_id(&mut fields);
        let update = fields.finish(|| {
            Some(Self { status: status?, new_pin: new_pin?, pin: pin?, latest_update_id: latest_update_id? })
        })?;
        if update.status == Status::On && update.new_pin.is_none() {
            return Err(Errors::schema("When the PIN is \"on\", newPin is requred."));
        }
        Ok(update)
    }
}

struct StatusField;

impl FieldType for StatusField {
    type Value = Status;

    fn read(self, value: Json) -> Result<Status, Problem> {
        match text().read(value)?.as_str() {
            "off" => Ok(Status::Off),
            "on" => Ok(Status::On),
            "blocked" => Ok(Status::Blocked),
            _ => Err("String does not match expected pattern.".into()),
        }
    }
}

/// Where a page of the log begins.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogPageQuery {
    /// Only entries with greater ids.
    #[param(default = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64, required = false)]
    pub prev: i64,
}

impl Input for LogPageQuery {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::open(object);
        let prev = fields.or_else("prev", integer(NOT_NEGATIVE), || 0);
        fields.finish(|| Some(Self { prev: prev? }))
    }
}
