//! Creditors and their reservations.

use chrono::TimeDelta;
use domain::{CreditorId, uris};
use persistence::creditor;
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::ObjectReference, timestamp::Timestamp};

/// The promise of a creditor id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreditorReservation {
    /// `CreditorReservation`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// When the id was reserved.
    #[schema(read_only, value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What the activation must repeat.
    #[schema(read_only, max_length = 100)]
    reservation_id: String,
    /// The reserved id.
    #[schema(read_only, pattern = "^[0-9A-Za-z_=-]{1,64}$")]
    creditor_id: String,
    /// Until when the creditor must be activated.
    #[schema(read_only, value_type = String, format = DateTime)]
    valid_until: Timestamp,
}

impl CreditorReservation {
    /// A reservation that is kept for the time `retention`.
    pub fn new(
        creditor_id: CreditorId,
        reservation_id: Option<i64>,
        created_at: domain::Timestamp,
        retention: TimeDelta,
    ) -> Self {
        Self {
            r#type: "CreditorReservation",
            created_at: created_at.into(),
            reservation_id: reservation_id.unwrap_or(0).to_string(),
            creditor_id: creditor_id.unsigned().to_string(),
            valid_until: created_at.checked_add_signed(retention).unwrap_or(domain::Timestamp::MAX_UTC).into(),
        }
    }
}

/// The list of all creditors.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreditorsList {
    /// `CreditorsList`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, value_type = String, format = "uri-reference")]
    uri: &'static str,
    /// Type of the items.
    #[schema(read_only, value_type = String)]
    items_type: &'static str,
    /// The first page.
    #[schema(read_only, format = "uri-reference")]
    first: String,
}

impl CreditorsList {
    /// The list, which begins with the smallest signed id.
    pub fn new() -> Self {
        Self {
            r#type: "CreditorsList",
            uri: "/creditors/.list",
            items_type: "ObjectReference",
            first: enumeration(CreditorId::new(i64::MIN)),
        }
    }
}

impl Default for CreditorsList {
    fn default() -> Self {
        Self::new()
    }
}

/// The page of the list of creditors that begins with `first`.
pub fn enumeration(first: CreditorId) -> String {
    format!("/creditors/{}/enumerate", first.unsigned())
}

/// A creditor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Creditor {
    /// `Creditor`
    #[schema(value_type = String, default = "Creditor", required = false)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The wallet.
    #[schema(read_only)]
    wallet: ObjectReference,
    /// When the id was reserved.
    #[schema(read_only, value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl Creditor {
    /// The creditor.
    pub fn new(row: &creditor::Creditor) -> Self {
        Self {
            r#type: "Creditor",
            uri: uris::creditor(row.creditor_id),
            wallet: ObjectReference::to(uris::wallet(row.creditor_id)),
            created_at: row.created_at.into(),
            latest_update_id: row.latest_update_id,
            latest_update_at: row.latest_update_ts.into(),
        }
    }
}
