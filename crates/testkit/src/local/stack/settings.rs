//! The environment of the services (operations §2).

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Options, storage::Provided};
use crate::{
    process::{Lifetime, ServiceBuilder},
    random,
    servers::Access,
};

/// The other side of the protocol.
pub(super) const AUTHORITY: &str = "creditors-authority";

/// What all services of a stack are told.
pub(super) struct Settings {
    directory: PathBuf,
    lifetime: Lifetime,
    common: Vec<(&'static str, String)>,
    authority: Vec<String>,
}

impl Settings {
    pub(super) fn new(
        directory: &Path,
        storage: &Provided,
        options: &Options,
        environment: &[(&'static str, &str)],
    ) -> Result<Self> {
        let needed = vec![
            ("POSTGRES_URL", storage.postgres.clone()),
            ("PROTOCOL_BROKER_URL", storage.broker.clone()),
            ("PROTOCOL_BROKER_QUEUE", "swpt_creditors".to_owned()),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "#".to_owned()),
            ("PROTOCOL_BROKER_PREFETCH_COUNT", "500".to_owned()),
            ("PIN_PROTECTION_SECRET", pin_secret(directory)?),
        ];
        let usual = [("APP_LOG_LEVEL", "info"), ("APP_LOG_FORMAT", "text")];
        // Of several values for one name, the last one counts.
        let chosen = usual.iter().chain(environment).map(|(name, value)| (*name, (*value).to_owned()));
        let common = chosen.chain(needed).collect();
        let authority = options.authority.clone();
        Ok(Self { directory: directory.to_owned(), lifetime: options.lifetime, common, authority })
    }

    /// What every service and every command needs.
    pub(super) fn common(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.common.iter().map(|(name, value)| (*name, value.as_str()))
    }

    pub(super) fn service(&self, name: &str) -> Result<ServiceBuilder> {
        let builder = ServiceBuilder::new(name, &self.directory)?.lifetime(self.lifetime);
        Ok(self.common().fold(builder, |builder, (name, value)| builder.env(name, value)))
    }

    /// The web server: whoever can reach the loopback interface is trusted.
    pub(super) fn web(&self, port: u16) -> Result<ServiceBuilder> {
        let web = self.service("creditors-web")?;
        Ok(web
            .env("APP_AUTH_MODE", "trusted-headers")
            .env("APP_WEBSERVER_BIND", "127.0.0.1")
            .env("WEBSERVER_PORT", port.to_string()))
    }

    /// The web server behind nginx: whoever calls needs a token.
    pub(super) fn web_with_tokens(&self, port: u16, api: &str, authorization: &Access) -> Result<ServiceBuilder> {
        Ok(self
            .web(port)?
            .env("APP_AUTH_MODE", "introspection")
            .env("OAUTH2_INTROSPECT_URL", authorization.introspection_url())
            .env("OAUTH2_AUTHORIZATION_URL", authorization.authorization_url())
            .env("OAUTH2_TOKEN_URL", authorization.token_url())
            .env("OAUTH2_REFRESH_URL", authorization.token_url())
            .env("API_ROOT", api))
    }

    /// The simulated authority, serving every debtor.
    pub(super) fn authority(&self) -> Result<ServiceBuilder> {
        let authority = self.service(AUTHORITY)?.readiness("/health");
        let port = authority.admin_port().to_string();
        let authority = authority.arg("--binding-key").arg("#").arg("--control-port").arg(port);
        Ok(self.authority.iter().fold(authority, ServiceBuilder::arg))
    }
}

/// Stored PINs are useless without the secret, so it stays with the data.
fn pin_secret(directory: &Path) -> Result<String> {
    let path = directory.join("pin-secret");
    if let Ok(secret) = std::fs::read_to_string(&path) {
        return Ok(secret);
    }
    let secret = random::password();
    crate::local::write_private(&path, secret.as_bytes())?;
    Ok(secret)
}
