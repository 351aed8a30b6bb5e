//! Requests about the life of creditors (webapi §12.1).

use utoipa::ToSchema;

use crate::parse::{Errors, Fields, Input, Object, text};

/// Asks for a creditor id.
#[derive(Clone, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditorReservationRequest {}

/// Makes a creditor active.
#[derive(Clone, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct CreditorActivationRequest {
    /// What the reservation has told; if absent, the creditor is reserved and activated at once.
    #[schema(write_only, nullable = false)]
    pub reservation_id: Option<String>,
}

/// Ends the life of a creditor.
#[derive(Clone, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditorDeactivationRequest {}

impl Input for CreditorReservationRequest {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("CreditorReservationRequest");
        fields.finish(|| Some(Self {}))
    }
}

impl Input for CreditorActivationRequest {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("CreditorActivationRequest");
        let reservation_id = fields.optional("reservationId", text());
        fields.finish(|| Some(Self { reservation_id: reservation_id? }))
    }
}

impl Input for CreditorDeactivationRequest {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("CreditorDeactivationRequest");
        fields.finish(|| Some(Self {}))
    }
}
