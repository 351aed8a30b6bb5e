//! A private RabbitMQ.
//!
//! # Design notes
//!
//! An Erlang node registers with a name server (epmd), which it starts in the background and leaves behind. Ours gets
//! its own, on its own port, as a child process that ends with it. The start script is the inner one, told not to stay
//! as a parent of the node, so that the process id is the node's.

use std::{ffi::OsString, path::Path, time::Duration};

use anyhow::Result;
use nix::sys::signal::Signal;

use super::{Manner, Purpose, home::Home};
use crate::{
    broker::Api,
    ports,
    process::{Daemon, Program, User},
    programs,
};

/// The broker's user: an administrator.
const USER: &str = "creditors";
const PLUGINS: &str = "[rabbitmq_management,rabbitmq_random_exchange].\n";

/// A running broker. It is stopped when this value is dropped; the data stays, unless it is in memory.
#[derive(Debug)]
pub struct RabbitMq {
    // Fields are dropped in this order: the node first, then the name server, and in the end where they live.
    /// The broker's process.
    pub daemon: Daemon,
    /// The name server's process.
    pub name_server: Daemon,
    _home: Home,
    ports: Ports,
    password: String,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    amqp: u16,
    api: u16,
    distribution: u16,
    names: u16,
}

impl RabbitMq {
    /// Starts a broker whose data is in `directory/rabbitmq`. Returns when its management API answers.
    pub async fn start(directory: &Path, manner: Manner) -> Result<Self> {
        let user = User::unprivileged("rabbitmq")?;
        let server = programs::rabbitmq_server()?;
        let names = programs::epmd()?;
        let home = Home::open_for(manner.purpose, directory, "rabbitmq", &user)?;
        let password = home.password(&user)?;
        let [amqp, api, distribution, name_port] = ports::free()?;
        let ports = Ports { amqp, api, distribution, names: name_port };
        home.write("enabled_plugins", PLUGINS, &user)?;
        home.write("rabbitmq.conf", &configuration(ports, &password, manner.purpose), &user)?;
        let program = |name: &str, path, arguments, log: &str, environment| Program {
            name: name.to_owned(),
            path,
            arguments,
            environment,
            log: directory.join(log),
            directory: home.path.clone(),
            user: user.clone(),
            stop: if manner.purpose == Purpose::Tests { Signal::SIGKILL } else { Signal::SIGTERM },
            grace: Duration::from_secs(30),
            lifetime: manner.lifetime,
        };
        let port = name_port.to_string();
        let arguments = ["-port", &port, "-address", "127.0.0.1"].map(OsString::from).to_vec();
        let name_server = Daemon::start(program("epmd", names, arguments, "epmd.log", Vec::new()))?;
        let node = program("RabbitMQ", server, Vec::new(), "rabbitmq.log", environment(&home.path, ports));
        let mut broker = Self { daemon: Daemon::start(node)?, name_server, _home: home, ports, password };
        broker.wait_until_ready().await?;
        Ok(broker)
    }

    /// Starts it again on the same ports, with the same data; one that still runs is stopped before. Returns when its
    /// management API answers.
    pub async fn restart(&mut self) -> Result<()> {
        self.daemon.restart()?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let api = Api::new(&self.api_url(), &self.url("/"))?;
        self.daemon.until(Duration::from_mins(3), async || api.is_ready().await).await
    }

    /// The address of one of its virtual hosts; there is always one called `/`.
    pub fn url(&self, vhost: &str) -> String {
        let vhost = vhost.replace('/', "%2F");
        format!("amqp://{USER}:{}@127.0.0.1:{}/{vhost}", self.password, self.ports.amqp)
    }

    /// The address of its management API.
    pub fn api_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.api)
    }
}

fn configuration(ports: Ports, password: &str, purpose: Purpose) -> String {
    let mut text = format!(
        "listeners.tcp.local = 127.0.0.1:{}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {}\n\
         default_user = {USER}\n\
         default_pass = {password}\n\
         default_user_tags.administrator = true\n\
         disk_free_limit.absolute = 50MB\n\
         log.console = true\n\
         log.file = false\n",
        ports.amqp, ports.api
    );
    if purpose == Purpose::Tests {
        // Counts of messages in the management API are at most this old; the write-ahead log is kept in memory.
        text.push_str("collect_statistics_interval = 500\nraft.wal_max_size_bytes = 33554432\n");
    }
    text
}

fn environment(home: &Path, ports: Ports) -> Vec<(String, OsString)> {
    let in_home = |name: &str| home.join(name).into_os_string();
    let erlang = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}";
    [
        ("HOME", home.as_os_str().to_owned()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
        ("ERL_EPMD_PORT", ports.names.to_string().into()),
        ("RABBITMQ_NODENAME", "creditors@localhost".into()),
        ("RABBITMQ_DIST_PORT", ports.distribution.to_string().into()),
        ("RABBITMQ_MNESIA_BASE", in_home("mnesia")),
        ("RABBITMQ_LOG_BASE", in_home("log")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", in_home("generated")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", in_home("enabled_plugins")),
        ("RABBITMQ_CONFIG_FILE", in_home("rabbitmq.conf")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", in_home("advanced.config")),
        ("RABBITMQ_CONF_ENV_FILE", in_home("no-environment")),
        ("RABBITMQ_PID_FILE", in_home("pid")),
        ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang.into()),
        // Makes the script become the node instead of staying its parent.
        ("RUNNING_UNDER_SYSTEMD", "true".into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}
