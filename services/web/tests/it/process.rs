//! The web server as a process, as it is deployed: with a log, with memory of its own.

mod audit;
mod memory;
mod outgoing;
mod tls;

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use testkit::{ServiceProcess, TestDatabase, ports, process::ServiceBuilder};

use crate::app::{Header, Web};

/// A running process. It ends when this is dropped.
struct Served {
    web: Web,
    process: ServiceProcess,
    directory: PathBuf,
    _database: TestDatabase,
}

impl Served {
    /// With these settings besides the usual ones.
    async fn start(more: &[Header<'_>]) -> Self {
        let database = TestDatabase::create().await;
        let [port] = ports::free().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("web-{port}"));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let builder = ServiceBuilder::new("creditors-web", &directory)
            .unwrap()
            .env("POSTGRES_URL", database.url())
            .env("APP_WEBSERVER_BIND", "127.0.0.1")
            .env("WEBSERVER_PORT", port.to_string())
            .env("MIN_CREDITOR_ID", "4294967296")
            .env("MAX_CREDITOR_ID", "8589934591")
            .env("PIN_PROTECTION_SECRET", "hush-hush-hush-hush")
            .env("APP_LOG_FORMAT", "json");
        let builder = more.iter().fold(builder, |builder, (name, value)| builder.env(name, *value));
        let process = builder.start().await.unwrap();
        let web = Web::at((Ipv4Addr::LOCALHOST, port).into());
        Self { web, process, directory, _database: database }
    }

    /// All that it has logged.
    fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.directory.join("creditors-web.log")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Waits until it has closed what its clients have closed.
    async fn until_alone(&self) {
        let open = format!("/proc/{}/fd", self.process.pid().unwrap());
        while fs::read_dir(&open).unwrap().count() > 100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What it occupies of the machine's memory, in bytes.
    fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.pid().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.stop();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
