//! A database with what the tests need.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta};
use creditors_procedures::incoming::{self, Context};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    incoming::{AccountTransfer, AccountUpdate, Incoming},
    sharding::{Realm, Shard},
};
use persistence::{Db, PoolOptions, Target, Tx};
use testkit::database::TestDatabase;
use tokio_postgres::Client;

/// A creditor in the default id range.
pub(crate) const C: CreditorId = CreditorId::new(0x101_0000_0000);

/// A database, and a connection to look at it.
pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) client: Client,
    pub(crate) now: Timestamp,
    database: TestDatabase,
}

pub(crate) fn key(debtor_id: i64) -> AccountKey {
    AccountKey::new(C, DebtorId::new(debtor_id))
}

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn ts(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub(crate) fn shard() -> Shard {
    Shard::new(C, CreditorId::new(0x1ff_ffff_ffff), Realm::parse("#").unwrap())
}

pub(crate) fn context() -> Context {
    Context { shard: shard(), log_retention: TimeDelta::days(45) }
}

impl World {
    pub(crate) async fn new() -> Self {
        let database = TestDatabase::create().await;
        let db = Db::new(Target::parse(database.url()).unwrap(), PoolOptions::default()).unwrap();
        let client = database.client().await;
        let now = ts("2026-03-01T12:00:00.123456Z");
        let world = Self { db, client, now, database };
        world.add_creditor(C).await;
        world
    }

    /// The test makes rows up, so that promises are not checked at its end.
    pub(crate) fn made_up(&self) {
        self.database.made_up();
    }

    /// Another connection to the database.
    pub(crate) async fn connect(&self) -> Client {
        self.database.client().await
    }

    pub(crate) async fn sql(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap();
    }

    /// The single number that a query gives.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.client.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Returns when somebody waits for a lock.
    pub(crate) async fn wait_for_a_lock(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while self.number(waiting).await == 0 {}
    }

    /// The rows that a query gives, as text.
    pub(crate) async fn rows(&self, query: &str) -> Vec<String> {
        let query = format!("SELECT q::text FROM ({query}) AS q");
        self.client.query(&query, &[]).await.unwrap().into_iter().map(|row| row.get(0)).collect()
    }

    pub(crate) async fn add_creditor(&self, id: CreditorId) {
        let mut tx = self.db.begin("test").await.unwrap();
        creditors_procedures::creditors::activate(&mut tx, id, None, self.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An account as it is just after its creation.
    pub(crate) async fn add_account(&self, key: AccountKey) {
        let (c, d, now) = (key.creditor_id.get(), key.debtor_id.get(), self.now.to_rfc3339());
        self.sql(&format!(
            "INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) VALUES ({c}, {d}, '{now}', '{now}'); \
             INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, \
                 principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
                 last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
                 is_config_effectual, allow_unsafe_deletion, has_server_account, config_latest_update_ts, \
                 interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes, account_id, \
                 info_latest_update_ts, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
                 ledger_latest_update_ts) \
             VALUES ({c}, {d}, '1970-01-01', 'epoch', 0, 0, 0, 0, 'epoch', '{now}', '{now}', 0, 1e30, 0, '', false, \
                 false, false, '{now}', 0, 'epoch', 0, '', '{now}', 0, 1, 0, '{now}')"
        ))
        .await;
    }

    /// The data of the only account.
    pub(crate) async fn account_data(&self) -> domain::account::Data {
        let debtor_id = self.number("SELECT debtor_id FROM account_data").await;
        persistence::account_data::get(&mut self.db.conn().await.unwrap(), key(debtor_id)).await.unwrap().unwrap()
    }

    /// A transaction that is committed, and run again when it has lost a race, which is counted.
    pub(crate) async fn work<T>(
        &self,
        races: &AtomicUsize,
        body: impl AsyncFn(&mut Tx) -> persistence::Result<T>,
    ) -> persistence::Result<T> {
        let tries = AtomicUsize::new(0);
        let outcome = self
            .db
            .retrying("test", || async {
                tries.fetch_add(1, Ordering::Relaxed);
                let mut tx = self.db.begin("test").await?;
                let outcome = body(&mut tx).await?;
                tx.commit().await?;
                Ok(outcome)
            })
            .await;
        races.fetch_add(tries.into_inner() - 1, Ordering::Relaxed);
        outcome
    }

    /// Applies messages as one batch.
    pub(crate) async fn apply(&self, messages: &[Incoming]) {
        let mut tx = self.db.begin("test").await.unwrap();
        incoming::apply(&mut tx, messages, &context(), self.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn update_ledgers(&self) -> creditors_procedures::ledger_updates::Report {
        let limits = creditors_procedures::ledger_updates::Limits { accounts: 100, burst: 1000 };
        let mut tx = self.db.begin("test").await.unwrap();
        let cutoff = self.now - TimeDelta::days(14);
        let report = creditors_procedures::ledger_updates::run(&mut tx, limits, cutoff, self.now).await.unwrap();
        tx.commit().await.unwrap();
        report
    }

    pub(crate) async fn add_to_logs(&self) -> creditors_procedures::log_additions::Report {
        let mut tx = self.db.begin("test").await.unwrap();
        let report = creditors_procedures::log_additions::run(&mut tx, i64::MIN, 1000).await.unwrap();
        tx.commit().await.unwrap();
        report
    }
}

/// A first update of an account, that names it `account-1`.
pub(crate) fn update(key: AccountKey, now: Timestamp) -> AccountUpdate {
    AccountUpdate {
        account: key,
        creation_date: date("2026-01-01"),
        last_change_ts: now,
        last_change_seqnum: 1,
        principal: 1000,
        interest: 12.5,
        interest_rate: 3.5,
        last_interest_rate_change_ts: now,
        last_config_ts: now,
        last_config_seqnum: 0,
        negligible_amount: 1e30,
        config_flags: 0,
        config_data: String::new(),
        account_id: "account-1".to_owned(),
        debtor_info_iri: Some("https://example.com/".to_owned()),
        debtor_info_content_type: None,
        debtor_info_sha256: Some([7; 32]),
        last_transfer_number: 0,
        last_transfer_committed_at: domain::time::EPOCH,
        transfer_note_max_bytes: 500,
        ts: now,
        ttl: 1000,
    }
}

/// Transfer number `number` after `previous`, of the account named by [`update`].
pub(crate) fn transfer(
    key: AccountKey,
    number: i64,
    previous: i64,
    amount: i64,
    principal: i64,
    now: Timestamp,
) -> AccountTransfer {
    AccountTransfer {
        account: key,
        creation_date: date("2026-01-01"),
        transfer_number: number,
        coordinator_type: "direct".to_owned(),
        sender: "s".to_owned(),
        recipient: "r".to_owned(),
        acquired_amount: amount,
        transfer_note_format: String::new(),
        transfer_note: "note".to_owned(),
        committed_at: now,
        principal,
        ts: now,
        previous_transfer_number: previous,
    }
}
