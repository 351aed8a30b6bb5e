//! A database, and the scanner as a process that works on it.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::TestDatabase;
use tokio::time::sleep;
use tokio_postgres::Client;

/// The longest wait for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A goal so short that no scan ever rests.
pub(crate) const AT_ONCE: &str = "1e-9";

/// A creditor in the default id range.
pub(crate) const C: i64 = 0x101_0000_0000;

pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) database: TestDatabase,
}

/// How a run has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run in the background; it is killed when this value is dropped.
pub(crate) struct Running {
    child: Child,
    output: BufReader<ChildStdout>,
    heard: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await;
        Self { client: database.client().await, database }
    }

    pub(crate) async fn sql(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
    }

    /// The single number that a query gives.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.client.query_one(query, &[]).await.unwrap().get(0)
    }

    /// The rows that a query gives, as text.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        let query = format!("SELECT q::text FROM ({query}) AS q");
        self.client.query(&query, &[]).await.unwrap().into_iter().map(|row| row.get(0)).collect()
    }

    /// Waits until a query gives this number.
    pub(crate) async fn reach(&self, query: &str, number: i64) {
        let began = Instant::now();
        loop {
            let found = self.number(query).await;
            if found == number {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{query}: {found} instead of {number}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The scanner with these words, and nothing in its environment but the database and these variables.
    pub(crate) fn scanner(&self, words: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_creditors-scanner"));
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
        command.env("POSTGRES_URL", self.database.url()).env("APP_ADMIN_PORT", "0");
        command.envs(variables.iter().copied());
        command
    }

    /// Scans one table for 11 rhythms without any rest.
    pub(crate) fn scan(&self, table: &str, variables: &[(&str, &str)]) -> Ended {
        let goal = if table == "accounts" { "--hours" } else { "--days" };
        ended(&mut self.scanner(&[table, goal, AT_ONCE, "--quit-early"], variables))
    }

    /// The same, which must end well and say nothing.
    pub(crate) fn scan_well(&self, table: &str, variables: &[(&str, &str)]) {
        let Ended { status, stdout, stderr } = self.scan(table, variables);
        assert_eq!((status, stdout.as_str(), stderr.as_str()), (Some(0), "", ""), "{table}");
    }

    /// A creditor that was reserved so many days ago, and perhaps deactivated so many days ago.
    pub(crate) async fn add_creditor(&self, id: i64, status: i16, reserved: i64, deactivated: Option<i64>) {
        let date =
            deactivated.map_or_else(|| "NULL".to_owned(), |days| format!("(now() AT TIME ZONE 'UTC')::date - {days}"));
        self.sql(&format!(
            "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, \
                 creditor_latest_update_id, creditor_latest_update_ts, accounts_list_latest_update_id, \
                 accounts_list_latest_update_ts, transfers_list_latest_update_id, transfers_list_latest_update_ts, \
                 deactivation_date) \
             VALUES ({id}, {status}, now() - interval '{reserved} days', 0, 1, now(), 1, now(), 1, now(), {date})"
        ))
        .await;
    }

    /// An account that nothing is wrong with, of a creditor that exists.
    pub(crate) async fn add_account(&self, creditor_id: i64, debtor_id: i64) {
        self.sql(&format!(
            "INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) \
                 VALUES ({creditor_id}, {debtor_id}, now(), now()); \
             INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, \
                 principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
                 last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
                 is_config_effectual, allow_unsafe_deletion, has_server_account, config_latest_update_ts, \
                 interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes, account_id, \
                 info_latest_update_ts, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
                 ledger_latest_update_ts) \
             VALUES ({creditor_id}, {debtor_id}, '2026-01-01', now(), 1, 0, 0, 7, now(), now(), \
                 now() - interval '100 days', 0, 1e30, 0, '', true, false, true, now(), 0, 'epoch', 500, 'account', \
                 now() - interval '100 days', 0, 1, 7, now() - interval '100 days'); \
             INSERT INTO account_exchange (creditor_id, debtor_id, min_principal, max_principal, latest_update_ts) \
                 VALUES ({creditor_id}, {debtor_id}, -9223372036854775808, 9223372036854775807, now())"
        ))
        .await;
    }
}

/// Runs it to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output, heard: String::new() }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits until it has printed this.
    pub(crate) fn wait_for(&mut self, text: &str) {
        while !self.heard.contains(text) {
            assert!(self.output.read_line(&mut self.heard).unwrap() > 0, "{text:?} is not in\n{}", self.heard);
        }
    }

    /// Waits for its end.
    pub(crate) fn finish(mut self) -> (ExitStatus, String) {
        self.output.read_to_string(&mut self.heard).unwrap();
        (self.child.wait().unwrap(), std::mem::take(&mut self.heard))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
