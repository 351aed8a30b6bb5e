//! Requests about accounts and their ledgers (webapi §12.4, §12.5).

use domain::{
    DebtorId,
    account::{Appearance, ConfigRequest},
    pin::Pin,
};
use utoipa::{IntoParams, ToSchema};

use super::{NOT_NEGATIVE, PinField, latest_update_id};
use crate::parse::{Errors, FieldType, Fields, Input, Json, Object, Problem, boolean, float, integer, text};

const CONFIG_DATA_TOO_LONG: &str = "The total byte-length of the config exceeds 2000 bytes.";

/// Where a page of the list of accounts begins.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountsPageQuery {
    /// Only accounts after the one with this debtor.
    #[param(value_type = Option<String>, pattern = "^[0-9A-Za-z_=-]{1,64}$")]
    pub prev: Option<DebtorId>,
}

impl Input for AccountsPageQuery {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::open(object);
        let prev = fields.optional("prev", ObjectIdField);
        fields.finish(|| Some(Self { prev: prev? }))
    }
}

struct ObjectIdField;

impl FieldType for ObjectIdField {
    type Value = DebtorId;

    fn read(self, value: Json) -> Result<DebtorId, Problem> {
        let text = text().pattern(is_object_id).read(value)?;
        let digits = text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok());
        digits.flatten().map(DebtorId::from_unsigned).ok_or_else(|| "Invalid value.".into())
    }
}

/// `^[0-9A-Za-z_=-]{1,64}$`
fn is_object_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'=' | b'-'))
}

/// Which part of a ledger is shown.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerEntriesQuery {
    /// Only entries with smaller ids.
    #[param(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub prev: i64,
    /// Only entries with greater ids.
    #[param(default = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64, required = false)]
    pub stop: i64,
}

impl Input for LedgerEntriesQuery {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::open(object);
        let prev = fields.required("prev", integer(NOT_NEGATIVE));
        let stop = fields.or_else("stop", integer(NOT_NEGATIVE), || 0);
        fields.finish(|| Some(Self { prev: prev?, stop: stop? }))
    }
}

/// Changes the configuration of an account.
#[derive(Clone, Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AccountConfigUpdate {
    /// The account is to be deleted when it can be.
    pub scheduled_for_deletion: bool,
    /// The amount the holder does not care about.
    #[schema(minimum = 0.0)]
    pub negligible_amount: f32,
    /// The holder accepts a deletion that may lose money.
    pub allow_unsafe_deletion: bool,
    /// Configuration data.
    #[schema(default = "", max_length = 2000, required = false)]
    pub config_data: String,
    /// The id which the object is to get.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub latest_update_id: i64,
    /// The PIN.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub pin: Option<Pin>,
}

impl AccountConfigUpdate {
    /// What is wished, and the PIN.
    pub fn split(self) -> (ConfigRequest, Option<Pin>) {
        let request = ConfigRequest {
            scheduled_for_deletion: self.scheduled_for_deletion,
            negligible_amount: self.negligible_amount,
            allow_unsafe_deletion: self.allow_unsafe_deletion,
            config_data: self.config_data,
            latest_update_id: self.latest_update_id,
        };
        (request, self.pin)
    }
}

impl Input for AccountConfigUpdate {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("AccountConfig");
        let scheduled_for_deletion = fields.required("scheduledForDeletion", boolean());
        let negligible_amount = fields.required("negligibleAmount", float().min(0.0).single());
        let allow_unsafe_deletion = fields.required("allowUnsafeDeletion", boolean());
        let config_data = text().max(2000).max_bytes(2000, CONFIG_DATA_TOO_LONG);
        let config_data = fields.or_else("configData", config_data, String::new);
        let latest_update_id = latest_update_id(&mut fields);
        let pin = fields.optional("pin", PinField);
        fields.finish(|| {
            Some(Self {
                scheduled_for_deletion: scheduled_for_deletion?,
                negligible_amount: negligible_amount?,
                allow_unsafe_deletion: allow_unsafe_deletion?,
                config_data: config_data?,
                latest_update_id: latest_update_id?,
                pin: pin?,
            })
        })
    }
}

/// Changes how an account is shown.
#[derive(Clone, Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AccountDisplayUpdate {
    /// The holder's name for the debtor; absent means none.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    pub debtor_name: Option<String>,
    /// Amounts are divided by this before they are shown.
    #[schema(minimum = 0.0)]
    pub amount_divisor: f64,
    /// Digits shown after the decimal point.
    #[schema(minimum = -20, maximum = 20)]
    pub decimal_places: i32,
    /// The unit of shown amounts; absent means none.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    pub unit: Option<String>,
    /// The holder knows who the debtor is.
    pub known_debtor: bool,
    /// The id which the object is to get.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub latest_update_id: i64,
    /// The PIN.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub pin: Option<Pin>,
}

impl AccountDisplayUpdate {
    /// What is wished. The update id and the PIN remain to be taken.
    pub fn appearance(&self) -> Appearance {
        Appearance {
            debtor_name: self.debtor_name.clone(),
            amount_divisor: self.amount_divisor,
            decimal_places: self.decimal_places,
            unit: self.unit.clone(),
            known_debtor: self.known_debtor,
        }
    }
}

impl Input for AccountDisplayUpdate {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("AccountDisplay");
        let debtor_name = fields.optional("debtorName", text().length(1, 40));
        let amount_divisor = fields.required("amountDivisor", float().above(0.0));
        let decimal_places = fields.required("decimalPlaces", integer(-20..=20));
        let unit = fields.optional("unit", text().length(1, 40));
        let known_debtor = fields.required("knownDebtor", boolean());
        let latest_update_id = latest_update_id(&mut fields);
        let pin = fields.optional("pin", PinField);
        fields.finish(|| {
            Some(Self {
                debtor_name: debtor_name?,
                amount_divisor: amount_divisor?,
                decimal_places: i32::try_from(decimal_places?).ok()?,
                unit: unit?,
                known_debtor: known_debtor?,
                latest_update_id: latest_update_id?,
                pin: pin?,
            })
        })
    }
}
