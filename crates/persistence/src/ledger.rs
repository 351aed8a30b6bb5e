//! Ledgers: their heads, the transfers that may extend them, and their entries (processing §7).

use chrono::NaiveDate;
use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    ledger::{Account, Entry, Head, Transfer},
};

use crate::{
    account_data::columns_of,
    error::{Error, Result},
    sql::statement,
    tx::Tx,
};

pub(crate) type AccountRow =
    ((i64, i64, NaiveDate, String, i64, i64, Timestamp), (i64, i64, i64, Option<Timestamp>, i64, Timestamp));

/// The SQL types of `columns!`, grouped like [`AccountRow`].
macro_rules! row_type {
    () => {
        (
            (BigInt, BigInt, Date, Text, BigInt, BigInt, Timestamptz),
            (BigInt, BigInt, BigInt, Nullable<Timestamptz>, BigInt, Timestamptz),
        )
    };
}

/// The columns of [`AccountRow`], of a table aliased `d`.
macro_rules! columns {
    () => {
        "d.creditor_id, d.debtor_id, d.creation_date, d.account_id, d.principal, d.last_transfer_number, \
         d.last_transfer_committed_at, d.ledger_principal, d.ledger_last_entry_id, d.ledger_last_transfer_number, \
         d.ledger_pending_transfer_ts, d.ledger_latest_update_id, d.ledger_latest_update_ts"
    };
}

statement! {
    struct Lock { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d"
    )
}

/// Locks accounts in key order. Those that do not exist are absent from the result.
pub async fn lock(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Account>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<AccountRow> = Lock { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(account_from).collect())
}

statement! {
    struct LockUnlessBusy { creditor_ids: Vec<i64> => Array<BigInt>, debtor_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM account_data AS d \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, debtor_id) USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d SKIP LOCKED"
    )
}

/// Locks accounts in key order. Those that somebody else holds, and those that do not exist, are absent from the result.
pub async fn lock_unless_busy(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>) -> Result<Vec<Account>> {
    let (creditor_ids, debtor_ids) = columns_of(keys);
    let rows: Vec<AccountRow> = LockUnlessBusy { creditor_ids, debtor_ids }.load(&mut **tx).await?;
    Ok(rows.into_iter().map(account_from).collect())
}

pub(crate) fn account_from((account, head): AccountRow) -> Account {
    let (creditor_id, debtor_id, creation_date, account_id, principal, number, committed_at) = account;
    let (ledger_principal, last_entry_id, last_transfer_number, pending_transfer_ts, id, ts) = head;
    Account {
        key: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
        creation_date,
        account_id,
        server_principal: principal,
        server_last_transfer_number: number,
        server_last_transfer_committed_at: committed_at,
        head: Head {
            principal: ledger_principal,
            last_entry_id,
            last_transfer_number,
            pending_transfer_ts,
            latest_update_id: id,
            latest_update_ts: ts,
        },
    }
}

type TransferRow = (i64, i64, i64, i64, i64, Timestamp);

statement! {
    struct Transfers {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<NaiveDate> => Array<Date>,
        after: Vec<i64> => Array<BigInt>,
        burst: i64 => BigInt,
    }
    // The place of the account in the arrays comes first.
    -> (BigInt, BigInt, BigInt, BigInt, BigInt, Timestamptz);
    "SELECT k.place, t.transfer_number, t.previous_transfer_number, t.acquired_amount, t.principal, t.committed_at \
     FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[]) WITH ORDINALITY \
         AS k(creditor_id, debtor_id, creation_date, after, place) \
     CROSS JOIN LATERAL ( \
         SELECT transfer_number, previous_transfer_number, acquired_amount, principal, committed_at \
         FROM committed_transfer AS c \
         WHERE c.creditor_id = k.creditor_id AND c.debtor_id = k.debtor_id AND c.creation_date = k.creation_date \
             AND c.transfer_number > k.after \
         ORDER BY c.transfer_number LIMIT $5 \
     ) AS t ORDER BY k.place, t.transfer_number"
}

/// For each account, its next transfers: at most `burst`, in ascending order.
///
/// The accounts must have been locked by an earlier statement of the transaction: locking and reading in one statement
/// would miss transfers that were committed while it waited for the lock (processing §7, "Trap").
pub async fn next_transfers(tx: &mut Tx, accounts: &[Account], burst: i64) -> Result<Vec<Vec<Transfer>>> {
    let (creditor_ids, debtor_ids) = columns_of(accounts.iter().map(|account| account.key));
    let statement = Transfers {
        creditor_ids,
        debtor_ids,
        creation_dates: accounts.iter().map(|account| account.creation_date).collect(),
        after: accounts.iter().map(|account| account.head.last_transfer_number).collect(),
        burst,
    };
    let rows: Vec<TransferRow> = statement.load(&mut **tx).await?;
    let mut transfers = vec![Vec::new(); accounts.len()];
    for (place, transfer_number, previous_transfer_number, acquired_amount, principal, committed_at) in rows {
        let list = usize::try_from(place).ok().and_then(|place| transfers.get_mut(place.checked_sub(1)?));
        if let Some(list) = list {
            list.push(Transfer { transfer_number, previous_transfer_number, acquired_amount, principal, committed_at });
        }
    }
    Ok(transfers)
}

statement! {
    #[derive(Default)]
    struct InsertEntries {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        entry_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<Option<NaiveDate>> => Array<Nullable<Date>>,
        transfer_numbers: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        acquired_amounts: Vec<i64> => Array<BigInt>,
        principals: Vec<i64> => Array<BigInt>,
        added: Vec<Timestamp> => Array<Timestamptz>,
    }
    "INSERT INTO ledger_entry \
         (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount, principal, added_at) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::date[], $5::bigint[], $6::bigint[], \
                          $7::bigint[], $8::timestamptz[])"
}

/// Inserts ledger entries of any accounts with one statement.
///
/// The accounts' heads, from which the ids follow, were locked: an entry that is there already means that a head is wrong.
pub async fn insert_entries<'a>(tx: &mut Tx, entries: impl IntoIterator<Item = (AccountKey, &'a Entry)>) -> Result<()> {
    let mut insert = InsertEntries::default();
    for (key, entry) in entries {
        insert.creditor_ids.push(key.creditor_id.get());
        insert.debtor_ids.push(key.debtor_id.get());
        insert.entry_ids.push(entry.entry_id);
        insert.creation_dates.push(entry.transfer.map(|(creation_date, _)| creation_date));
        insert.transfer_numbers.push(entry.transfer.map(|(_, number)| number));
        insert.acquired_amounts.push(entry.acquired_amount);
        insert.principals.push(entry.principal);
        insert.added.push(entry.added_at);
    }
    if !insert.creditor_ids.is_empty() {
        let outcome = insert.execute(&mut **tx).await;
        outcome.map_err(|error| Error::from(error).or_inconsistent("ledger_entry_pkey", "account_data"))?;
    }
    Ok(())
}

statement! {
    #[derive(Default)]
    struct SaveHeads {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        principals: Vec<i64> => Array<BigInt>,
        last_entry_ids: Vec<i64> => Array<BigInt>,
        last_transfer_numbers: Vec<i64> => Array<BigInt>,
        pending: Vec<Option<Timestamp>> => Array<Nullable<Timestamptz>>,
        update_ids: Vec<i64> => Array<BigInt>,
        update_timestamps: Vec<Timestamp> => Array<Timestamptz>,
    }
    "UPDATE account_data AS d SET \
         ledger_principal = n.principal, ledger_last_entry_id = n.last_entry_id, \
         ledger_last_transfer_number = n.last_transfer_number, ledger_pending_transfer_ts = n.pending, \
         ledger_latest_update_id = n.update_id, ledger_latest_update_ts = n.update_ts \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::timestamptz[], \
                 $7::bigint[], $8::timestamptz[]) \
         AS n(creditor_id, debtor_id, principal, last_entry_id, last_transfer_number, pending, update_id, update_ts) \
     WHERE d.creditor_id = n.creditor_id AND d.debtor_id = n.debtor_id"
}

/// Writes the ledger heads of accounts that the transaction has locked, with the commit.
pub fn save_heads<'a>(tx: &mut Tx, heads: impl IntoIterator<Item = (AccountKey, &'a Head)>) {
    let mut save = SaveHeads::default();
    for (key, head) in heads {
        save.creditor_ids.push(key.creditor_id.get());
        save.debtor_ids.push(key.debtor_id.get());
        save.principals.push(head.principal);
        save.last_entry_ids.push(head.last_entry_id);
        save.last_transfer_numbers.push(head.last_transfer_number);
        save.pending.push(head.pending_transfer_ts);
        save.update_ids.push(head.latest_update_id);
        save.update_timestamps.push(head.latest_update_ts);
    }
    if !save.creditor_ids.is_empty() {
        tx.later(save);
    }
}
