use super::seed::{C, World};

async fn enqueue(world: &World, rows: &str) {
    world
        .sql(&format!(
            "INSERT INTO pending_log_entry (added_at, object_type, object_uri, object_update_id, is_deleted, \
             object_type_hint, transfer_uuid, data_principal, creditor_id) VALUES {rows}"
        ))
        .await;
}

const UUID: &str = "'11111111-2222-3333-4444-555555555555'";

#[tokio::test]
async fn entries_are_numbered_without_gaps_and_lists_follow_their_causes() {
    let world = World::new().await;
    let c = C.get();
    enqueue(
        &world,
        &format!(
            "('2026-01-01T00:00:01Z', 'PinInfo', '/p', 2, NULL, NULL, NULL, NULL, {c}), \
             ('2026-01-01T00:00:02Z', NULL, NULL, 1, NULL, 1, {UUID}, NULL, {c}), \
             ('2026-01-01T00:00:03Z', NULL, NULL, 2, NULL, 1, {UUID}, NULL, {c}), \
             ('2026-01-01T00:00:04Z', NULL, NULL, NULL, true, 1, {UUID}, NULL, {c}), \
             ('2026-01-01T00:00:05Z', 'Transfer', '/t', 1, NULL, NULL, NULL, NULL, {c}), \
             ('2026-01-01T00:00:06Z', NULL, NULL, 7, NULL, 4, NULL, 50, {c})"
        ),
    )
    .await;
    let report = world.add_to_logs().await;
    assert_eq!((report.taken, report.logged, report.dropped, report.busy), (6, 9, 0, 0));
    assert_eq!(
        world
            .rows("SELECT entry_id, added_at::time, object_type, object_update_id AS u, is_deleted AS d, object_type_hint AS h, data_principal AS p FROM log_entry ORDER BY entry_id")
            .await,
        [
            "(1,00:00:01,PinInfo,2,,,)",
            "(2,00:00:02,,1,,1,)",
            "(3,00:00:02,,2,,2,)",
            "(4,00:00:03,,2,,1,)",
            "(5,00:00:04,,,t,1,)",
            "(6,00:00:04,,3,,2,)",
            "(7,00:00:05,Transfer,1,,,)",
            "(8,00:00:05,,4,,2,)",
            "(9,00:00:06,,7,,4,50)",
        ]
    );
    assert_eq!(
        world
            .rows("SELECT last_log_entry_id, transfers_list_latest_update_id, transfers_list_latest_update_ts::time FROM creditor")
            .await,
        ["(9,4,00:00:05)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
}

#[tokio::test]
async fn entries_of_unknown_creditors_are_dropped() {
    let world = World::new().await;
    enqueue(&world, "('2026-01-01T00:00:01Z', 'PinInfo', '/p', 2, NULL, NULL, NULL, NULL, 77)").await;
    let report = world.add_to_logs().await;
    assert_eq!((report.taken, report.dropped), (0, 1));
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM log_entry").await, 0);
}

#[tokio::test]
async fn a_busy_creditor_is_passed_over_and_keeps_its_entries() {
    let world = World::new().await;
    let other = domain::CreditorId::new(C.get() + 1);
    world.add_creditor(other).await;
    let (c, o) = (C.get(), other.get());
    enqueue(
        &world,
        &format!(
            "('2026-01-01T00:00:01Z', 'PinInfo', '/p', 2, NULL, NULL, NULL, NULL, {c}), \
             ('2026-01-01T00:00:02Z', 'PinInfo', '/p', 2, NULL, NULL, NULL, NULL, {o})"
        ),
    )
    .await;
    let holder = world.db.begin("holder").await.unwrap();
    persistence::creditor::lock(holder.share(), [C]).await.unwrap();
    let report = world.add_to_logs().await;
    assert_eq!((report.taken, report.dropped, report.busy), (1, 0, 1));
    holder.rollback().await.unwrap();
    assert_eq!(world.add_to_logs().await.taken, 1);
    assert_eq!(world.number("SELECT count(*) FROM log_entry").await, 2);
}
