//! Committed transfers to ledgers.

use std::time::{Duration, Instant};

use anyhow::Result;
use persistence::Wake;

use super::{
    Setting,
    bed::Bed,
    figures::{Row, Table, Value},
    peer,
    seed::{ACCOUNTS_EACH, FIRST_CREDITOR},
    stored_functions,
};
use crate::seed;

const ACCOUNTS: u32 = 2_500;
const TRANSFERS_EACH: u32 = 20;
const AMOUNT: u32 = 10;
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How many accounts have no work left.
const FINISHED: &str = "SELECT (SELECT count(*) FROM account) - (SELECT count(*) FROM pending_ledger_update)";

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let accounts = setting.size(ACCOUNTS);
    let transfers = accounts * TRANSFERS_EACH;
    let mut table = Table::new(format!("ledger: {accounts} accounts with {TRANSFERS_EACH} transfers each"));
    let function = by_stored_function(setting, accounts, transfers).await?;
    for (name, loops) in [("ledger-processor", 1), ("ledger-processor, 2 loops", 2)] {
        let ours = by_service(setting, name, loops, accounts, transfers).await?;
        table.note(ours.compared_with(&function));
        table.row(ours);
    }
    table.row(function);
    table.note("CPU of the stored function: that of its clients, who are this program, is not counted");
    Ok(table)
}

async fn by_service(setting: &Setting, name: &str, loops: u32, accounts: u32, transfers: u32) -> Result<Row> {
    let bed = bed(setting, accounts).await?;
    // Opens the connections, and shows that wake-ups arrive.
    let service = bed.service("creditors-ledger-processor")?.arg("--threads").arg(loops.to_string());
    let service = service.start().await?;
    bed.execute("INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account").await?;
    bed.wake(Wake::Ledger).await?;
    bed.reach(FINISHED, accounts.into(), LOOK_EVERY).await?;
    bed.quiet().await;
    seed_transfers(&bed).await?;

    bed.verify("ledgers at the start", "SELECT count(*) FROM pending_ledger_update", accounts).await?;
    let meter = bed.meter([&service]).await?;
    let (cpu, began) = (meter.read()?, Instant::now());
    bed.wake(Wake::Ledger).await?;
    bed.reach(FINISHED, accounts.into(), LOOK_EVERY).await?;
    let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(transfers));
    verify(&bed, accounts, transfers).await?;
    Ok(Row::new(name, Value::rate(transfers, time)).cpu(cpu).against(peer::LEDGER))
}

async fn by_stored_function(setting: &Setting, accounts: u32, transfers: u32) -> Result<Row> {
    let bed = bed(setting, accounts).await?;
    seed_transfers(&bed).await?;
    let calls: Vec<_> = (0..accounts)
        .map(|number| {
            let creditor = FIRST_CREDITOR + i64::from(number / ACCOUNTS_EACH);
            let debtor = number % ACCOUNTS_EACH + 1;
            format!("SELECT process_pending_ledger_update({creditor}, {debtor}, interval '14 days')")
        })
        .collect();
    let (time, cpu) = stored_functions::call(&bed, calls).await?;
    verify(&bed, accounts, transfers).await?;
    let row = Row::new("stored function, 10 connections", Value::rate(transfers, time));
    Ok(row.cpu(cpu.per_item(transfers)))
}

async fn bed(setting: &Setting, accounts: u32) -> Result<Bed> {
    let bed = Bed::with_database(setting).await?;
    bed.seed_creditors(accounts / ACCOUNTS_EACH).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    Ok(bed)
}

/// The transfers, the server's view of the accounts after them, and the work items.
async fn seed_transfers(bed: &Bed) -> Result<()> {
    seed::committed_transfers(&bed.client, TRANSFERS_EACH).await?;
    bed.settle().await
}

async fn verify(bed: &Bed, accounts: u32, transfers: u32) -> Result<()> {
    bed.verify("ledgers that still wait", "SELECT count(*) FROM pending_ledger_update", 0).await?;
    bed.verify("ledger entries", "SELECT count(*) FROM ledger_entry", transfers).await?;
    let right = format!(
        "SELECT count(*) FROM ledger_entry \
         WHERE transfer_number = entry_id - 1 AND acquired_amount = {AMOUNT} AND principal = {AMOUNT} * transfer_number"
    );
    bed.verify("right ledger entries", &right, transfers).await?;
    let heads = format!(
        "SELECT count(*) FROM account_data \
         WHERE ledger_principal = principal AND ledger_last_transfer_number = {TRANSFERS_EACH} \
           AND ledger_last_entry_id = {TRANSFERS_EACH} + 1 AND ledger_pending_transfer_ts IS NULL"
    );
    bed.verify("right balances", &heads, accounts).await?;
    let told = "SELECT count(*) FROM account_data WHERE EXISTS (
            SELECT FROM pending_log_entry AS log
            WHERE log.creditor_id = account_data.creditor_id AND log.debtor_id = account_data.debtor_id
              AND object_type_hint = 4 AND object_update_id = ledger_latest_update_id)";
    bed.verify("balances told to the log", told, accounts).await?;
    let traded = "SELECT count(*) FROM account_data JOIN updated_ledger_signal AS signal USING (creditor_id, debtor_id)
        WHERE signal.update_id = ledger_latest_update_id AND signal.principal = ledger_principal";
    bed.verify("balances told to the trade", traded, accounts).await
}
