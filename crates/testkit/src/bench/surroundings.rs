//! Where the figures come from: they mean nothing without it.

use std::{fs, thread::available_parallelism};

use anyhow::{Context as _, Result};
use serde_json::Value;
use tokio_postgres::Client;

use super::Setting;
use crate::{
    broker::Api,
    database::connect,
    environment::{self, BROKER_API_URL, BROKER_URL, POSTGRES_URL},
};

/// The settings of PostgreSQL that matter.
const SETTINGS: [&str; 7] = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "max_wal_size",
    "wal_compression",
];

/// How to read the tables.
const LEGEND: &str = "\
CPU per item: processor time of services + PostgreSQL (+ broker); the peer's without broker
peer (quiet): median of several runs on a busy machine (one run on a quiet one), measured elsewhere
ratio: how many times better than the peer
";

/// A paragraph about the machine, the servers and the build.
pub(super) async fn describe(setting: &Setting) -> Result<String> {
    let url = |variable| environment::get(variable).with_context(|| format!("{variable} is not set"));
    let client = connect(&url(POSTGRES_URL)?).await?;
    let api = Api::new(&url(BROKER_API_URL)?, &url(BROKER_URL)?)?;
    let broker: Value = api.get("/api/overview").await?;
    let version = broker.get("rabbitmq_version").and_then(Value::as_str).unwrap_or("of unknown version");
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let mut text = format!(
        "creditors-bench, {build} build\n{} cores, load average {}\nPostgreSQL: {}\nRabbitMQ {version}\n",
        available_parallelism().map_or(0, usize::from),
        fs::read_to_string("/proc/loadavg").unwrap_or_default().trim(),
        settings(&client).await?,
    );
    text += LEGEND;
    if setting.quick {
        text += "QUICK: a tenth of the work, which shows nothing about speed\n";
    }
    if cfg!(debug_assertions) {
        text += "DEBUG: services that are not optimised show nothing about speed\n";
    }
    Ok(text)
}

async fn settings(client: &Client) -> Result<String> {
    let mut settings = vec![];
    for name in SETTINGS {
        let value: String = client.query_one(&format!("SHOW {name}"), &[]).await?.get(0);
        settings.push(format!("{name} {value}"));
    }
    Ok(settings.join(", "))
}
