//! What we do to logs and ledgers is what the functions do that the peer implementation calls.

use super::{
    dice::Dice,
    seed::{C, World, key},
};

/// Both worlds hold the same rows.
async fn assert_alike(ours: &World, theirs: &World, query: &str) -> usize {
    let (found, expected) = (ours.rows(query).await, theirs.rows(query).await);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(found.len(), expected.len(), "{query}");
    found.len()
}

const CREDITORS: i64 = 6;

/// A pending entry with anything in any column.
fn pending_entry(dice: &mut Dice) -> String {
    let optional = |dice: &mut Dice, value: &str| if dice.once_in(3) { "NULL".to_owned() } else { value.to_owned() };
    let types =
        ["NULL", "NULL", "NULL", "'Transfer'", "'Transfer'", "'PinInfo'", "'TransfersList'", "'CommittedTransfer'"];
    let values = [
        format!("'2026-01-01Z'::timestamptz + {} * interval '1 s'", dice.below(1_000_000)),
        dice.pick(&types).to_owned(),
        optional(dice, "'/some/uri'"),
        dice.pick(&["NULL", "1", "1", "2", "3", "77"]).to_owned(),
        dice.pick(&["NULL", "NULL", "NULL", "true", "false"]).to_owned(),
        dice.pick(&["NULL", "'null'", "'{\"a\": [1,  2]}'"]).to_owned(),
        dice.pick(&["NULL", "1", "1", "1", "2", "3", "4"]).to_owned(),
        optional(dice, "-5"),
        optional(dice, "'2026-02-03'"),
        optional(dice, "12"),
        optional(dice, "'11111111-2222-3333-4444-555555555555'"),
        optional(dice, "-100"),
        optional(dice, "8"),
        optional(dice, "'2026-02-03T04:05:06.789012Z'"),
        optional(dice, "'SOME_ERROR'"),
        // The last one does not exist.
        format!("{} + {}", C.get(), dice.below(CREDITORS + 1)),
    ];
    format!("({})", values.join(", "))
}

#[tokio::test]
async fn logs() {
    let (ours, theirs) = (World::new().await, World::new().await);
    ours.made_up();
    theirs.made_up();
    let mut dice = Dice::new(7);
    for round in 0..3 {
        let entries: Vec<_> = (0..400).map(|_| pending_entry(&mut dice)).collect();
        for world in [&ours, &theirs] {
            if round == 0 {
                for n in 1..CREDITORS {
                    world.add_creditor(domain::CreditorId::new(C.get() + n)).await;
                }
                // Not active yet, and not active any more: their logs go on.
                world.sql(&format!("UPDATE creditor SET status_flags = 0 WHERE creditor_id = {}", C.get() + 1)).await;
                world.sql(&format!("UPDATE creditor SET status_flags = 3 WHERE creditor_id = {}", C.get() + 2)).await;
            }
            world
                .sql(&format!(
                    "INSERT INTO pending_log_entry (added_at, object_type, object_uri, object_update_id, is_deleted, data, \
                         object_type_hint, debtor_id, creation_date, transfer_number, transfer_uuid, data_principal, \
                         data_next_entry_id, data_finalized_at, data_error_code, creditor_id) VALUES {}",
                    entries.join(", ")
                ))
                .await;
        }
        let mut from = i64::MIN;
        loop {
            let mut tx = ours.db.begin("test").await.unwrap();
            let report = creditors_procedures::log_additions::run(&mut tx, from, 17).await.unwrap();
            tx.commit().await.unwrap();
            if from == i64::MIN && report.next.is_none() {
                break;
            }
            from = report.next.unwrap_or(i64::MIN);
        }
        for n in 0..=CREDITORS {
            theirs.sql(&format!("SELECT process_pending_log_entries({})", C.get() + n)).await;
        }
        assert_eq!(ours.number("SELECT count(*) FROM pending_log_entry").await, 0);
        assert_eq!(theirs.number("SELECT count(*) FROM pending_log_entry").await, 0);
        let entries = assert_alike(&ours, &theirs, "SELECT * FROM log_entry ORDER BY creditor_id, entry_id").await;
        assert!(entries > 400 * (round + 1), "are there still entries of lists?");
        // Without the numbers of reservations and accounts, which are drawn.
        let heads = "SELECT creditor_id, last_log_entry_id, transfers_list_latest_update_id, \
            transfers_list_latest_update_ts, status_flags, accounts_list_latest_update_id FROM creditor ORDER BY 1";
        assert_alike(&ours, &theirs, heads).await;
    }
}

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

/// An account in any state, with transfers in any state: commands that make them.
fn account(dice: &mut Dice, debtor_id: i64) -> String {
    let c = C.get();
    let age = |dice: &mut Dice| dice.pick(&["2100-01-01", "2100-01-01", "2000-01-01"]);
    let amount = |dice: &mut Dice| dice.pick(&[1, -1, 10, 10, 10, 500, MAX, MIN]);
    let principal = |dice: &mut Dice| dice.pick(&[0, 10, 20, 30, 40, -7, MAX, MAX - 1, MIN, MIN + 1]);
    let head = dice.pick(&[0, 0, 0, 2]);
    let mut sql = format!(
        "UPDATE account_data SET creation_date = '2026-01-01', account_id = 'a{debtor_id}', principal = {}, \
             last_transfer_number = {}, last_transfer_committed_at = '{}Z', ledger_principal = {}, \
             ledger_last_transfer_number = {head}, ledger_pending_transfer_ts = {}, \
             ledger_latest_update_id = {} WHERE debtor_id = {debtor_id}; \
         INSERT INTO pending_ledger_update VALUES ({c}, {debtor_id});",
        principal(dice),
        dice.below(12),
        age(dice),
        principal(dice),
        dice.pick(&["NULL", "now()"]),
        10 + debtor_id,
    );
    let (mut number, mut last) = (0, 0);
    for _ in 0..dice.below(8) {
        let before = number;
        number += dice.pick(&[1, 1, 1, 1, 2]);
        last = dice.pick(&[0, 10, 20, last, last]).max(0) + 10;
        let previous = if dice.once_in(4) { number - 1 } else { before };
        let (amount, principal) = if dice.once_in(4) { (amount(dice), principal(dice)) } else { (10, last) };
        let date = if dice.once_in(9) { "2025-12-31" } else { "2026-01-01" };
        let transfer = format!(
            "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, \
                 principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
                 transfer_note_format, transfer_note) \
             VALUES ({c}, {debtor_id}, '{date}', {number}, {amount}, {principal}, '{}Z', {previous}, '', '', '', '', '');",
            age(dice)
        );
        sql.push_str(&transfer);
    }
    sql
}

#[tokio::test]
async fn ledgers() {
    const ACCOUNTS: i64 = 300;
    let (ours, theirs) = (World::new().await, World::new().await);
    ours.made_up();
    theirs.made_up();
    let mut dice = Dice::new(11);
    for n in 1..=ACCOUNTS {
        let account = account(&mut dice, n);
        for world in [&ours, &theirs] {
            world.add_account(key(n)).await;
            world.sql(&account).await;
        }
    }
    for (world, is_ours) in [(&ours, true), (&theirs, false)] {
        world.sql("SELECT setval('object_update_id_seq', 20)").await;
        if is_ours {
            while world.update_ledgers().await.accounts > 0 {}
        } else {
            for n in 1..=ACCOUNTS {
                let call = format!("process_pending_ledger_update({}, {n}, interval '14 days')", C.get());
                world.sql(&format!("SELECT {call}")).await;
            }
        }
        assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
        let ahead =
            "SELECT count(*) FROM account_data, object_update_id_seq WHERE ledger_latest_update_id > last_value";
        assert_eq!(world.number(ahead).await, 0, "processing §3");
        let told_otherwise = "SELECT count(*) FROM updated_ledger_signal AS s JOIN account_data AS d \
            USING (creditor_id, debtor_id) WHERE s.ts <> d.ledger_latest_update_ts OR s.account_id <> d.account_id";
        assert_eq!(world.number(told_otherwise).await, 0);
    }
    let queries = [
        "SELECT debtor_id, entry_id, creation_date, transfer_number, acquired_amount, principal FROM ledger_entry \
         ORDER BY debtor_id, entry_id",
        "SELECT debtor_id, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
             ledger_latest_update_id, ledger_pending_transfer_ts FROM account_data ORDER BY debtor_id",
        "SELECT debtor_id, object_type_hint, object_type, object_uri, object_update_id, is_deleted, data, data_principal, \
             data_next_entry_id FROM pending_log_entry ORDER BY debtor_id",
        "SELECT debtor_id, update_id, creation_date, account_id, principal, last_transfer_number \
         FROM updated_ledger_signal ORDER BY debtor_id",
    ];
    let mut counts = Vec::new();
    for query in queries {
        counts.push(assert_alike(&ours, &theirs, query).await);
    }
    let least = [500, 300, 150, 150];
    assert!(
        counts.iter().zip(least).all(|(count, least)| *count >= least),
        "{counts:?}: does something happen at all?"
    );
    let waiting = "SELECT count(*) FROM account_data WHERE ledger_pending_transfer_ts IS NOT NULL";
    assert!(ours.number(waiting).await > 20);
}
