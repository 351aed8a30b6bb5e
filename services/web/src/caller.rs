//! Who calls, and what they may do (webapi §2).
//!
//! The router admits a request before its handler runs, by the [`Access`] its route declares, and the [`TokenScope`] that
//! the operation needs. Handlers get the proof as an extractor: [`AdminScope`], [`AnyScope`], [`CreditorScope`],
//! [`AccountScope`], [`TransferScope`], ... Nothing else tells them whose data the request is about, and an extractor
//! that does not fit the route's access fails.

mod access;
mod auth;
mod authority;
mod bearer;
mod grant;
mod introspection;
mod jwt;
mod scope;
mod subject;

pub use self::{
    access::Access,
    auth::{Auth, AuthError},
    authority::InvalidServer,
    bearer::Challenge,
    grant::{Identity, TokenScope},
    scope::{AccountScope, AdminScope, AnyScope, CommittedTransferScope, CreditorScope, TransferScope},
    subject::{InvalidPattern, SubjectRules},
};
pub(crate) use self::{access::admit, scope::Admission};

use domain::CreditorId;

use crate::ApiError;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Superuser,
    /// May read everything, and activate creditors.
    Supervisor,
    /// May do everything with its own data.
    Creditor(CreditorId),
}

/// An authenticated caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who calls.
    pub role: Role,
    /// "PIN reset mode": the PIN is not asked for.
    pub pin_reset: bool,
}

/// A caller, and the names by which it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identified {
    pub(crate) caller: Caller,
    pub(crate) identity: Identity,
}

/// Why a request is refused, and whose it was, if that is known.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: ApiError,
    pub(crate) who: Option<Identified>,
}

impl<E: Into<ApiError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self { error: error.into(), who: None }
    }
}

impl Identified {
    /// Who asks what can be done at a path: that is no secret, so it may be anybody (webapi §2.4).
    fn anonymous() -> Self {
        Self { caller: Caller { role: Role::Superuser, pin_reset: false }, identity: Identity::default() }
    }
}
