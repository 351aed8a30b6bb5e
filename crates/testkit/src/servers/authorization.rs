//! A private authorization server: `oidc-provider`, as `deploy/local/authorization/` sets it up.

use std::{os::unix::fs::symlink, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Manner, home::Home};
use crate::{
    http, ports,
    process::{Daemon, Program, User},
    programs, random,
};

/// What the server consists of, besides what is installed.
const FILES: [(&str, &str); 2] = [
    ("server.mjs", include_str!("../../../../deploy/local/authorization/server.mjs")),
    ("login.mjs", include_str!("../../../../deploy/local/authorization/login.mjs")),
];

/// A running authorization server. It is stopped when this value is dropped, and forgets all tokens then.
#[derive(Debug)]
pub struct AuthorizationServer {
    /// The process.
    pub daemon: Daemon,
    access: Access,
}

/// Where an authorization server is, and what its clients and users must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// `http://127.0.0.1:20001`, which is also the issuer's name.
    pub url: String,
    /// Secret of the client `creditors-superuser`.
    pub superuser_secret: String,
    /// Secret of the client `creditors-supervisor`.
    pub supervisor_secret: String,
    /// Secret of the client `creditors-agent`, who may ask about tokens.
    pub agent_secret: String,
    /// With which every creditor logs in.
    pub password: String,
    /// Where the client `wallet` is sent back to.
    pub wallet_redirect: String,
}

impl AuthorizationServer {
    /// Starts a server for users of the web API that is, or will be, at `api`. Returns when it answers.
    pub async fn start(directory: &Path, api: &str, manner: Manner) -> Result<Self> {
        let user = User::ourselves();
        let node = programs::node()?;
        let libraries = programs::authorization_libraries()?;
        let home = Home::open(directory, "authorization", &user)?;
        let [port] = ports::free()?;
        let access = Access::new(port, api);
        for (name, text) in FILES {
            home.write(name, text, &user)?;
        }
        // Where node looks for what the files import.
        let link = home.path.join("node_modules");
        let _ = std::fs::remove_file(&link);
        symlink(libraries, &link).with_context(|| format!("{} cannot become a link", link.display()))?;
        let settings = home.write("settings.json", &access.settings(port, api).to_string(), &user)?;
        let mut daemon = Daemon::start(Program {
            name: "authorization server".to_owned(),
            path: node,
            arguments: vec![home.path.join("server.mjs").into_os_string(), settings.into_os_string()],
            environment: Vec::new(),
            log: directory.join("authorization.log"),
            directory: home.path.clone(),
            user,
            stop: Signal::SIGTERM,
            grace: Duration::from_secs(10),
            lifetime: manner.lifetime,
        })?;
        let keys = access.keys_url();
        let http = http::client();
        let answers = async || http.get(&keys).send().await.is_ok_and(|answer| answer.status().is_success());
        daemon.until(Duration::from_secs(30), answers).await?;
        Ok(Self { daemon, access })
    }

    /// Where it is, and what is needed to use it.
    pub fn access(&self) -> &Access {
        &self.access
    }
}

impl Access {
    fn new(port: u16, api: &str) -> Self {
        Self {
            url: format!("http://127.0.0.1:{port}"),
            superuser_secret: random::password(),
            supervisor_secret: random::password(),
            agent_secret: random::password(),
            password: random::password(),
            wallet_redirect: format!("{api}/wallet/"),
        }
    }

    fn settings(&self, port: u16, api: &str) -> serde_json::Value {
        json!({
            "port": port,
            "wallets": [self.wallet_redirect],
            "swaggerUi": format!("{api}/creditors/.docs/oauth2-redirect.html"),
            "secrets": {
                "creditors-superuser": self.superuser_secret,
                "creditors-supervisor": self.supervisor_secret,
                "creditors-agent": self.agent_secret,
            },
            "password": self.password,
        })
    }

    /// Where people log in.
    pub fn authorization_url(&self) -> String {
        format!("{}/auth", self.url)
    }

    /// Where tokens are issued and renewed.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// Where clients give their tokens back.
    pub fn revocation_url(&self) -> String {
        format!("{}/token/revocation", self.url)
    }

    /// Where the agent asks about tokens, with its secret.
    pub fn introspection_url(&self) -> String {
        let place = self.url.trim_start_matches("http://");
        format!("http://creditors-agent:{}@{place}/token/introspection", self.agent_secret)
    }

    /// Where the keys of signed tokens are.
    pub fn keys_url(&self) -> String {
        format!("{}/jwks", self.url)
    }
}
