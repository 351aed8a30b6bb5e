//! What a batch costs does not depend on how much is waiting, nor on what the server believes about it.

use creditors_procedures::{accounts, creditors, ledger_updates, log_additions};
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl as _;
use futures::future::join;
use persistence::Tx;

use super::{
    client::{policy, trusted},
    seed::{C, World, key},
};

#[derive(diesel::QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows of a table this session has read, from the table or through an index, since it last told the server.
/// That grows within a transaction.
async fn rows_read(tx: &mut Tx, table: &str) -> i64 {
    let query = format!(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) AS rows FROM pg_stat_xact_user_tables WHERE relname = '{table}'"
    );
    diesel::sql_query(query).get_result::<Rows>(&mut **tx).await.unwrap().rows
}

/// Makes the server believe that the table is as it was at another time.
async fn fill(world: &World, table: &str, believe_empty: bool, fill: &str) {
    if believe_empty {
        world.sql(&format!("VACUUM (ANALYZE) {table}")).await;
        world.sql(fill).await;
    } else {
        world.sql(fill).await;
        world.sql(&format!("VACUUM (ANALYZE) {table}")).await;
    }
}

#[tokio::test]
async fn a_piece_of_a_long_queue_is_all_that_is_read() {
    const PIECE: i64 = 100;
    for believe_empty in [true, false] {
        let world = World::new().await;
        let c = C.get();
        for n in 1..100 {
            world.add_creditor(domain::CreditorId::new(c + n)).await;
        }
        // One creditor has most of them.
        let entries = format!(
            "INSERT INTO pending_log_entry (added_at, object_type_hint, object_update_id, creditor_id) \
             SELECT now(), 4, 1 + i, {c} + CASE i % 10 WHEN 0 THEN i / 10 % 100 ELSE 50 END FROM generate_series(1, 20000) AS i"
        );
        fill(&world, "pending_log_entry", believe_empty, &entries).await;
        let mut from = i64::MIN;
        // The plans of the first executions are made for their parameters, later ones perhaps not.
        for _ in 0..20 {
            let mut tx = world.db.begin("test").await.unwrap();
            let piece = usize::try_from(PIECE).unwrap();
            let before = rows_read(&mut tx, "pending_log_entry").await;
            let report = log_additions::run(&mut tx, from, piece).await.unwrap();
            assert_eq!(report.taken, PIECE);
            let read = rows_read(&mut tx, "pending_log_entry").await - before;
            assert!(read <= 4 * PIECE, "{read} rows were read to take {PIECE}; believed to be empty: {believe_empty}");
            tx.commit().await.unwrap();
            from = if report.next == Some(c + 51) { c + 50 } else { report.next.unwrap_or(i64::MIN) };
        }
    }
}

#[tokio::test]
async fn a_burst_of_a_long_chain_is_all_that_is_read() {
    const BURST: i64 = 100;
    let world = World::new().await;
    let c = C.get();
    world.add_account(key(25)).await;
    // This account has half of them. The others' accounts do not matter.
    world
        .sql(&format!(
            "UPDATE account_data SET creation_date = '2026-01-01'; \
             INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, \
                 principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
                 transfer_note_format, transfer_note) \
             SELECT {c}, d, '2026-01-01', i, 1, i, '2026-02-28Z', i - 1, '', '', '', '', '' \
             FROM generate_series(1, 400) AS d, generate_series(1, CASE d WHEN 25 THEN 5000 ELSE 20 END) AS i ORDER BY i, d"
        ))
        .await;
    // Not vacuumed: an index-only scan would not count what it reads.
    world.sql("ANALYZE committed_transfer").await;
    for _ in 0..20 {
        world.sql(&format!("INSERT INTO pending_ledger_update VALUES ({c}, 25) ON CONFLICT DO NOTHING")).await;
        let mut tx = world.db.begin("test").await.unwrap();
        let limits = ledger_updates::Limits { accounts: 50, burst: 100 };
        let before = rows_read(&mut tx, "committed_transfer").await;
        let report = ledger_updates::run(&mut tx, limits, world.now, world.now).await.unwrap();
        assert_eq!((report.accounts, report.finished, report.entries), (1, 0, 100));
        let read = rows_read(&mut tx, "committed_transfer").await - before;
        assert!(read <= 2 * BURST, "{read} rows were read to take {BURST}");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_claim_goes_on_where_the_last_one_has_ended() {
    let world = World::new().await;
    for n in [-5, i64::MIN, 3, i64::MAX] {
        world.add_account(key(n)).await;
    }
    world.sql("INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account").await;
    let claim = async |after, most| {
        let tx = world.db.begin("test").await.unwrap();
        let claimed = ledger_updates::claim(tx.share(), after, most).await.unwrap();
        tx.rollback().await.unwrap();
        claimed
    };
    let all = [key(i64::MIN), key(-5), key(3), key(i64::MAX)];
    assert_eq!(claim(None, 10).await, all);
    assert_eq!(claim(None, 2).await, all[..2]);
    assert_eq!(claim(Some(all[0]), 10).await, all[1..]);
    assert_eq!(claim(Some(all[1]), 1).await, all[2..3]);
    assert_eq!(claim(Some(all[3]), 10).await, []);
}

#[tokio::test]
async fn copies_share_a_queue_without_waiting_for_each_other() {
    let world = World::new().await;
    for n in 1..=4 {
        world.add_account(key(n)).await;
        world.add_creditor(domain::CreditorId::new(C.get() + n)).await;
    }
    let (c, now) = (C.get(), world.now.to_rfc3339());
    world
        .sql(&format!(
            "INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account; \
             INSERT INTO pending_log_entry (added_at, object_type_hint, object_update_id, creditor_id) \
             SELECT '{now}', 4, 2, {c} + i FROM generate_series(1, 4) AS i"
        ))
        .await;
    let (mut a, mut b) = (world.db.begin("a").await.unwrap(), world.db.begin("b").await.unwrap());
    for tx in [&mut a, &mut b] {
        diesel::sql_query("SET LOCAL lock_timeout = '1ms'").execute(&mut **tx).await.unwrap();
    }
    let first = ledger_updates::claim(a.share(), None, 2).await.unwrap();
    let second = ledger_updates::claim(b.share(), None, 10).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 2));
    for (tx, claimed) in [(&mut a, &first), (&mut b, &second)] {
        let report = ledger_updates::extend(tx, claimed, 10, world.now, world.now).await.unwrap();
        assert_eq!(report.finished, 2);
    }
    let first = log_additions::run(&mut a, i64::MIN, 2).await.unwrap();
    let second = log_additions::run(&mut b, i64::MIN, 10).await.unwrap();
    assert_eq!((first.taken, second.taken, second.busy), (2, 2, 2));
    a.commit().await.unwrap();
    b.commit().await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM log_entry").await, 4);
}

/// Deleting an account deletes its work item, which somebody may have claimed.
#[tokio::test]
async fn removing_accounts_waits_for_their_ledgers_without_standing_in_the_way() {
    let world = World::new().await;
    let policy = policy();
    for n in 1..=2 {
        world.open_account(key(n)).await;
    }
    world.sql("INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account").await;
    let deletion = async || accounts::delete(&world.db, trusted(&policy, world.now), key(1)).await.unwrap();
    let deactivation = async || {
        let mut tx = world.db.begin("deactivation").await.unwrap();
        creditors::deactivate(&mut tx, C, world.now).await.unwrap();
        tx.commit().await.unwrap();
    };
    for left in [1, 0] {
        let mut tx = world.db.begin("ledgers").await.unwrap();
        let claimed = ledger_updates::claim(tx.share(), None, 10).await.unwrap();
        assert_eq!(claimed.len(), left + 1);
        let ledgers = async {
            world.wait_for_a_lock().await;
            diesel::sql_query("SET LOCAL lock_timeout = '500ms'").execute(&mut *tx).await.unwrap();
            let report = ledger_updates::extend(&mut tx, &claimed, 10, world.now, world.now).await.unwrap();
            assert_eq!(report.finished, left + 1);
            tx.commit().await.unwrap();
        };
        if left == 1 {
            join(deletion(), ledgers).await;
            world.sql("INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account").await;
        } else {
            join(deactivation(), ledgers).await;
        }
        assert_eq!(world.number("SELECT count(*) FROM account").await, i64::try_from(left).unwrap());
    }
}
