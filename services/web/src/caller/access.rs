//! Which callers a route admits (webapi §2.3, §2.4).

use actix_web::http::Method;
use domain::{CreditorId, Shard};

use super::{Caller, Role};
use crate::ApiError;

/// Which callers a route admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, even the unknown.
    Public,
    /// Every known caller.
    Known,
    /// Administrators. Whether the creditor id of the path is valid is found out later, by the handler.
    Admin,
    /// Those who may read, or change, the data of the creditor in the path.
    Creditor,
}

/// Whether the caller may send a request with that method, and that creditor in its path.
pub(crate) fn admit(
    access: Access,
    caller: Caller,
    method: &Method,
    creditor_id: Option<CreditorId>,
    shard: &Shard,
) -> Result<(), ApiError> {
    match access {
        Access::Public | Access::Known => Ok(()),
        Access::Admin => match caller.role {
            Role::Superuser | Role::Supervisor => Ok(()),
            Role::Creditor(_) => Err(ApiError::Forbidden),
        },
        Access::Creditor => {
            let creditor_id = creditor_id.filter(|id| shard.is_valid(*id)).ok_or(ApiError::NotFound)?;
            let allowed = match caller.role {
                Role::Superuser => true,
                Role::Supervisor => matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS),
                Role::Creditor(id) => id == creditor_id,
            };
            if allowed { Ok(()) } else { Err(ApiError::Forbidden) }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;
    use domain::Realm;

    use super::*;

    /// The status of a refusal; 0 for an admission.
    fn status(access: Access, role: Role, method: &Method, creditor_id: Option<i64>) -> u16 {
        let shard = Shard::new(CreditorId::new(10), CreditorId::new(20), Realm::parse("#").unwrap());
        let caller = Caller { role, pin_reset: false };
        let outcome = admit(access, caller, method, creditor_id.map(CreditorId::new), &shard);
        outcome.err().map_or(0, |error| error.status_code().as_u16())
    }

    #[test]
    fn matrix() {
        let owner = Role::Creditor(CreditorId::new(11));
        let (read, write) = (&Method::GET, &Method::POST);
        //  access, role, [GET own, POST own, GET other, POST other, GET invalid]
        let cases = [
            (Access::Known, Role::Superuser, [0, 0, 0, 0, 0]),
            (Access::Known, Role::Supervisor, [0, 0, 0, 0, 0]),
            (Access::Known, owner, [0, 0, 0, 0, 0]),
            (Access::Admin, Role::Superuser, [0, 0, 0, 0, 0]),
            (Access::Admin, Role::Supervisor, [0, 0, 0, 0, 0]),
            (Access::Admin, owner, [403, 403, 403, 403, 403]),
            (Access::Creditor, Role::Superuser, [0, 0, 0, 0, 404]),
            (Access::Creditor, Role::Supervisor, [0, 403, 0, 403, 404]),
            (Access::Creditor, owner, [0, 0, 403, 403, 404]),
        ];
        for (access, role, expected) in cases {
            let actual = [(read, 11), (write, 11), (read, 12), (write, 12), (read, 21)]
                .map(|(method, id)| status(access, role, method, Some(id)));
            assert_eq!(actual, expected, "{access:?} {role:?}");
        }
    }

    #[test]
    fn supervisors_only_read() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert_eq!(status(Access::Creditor, Role::Supervisor, &method, Some(10)), 0, "{method}");
        }
        for method in [Method::POST, Method::PATCH, Method::DELETE, Method::PUT] {
            assert_eq!(status(Access::Creditor, Role::Supervisor, &method, Some(10)), 403, "{method}");
        }
    }

    #[test]
    fn validity_comes_before_ownership() {
        assert_eq!(status(Access::Creditor, Role::Creditor(CreditorId::new(21)), &Method::GET, Some(21)), 404);
        assert_eq!(status(Access::Creditor, Role::Supervisor, &Method::POST, Some(9)), 404);
    }
}
