//! Proofs of admission, for handlers.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use domain::{AccountKey, CreditorId, DebtorId, Shard, pin::Pin, uris::Slug};
use procedures::client::Proof;
use uuid::Uuid;

use super::{Access, Caller, Identity, Role};
use crate::{ApiError, routing::Params, state::State};

/// What the router has found out about a request before it calls the handler.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) access: Access,
    pub(crate) caller: Caller,
    pub(crate) identity: Identity,
    pub(crate) params: Params,
}

impl Admission {
    /// The admission of the request, which must have happened by the expected rules.
    fn of(request: &HttpRequest, access: Access) -> Result<Self, ApiError> {
        let admission = request.extensions().get::<Self>().cloned();
        admission.filter(|admission| admission.access == access).ok_or_else(wrong_scope)
    }
}

/// The caller is an administrator.
#[derive(Clone, Debug)]
pub struct AdminScope {
    caller: Caller,
    creditor_id: Option<CreditorId>,
    shard: Shard,
}

impl AdminScope {
    /// The creditor of the path, valid or not.
    pub fn any_creditor_id(&self) -> Result<CreditorId, ApiError> {
        self.creditor_id.ok_or(ApiError::NotFound)
    }

    /// The creditor of the path; fails unless this shard is responsible for it. To be called after the validation of the
    /// body (webapi §2.3).
    pub fn creditor_id(&self) -> Result<CreditorId, ApiError> {
        self.any_creditor_id().and_then(|id| if self.shard.is_valid(id) { Ok(id) } else { Err(ApiError::NotFound) })
    }

    /// Fails unless the caller is a superuser.
    pub fn require_superuser(&self) -> Result<(), ApiError> {
        match self.caller.role {
            Role::Superuser => Ok(()),
            Role::Supervisor | Role::Creditor(_) => Err(ApiError::Forbidden),
        }
    }
}

/// The caller is known.
#[derive(Clone, Copy, Debug)]
pub struct AnyScope {
    caller: Caller,
}

impl AnyScope {
    /// Who calls.
    pub fn role(&self) -> Role {
        self.caller.role
    }
}

/// The caller may do this with the data of a creditor for whom this shard is responsible.
#[derive(Clone, Copy, Debug)]
pub struct CreditorScope {
    caller: Caller,
    creditor_id: CreditorId,
}

impl CreditorScope {
    /// The creditor of the path.
    pub fn creditor_id(&self) -> CreditorId {
        self.creditor_id
    }

    /// What a request with that PIN, or without one, proves: nothing is asked for in "PIN reset mode" (webapi §2.2).
    pub fn proof<'a>(&self, pin: Option<&'a Pin>) -> Proof<'a> {
        if self.caller.pin_reset { Proof::NotNeeded } else { Proof::Pin(pin) }
    }

    /// "PIN reset mode": the PIN is not asked for (webapi §2.2).
    pub fn pin_reset(&self) -> bool {
        self.caller.pin_reset
    }
}

/// A [`CreditorScope`], and an account of the creditor, which may exist or not.
#[derive(Clone, Copy, Debug)]
pub struct AccountScope {
    creditor: CreditorScope,
    debtor_id: DebtorId,
}

impl AccountScope {
    /// The account of the path.
    pub fn key(&self) -> AccountKey {
        AccountKey::new(self.creditor.creditor_id, self.debtor_id)
    }

    /// What a request with that PIN, or without one, proves.
    pub fn proof<'a>(&self, pin: Option<&'a Pin>) -> Proof<'a> {
        self.creditor.proof(pin)
    }
}

/// A [`CreditorScope`], and a running transfer of the creditor, which may exist or not.
#[derive(Clone, Copy, Debug)]
pub struct TransferScope {
    creditor: CreditorScope,
    transfer_uuid: Uuid,
}

impl TransferScope {
    /// The creditor of the path.
    pub fn creditor_id(&self) -> CreditorId {
        self.creditor.creditor_id
    }

    /// The transfer of the path.
    pub fn transfer_uuid(&self) -> Uuid {
        self.transfer_uuid
    }
}

/// An [`AccountScope`], and a committed transfer of the account, which may exist or not.
#[derive(Clone, Copy, Debug)]
pub struct CommittedTransferScope {
    account: AccountScope,
    slug: Slug,
}

impl CommittedTransferScope {
    /// The account of the path.
    pub fn key(&self) -> AccountKey {
        self.account.key()
    }

    /// The transfer of the path.
    pub fn slug(&self) -> Slug {
        self.slug
    }
}

/// A scope that is made from an admission.
trait Scope: Sized {
    const ACCESS: Access;

    fn new(admission: &Admission, shard: &Shard) -> Result<Self, ApiError>;
}

impl Scope for AdminScope {
    const ACCESS: Access = Access::Admin;

    fn new(admission: &Admission, shard: &Shard) -> Result<Self, ApiError> {
        Ok(Self { caller: admission.caller, creditor_id: admission.params.creditor_id, shard: *shard })
    }
}

impl Scope for AnyScope {
    const ACCESS: Access = Access::Known;

    fn new(admission: &Admission, _: &Shard) -> Result<Self, ApiError> {
        Ok(Self { caller: admission.caller })
    }
}

impl Scope for CreditorScope {
    const ACCESS: Access = Access::Creditor;

    fn new(admission: &Admission, _: &Shard) -> Result<Self, ApiError> {
        let creditor_id = admission.params.creditor_id.ok_or_else(wrong_scope)?;
        Ok(Self { caller: admission.caller, creditor_id })
    }
}

impl Scope for AccountScope {
    const ACCESS: Access = Access::Creditor;

    fn new(admission: &Admission, shard: &Shard) -> Result<Self, ApiError> {
        let creditor = CreditorScope::new(admission, shard)?;
        Ok(Self { creditor, debtor_id: admission.params.debtor_id.ok_or_else(wrong_scope)? })
    }
}

impl Scope for TransferScope {
    const ACCESS: Access = Access::Creditor;

    fn new(admission: &Admission, shard: &Shard) -> Result<Self, ApiError> {
        let creditor = CreditorScope::new(admission, shard)?;
        Ok(Self { creditor, transfer_uuid: admission.params.transfer_uuid.ok_or_else(wrong_scope)? })
    }
}

impl Scope for CommittedTransferScope {
    const ACCESS: Access = Access::Creditor;

    fn new(admission: &Admission, shard: &Shard) -> Result<Self, ApiError> {
        let account = AccountScope::new(admission, shard)?;
        let segment = admission.params.segment.as_deref().ok_or_else(wrong_scope)?;
        Ok(Self { account, slug: Slug::parse(segment).ok_or(ApiError::NotFound)? })
    }
}

macro_rules! extractors {
    ($($scope:ty),+) => {
        $(impl FromRequest for $scope {
            type Error = ApiError;
            type Future = Ready<Result<Self, ApiError>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(extract(request))
            }
        })+
    };
}

extractors!(AdminScope, AnyScope, CreditorScope, AccountScope, TransferScope, CommittedTransferScope);

fn extract<S: Scope>(request: &HttpRequest) -> Result<S, ApiError> {
    let admission = Admission::of(request, S::ACCESS)?;
    S::new(&admission, &State::of(request)?.shard)
}

fn wrong_scope() -> ApiError {
    ApiError::internal("the handler's scope does not fit its route")
}
