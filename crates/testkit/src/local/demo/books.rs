//! Both ledgers and both logs.

use anyhow::Result;

use super::page::{Page, Side, line};
use crate::{
    local::{
        amount::{amount, change},
        cast::Cast,
    },
    wallet::{LedgerEntry, LogEntry, Wallet},
};

/// Log entries that are shown: the newest ones.
const SHOWN: usize = 12;

pub(super) async fn show(page: Page, cast: &Cast) -> Result<()> {
    for wallet in cast.wallets() {
        page.scene(&format!("{}'s ledger", wallet.name));
        ledger(page, cast, wallet).await?;
    }
    for wallet in cast.wallets() {
        page.scene(&format!("{}'s log", wallet.name));
        log(page, wallet).await?;
    }
    Ok(())
}

async fn ledger(page: Page, cast: &Cast, wallet: &Wallet) -> Result<()> {
    let mut rows = vec![];
    for entry in wallet.ledger_entries(cast.debtor).await? {
        let LedgerEntry { entry_id, acquired_amount, principal, transfer, .. } = &entry;
        let [who, note] = match transfer {
            Some(transfer) => cause(cast, wallet, transfer).await?,
            None => ["correction".to_owned(), String::new()],
        };
        rows.push([entry_id.to_string(), change(*acquired_amount), amount(*principal), who, note]);
    }
    let columns = [
        ("entry", Side::Right),
        ("change", Side::Right),
        ("balance", Side::Right),
        ("from or to", Side::Left),
        ("note", Side::Left),
    ];
    page.table(columns, &rows);
    Ok(())
}

/// The other side of a transfer, and its note.
async fn cause(cast: &Cast, wallet: &Wallet, transfer: &crate::wallet::Reference) -> Result<[String; 2]> {
    let transfer = wallet.committed_transfer(transfer).await?;
    let other = if transfer.acquired_amount > 0 { transfer.sender } else { transfer.recipient };
    let known = cast.identities.iter().zip(cast.wallets()).find(|(identity, _)| **identity == other.uri);
    let name = match (known, transfer.rationale) {
        (Some((_, wallet)), _) => wallet.name.clone(),
        (None, Some(rationale)) => format!("the debtor ({rationale})"),
        (None, None) => other.uri,
    };
    Ok([name, transfer.note])
}

async fn log(page: Page, wallet: &Wallet) -> Result<()> {
    let log = wallet.log().await?;
    let left_out = log.len().saturating_sub(SHOWN);
    let rows: Vec<_> = log[left_out..].iter().map(row).collect();
    let columns = [
        ("entry", Side::Right),
        ("changed at", Side::Left),
        ("object", Side::Left),
        ("update", Side::Right),
        ("what it tells", Side::Left),
    ];
    page.table(columns, &rows);
    if left_out > 0 {
        line(&page.dim(&format!("  ({left_out} earlier entries)")));
    }
    Ok(())
}

fn row(entry: &LogEntry) -> [String; 5] {
    let LogEntry { entry_id, added_at, object_type, object_update_id, deleted, data, .. } = entry;
    let update = object_update_id.map_or_else(String::new, |id| id.to_string());
    let told = match (deleted, data.principal, &data.error_code, data.finalized_at) {
        (true, ..) => "deleted".to_owned(),
        (_, Some(principal), ..) => format!("balance {}", amount(principal)),
        (_, _, Some(error), _) => error.clone(),
        (.., Some(_)) => "committed".to_owned(),
        _ => String::new(),
    };
    let time = added_at.format("%H:%M:%S%.3f").to_string();
    [entry_id.to_string(), time, object_type.clone(), update, told]
}
