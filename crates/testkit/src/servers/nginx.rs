//! A private nginx.

use std::{ffi::OsString, path::Path, time::Duration};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;

use super::{Manner, home::Home};
use crate::{
    ports,
    process::{Daemon, Program, User},
    programs,
};

/// A running web server. It is stopped when this value is dropped.
#[derive(Debug)]
pub struct Nginx {
    /// The process.
    pub daemon: Daemon,
    port: u16,
}

impl Nginx {
    /// Starts a server on this port, or on a free one. In the `template`, `@PORT@` becomes the port and `@HOME@` the
    /// server's directory, `directory/nginx`. Returns when somebody can connect.
    pub async fn start(directory: &Path, template: &str, port: Option<u16>, manner: Manner) -> Result<Self> {
        let user = User::unprivileged("nobody")?;
        let path = programs::nginx()?;
        let home = Home::open(directory, "nginx", &user)?;
        let port = match port {
            Some(port) if ports::is_free(port) => port,
            Some(port) => bail!("port {port} of 127.0.0.1 is in use; choose another one"),
            None => ports::free::<1>()?[0],
        };
        let text = template.replace("@PORT@", &port.to_string()).replace("@HOME@", &home.path.display().to_string());
        let file = home.write("nginx.conf", &text, &user)?;
        let arguments: [OsString; 8] = [
            "-p".into(),
            home.path.clone().into_os_string(),
            "-c".into(),
            file.into_os_string(),
            "-e".into(),
            "stderr".into(),
            "-g".into(),
            "daemon off;".into(),
        ];
        let mut daemon = Daemon::start(Program {
            name: "nginx".to_owned(),
            path,
            arguments: arguments.to_vec(),
            environment: Vec::new(),
            log: directory.join("nginx.log"),
            directory: home.path.clone(),
            user,
            stop: Signal::SIGTERM,
            grace: Duration::from_secs(10),
            lifetime: manner.lifetime,
        })?;
        daemon
            .until(Duration::from_secs(20), async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok())
            .await?;
        Ok(Self { daemon, port })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its port on the loopback interface.
    pub fn port(&self) -> u16 {
        self.port
    }
}
