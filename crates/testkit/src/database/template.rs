//! The database that tests' databases are cloned from: migrated once per server.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use anyhow::{Context as _, Result};
use persistence::{Target, db::connect_once, migrations};

use super::{connect, with_database};

/// Advisory lock of whoever makes the template: "template" in ASCII.
const MAKING: i64 = 0x7465_6d70_6c61_7465;

/// The template's name. It is made if this server does not have it yet; other processes wait meanwhile.
pub(super) async fn get(server: &str) -> Result<String> {
    let name = name();
    let client = connect(server).await?;
    let exists = async || -> Result<bool> {
        let rows = client.query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await?;
        Ok(!rows.is_empty())
    };
    if exists().await? {
        return Ok(name);
    }
    // The lock is held until the connection ends.
    client.execute("SELECT pg_advisory_lock($1)", &[&MAKING]).await?;
    if exists().await? {
        return Ok(name);
    }
    // Under another name until it is complete: a process that is killed half way must leave nothing that looks usable.
    let unfinished = format!("{name}_unfinished");
    client.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await?;
    client.batch_execute(&format!("CREATE DATABASE {unfinished} TEMPLATE template0")).await?;
    migrate(&with_database(server, &unfinished)?).await?;
    disconnect_all(&client, &unfinished).await?;
    client.batch_execute(&format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await?;
    client.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await?;
    Ok(name)
}

/// Equal migrations give equal names.
fn name() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in migrations::MIGRATIONS {
        (migration.name, migration.up).hash(&mut hasher);
    }
    migrations::HEAD.hash(&mut hasher);
    format!("creditors_template_{:016x}", hasher.finish())
}

async fn migrate(url: &str) -> Result<()> {
    let target = Target::parse(url).context("the template's URL is malformed")?;
    let mut connection = connect_once(&target).await?;
    migrations::configure(&mut connection).await?;
    Ok(())
}

/// A database in use cannot be renamed, and the server notices only after a moment that a client has left.
async fn disconnect_all(client: &tokio_postgres::Client, database: &str) -> Result<()> {
    let connected = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    while client.query_one(connected, &[&database]).await?.get::<_, i64>(0) > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    Ok(())
}
