//! Who calls, and what they may do (webapi §2).
//!
//! The router admits a request before its handler runs, by the [`Access`] its route declares. Handlers get the proof as
//! an extractor: [`AdminScope`], [`AnyScope`], [`CreditorScope`], [`AccountScope`], [`TransferScope`], ... Nothing else
//! tells them whose data the request is about, and an extractor that does not fit the route's access fails.

mod access;
mod auth;
mod scope;

pub use self::{
    access::Access,
    auth::{Auth, AuthError, SubjectRules},
    scope::{AccountScope, AdminScope, AnyScope, CommittedTransferScope, CreditorScope, TransferScope},
};
pub(crate) use self::{access::admit, scope::Admission};

use domain::CreditorId;

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
