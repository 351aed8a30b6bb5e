use domain::{CreditorId, DebtorId, incoming::Incoming, log_entry::LogEntry, pin::Status};
use persistence::{
    account, account_data, account_display, account_exchange, account_knowledge, committed_transfer,
    committed_transfer::Key,
    creditor,
    ledger_entry::{self, Range},
    log_entry, pin_info, running_transfer,
};
use uuid::Uuid;

use super::{
    client::{payment, uuid},
    seed::{C, World, date, key, transfer, update},
};

const UNKNOWN: CreditorId = CreditorId::new(77);

#[tokio::test]
async fn the_parts_of_an_account() {
    let world = World::new().await;
    world.open_account(key(1)).await;
    world.name_account(key(1), "Bank").await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(key(1), world.now)))]).await;
    let account = world.account(key(1)).await;
    assert_eq!(account.data.info.account_id, "account-1");
    assert_eq!(account.display.appearance.debtor_name.as_deref(), Some("Bank"));
    let mut conn = world.db.conn().await.unwrap();
    assert_eq!(account_data::get(&mut conn, key(1)).await.unwrap(), Some(account.data));
    assert_eq!(account_display::get(&mut conn, key(1)).await.unwrap(), Some(account.display));
    assert_eq!(account_exchange::get(&mut conn, key(1)).await.unwrap(), Some(account.exchange));
    assert_eq!(account_knowledge::get(&mut conn, key(1)).await.unwrap(), Some(account.notes));
    assert!(account::exists(&mut conn, key(1)).await.unwrap());

    assert!(!account::exists(&mut conn, key(2)).await.unwrap());
    assert_eq!(account::get(&mut conn, key(2)).await.unwrap(), None);
    assert_eq!(account_display::get(&mut conn, key(2)).await.unwrap(), None);
    assert_eq!(account_exchange::get(&mut conn, key(2)).await.unwrap(), None);
    assert_eq!(account_knowledge::get(&mut conn, key(2)).await.unwrap(), None);
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let world = World::new().await;
    for debtor_id in [i64::MAX, 5, -3, 0, i64::MIN] {
        world.open_account(key(debtor_id)).await;
    }
    let mut conn = world.db.conn().await.unwrap();
    let mut page = async |after: Option<i64>, limit| {
        let ids = account::list(&mut conn, C, after.map(DebtorId::new), limit).await.unwrap();
        ids.into_iter().map(DebtorId::get).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 2).await, [i64::MIN, -3]);
    assert_eq!(page(Some(-3), 10).await, [0, 5, i64::MAX]);
    assert_eq!(page(Some(i64::MAX), 10).await, [0_i64; 0]);
    for number in [3, 1, 2] {
        world.pay(&payment(key(5), number)).await;
    }
    let nil: [Uuid; 0] = [];
    let mut page = async |after, limit| running_transfer::list(&mut conn, C, after, limit).await.unwrap();
    assert_eq!(page(None, 2).await, [uuid(1), uuid(2)]);
    assert_eq!(page(Some(uuid(2)), 2).await, [uuid(3)]);
    assert_eq!(page(Some(uuid(3)), 2).await, nil);
    assert_eq!(running_transfer::list(&mut conn, UNKNOWN, None, 2).await.unwrap(), nil);
}

#[tokio::test]
async fn the_log() {
    let world = World::new().await;
    world.open_account(key(1)).await;
    world.pay(&payment(key(1), 1)).await;
    world.add_to_logs().await;
    world
        .sql("UPDATE log_entry SET data = '{\"a\": 1.0}' WHERE entry_id = 1; UPDATE log_entry SET data = 'null' WHERE entry_id = 2")
        .await;
    let mut conn = world.db.conn().await.unwrap();
    let page = log_entry::page(&mut conn, C, 0, 3).await.unwrap().unwrap();
    assert_eq!(page.last_log_entry_id, 4);
    let seen: Vec<_> = page
        .entries
        .iter()
        .map(|logged| {
            let object = logged.entry.object().unwrap().object_type.into_owned();
            (logged.entry_id, object, logged.data.as_deref())
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, "Account".to_owned(), Some("{\"a\": 1.0}")),
            (2, "AccountsList".to_owned(), None),
            (3, "Transfer".to_owned(), None),
        ]
    );
    let rest = log_entry::page(&mut conn, C, 3, 3).await.unwrap().unwrap();
    assert_eq!(rest.entries.len(), 1);
    assert_eq!(rest.entries[0].entry, LogEntry::transfers_list(C, 2, world.now));
    let end = log_entry::page(&mut conn, C, 4, 3).await.unwrap().unwrap();
    assert_eq!((end.last_log_entry_id, end.entries.len()), (4, 0));
    assert_eq!(log_entry::page(&mut conn, UNKNOWN, 0, 3).await.unwrap(), None);
}

#[tokio::test]
async fn ledgers_and_committed_transfers() {
    let world = World::new().await;
    world.open_account(key(1)).await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(key(1), world.now)))]).await;
    let transfers = (1..=4).map(|n| Incoming::AccountTransfer(transfer(key(1), n, n - 1, 10, 10 * n, world.now)));
    world.apply(&transfers.collect::<Vec<_>>()).await;
    world.update_ledgers().await;
    let mut conn = world.db.conn().await.unwrap();
    let mut page = async |before, after, limit| {
        let entries = ledger_entry::page(&mut conn, key(1), Range { before, after }, limit).await.unwrap();
        entries.into_iter().map(|entry| (entry.entry_id, entry.transfer.unwrap().1)).collect::<Vec<_>>()
    };
    assert_eq!(page(i64::MAX, 0, 3).await, [(5, 4), (4, 3), (3, 2)]);
    assert_eq!(page(3, 0, 3).await, [(2, 1)]);
    assert_eq!(page(5, 3, 3).await, [(4, 3)]);
    let of = |transfer_number| Key { account: key(1), creation_date: date("2026-01-01"), transfer_number };
    let found = committed_transfer::get(&mut conn, of(2)).await.unwrap().unwrap();
    assert_eq!((found.key, found.acquired_amount, found.note.as_str()), (of(2), 10, "note"));
    assert_eq!(
        (found.sender.as_str(), found.recipient.as_str(), found.coordinator_type.as_str()),
        ("s", "r", "direct")
    );
    assert_eq!(committed_transfer::get(&mut conn, of(5)).await.unwrap(), None);
}

#[tokio::test]
async fn the_wallet() {
    let world = World::new().await;
    let mut conn = world.db.conn().await.unwrap();
    let (row, pin) = creditor::get_with_pin_status(&mut conn, C).await.unwrap().unwrap();
    assert_eq!((row, pin), (creditor::get(&mut conn, C).await.unwrap().unwrap(), Some(Status::Off)));
    world.set_pin("1234").await;
    let (_, pin) = creditor::get_with_pin_status(&mut conn, C).await.unwrap().unwrap();
    assert_eq!(pin, Some(Status::On));
    assert_eq!(creditor::get_with_pin_status(&mut conn, UNKNOWN).await.unwrap(), None);
    assert!(pin_info::get(&mut conn, UNKNOWN).await.unwrap().is_none());
}
