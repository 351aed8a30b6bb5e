//! Debtors and accounts, as clients name them (webapi §8.1, §12.3).

use domain::{DebtorId, swpt_uri};

use crate::{
    ApiError,
    parse::{Errors, Fields, Input, Object, text},
};

/// Names a debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtorIdentity {
    /// A `swpt:` URI.
    pub uri: String,
}

/// Names an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountIdentity {
    /// A `swpt:` URI.
    pub uri: String,
}

impl DebtorIdentity {
    /// Who it is. Fails with 422 when the URI says nothing to us.
    pub fn debtor_id(&self) -> Result<DebtorId, ApiError> {
        swpt_uri::parse_debtor(&self.uri).or(Err(ApiError::unrecognized_uri(&["uri"])))
    }
}

impl AccountIdentity {
    /// The debtor, and the account id in clear text. Fails with 422 when the URI says nothing to us; `path` are the names
    /// of the fields that lead to it.
    pub fn account(&self, path: &[&'static str]) -> Result<(DebtorId, String), ApiError> {
        swpt_uri::parse_account(&self.uri).or(Err(ApiError::unrecognized_uri(path)))
    }
}

impl Input for DebtorIdentity {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("DebtorIdentity");
        let uri = fields.required("uri", text().max(100));
        fields.finish(|| Some(Self { uri: uri? }))
    }
}

impl Input for AccountIdentity {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("AccountIdentity");
        let uri = fields.required("uri", text().max(200));
        fields.finish(|| Some(Self { uri: uri? }))
    }
}
