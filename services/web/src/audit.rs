//! Who has done what to whom: a line for every administrative operation, whatever the log level.

use actix_web::{HttpMessage as _, HttpResponse, dev::ServiceResponse, http::Method};
use domain::{CreditorId, DebtorId};

use crate::{
    caller::{Admission, Identified, Role},
    routing::Params,
};

/// What is said to it is written at every log level.
pub(crate) const TARGET: &str = "creditors.audit";

/// Which operations at a resource leave a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// None.
    Nothing,
    /// Those that change something.
    Changes,
    /// Deletions.
    Deletions,
    /// Changes for which the PIN was not asked.
    PinResets,
}

impl Audit {
    fn concerns(self, method: &Method, pin_reset: bool) -> bool {
        let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        match self {
            Self::Nothing => false,
            Self::Changes => changes,
            Self::Deletions => *method == Method::DELETE,
            Self::PinResets => changes && pin_reset,
        }
    }
}

/// The creditor whom an operation was about, if its path does not tell.
struct About(CreditorId);

/// A request that was not admitted, with whatever is known about its sender.
pub(crate) struct Refused {
    pub(crate) who: Option<Identified>,
    pub(crate) params: Params,
}

/// Notes whom the operation was about.
pub(crate) fn about(response: &mut HttpResponse, creditor_id: CreditorId) {
    response.extensions_mut().insert(About(creditor_id));
}

/// Leaves a line about an answered request, if there must be one: also if its sender may not do what it wanted, but not if
/// it was not recognized.
pub(crate) fn request(response: &ServiceResponse, template: &str, audit: Audit) {
    let request = response.request();
    let extensions = request.extensions();
    let (caller, identity, params, result) = match (extensions.get::<Admission>(), extensions.get::<Refused>()) {
        (Some(Admission { caller, identity, params, .. }), _) => (caller, identity, params, None),
        (None, Some(Refused { who: Some(Identified { caller, identity }), params })) => {
            (caller, identity, params, Some("refused"))
        }
        _ => return,
    };
    let method = request.method();
    if !audit.concerns(method, caller.pin_reset) {
        return;
    }
    let role = match caller.role {
        Role::Superuser => "superuser",
        Role::Supervisor => "supervisor",
        Role::Creditor(_) => "creditor",
    };
    let about = response.response().extensions().get::<About>().map(|about| about.0);
    let status = response.status().as_u16();
    tracing::info!(
        target: TARGET,
        method = method.as_str(),
        route = template,
        status,
        result,
        role,
        subject = identity.subject.as_deref(),
        client = identity.client.as_deref(),
        creditor_id = params.creditor_id.or(about).map(CreditorId::unsigned),
        debtor_id = params.debtor_id.map(DebtorId::unsigned),
        transfer_uuid = params.transfer_uuid.map(|uuid| uuid.to_string()),
        pin_reset = caller.pin_reset,
        "{role} {}: {method} {template} {status}",
        identity.subject.as_deref().unwrap_or("without a name"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations() {
        let cases = [
            (Audit::Nothing, [false; 8]),
            (Audit::Changes, [false, false, true, true, true, true, true, true]),
            (Audit::Deletions, [false, false, false, false, false, false, true, true]),
            (Audit::PinResets, [false, false, false, true, false, true, false, true]),
        ];
        for (audit, expected) in cases {
            let methods = [Method::GET, Method::POST, Method::PATCH, Method::DELETE];
            let concerned: Vec<_> = methods
                .iter()
                .flat_map(|method| [false, true].map(|pin_reset| audit.concerns(method, pin_reset)))
                .collect();
            assert_eq!(concerned, expected, "{audit:?}");
        }
    }
}
