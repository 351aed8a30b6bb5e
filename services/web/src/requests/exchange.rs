//! Requests about exchange policies (webapi §12.5).

use domain::{
    AccountKey,
    account::{Peg, Policy},
    pin::Pin,
};
use utoipa::ToSchema;

use super::{PinField, latest_update_id};
use crate::{
    location::BaseUrl,
    parse::{Errors, Fields, Input, Object, float, integer, nested, text},
    reference,
};

const EVERYTHING: std::ops::RangeInclusive<i64> = i64::MIN..=i64::MAX;

/// Changes the exchange policy of an account.
#[derive(Clone, Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct AccountExchangeUpdate {
    /// Name of the policy; absent means none.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    pub policy: Option<String>,
    /// Do not sell below this principal.
    #[schema(minimum = -9_223_372_036_854_775_808_i64, maximum = 9_223_372_036_854_775_807_i64)]
    pub min_principal: i64,
    /// Do not buy above this principal.
    #[schema(minimum = -9_223_372_036_854_775_808_i64, maximum = 9_223_372_036_854_775_807_i64)]
    pub max_principal: i64,
    /// The peg; absent means none.
    #[schema(value_type = Option<crate::render::exchange::CurrencyPeg>, nullable = false)]
    pub peg: Option<CurrencyPeg>,
    /// The id which the object is to get.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub latest_update_id: i64,
    /// The PIN.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub pin: Option<Pin>,
}

/// A fixed exchange rate to another account.
#[derive(Clone, Debug, PartialEq)]
pub struct CurrencyPeg {
    /// One unit of the account is worth so many of the other.
    pub exchange_rate: f64,
    /// The other account.
    pub account: ObjectReference,
}

/// Names an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectReference {
    /// Its URI, which may be relative.
    pub uri: String,
}

impl AccountExchangeUpdate {
    /// What is wished for the account `key`. The update id and the PIN remain to be taken.
    ///
    /// `None` when the URI of the peg is not the URI of an account of the same creditor.
    pub fn policy(&self, base: &BaseUrl, key: AccountKey) -> Option<Policy> {
        let peg = match &self.peg {
            Some(peg) => Some(peg.resolve(base, key)?),
            None => None,
        };
        Some(Policy {
            name: self.policy.clone(),
            min_principal: self.min_principal,
            max_principal: self.max_principal,
            peg,
        })
    }
}

impl CurrencyPeg {
    fn resolve(&self, base: &BaseUrl, key: AccountKey) -> Option<Peg> {
        let debtor_id = reference::resolve_account(base, key, &self.account.uri)?;
        Some(Peg { exchange_rate: self.exchange_rate, debtor_id })
    }
}

impl Input for AccountExchangeUpdate {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("AccountExchange");
        let policy = fields.optional("policy", text().length(1, 40));
        let min_principal = fields.required("minPrincipal", integer(EVERYTHING));
        let max_principal = fields.required("maxPrincipal", integer(EVERYTHING));
        let peg = fields.optional("peg", nested());
        let latest_update_id = latest_update_id(&mut fields);
        let pin = fields.optional("pin", PinField);
        let update = fields.finish(|| {
            Some(Self {
                policy: policy?,
                min_principal: min_principal?,
                max_principal: max_principal?,
                peg: peg?,
                latest_update_id: latest_update_id?,
                pin: pin?,
            })
        })?;
        if update.min_principal > update.max_principal {
            return Err(Errors::schema("maxPrincipal must be equal or greater than minPrincipal."));
        }
        Ok(update)
    }
}

impl Input for CurrencyPeg {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("CurrencyPeg");
        let exchange_rate = fields.required("exchangeRate", float().min(0.0));
        let account = fields.required("account", nested());
        fields.finish(|| Some(Self { exchange_rate: exchange_rate?, account: account? }))
    }
}

impl Input for ObjectReference {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        let uri = fields.required("uri", text());
        fields.finish(|| Some(Self { uri: uri? }))
    }
}
