//! What is repaired and reported (processing §13.2).

use std::future::poll_fn;

use nix::sys::signal::Signal;
use runtime::tasks;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};
use tokio_postgres::{AsyncMessage, Client, NoTls};

use crate::world::{AT_ONCE, C, PATIENCE, Running, World};

/// All that a scan of accounts may change.
const EVERYTHING: &str = "SELECT (SELECT json_agg(d ORDER BY d.creditor_id, d.debtor_id) FROM account_data AS d), \
    (SELECT json_agg(e) FROM ledger_entry AS e), (SELECT json_agg(p) FROM pending_log_entry AS p), \
    (SELECT json_agg(s) FROM updated_ledger_signal AS s), (SELECT json_agg(u) FROM pending_ledger_update AS u)";

/// A creditor with four accounts: the server of the first has a principal of 1000 and ignores its configuration, a
/// transfer of the second waits for one that never came, the newest transfers of the third are lost, and nothing is
/// wrong with the fourth.
async fn ailing_accounts(world: &World, creditor_id: i64) {
    world.add_creditor(creditor_id, 1, 0, None).await;
    for debtor_id in 1..=4 {
        world.add_account(creditor_id, debtor_id).await;
    }
    world
        .sql(&format!(
            "UPDATE account_data SET principal = 1000, is_config_effectual = false \
                 WHERE creditor_id = {creditor_id} AND debtor_id = 1; \
             UPDATE account_data SET last_transfer_number = 9, ledger_pending_transfer_ts = now() - interval '15 days' \
                 WHERE creditor_id = {creditor_id} AND debtor_id = 2; \
             UPDATE account_data SET last_transfer_number = 9, last_transfer_committed_at = now() - interval '15 days' \
                 WHERE creditor_id = {creditor_id} AND debtor_id = 3"
        ))
        .await;
}

/// processing §18 row 29.
#[tokio::test]
async fn row_29_accounts_are_repaired_and_reported() {
    let world = World::new().await;
    ailing_accounts(&world, C).await;
    let before = "SELECT ledger_latest_update_id, info_latest_update_id FROM account_data WHERE debtor_id = 1";
    let before = world.client.query_one(before, &[]).await.unwrap();
    let (ledger_id, info_id): (i64, i64) = (before.get(0), before.get(1));
    world.scan_well("accounts", &[]);

    // A correcting entry that stands for no transfer.
    assert_eq!(
        world
            .rows(
                "SELECT e.debtor_id, entry_id, acquired_amount, e.principal, e.creation_date, transfer_number, \
                     added_at = ledger_latest_update_ts \
                 FROM ledger_entry AS e JOIN account_data USING (creditor_id, debtor_id)"
            )
            .await,
        ["(1,2,1000,1000,,,t)"]
    );
    assert_eq!(
        world
            .rows(
                "SELECT debtor_id, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
                     now() - ledger_latest_update_ts < '1 hour', config_error FROM account_data ORDER BY 1"
            )
            .await,
        ["(1,1000,2,7,t,CONFIGURATION_IS_NOT_EFFECTUAL)", "(2,0,1,7,f,)", "(3,0,1,7,f,)", "(4,0,1,7,f,)"]
    );
    let (ledger_id, info_id) = (ledger_id + 1, info_id + 1);
    assert_eq!(
        world
            .rows(
                "SELECT update_id, account_id, creation_date, s.principal, s.last_transfer_number, \
                     ts = ledger_latest_update_ts FROM updated_ledger_signal AS s JOIN account_data AS d \
                     USING (creditor_id, debtor_id, creation_date, account_id)"
            )
            .await,
        [format!("({ledger_id},account,2026-01-01,1000,7,t)")]
    );
    assert_eq!(
        world
            .rows(
                "SELECT object_type, object_uri, object_type_hint, p.debtor_id, object_update_id, data_principal, \
                     data_next_entry_id, added_at IN (ledger_latest_update_ts, info_latest_update_ts) \
                 FROM pending_log_entry AS p, account_data AS d WHERE d.debtor_id = 1 ORDER BY pending_entry_id"
            )
            .await,
        [
            format!("(,,4,1,{ledger_id},1000,3,t)"),
            format!("(AccountInfo,/creditors/{C}/accounts/1/info,,,{info_id},,,t)"),
        ]
    );
    assert_eq!(world.rows("SELECT debtor_id FROM pending_ledger_update ORDER BY 1").await, ["(2)", "(3)"]);
    let largest = "SELECT max(greatest(ledger_latest_update_id, info_latest_update_id)) FROM account_data";
    let last = world.number("SELECT last_value FROM object_update_id_seq").await;
    assert!(last >= world.number(largest).await, "processing §3");

    let after = world.rows(EVERYTHING).await;
    world.scan_well("accounts", &[]);
    assert_eq!(world.rows(EVERYTHING).await, after, "all is done");
}

#[tokio::test]
async fn nothing_is_done_before_its_time() {
    let world = World::new().await;
    ailing_accounts(&world, C).await;
    world
        .sql(
            "UPDATE account_data SET ledger_latest_update_ts = now() - interval '59 minutes', \
                 last_config_ts = now() - interval '23 hours', \
                 ledger_pending_transfer_ts = ledger_pending_transfer_ts + interval '2 days', \
                 last_transfer_committed_at = last_transfer_committed_at + interval '2 days'",
        )
        .await;
    let before = world.rows(EVERYTHING).await;
    world.scan_well("accounts", &[]);
    assert_eq!(world.rows(EVERYTHING).await, before);

    let impatient = [("APP_MAX_TRANSFER_DELAY_DAYS", "12.9"), ("APP_MAX_CONFIG_DELAY_HOURS", "22")];
    world.scan_well("accounts", &impatient);
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 2);
    assert_eq!(world.number("SELECT count(*) FROM account_data WHERE config_error IS NOT NULL").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 0, "an hour is an hour");
}

#[tokio::test]
async fn a_silent_server_is_reported() {
    let world = World::new().await;
    world.add_creditor(C, 1, 0, None).await;
    for debtor_id in 1..=3 {
        world.add_account(C, debtor_id).await;
    }
    world
        .sql(
            "UPDATE account_data SET last_heartbeat_ts = now() - debtor_id * interval '200 days'; \
             UPDATE account_data SET has_server_account = false WHERE debtor_id = 3",
        )
        .await;
    world.scan_well("accounts", &[]);
    let reported = "SELECT debtor_id FROM account_data WHERE config_error = 'CONFIGURATION_IS_NOT_EFFECTUAL'";
    assert_eq!(world.rows(reported).await, ["(2)"]);
}

/// Accounts that a split has left behind go with their creditors.
#[tokio::test]
async fn accounts_of_other_shards_are_left_alone() {
    let world = World::new().await;
    ailing_accounts(&world, C).await;
    let before = world.rows(EVERYTHING).await;
    let (beyond, elsewhere) = ([("MIN_CREDITOR_ID", "0x10100000001")], ["0.#", "1.#"]);
    world.scan_well("accounts", &beyond);
    assert_eq!(world.rows(EVERYTHING).await, before);
    let mut changed = 0;
    for realm in elsewhere {
        world.scan_well("accounts", &[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", realm)]);
        changed += usize::from(world.rows(EVERYTHING).await != before);
    }
    assert!(changed > 0, "one of the two has the creditor");
}

#[tokio::test]
async fn accounts_in_use_are_left_to_the_next_pass() {
    let world = World::new().await;
    ailing_accounts(&world, C).await;
    let mut other = world.database.client().await;
    let update = other.transaction().await.unwrap();
    update.batch_execute("UPDATE account_data SET principal = 0, is_config_effectual = true").await.unwrap();
    world.scan_well("accounts", &[]);
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 2, "they need no lock");
    update.commit().await.unwrap();
    world.scan_well("accounts", &[]);
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 0, "all is well now");
    assert_eq!(world.number("SELECT count(*) FROM account_data WHERE config_error IS NOT NULL").await, 0);
}

/// Both scan at the same time, each as fast as it can.
#[tokio::test]
async fn copies_repair_nothing_twice() {
    const CREDITORS: i64 = 20;
    let world = World::new().await;
    for n in 0..CREDITORS {
        ailing_accounts(&world, C + n).await;
    }
    let copies: Vec<_> =
        (0..4).map(|_| Running::start(&mut world.scanner(&["accounts", "-h", "2e-5", "--quit-early"], &[]))).collect();
    for copy in copies {
        assert_eq!(copy.finish().0.code(), Some(0));
    }
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, CREDITORS);
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, CREDITORS);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 2 * CREDITORS);
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 2 * CREDITORS);
    assert_eq!(world.number("SELECT count(*) FROM account_data WHERE config_error IS NOT NULL").await, CREDITORS);
}

/// What the scanner enqueues is not left to the next stages' timers.
#[tokio::test]
async fn the_next_stages_are_woken() {
    let world = World::new().await;
    ailing_accounts(&world, C).await;
    let mut listener = Listener::new(&world).await;
    let running = Running::start(&mut world.scanner(&["accounts", "-h", AT_ONCE], &[]));
    for channel in ["creditors_outbox", "creditors_log", "creditors_ledger"] {
        while !listener.heard.iter().any(|heard| heard == channel) {
            let next = timeout(PATIENCE, listener.channels.recv()).await;
            listener.heard.push(next.unwrap_or_else(|_| panic!("{channel} is silent")).unwrap());
        }
    }
    world.reach("SELECT count(*) FROM account_data WHERE config_error IS NOT NULL", 1).await;
    running.signal(Signal::SIGTERM);
    running.finish();
    listener.hear_the_rest().await;
    listener.heard.clear();
    world.scan_well("accounts", &[]);
    listener.hear_the_rest().await;
    assert!(listener.heard.is_empty(), "nothing was enqueued: {:?}", listener.heard);
}

/// Hears the notifications of all stages.
struct Listener {
    client: Client,
    channels: UnboundedReceiver<String>,
    heard: Vec<String>,
}

impl Listener {
    async fn new(world: &World) -> Self {
        let (sender, channels) = unbounded_channel();
        let (client, mut connection) = tokio_postgres::connect(world.database.url(), NoTls).await.unwrap();
        tasks::spawn("listener", async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notification(notification) = message {
                    let _ = sender.send(notification.channel().to_owned());
                }
            }
        });
        client.batch_execute("LISTEN creditors_outbox; LISTEN creditors_ledger; LISTEN creditors_log").await.unwrap();
        Self { client, channels, heard: Vec::new() }
    }

    /// All that was sent before now: the server delivers it before the answer to a query.
    async fn hear_the_rest(&mut self) {
        self.client.batch_execute("SELECT").await.unwrap();
        while let Ok(channel) = self.channels.try_recv() {
            self.heard.push(channel);
        }
    }
}
