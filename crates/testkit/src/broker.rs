//! A virtual host per test.

mod api;

use std::thread;

use anyhow::Result;
pub(crate) use api::with_vhost;
pub use api::{Api, Binding, Exchange, Queue};

use crate::{environment, leftovers};

/// An empty virtual host, deleted when this value is dropped.
#[derive(Debug)]
pub struct TestBroker {
    url: String,
    api: Api,
}

impl TestBroker {
    /// Creates a virtual host with the broker that the environment names.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot run must fail")]
    pub async fn create() -> Self {
        let broker = environment::require(environment::BROKER_URL);
        let api = environment::require(environment::BROKER_API_URL);
        Self::create_at(&api, &broker).await.expect("the broker should create a virtual host")
    }

    /// The same with a broker that the environment does not name.
    pub async fn create_at(api_url: &str, broker_url: &str) -> Result<Self> {
        let vhost = leftovers::new_name();
        let api = Api::new(api_url, broker_url)?.in_vhost(&vhost);
        let url = with_vhost(broker_url, &vhost)?;
        api.create_vhost().await?;
        Ok(Self { url, api })
    }

    /// The virtual host stays.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }

    /// The virtual host's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The management API, looking at this virtual host.
    pub fn api(&self) -> &Api {
        &self.api
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        let api = self.api.clone();
        in_own_runtime(async move {
            let Ok(api) = api.with_own_connections() else { return };
            // What cannot be deleted is swept before the next run.
            let _ = api.delete_vhost().await;
        });
    }
}

/// Runs to completion on a thread of its own: for destructors, which may be inside of any runtime or outside of all.
pub(crate) fn in_own_runtime<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    let run = || Some(tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?.block_on(work));
    thread::spawn(run).join().ok().flatten()
}

/// Deletes the virtual hosts that earlier test runs have left behind.
pub(crate) async fn sweep(api_url: &str, broker_url: &str) -> Result<()> {
    let api = Api::new(api_url, broker_url)?;
    for vhost in api.vhosts().await?.into_iter().filter(|name| leftovers::is_left_behind(name)) {
        api.clone().in_vhost(&vhost).delete_vhost().await?;
    }
    Ok(())
}
