//! A virtual host per test.

mod api;

use std::thread;

pub use api::{Api, Binding, Exchange, Queue};

use crate::{environment, random};

/// Virtual hosts of tests begin so.
const PREFIX: &str = "creditors_test_";

/// An empty virtual host, deleted when this value is dropped.
#[derive(Debug)]
pub struct TestBroker {
    url: String,
    api: Api,
}

impl TestBroker {
    /// Creates a virtual host with the broker that the environment names.
    #[expect(clippy::expect_used, reason = "a test that cannot run must fail")]
    pub async fn create() -> Self {
        let broker = environment::require(environment::BROKER_URL);
        let api = environment::require(environment::BROKER_API_URL);
        let vhost = format!("{PREFIX}{}", random::token());
        let api = Api::new(&api, &broker).expect("the broker's URLs should be valid").in_vhost(&vhost);
        api.create_vhost().await.expect("the broker should create a virtual host");
        Self { url: api::with_vhost(&broker, &vhost).expect("the broker's URL should be valid"), api }
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
pub(crate) async fn sweep(api_url: &str, broker_url: &str) -> anyhow::Result<()> {
    let api = Api::new(api_url, broker_url)?;
    for vhost in api.vhosts().await? {
        let left_behind = vhost.starts_with(PREFIX);
        let api = api.clone().in_vhost(&vhost);
        if left_behind && api.connection_names().await?.is_empty() {
            api.delete_vhost().await?;
        }
    }
    Ok(())
}
