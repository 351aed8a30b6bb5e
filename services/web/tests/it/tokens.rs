//! Callers who come with tokens (webapi §13).

mod cache;
mod failures;
mod interoperation;
mod introspection;
mod jwt;
mod paths;
mod permissions;
mod scopes;
mod spoofing;

use testkit::issuer::Issuer;

use crate::app::{Header, Web};

/// A creditor, as in paths and subjects.
const OWN: &str = "4294967296";
const WALLET: &str = "/creditors/.wallet";

/// A web server that asks an issuer about tokens.
struct Asking {
    issuer: Issuer,
    web: Web,
}

impl Asking {
    fn start() -> Self {
        Self::with(&[])
    }

    /// With these settings besides the usual ones.
    fn with(more: &[Header<'_>]) -> Self {
        let issuer = Issuer::start().unwrap();
        let url = issuer.introspection_url();
        let usual = [("APP_AUTH_MODE", "introspection"), ("OAUTH2_INTROSPECT_URL", &url)];
        Self { web: Web::start(&[&usual, more].concat()), issuer }
    }

    /// The status of an answer to a request that only needs a known caller.
    async fn status(&self, token: &str) -> u16 {
        status(&self.web, token).await
    }
}

/// The status of an answer to a request that only needs a known caller.
async fn status(web: &Web, token: &str) -> u16 {
    web.send("GET", WALLET, &[("Authorization", &format!("Bearer {token}"))]).await.status
}
