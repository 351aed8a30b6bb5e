//! Services that have nothing to do.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::{
    Setting,
    bed::Bed,
    figures::{Row, Table, Value},
    peer,
    seed::ACCOUNTS_EACH,
};
use crate::process::{Container, memory};

const CREDITORS: u32 = 1_000;
/// After the start, before memory is looked at.
const SETTLING: Duration = Duration::from_secs(10);
/// How long processor time is counted.
const WATCHING: Duration = Duration::from_secs(30);

/// The services besides `creditors-web`.
const SERVICES: [&str; 5] = [
    "creditors-consumer",
    "creditors-flusher",
    "creditors-ledger-processor",
    "creditors-log-processor",
    "creditors-scanner",
];

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let bed = Bed::with_broker(setting).await?;
    bed.seed_creditors(setting.size(CREDITORS)).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    bed.settle().await?;
    let mut table = Table::new("idle: all services, as they are by default");
    let mut builders = vec![bed.web()?.0];
    for name in SERVICES {
        builders.push(bed.ordinary_service(name)?);
    }
    let mut services = vec![];
    for builder in builders {
        let began = Instant::now();
        let service = builder.start().await?;
        let ready = Value::milliseconds(began.elapsed());
        table.row(Row::new(format!("{}: start until ready", service.name()), ready).against(peer::READY));
        services.push(service);
    }
    tokio::time::sleep(setting.time(SETTLING)).await;

    let (mut resident, mut proportional) = (0.0, 0.0);
    for service in &services {
        let memory = memory::read(service.pid().context("a service has ended")?)?;
        resident += memory.resident;
        proportional += memory.proportional;
        let work = format!("{}: memory (PSS), {:.1} MB resident", service.name(), memory.resident);
        table.row(Row::new(work, Value::Megabytes(memory.proportional)).against(peer::MEMORY_EACH));
    }
    let work = format!("all services: memory (PSS), {resident:.1} MB resident");
    table.row(Row::new(work, Value::Megabytes(proportional)).against(peer::MEMORY));

    let (meter, time) = (bed.meter(&services).await?, setting.time(WATCHING));
    let before = meter.read()?;
    tokio::time::sleep(time).await;
    let cpu = meter.read()?.since(before);
    let in_full = |seconds: f64| Value::Seconds(seconds * WATCHING.as_secs_f64() / time.as_secs_f64());
    let of = |whom: &str| format!("processor time of {whom} in {} s", WATCHING.as_secs());
    table.row(Row::new(of("all services"), in_full(cpu.services)).against(peer::IDLE_SERVICES));
    table.row(Row::new(of("PostgreSQL"), in_full(cpu.postgres)).against(peer::IDLE_POSTGRES));
    drop(services);
    together(setting, &bed, &mut table).await?;
    table.note("memory that several services share is divided among them");
    Ok(table)
}

/// All of them in one container.
async fn together(setting: &Setting, bed: &Bed, table: &mut Table) -> Result<()> {
    let agent = bed.ordinary_service("creditors-agent")?.env("APP_AUTH_MODE", "trusted-headers");
    let began = Instant::now();
    let container = Container::start(agent.env("WEBSERVER_PORT", "0")).await?;
    let ready = Value::milliseconds(began.elapsed());
    table.row(Row::new("creditors-agent all: start until all parts are ready", ready).against(peer::READY));
    tokio::time::sleep(setting.time(SETTLING)).await;
    let memory = container.memory()?;
    let resident: f64 = memory.iter().map(|memory| memory.resident).sum();
    let work = format!("creditors-agent all: memory (PSS) with its parts, {resident:.1} MB resident");
    let proportional = memory.iter().map(|memory| memory.proportional).sum();
    table.row(Row::new(work, Value::Megabytes(proportional)).against(peer::MEMORY_ALL));
    Ok(())
}
