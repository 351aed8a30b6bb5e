//! Configurations and what servers say of them (rows 12, 14).

use chrono::TimeDelta;
use domain::incoming::{AccountUpdate, Incoming, RejectedConfig};
use serde_json::json;

use super::{
    accounts::config_ts,
    messages::{ACCOUNT, purge, refusal, update, updated},
    world::{World, account_path},
};

#[tokio::test]
async fn row_12_refusals_of_other_configurations_mean_nothing() {
    let mut world = World::new("12").await;
    let _consumer = world.consume();
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    let config_ts = config_ts(&world).await;
    let (right, second) = (refusal(config_ts), TimeDelta::seconds(1));
    let wrong = [
        RejectedConfig { config_data: "x".to_owned(), ..right.clone() },
        RejectedConfig { negligible_amount: 1.0001e30, ..right.clone() },
        RejectedConfig { config_flags: 1, ..right.clone() },
        RejectedConfig { config_seqnum: 1, ..right.clone() },
        RejectedConfig { config_seqnum: -1, ..right.clone() },
        RejectedConfig { config_ts: config_ts + second, ..right.clone() },
        RejectedConfig { config_ts: config_ts - second, ..right.clone() },
    ];
    let before = world.rows("SELECT * FROM account_data").await;
    world.tell(&wrong.map(Incoming::RejectedConfig)).await;
    assert_eq!(world.rows("SELECT * FROM account_data").await, before);
    assert_eq!(world.count("pending_log_entry").await, 0);
    // The right one would have had an effect.
    world.tell(&[Incoming::RejectedConfig(right)]).await;
    assert_eq!(world.count("pending_log_entry").await, 1);
    world.end().await;
}

#[tokio::test]
async fn row_14_deletion_is_safe_between_the_purge_and_the_next_configuration() {
    let mut world = World::new("14").await;
    let _consumer = world.consume();
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    let infos = "pending_log_entry WHERE object_type = 'AccountInfo'";
    let mut found = vec![];
    assert_eq!(web.change("config", json!({"scheduledForDeletion": true})).await.0, 200);
    let update = update(world.now, config_ts(&world).await);
    let effectual = AccountUpdate { config_flags: 1, last_config_seqnum: 1, ..update };
    for step in 0..4 {
        match step {
            1 => world.tell(&[updated(effectual.clone())]).await,
            2 => world.tell(&[purge(ACCOUNT, "2026-01-01")]).await,
            3 => assert_eq!(web.change("config", json!({"scheduledForDeletion": false})).await.0, 200),
            _ => {}
        }
        let is_safe = web.get(&format!("{}info", account_path())).await["safeToDelete"] == json!(true);
        found.push((world.count(infos).await, is_safe));
    }
    assert_eq!(found, [(0, false), (1, false), (2, true), (3, false)]);
    world.end().await;
}
