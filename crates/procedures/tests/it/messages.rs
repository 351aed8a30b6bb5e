use domain::{
    AccountKey,
    incoming::{
        AccountPurge, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer, Incoming, PreparedTransfer,
        RejectedConfig, RejectedTransfer,
    },
};

use super::seed::{C, World, date, key, transfer, update};

fn prepared(account: AccountKey, request_id: i64, transfer_id: i64) -> Incoming {
    Incoming::PreparedTransfer(PreparedTransfer {
        account,
        transfer_id,
        coordinator_id: C,
        coordinator_request_id: request_id,
        locked_amount: 10,
        recipient: "bob".to_owned(),
    })
}

fn finalized(account: AccountKey, request_id: i64, transfer_id: i64, amount: i64, status: &str) -> Incoming {
    Incoming::FinalizedTransfer(FinalizedTransfer {
        account,
        transfer_id,
        coordinator_id: C,
        coordinator_request_id: request_id,
        committed_amount: amount,
        status_code: status.to_owned(),
        total_locked_amount: 100,
    })
}

/// processing §18 rows 21–23, all in one batch: later messages about a transfer see what earlier ones did.
#[tokio::test]
async fn running_transfers_go_their_way() {
    let world = World::new().await;
    for request_id in 1..=4 {
        world.add_running_transfer(C, request_id).await;
    }
    let rejected = |account, request_id| {
        Incoming::RejectedTransfer(RejectedTransfer {
            account,
            coordinator_id: C,
            coordinator_request_id: request_id,
            status_code: "TEST_ERROR".to_owned(),
            total_locked_amount: 600,
        })
    };
    world
        .apply(&[
            prepared(key(5), 1, 71),
            prepared(key(5), 1, 71),
            prepared(key(5), 1, 72),
            finalized(key(5), 1, 71, 1000, "OK"),
            prepared(key(5), 99, 73),
            rejected(key(5), 2),
            rejected(key(6), 3),
            prepared(key(5), 4, 74),
            finalized(key(5), 4, 74, 0, "TIMEOUT"),
        ])
        .await;
    assert_eq!(
        world
            .rows(
                "SELECT transfer_id, committed_amount, transfer_note FROM finalize_transfer_signal ORDER BY signal_id"
            )
            .await,
        ["(71,1000,{})", "(71,1000,{})", "(72,0,\"\")", "(73,0,\"\")", "(74,1000,{})"]
    );
    assert_eq!(
        world
            .rows("SELECT coordinator_request_id, transfer_id, finalized_at IS NOT NULL, error_code, total_locked_amount, latest_update_id FROM running_transfer ORDER BY 1")
            .await,
        ["(1,71,t,,,2)", "(2,,t,TEST_ERROR,600,2)", "(3,,t,UNEXPECTED_ERROR,,2)", "(4,74,t,TIMEOUT,100,2)"]
    );
    assert_eq!(
        world
            .rows("SELECT object_update_id, data_error_code, data_finalized_at IS NOT NULL FROM pending_log_entry WHERE object_type_hint = 1 ORDER BY data_error_code")
            .await,
        ["(2,TEST_ERROR,t)", "(2,TIMEOUT,t)", "(2,UNEXPECTED_ERROR,t)", "(2,,t)"]
    );
}

/// processing §18 rows 7, 8, 13 and 16.
#[tokio::test]
async fn accounts_follow_their_server() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    world.sql("UPDATE account_data SET ledger_principal = 1001, ledger_last_entry_id = 88, ledger_last_transfer_number = 888").await;
    let mut late = update(key(-1), world.now);
    late.ts = world.now - chrono::TimeDelta::seconds(10);
    late.ttl = 0;
    world.apply(&[Incoming::AccountUpdate(Box::new(late))]).await;
    assert_eq!(world.number("SELECT count(*) FROM account_data WHERE has_server_account").await, 0);

    let update = Incoming::AccountUpdate(Box::new(update(key(-1), world.now)));
    world.apply(&[update.clone(), update]).await;
    assert_eq!(
        world
            .rows("SELECT has_server_account, is_config_effectual, principal, interest_rate, account_id, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number FROM account_data")
            .await,
        ["(t,t,1000,3.5,account-1,0,89,0)"]
    );
    assert_eq!(world.rows("SELECT entry_id, acquired_amount, principal FROM ledger_entry").await, ["(89,-1001,0)"]);
    assert_eq!(
        world.rows("SELECT object_type, object_type_hint FROM pending_log_entry ORDER BY pending_entry_id").await,
        ["(AccountInfo,)", "(,4)"]
    );
    assert_eq!(
        world
            .number("SELECT count(*) FROM updated_ledger_signal JOIN account_data ON update_id = ledger_latest_update_id AND ts = ledger_latest_update_ts")
            .await,
        1
    );
    let purge =
        |creation_date| Incoming::AccountPurge(AccountPurge { account: key(-1), creation_date: date(creation_date) });
    world.apply(&[purge("2025-12-31")]).await;
    assert_eq!(world.number("SELECT principal FROM account_data").await, 1000);
    world.apply(&[purge("2026-01-01"), purge("2026-01-01")]).await;
    assert_eq!(world.rows("SELECT has_server_account, principal, interest FROM account_data").await, ["(f,0,0)"]);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry WHERE object_type = 'AccountInfo'").await, 2);
}

#[tokio::test]
async fn transfers_are_stored_once_and_only_for_known_accounts() {
    let world = World::new().await;
    world.add_account(key(1)).await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(key(1), world.now)))]).await;
    world.update_ledgers().await;
    let t = |k, n, previous| Incoming::AccountTransfer(transfer(k, n, previous, 5, 5 * n, world.now));
    let mut old = transfer(key(1), 9, 8, 5, 45, world.now);
    old.committed_at = world.now - chrono::TimeDelta::days(46);
    world.apply(&[t(key(1), 2, 1), t(key(1), 2, 1), t(key(2), 1, 0), Incoming::AccountTransfer(old)]).await;
    assert_eq!(world.rows("SELECT debtor_id, transfer_number FROM committed_transfer").await, ["(1,2)"]);
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0, "number 1 is missing");
    world.apply(&[t(key(1), 1, 0), t(key(1), 2, 1)]).await;
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 3").await, 2);
}

/// processing §18 rows 11 and 12, §4.8, §4.9.
#[tokio::test]
async fn orphans_rejections_bounces_and_activations() {
    let world = World::new().await;
    let orphan = Incoming::AccountUpdate(Box::new(update(key(404), world.now)));
    world.apply(&[orphan.clone(), orphan]).await;
    assert_eq!(
        world.rows("SELECT debtor_id, negligible_amount, config_flags, seqnum FROM configure_account_signal").await,
        ["(404,1e+30,1,0)"]
    );
    world.add_account(key(1)).await;
    let rejected = |seqnum| {
        Incoming::RejectedConfig(RejectedConfig {
            account: key(1),
            config_ts: world.now,
            config_seqnum: seqnum,
            config_flags: 0,
            config_data: String::new(),
            negligible_amount: 1e30,
            rejection_code: "NO".to_owned(),
        })
    };
    world.apply(&[rejected(1)]).await;
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
    world.apply(&[rejected(0), rejected(0)]).await;
    assert_eq!(world.rows("SELECT config_error FROM account_data").await, ["(NO)"]);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 1);

    let bounced = |account| {
        Incoming::ConfigureAccount(BouncedConfigureAccount {
            account,
            ts: world.now,
            seqnum: 3,
            negligible_amount: 2.5,
            config_flags: 1,
            config_data: "d".to_owned(),
        })
    };
    let foreign = AccountKey::new(domain::CreditorId::new(5), domain::DebtorId::new(1));
    world.apply(&[bounced(key(1)), bounced(foreign)]).await;
    assert_eq!(
        world
            .rows("SELECT debtor_id, config_seqnum, config_flags, config_data, negligible_amount, rejection_code FROM rejected_config_signal")
            .await,
        ["(1,3,1,d,2.5,NO_CONNECTION_TO_DEBTOR)"]
    );

    let other = domain::CreditorId::new(C.get() + 9);
    let mut tx = world.db.begin("test").await.unwrap();
    let reserved = creditors_procedures::creditors::reserve(&mut tx, other, world.now).await.unwrap();
    tx.commit().await.unwrap();
    let activate =
        |reservation_id: String| Incoming::ActivateCreditor(ActivateCreditor { creditor_id: other, reservation_id });
    world.apply(&[activate("-123".to_owned())]).await;
    let active = "SELECT count(*) FROM creditor JOIN pin_info USING (creditor_id) WHERE status_flags = 1";
    assert_eq!(world.number(active).await, 1);
    world.apply(&[activate(reserved.reservation_id.unwrap().to_string())]).await;
    assert_eq!(world.number(active).await, 2);
}
