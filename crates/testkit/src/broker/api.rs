//! The broker's management API.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::{Client, Method};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use url::Url;

/// A client for one virtual host.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    base: String,
    user: String,
    password: String,
    vhost: String,
}

/// A queue, as the broker describes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// `classic`, `quorum` or `stream`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Survives a restart.
    pub durable: bool,
    /// The arguments it was declared with.
    pub arguments: Map<String, Value>,
    /// Messages in it, delivered or not; up to half a second old.
    #[serde(default)]
    pub messages: u64,
    /// Messages ready for delivery.
    #[serde(default)]
    pub messages_ready: u64,
    /// Messages delivered and not yet acknowledged.
    #[serde(default)]
    pub messages_unacknowledged: u64,
    /// Consumers at the queue.
    #[serde(default)]
    pub consumers: u64,
}

/// An exchange, as the broker describes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Exchange {
    /// Its name; the default exchange has none.
    pub name: String,
    /// `topic`, `headers`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Survives a restart.
    pub durable: bool,
    /// Is deleted with its last binding.
    pub auto_delete: bool,
    /// Cannot be published to.
    pub internal: bool,
    /// The arguments it was declared with.
    pub arguments: Map<String, Value>,
}

/// A binding, as the broker describes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Binding {
    /// The exchange that messages come from.
    pub source: String,
    /// The queue or exchange that they go to.
    pub destination: String,
    /// `queue` or `exchange`.
    pub destination_type: String,
    /// The routing key.
    pub routing_key: String,
    /// The arguments it was made with.
    pub arguments: Map<String, Value>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Api {
    /// A client of the API at `api_url`, as the user that the broker's URL names, for the virtual host that it names.
    pub fn new(api_url: &str, broker_url: &str) -> Result<Self> {
        let broker = Url::parse(broker_url).context("the broker's URL is malformed")?;
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let vhost = match broker.path() {
            "" | "/" => "/".to_owned(),
            path => decode(path.trim_start_matches('/')),
        };
        Ok(Self {
            http: client()?,
            base: api_url.trim_end_matches('/').to_owned(),
            user: decode(broker.username()),
            password: decode(broker.password().unwrap_or_default()),
            vhost,
        })
    }

    /// The same without sharing connections: a shared one may belong to a runtime that waits for us.
    pub(super) fn with_own_connections(self) -> Result<Self> {
        Ok(Self { http: client()?, ..self })
    }

    /// The same for another virtual host.
    #[must_use]
    pub fn in_vhost(mut self, vhost: &str) -> Self {
        vhost.clone_into(&mut self.vhost);
        self
    }

    /// The virtual host's name.
    pub fn vhost(&self) -> &str {
        &self.vhost
    }

    /// Whether the API answers, and all of the broker has started.
    pub async fn is_ready(&self) -> bool {
        self.get::<Value>("/api/vhosts")
            .await
            .is_ok_and(|hosts| hosts.as_array().is_some_and(|hosts| !hosts.is_empty()))
    }

    /// All queues.
    pub async fn queues(&self) -> Result<Vec<Queue>> {
        self.get(&self.path("queues", "")).await
    }

    /// One queue; `None` if there is no such.
    pub async fn queue(&self, name: &str) -> Result<Option<Queue>> {
        Ok(self.queues().await?.into_iter().find(|queue| queue.name == name))
    }

    /// All exchanges, the broker's own included.
    pub async fn exchanges(&self) -> Result<Vec<Exchange>> {
        self.get(&self.path("exchanges", "")).await
    }

    /// All bindings, those of the default exchange included.
    pub async fn bindings(&self) -> Result<Vec<Binding>> {
        self.get(&self.path("bindings", "")).await
    }

    /// Names of the open connections.
    pub async fn connection_names(&self) -> Result<Vec<String>> {
        let path = format!("/api/vhosts/{}/connections", encode(&self.vhost));
        let connections: Vec<Named> = self.get(&path).await?;
        Ok(connections.into_iter().map(|connection| connection.name).collect())
    }

    /// Makes the broker close all connections; returns how many there were.
    pub async fn close_connections(&self) -> Result<usize> {
        let names = self.connection_names().await?;
        for name in &names {
            self.send(Method::DELETE, &format!("/api/connections/{}", encode(name)), None).await?;
        }
        Ok(names.len())
    }

    /// Deletes a queue with everything in it.
    pub async fn delete_queue(&self, name: &str) -> Result<()> {
        self.send(Method::DELETE, &self.path("queues", name), None).await
    }

    /// Any answer of the API, for what has no method here: `/api/overview`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self.http.get(format!("{}{path}", self.base)).basic_auth(&self.user, Some(&self.password));
        let answer = request.send().await.with_context(|| format!("GET {path} got no answer"))?;
        let answer = answer.error_for_status().with_context(|| format!("GET {path} was refused"))?;
        answer.json().await.with_context(|| format!("GET {path} has an unexpected answer"))
    }

    pub(super) async fn vhosts(&self) -> Result<Vec<String>> {
        let vhosts: Vec<Named> = self.get("/api/vhosts").await?;
        Ok(vhosts.into_iter().map(|vhost| vhost.name).collect())
    }

    pub(crate) async fn create_vhost(&self) -> Result<()> {
        let vhost = encode(&self.vhost);
        self.send(Method::PUT, &format!("/api/vhosts/{vhost}"), None).await?;
        let all = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        self.send(Method::PUT, &format!("/api/permissions/{vhost}/{}", encode(&self.user)), Some(&all)).await
    }

    pub(super) async fn delete_vhost(&self) -> Result<()> {
        self.send(Method::DELETE, &format!("/api/vhosts/{}", encode(&self.vhost)), None).await
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<()> {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .basic_auth(&self.user, Some(&self.password));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.with_context(|| format!("{method} {path} got no answer"))?;
        if !answer.status().is_success() {
            bail!("{method} {path}: {} {}", answer.status(), answer.text().await.unwrap_or_default());
        }
        Ok(())
    }

    fn path(&self, kind: &str, name: &str) -> String {
        let vhost = encode(&self.vhost);
        if name.is_empty() { format!("/api/{kind}/{vhost}") } else { format!("/api/{kind}/{vhost}/{}", encode(name)) }
    }
}

/// The broker's URL with another virtual host.
pub(crate) fn with_vhost(broker_url: &str, vhost: &str) -> Result<String> {
    let mut url = Url::parse(broker_url).context("the broker's URL is malformed")?;
    url.set_path(&format!("/{}", encode(vhost)));
    Ok(url.into())
}

fn client() -> Result<Client> {
    crate::http::builder().timeout(Duration::from_secs(30)).build().context("no HTTP client")
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
