//! The whole agent on this machine: servers, services, nginx, the simulated authority.

pub(super) mod command;
mod record;
mod settings;
mod storage;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

pub use record::Record;
pub use storage::Storage;

use super::servers::Servers;
use crate::{
    broker::Api,
    database, ports,
    process::{Container, Daemon, Lifetime, ServiceProcess},
    programs,
    servers::{Access, AuthorizationServer, Manner, Nginx},
};

/// The services besides `creditors-web`.
const SERVICES: [&str; 5] = [
    "creditors-consumer",
    "creditors-flusher",
    "creditors-ledger-processor",
    "creditors-log-processor",
    "creditors-scanner",
];
/// How long a server may take to recover from a crash.
const RESTARTED_WITHIN: Duration = Duration::from_mins(3);
const NGINX_TEMPLATE: &str = include_str!("../../../../deploy/local/nginx.conf");

/// How to start the stack.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where everything goes: data, logs, the record of what runs.
    pub directory: PathBuf,
    /// What happens to the processes when we end.
    pub lifetime: Lifetime,
    /// What happens to the data when the stack is dropped.
    pub storage: Storage,
    /// The API's port; `None` = any free one.
    pub port: Option<u16>,
    /// Whether to start servers even if the environment names some: for whoever wants to do something to them.
    pub own_servers: bool,
    /// More arguments of the simulated authority.
    pub authority: Vec<String>,
    /// How the web server knows its callers.
    pub callers: Callers,
}

/// How the web server of a stack knows its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callers {
    /// By headers, which it believes.
    Trusted,
    /// By tokens of an authorization server, which is started too.
    Tokens,
}

impl Options {
    /// A stack of which nothing stays.
    pub fn throwaway(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            lifetime: Lifetime::Tied,
            storage: Storage::Fresh,
            port: None,
            own_servers: false,
            authority: vec![],
            callers: Callers::Trusted,
        }
    }
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// The web API, through nginx: `http://127.0.0.1:20001`.
    pub api: String,
    /// The agent's database.
    pub postgres: String,
    /// The agent's virtual host.
    pub broker: String,
    /// The broker's management API.
    pub broker_api: String,
    /// Commands to the simulated authority: `POST /issue` for example.
    pub authority: String,
    /// The authorization server, if callers need tokens.
    pub authorization: Option<Access>,
    /// Port of health and metrics by name of the service.
    pub admin_ports: Vec<(String, u16)>,
}

/// A running stack. When it is dropped, everything is stopped, from the outside in.
pub struct Stack {
    addresses: Addresses,
    settings: settings::Settings,
    // In the order in which they are stopped.
    nginx: Nginx,
    authorization: Option<AuthorizationServer>,
    services: Vec<ServiceProcess>,
    storage: storage::Provided,
    servers: Servers,
}

/// The directory of the stack that `up` starts.
pub(super) fn directory(run_dir: &Path) -> PathBuf {
    run_dir.join("stack")
}

impl Stack {
    /// Starts everything, and returns when all is ready.
    pub async fn up(options: &Options) -> Result<Self> {
        Self::up_with(options, &[]).await
    }

    /// The same, and all services get these variables besides those that they need.
    pub async fn up_with(options: &Options, environment: &[(&'static str, &str)]) -> Result<Self> {
        let began = Instant::now();
        let directory = create(&options.directory)?;
        // Whatever is not built or free is better reported before servers are started.
        for service in SERVICES.into_iter().chain(["creditors-agent", "creditors-web", settings::AUTHORITY]) {
            programs::sibling(service)?;
        }
        let port = public_port(options)?;
        let api = format!("http://127.0.0.1:{port}");
        let manner = Manner { lifetime: options.lifetime, ..Manner::DURABLE };
        let (servers, authorization) = Box::pin(start_servers(options, &directory, &api, manner)).await?;
        let storage = storage::Provided::provide(&servers.urls, options.storage).await?;
        let settings = settings::Settings::new(&directory, &storage, options, environment)?;
        configure(&settings, &directory).await?;
        eprintln!("database and broker are configured after {:.1} s", began.elapsed().as_secs_f32());
        let (services, web_port) = start_services(&settings, &api, authorization.as_ref()).await?;
        let template = NGINX_TEMPLATE.replace("@WEB_PORT@", &web_port.to_string());
        let nginx = Nginx::start(&directory, &template, Some(port), manner).await?;
        eprintln!("everything is ready after {:.1} s", began.elapsed().as_secs_f32());
        let addresses = Addresses {
            api: nginx.url(),
            postgres: storage.postgres.clone(),
            broker: storage.broker.clone(),
            broker_api: servers.urls.broker_api.clone(),
            authority: format!("http://127.0.0.1:{}", services.last().map_or(0, ServiceProcess::admin_port)),
            authorization: authorization.as_ref().map(|server| server.access().clone()),
            admin_ports: agents(&services).map(|one| (one.name().to_owned(), one.admin_port())).collect(),
        };
        Ok(Self { addresses, settings, nginx, authorization, services, storage, servers })
    }

    /// Where everything is.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// A service by its short name: `web`, `consumer`, ….
    pub fn service(&mut self, name: &str) -> Option<&mut ServiceProcess> {
        self.services.iter_mut().find(|service| service.name().trim_start_matches("creditors-") == name)
    }

    /// Ends PostgreSQL as `kill -9` does, and starts it again at the same address. It must be a server of our own.
    pub async fn crash_postgres(&mut self) -> Result<()> {
        let url = self.addresses.postgres.clone();
        let postgres = self.servers.postgres.as_mut().context("PostgreSQL is not ours")?;
        postgres.daemon.crash()?;
        postgres.daemon.until(RESTARTED_WITHIN, async || database::connect(&url).await.is_ok()).await
    }

    /// The same with RabbitMQ.
    pub async fn crash_broker(&mut self) -> Result<()> {
        let api = Api::new(&self.addresses.broker_api, &self.addresses.broker)?;
        let broker = self.servers.broker.as_mut().context("RabbitMQ is not ours")?;
        broker.daemon.crash()?;
        broker.daemon.until(RESTARTED_WITHIN, async || api.is_ready().await).await
    }

    /// One more copy of a service, by its short name. It ends with its value.
    pub async fn one_more(&self, name: &str) -> Result<ServiceProcess> {
        self.settings.service(&format!("creditors-{name}"))?.lifetime(Lifetime::Tied).start().await
    }

    /// One more web server, and where it answers: nginx does not know it, and it trusts its callers. It ends with its
    /// value.
    pub async fn one_more_web(&self) -> Result<(ServiceProcess, String)> {
        let [port] = ports::free()?;
        let web = self.settings.web(port)?.lifetime(Lifetime::Tied).start().await?;
        Ok((web, format!("http://127.0.0.1:{port}")))
    }

    /// Ends all services, and runs `creditors-agent all` in their place; and where its web server answers: nginx does not
    /// know it, and it trusts its callers. It ends with its value.
    pub async fn container(&mut self) -> Result<(Container, String)> {
        self.services.retain(|service| service.name() == settings::AUTHORITY);
        let [port] = ports::free()?;
        let agent = self.settings.service("creditors-agent")?.lifetime(Lifetime::Tied);
        let agent = agent.env("APP_AUTH_MODE", "trusted-headers").env("WEBSERVER_PORT", port.to_string());
        let container = Container::start(agent).await?;
        let address = format!("http://{}:{port}", container.address());
        Ok((container, address))
    }

    /// Leaves everything running, and writes down in `directory` how to find it.
    pub fn detach(self, directory: &Path) -> Result<Record> {
        let Servers { broker, postgres, .. } = self.servers;
        let mut daemons: Vec<Daemon> = vec![self.nginx.daemon];
        daemons.extend(self.authorization.map(|server| server.daemon));
        daemons.extend(self.services.into_iter().map(ServiceProcess::into_daemon));
        if let Some(broker) = broker {
            daemons.extend([broker.daemon, broker.name_server]);
        }
        daemons.extend(postgres.map(|postgres| postgres.daemon));
        self.storage.keep();
        let record = Record::detach(self.addresses, daemons)?;
        record.save(directory)?;
        Ok(record)
    }

    /// Stops what was detached; false if nothing was running.
    pub fn down(directory: &Path) -> bool {
        let Some(record) = Record::load(directory) else { return false };
        let was_running = record.is_running();
        record.stop();
        Record::remove(directory);
        was_running
    }
}

/// The port of the web API: the one that is wanted, or any free one.
fn public_port(options: &Options) -> Result<u16> {
    match options.port {
        Some(port) if !ports::is_free(port) => bail!("port {port} of 127.0.0.1 is in use; choose another one"),
        Some(port) => Ok(port),
        None => Ok(ports::free::<1>()?[0]),
    }
}

/// Starts all at the same time.
async fn start_servers(
    options: &Options,
    directory: &Path,
    api: &str,
    manner: Manner,
) -> Result<(Servers, Option<AuthorizationServer>)> {
    let servers = async {
        if options.own_servers {
            Servers::start_own(directory, manner).await
        } else {
            Servers::start(directory, manner).await
        }
    };
    let authorization = async {
        match options.callers {
            Callers::Trusted => Ok(None),
            Callers::Tokens => AuthorizationServer::start(directory, api, manner).await.map(Some),
        }
    };
    tokio::try_join!(servers, authorization)
}

/// The services of the agent itself.
fn agents(services: &[ServiceProcess]) -> impl Iterator<Item = &ServiceProcess> {
    services.iter().filter(|service| service.name() != settings::AUTHORITY)
}

fn create(directory: &Path) -> Result<PathBuf> {
    let describe = || format!("{} cannot be created", directory.display());
    fs::create_dir_all(directory).with_context(describe)?;
    directory.canonicalize().with_context(describe)
}

/// Creates the database's tables and the broker's queues, as an operator does.
async fn configure(settings: &settings::Settings, directory: &Path) -> Result<()> {
    let mut command = Command::new(programs::sibling("creditors-agent")?);
    command.arg("configure").env("SETUP_RABBITMQ_BINDINGS", "yes").envs(settings.common()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(2), command.output());
    let output = output.await.context("`creditors-agent configure` takes too long")??;
    let log = directory.join("creditors-agent.log");
    fs::write(&log, [output.stdout.as_slice(), &output.stderr].concat())?;
    if !output.status.success() {
        bail!("`creditors-agent configure` has failed with {}; see {}", output.status, log.display());
    }
    Ok(())
}

/// Starts all at once, then waits for each. Only the authority comes before: what the agent sends to an exchange without
/// its queue is lost.
async fn start_services(
    settings: &settings::Settings,
    api: &str,
    authorization: Option<&AuthorizationServer>,
) -> Result<(Vec<ServiceProcess>, u16)> {
    let mut authority = settings.authority()?.start_only()?;
    authority.wait_until_ready().await?;
    let [web_port] = ports::free()?;
    let web = match authorization {
        None => settings.web(web_port)?,
        Some(server) => settings.web_with_tokens(web_port, api, server.access())?,
    };
    let mut services = vec![web.start_only()?];
    for name in SERVICES {
        services.push(settings.service(name)?.start_only()?);
    }
    for service in &mut services {
        service.wait_until_ready().await?;
    }
    services.push(authority);
    Ok((services, web_port))
}
