use creditors_procedures::{
    accounts::{self, Creation, Deletion, Error, config, display, exchange, knowledge},
    client::Refused,
};
use domain::{
    AccountKey, CreditorId, DebtorId,
    account::{self as rules, Appearance, Peg, Policy as ExchangePolicy},
    incoming::{AccountPurge, Incoming},
};
use persistence::creditor;

use super::{
    client::{forbidding_policy, named, policy, scheduled_for_deletion, trusted},
    seed::{C, World, date, key, update},
};

/// processing §18 rows 2 and 3.
#[tokio::test]
async fn accounts_are_created_once_by_active_creditors() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let unknown = AccountKey::new(CreditorId::new(77), DebtorId::new(-1));
    assert!(matches!(accounts::create(&world.db, client, unknown).await, Err(Error::CreditorDoesNotExist)));
    assert_eq!(world.number("SELECT count(*) FROM usage_stats").await, 0);

    let created = world.open_account(key(-1)).await;
    assert_eq!(created, world.account(key(-1)).await);
    assert_eq!(created.data.ledger.last_entry_id, 1);
    assert_eq!(created.notes.data, "{}");
    assert_eq!(accounts::create(&world.db, client, key(-1)).await.unwrap(), Creation::Exists);

    assert_eq!(
        world
            .rows("SELECT entry_id, object_type, object_update_id - (SELECT latest_update_id FROM account) FROM log_entry ORDER BY 1")
            .await,
        ["(1,Account,0)", &format!("(2,AccountsList,{})", 2 - created.latest_update_id)]
    );
    assert_eq!(world.rows("SELECT last_log_entry_id, accounts_list_latest_update_id FROM creditor").await, ["(2,2)"]);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 0);
    assert_eq!(
        world
            .rows("SELECT debtor_id, s.seqnum, s.negligible_amount, s.config_flags, s.ts = last_config_ts FROM configure_account_signal AS s JOIN account_data USING (creditor_id, debtor_id)")
            .await,
        ["(-1,0,1e+30,0,t)"]
    );
    let ids = [
        created.latest_update_id,
        created.data.config.latest_update_id,
        created.data.info.latest_update_id,
        created.data.ledger.latest_update_id,
        created.display.latest_update_id,
        created.exchange.latest_update_id,
        created.notes.knowledge.latest_update_id,
    ];
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert_eq!(world.counters().await, ["(1,0,1,0)"]);
}

#[tokio::test]
async fn limits_come_first() {
    let world = World::new().await;
    let account = world.open_account(key(1)).await;
    let policy = forbidding_policy();
    let client = trusted(&policy, world.now);
    let refused = |error: Error| matches!(error, Error::Refused(Refused::UsageLimit));
    assert!(refused(accounts::create(&world.db, client, key(1)).await.unwrap_err()));
    assert!(refused(accounts::create(&world.db, client, key(404)).await.unwrap_err()));
    let request = scheduled_for_deletion(account.data.config.latest_update_id + 1);
    assert!(refused(config::update(&world.db, client, key(404), &request).await.unwrap_err()));
    assert!(refused(config::update(&world.db, client, key(1), &request).await.unwrap_err()));
    assert_eq!(world.counters().await, ["(1,0,1,0)"]);
    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Deleted);
    assert_eq!(world.counters().await, ["(0,0,1,0)"]);
}

/// processing §18 row 5.
#[tokio::test]
async fn an_account_without_a_name_can_be_deleted_at_once() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    world.open_account(key(1)).await;
    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Deleted);
    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Absent);
    assert_eq!(world.number("SELECT count(*) FROM account_data").await, 0);
    assert_eq!(
        world
            .rows("SELECT entry_id, object_type, is_deleted, object_update_id = (SELECT last_value FROM object_update_id_seq) FROM log_entry WHERE entry_id > 2 ORDER BY 1")
            .await,
        [
            "(3,AccountsList,,f)",
            "(4,Account,t,t)",
            "(5,AccountConfig,t,t)",
            "(6,AccountInfo,t,t)",
            "(7,AccountLedger,t,t)",
            "(8,AccountDisplay,t,t)",
            "(9,AccountExchange,t,t)",
            "(10,AccountKnowledge,t,t)",
        ]
    );
    assert_eq!(world.counters().await, ["(0,0,1,0)"]);
}

/// processing §18 row 6.
#[tokio::test]
async fn a_used_account_is_deleted_only_when_that_is_safe() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Absent);
    let account = world.open_account(key(1)).await;
    world.name_account(key(1), "Bank").await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(key(1), world.now)))]).await;
    let unsafe_deletion = accounts::delete(&world.db, client, key(1)).await.unwrap_err();
    assert!(matches!(unsafe_deletion, Error::Undeletable(rules::Refused::Unsafe)));

    let request = scheduled_for_deletion(account.data.config.latest_update_id + 1);
    let config = config::update(&world.db, client, key(1), &request).await.unwrap();
    assert_eq!(config, world.account(key(1)).await.data.config);
    assert_eq!(world.rows("SELECT config_flags FROM updated_flags_signal").await, ["(1)"]);
    let mut effectual = update(key(1), world.now);
    effectual.last_change_seqnum = 2;
    effectual.last_config_seqnum = 1;
    effectual.config_flags = 1;
    world.apply(&[Incoming::AccountUpdate(Box::new(effectual))]).await;
    let purge = AccountPurge { account: key(1), creation_date: date("2026-01-01") };
    world.apply(&[Incoming::AccountPurge(purge)]).await;
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, 1);

    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Deleted);
    assert_eq!(
        world
            .rows("SELECT account_id, creation_date, principal, last_transfer_number FROM updated_ledger_signal WHERE update_id = (SELECT last_value FROM object_update_id_seq)")
            .await,
        ["(\"\",1970-01-01,0,0)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, 2);
    assert_eq!(
        world
            .rows("SELECT policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id FROM updated_policy_signal")
            .await,
        ["(,-9223372036854775808,9223372036854775807,,)"]
    );
    assert_eq!(world.rows("SELECT config_flags FROM updated_flags_signal ORDER BY update_id").await, ["(1)", "(0)"]);
}

/// processing §18 row 14.
#[tokio::test]
async fn deletion_is_safe_only_as_long_as_the_configuration_holds() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let account = world.open_account(key(1)).await;
    let id = account.data.config.latest_update_id;
    let info_entries = "SELECT count(*) FROM pending_log_entry WHERE object_type = 'AccountInfo'";
    config::update(&world.db, client, key(1), &scheduled_for_deletion(id + 1)).await.unwrap();
    assert_eq!(world.number(info_entries).await, 0);
    let mut update = update(key(1), world.now);
    update.last_config_seqnum = 1;
    update.config_flags = 1;
    world.apply(&[Incoming::AccountUpdate(Box::new(update))]).await;
    assert_eq!(world.number(info_entries).await, 1);
    assert!(!world.account(key(1)).await.data.is_deletion_safe());
    let purge = AccountPurge { account: key(1), creation_date: date("2026-01-01") };
    world.apply(&[Incoming::AccountPurge(purge)]).await;
    assert_eq!(world.number(info_entries).await, 2);
    assert!(world.account(key(1)).await.data.is_deletion_safe());

    let mut request = scheduled_for_deletion(id + 2);
    request.scheduled_for_deletion = false;
    config::update(&world.db, client, key(1), &request).await.unwrap();
    assert_eq!(world.number(info_entries).await, 3);
    assert!(!world.account(key(1)).await.data.is_deletion_safe());
    // Entries are in the order of the changes, and say what the object says.
    assert_eq!(
        world.rows("SELECT object_type FROM pending_log_entry ORDER BY pending_entry_id DESC LIMIT 2").await,
        ["(AccountInfo)", "(AccountConfig)"]
    );
    assert_eq!(
        world
            .number("SELECT count(*) FROM pending_log_entry JOIN account_data ON object_update_id = config_latest_update_id AND added_at = config_latest_update_ts WHERE object_type = 'AccountConfig'")
            .await,
        1
    );
    assert_eq!(
        world.rows("SELECT seqnum, config_flags FROM configure_account_signal ORDER BY seqnum").await,
        ["(0,0)", "(1,1)", "(2,0)"]
    );
    let sequence_is_ahead = "SELECT count(*) FROM account_data, object_update_id_seq \
        WHERE last_value >= GREATEST(config_latest_update_id, info_latest_update_id)";
    assert_eq!(world.number(sequence_is_ahead).await, 1);
}

#[tokio::test]
async fn updates_are_applied_in_order_and_may_be_repeated() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let account = world.open_account(key(1)).await;
    let id = account.display.latest_update_id;
    let request = |latest_update_id| display::Request { appearance: named("Bank"), latest_update_id };
    let update = async |n| display::update(&world.db, client, key(1), &request(n)).await;
    assert!(matches!(update(id).await, Err(Error::UpdateConflict)));
    assert!(matches!(update(id + 2).await, Err(Error::UpdateConflict)));
    let shown = update(id + 1).await.unwrap();
    assert_eq!(shown.appearance, named("Bank"));
    assert_eq!(update(id + 1).await.unwrap(), shown);
    assert_eq!(world.account(key(1)).await.display, shown);
    let missing = display::update(&world.db, client, key(404), &request(1)).await;
    assert!(matches!(missing, Err(Error::AccountDoesNotExist)));
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 1);
    assert_eq!(world.counters().await, ["(1,0,3,0)"], "a repetition is counted, a refusal is not");
}

#[tokio::test]
async fn names_are_unique_among_the_accounts_of_a_creditor() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    world.open_account(key(1)).await;
    world.name_account(key(1), "Bank").await;
    let id = world.open_account(key(2)).await.display.latest_update_id;
    let request = |appearance, id| display::Request { appearance, latest_update_id: id };
    let taken = display::update(&world.db, client, key(2), &request(named("Bank"), id + 1)).await;
    assert!(matches!(taken, Err(Error::NameConflict)));
    let conflict = display::update(&world.db, client, key(2), &request(named("Bank"), id + 2)).await;
    assert!(matches!(conflict, Err(Error::UpdateConflict)), "the update id is looked at first");
    display::update(&world.db, client, key(2), &request(named("bank"), id + 1)).await.unwrap();
    let same_name = Appearance { known_debtor: true, ..named("bank") };
    display::update(&world.db, client, key(2), &request(same_name, id + 2)).await.unwrap();
    let nameless = Appearance::default();
    display::update(&world.db, client, key(2), &request(nameless, id + 3)).await.unwrap();
}

#[tokio::test]
async fn pegs_need_an_account_and_keep_it_from_being_deleted() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let id = world.open_account(key(1)).await.exchange.latest_update_id;
    let pegged = |debtor_id| {
        let peg = Peg { exchange_rate: 1.5, debtor_id: DebtorId::new(debtor_id) };
        let name = Some("conservative".to_owned());
        Some(ExchangePolicy { name, min_principal: 5, max_principal: 10, peg: Some(peg) })
    };
    let update = async |account, policy, latest_update_id| {
        let request = exchange::Request { policy, latest_update_id };
        exchange::update(&world.db, client, key(account), &request).await
    };
    assert!(matches!(update(1, pegged(2), id + 1).await, Err(Error::PegDoesNotExist)));
    assert!(matches!(update(1, pegged(2), id).await, Err(Error::UpdateConflict)));
    assert!(matches!(update(1, None, id).await, Err(Error::PegDoesNotExist)));
    assert!(matches!(update(404, pegged(1), id + 1).await, Err(Error::AccountDoesNotExist)));
    update(1, pegged(1), id + 1).await.unwrap();
    world.open_account(key(2)).await;
    let exchange = update(1, pegged(2), id + 2).await.unwrap();
    assert_eq!(exchange.policy, pegged(2).unwrap());
    assert_eq!(world.account(key(1)).await.exchange, exchange);
    assert_eq!(
        world
            .rows(&format!("SELECT policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id FROM updated_policy_signal WHERE update_id = {}", id + 2))
            .await,
        ["(conservative,5,10,1.5,2)"]
    );
    let refused = accounts::delete(&world.db, client, key(2)).await;
    assert!(matches!(refused, Err(Error::Undeletable(rules::Refused::Pegged))));
    update(1, pegged(1), id + 3).await.unwrap();
    assert_eq!(accounts::delete(&world.db, client, key(2)).await.unwrap(), Deletion::Deleted);
    assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Deleted, "a peg to itself");
}

#[tokio::test]
async fn notes_are_kept_to_the_letter() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let id = world.open_account(key(1)).await.notes.knowledge.latest_update_id;
    let text = r#"{"b":1.0,"a":123456789012345678901234567890,"ж":[ null ]}"#;
    let update = async |data, is_same, latest_update_id| {
        let request = knowledge::Request { data, is_same: move |_: &str| is_same, latest_update_id };
        knowledge::update(&world.db, client, key(1), &request).await
    };
    assert!(matches!(update(text, true, id + 2).await, Err(Error::UpdateConflict)));
    let notes = update(text, false, id + 1).await.unwrap();
    assert_eq!(notes.data, text);
    assert_eq!(world.account(key(1)).await.notes, notes);
    assert_eq!(update("{\"a\": 0}", true, id + 1).await.unwrap(), notes);
    assert!(matches!(update("{}", false, id + 1).await, Err(Error::UpdateConflict)));
    let request = knowledge::Request { data: "{}", is_same: |_: &str| true, latest_update_id: 1 };
    let missing = knowledge::update(&world.db, client, key(404), &request).await;
    assert!(matches!(missing, Err(Error::AccountDoesNotExist)));
}

/// Log ids have no gaps; update ids and ledger entry ids grow from life to life (processing §3).
#[tokio::test]
async fn accounts_live_many_lives() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let mut largest = 0;
    for life in 1..=5_i64 {
        let account = world.open_account(key(1)).await;
        assert!(account.latest_update_id > largest);
        assert_eq!(account.data.ledger.last_entry_id, 2 * life - 1);
        world.sql("UPDATE account_data SET ledger_last_entry_id = ledger_last_entry_id + 1").await;
        world.name_account(key(1), "Bank").await;
        let id = world.account(key(1)).await.display.latest_update_id;
        let request = display::Request { appearance: Appearance::default(), latest_update_id: id + 1 };
        display::update(&world.db, client, key(1), &request).await.unwrap();
        world.add_to_logs().await;
        assert_eq!(accounts::delete(&world.db, client, key(1)).await.unwrap(), Deletion::Deleted);
        largest = world.number("SELECT max(object_update_id) FROM log_entry WHERE object_type <> 'AccountsList'").await;
        assert!(largest > id + 1, "the deletion has the largest id of all");
    }
    let log = "SELECT count(*) FROM log_entry HAVING min(entry_id) = 1 AND max(entry_id) = count(*)";
    assert_eq!(world.number(log).await, 5 * 12);
    let creditor = creditor::get(&mut world.db.conn().await.unwrap(), C).await.unwrap().unwrap();
    assert_eq!((creditor.last_log_entry_id, creditor.accounts.list_update_id), (60, 11));
}

/// processing §18 row 4.
#[tokio::test]
async fn deactivated_creditors_have_nothing() {
    let world = World::new().await;
    let policy = policy();
    world.open_account(key(1)).await;
    let mut tx = world.db.begin("test").await.unwrap();
    creditors_procedures::creditors::deactivate(&mut tx, C, world.now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.number("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM pin_info)").await, 0);
    let mut conn = world.db.conn().await.unwrap();
    assert_eq!(creditor::list_active(&mut conn, CreditorId::new(i64::MIN), 10).await.unwrap(), []);
    let (row, pin) = creditor::get_with_pin_status(&mut conn, C).await.unwrap().unwrap();
    assert!(row.status.is_deactivated());
    assert_eq!(pin, None);
    let refused = accounts::create(&world.db, trusted(&policy, world.now), key(2)).await;
    assert!(matches!(refused, Err(Error::CreditorDoesNotExist)));
}

/// processing §18 row 1.
#[tokio::test]
async fn creditors_are_reserved_before_they_are_activated() {
    use creditors_procedures::creditors::{self, Error};
    let world = World::new().await;
    let id = CreditorId::new(C.get() + 1);
    let mut tx = world.db.begin("test").await.unwrap();
    creditors::reserve(&mut tx, id, world.now).await.unwrap();
    assert!(matches!(creditors::reserve(&mut tx, id, world.now).await, Err(Error::CreditorExists)));
    let wrong = creditors::activate(&mut tx, id, Some("-123"), world.now).await;
    assert!(matches!(wrong, Err(Error::InvalidReservationId)));
    let active = creditor::list_active(&mut tx, CreditorId::new(i64::MIN), 10).await.unwrap();
    assert_eq!(active, [C]);
    let reservation_id = creditor::get(&mut tx, id).await.unwrap().unwrap().reservation_id.unwrap().to_string();
    creditors::activate(&mut tx, id, Some(&reservation_id), world.now).await.unwrap();
    let active = creditor::list_active(&mut tx, CreditorId::new(i64::MIN), 10).await.unwrap();
    assert_eq!(active, [C, id]);
    assert!(matches!(creditors::reserve(&mut tx, id, world.now).await, Err(Error::CreditorExists)));
    tx.rollback().await.unwrap();
}
