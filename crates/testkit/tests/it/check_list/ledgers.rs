//! Transfers that become ledger entries (rows 16 to 19).

use chrono::TimeDelta;
use domain::{AccountKey, CreditorId, incoming::AccountTransfer, incoming::AccountUpdate, incoming::Incoming};

use super::{
    accounts::config_ts,
    messages::{ACCOUNT, transfer, update, updated},
    world::{C, D, World},
};

async fn with_account(name: &str, more: &[(&str, &str)]) -> World {
    let world = World::with(name, more).await;
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    world
}

/// Retention is at least 30 days, so the transfer is a month older than the row says.
#[tokio::test]
async fn row_16_transfers_are_stored_unless_nobody_would_read_them() {
    let counts = "SELECT (SELECT count(*) FROM committed_transfer), (SELECT count(*) FROM pending_ledger_update), \
                      (SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 3)";
    for (days, expected) in [("35", "0,0,0"), ("37", "1,1,1")] {
        let mut world = with_account(&format!("16-{days}"), &[("APP_LOG_RETENTION_DAYS", days)]).await;
        world.sql("UPDATE account_data SET creation_date = '2026-01-01'").await;
        let _consumer = world.consume();
        let base = transfer(1, 0, 1000, 1000, world.now);
        let old = AccountTransfer { ts: world.now - TimeDelta::days(36), ..base.clone() };
        let of_another = AccountKey::new(CreditorId::new(C + 5), ACCOUNT.debtor_id);
        let of_another = AccountTransfer { account: of_another, ..base };
        for message in [old.clone(), old, of_another] {
            world.tell(&[Incoming::AccountTransfer(message)]).await;
            assert_eq!(world.rows(counts).await, [expected], "retention of {days} days");
        }
        world.end().await;
    }
}

#[tokio::test]
async fn row_17_a_ledger_waits_for_what_is_missing() {
    let mut world = with_account("17", &[]).await;
    let _consumer = world.consume();
    let story = |(number, previous, principal)| {
        Incoming::AccountTransfer(transfer(number, previous, 1000, principal, world.now))
    };
    let early = [(1, 0, 1100), (20, 1, 2100), (22, 21, 4150)].map(story);
    let late = story((21, 20, 3150));
    world.tell(&early).await;
    assert_eq!(world.count("pending_ledger_update").await, 0);
    world.tell(&[updated(update(world.now, config_ts(&world).await))]).await;
    let announced = async |world: &World| {
        (
            world.count("pending_log_entry WHERE object_type_hint = 4").await
                + world.count("log_entry WHERE object_type_hint = 4").await,
            world.count("updated_ledger_signal").await,
        )
    };
    assert_eq!(announced(&world).await, (1, 1));

    world.update_ledgers().await;
    let entries = "SELECT transfer_number, acquired_amount, principal FROM ledger_entry ORDER BY entry_id";
    let first = ["-,100,100", "1,1000,1100", "20,1000,2100"];
    assert_eq!(world.rows(entries).await, first);
    assert_eq!(world.count("pending_ledger_update").await, 0);
    assert_eq!(announced(&world).await, (2, 2));

    world.tell(&[late]).await;
    world.update_ledgers().await;
    let all = [&first[..], &["-,50,2150", "21,1000,3150", "22,1000,4150"]].concat();
    assert_eq!(world.rows(entries).await, all);
    assert_eq!(announced(&world).await, (3, 3));
    world.end().await;
}

#[tokio::test]
async fn row_18_a_ledger_catches_up_when_nothing_can_arrive_any_more() {
    let mut world = with_account("18", &[]).await;
    let _consumer = world.consume();
    let ledger_id = "SELECT ledger_latest_update_id FROM account_data";
    let created = world.number(ledger_id).await;
    let told_long_ago = AccountUpdate {
        last_transfer_number: 3,
        last_transfer_committed_at: world.now - TimeDelta::days(20),
        ..update(world.now, config_ts(&world).await)
    };
    world.tell(&[updated(told_long_ago)]).await;
    let process = ["process_ledger_updates", "--quit-early"];
    assert_eq!(world.run_with(&[("APP_MAX_TRANSFER_DELAY_DAYS", "30")], &process).await.status, Some(0));
    assert_eq!(world.count("ledger_entry").await, 0);
    assert_eq!(world.number(ledger_id).await, created + 1);

    // The account scanner would ask for this.
    world.sql(&format!("INSERT INTO pending_ledger_update VALUES ({C}, {D})")).await;
    assert_eq!(world.run_with(&[("APP_MAX_TRANSFER_DELAY_DAYS", "10")], &process).await.status, Some(0));
    let entries = "SELECT entry_id, transfer_number, acquired_amount, principal FROM ledger_entry";
    assert_eq!(world.rows(entries).await, ["2,-,1000,1000"]);
    let head = "SELECT ledger_principal, ledger_last_transfer_number, ledger_latest_update_id FROM account_data";
    assert_eq!(world.rows(head).await, [format!("1000,3,{}", created + 2)]);
    world.end().await;
}

#[tokio::test]
async fn row_19_work_for_unknown_accounts_is_done_at_once() {
    let world = with_account("19", &[]).await;
    let before = world.rows("SELECT * FROM account_data").await;
    // Only somebody who ignores the foreign key can leave such work behind.
    world
        .sql(&format!(
            "SET session_replication_role = replica; \
             INSERT INTO pending_ledger_update VALUES (1, 1), ({C}, 1), ({}, {D}); \
             SET session_replication_role = DEFAULT",
            C + 5
        ))
        .await;
    world.update_ledgers().await;
    assert_eq!(world.count("pending_ledger_update").await, 0);
    assert_eq!(world.rows("SELECT * FROM account_data").await, before);
    assert_eq!((world.count("ledger_entry").await, world.count("updated_ledger_signal").await), (0, 0));
    world.end().await;
}
