//! `creditors-agent all`, as a container runs it.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::{
    ServiceBuilder, ServiceProcess,
    memory::{self, Memory},
};

/// The admin ports of the parts, if nothing else is configured.
const PORTS: std::ops::RangeInclusive<u16> = 9101..=9106;

/// How long all parts together may take to become ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often they are asked.
const LOOK: Duration = Duration::from_millis(10);

/// The supervisor with all its parts. It has the usual ports, on a loopback address that no other process of ours uses.
#[derive(Debug)]
pub struct Container {
    /// The supervisor.
    pub agent: ServiceProcess,
    address: Ipv4Addr,
}

impl Container {
    /// Starts `creditors-agent all`, which `agent` is prepared to run, and returns when all parts are ready.
    pub async fn start(agent: ServiceBuilder) -> Result<Self> {
        let [.., high, low] = std::process::id().to_be_bytes();
        let address = Ipv4Addr::new(127, 77, high, low);
        let agent = agent.host(address).env("APP_WEBSERVER_BIND", address.to_string()).arg("all").start().await?;
        let container = Self { agent, address };
        container.wait_until_ready().await?;
        Ok(container)
    }

    /// Where its parts listen.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Waits until all parts say that they are ready.
    pub async fn wait_until_ready(&self) -> Result<()> {
        let (http, began) = (crate::http::client(), Instant::now());
        for port in PORTS {
            let url = format!("http://{}:{port}/health/ready", self.address);
            while !http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                if began.elapsed() > PATIENCE {
                    bail!("nobody is ready at port {port} after {} s", PATIENCE.as_secs());
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }

    /// The process ids of the parts.
    pub fn parts(&self) -> Result<Vec<u32>> {
        memory::children(self.agent.pid().context("the supervisor has ended")?)
    }

    /// The memory of the supervisor and of its parts.
    pub fn memory(&self) -> Result<Vec<Memory>> {
        self.agent.pid().into_iter().chain(self.parts()?).map(memory::read).collect()
    }
}
