//! Running transfers (database §4, `running_transfer`).

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    transfer::{RunningTransfer, Started},
};
use uuid::Uuid;

use crate::{
    error::Result,
    sql::statement,
    tx::{SharedTx, Tx},
    usage_stats,
    wake::Wake,
};

type Row = (
    (i64, Uuid, i64, i64, String, String, String, String, Timestamp, Option<Timestamp>),
    (Option<String>, Option<i64>, Option<Timestamp>, i64, i64, Option<i64>, i64, Timestamp, Timestamp),
);

/// The SQL types of `columns!`, grouped like [`Row`].
macro_rules! row_type {
    () => {
        (
            (BigInt, Uuid, BigInt, BigInt, Text, Text, Text, Text, Timestamptz, Nullable<Timestamptz>),
            (
                Nullable<Text>,
                Nullable<BigInt>,
                Nullable<Timestamptz>,
                BigInt,
                BigInt,
                Nullable<BigInt>,
                BigInt,
                Timestamptz,
                Timestamptz,
            ),
        )
    };
}

/// The columns, in the order of the value's construction below.
macro_rules! columns {
    () => {
        "t.creditor_id, t.transfer_uuid, t.debtor_id, t.amount, t.recipient_uri, t.recipient, t.transfer_note_format, \
         t.transfer_note, t.initiated_at, t.finalized_at, t.error_code, t.total_locked_amount, t.deadline, \
         t.locked_amount, t.coordinator_request_id, t.transfer_id, t.latest_update_id, t.latest_update_ts, \
         t.final_interest_rate_ts"
    };
}

fn from_row((first, second): Row) -> RunningTransfer {
    let (
        creditor_id,
        transfer_uuid,
        debtor_id,
        amount,
        recipient_uri,
        recipient,
        format,
        note,
        initiated_at,
        finalized_at,
    ) = first;
    let (
        error_code,
        total_locked_amount,
        deadline,
        locked_amount,
        coordinator_request_id,
        transfer_id,
        id,
        ts,
        rate_ts,
    ) = second;
    RunningTransfer {
        account: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
        transfer_uuid,
        amount,
        recipient_uri,
        recipient,
        transfer_note_format: format,
        transfer_note: note,
        initiated_at,
        finalized_at,
        error_code,
        total_locked_amount,
        deadline,
        locked_amount,
        coordinator_request_id,
        transfer_id,
        latest_update_id: id,
        latest_update_ts: ts,
        final_interest_rate_ts: rate_ts,
    }
}

statement! {
    struct LockByRequest { creditor_ids: Vec<i64> => Array<BigInt>, request_ids: Vec<i64> => Array<BigInt> }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM running_transfer AS t \
         JOIN unnest($1::bigint[], $2::bigint[]) AS k(creditor_id, request_id) \
           ON t.creditor_id = k.creditor_id AND t.coordinator_request_id = k.request_id \
         ORDER BY t.creditor_id, t.coordinator_request_id FOR NO KEY UPDATE OF t"
    )
}

/// Locks the transfers with these coordinator ids and request numbers, in key order. Those that do not exist are absent.
pub async fn lock_by_request(
    tx: SharedTx<'_>,
    requests: impl IntoIterator<Item = (CreditorId, i64)>,
) -> Result<Vec<RunningTransfer>> {
    let (creditor_ids, request_ids): (Vec<_>, Vec<_>) =
        requests.into_iter().map(|(creditor_id, request)| (creditor_id.get(), request)).unzip();
    let rows: Vec<Row> = LockByRequest { creditor_ids, request_ids }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

statement! {
    struct Get { creditor_id: i64 => BigInt, transfer_uuid: Uuid => Uuid }
    -> row_type!();
    concat!("SELECT ", columns!(), " FROM running_transfer AS t WHERE t.creditor_id = $1 AND t.transfer_uuid = $2")
}

/// The transfer with that id.
pub async fn get(
    conn: &mut AsyncPgConnection,
    creditor_id: CreditorId,
    transfer_uuid: Uuid,
) -> Result<Option<RunningTransfer>> {
    let rows: Vec<Row> = Get { creditor_id: creditor_id.get(), transfer_uuid }.load(conn).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Lock { creditor_id: i64 => BigInt, transfer_uuid: Uuid => Uuid }
    -> row_type!();
    concat!(
        "SELECT ", columns!(), " FROM running_transfer AS t WHERE t.creditor_id = $1 AND t.transfer_uuid = $2 \
         FOR NO KEY UPDATE"
    )
}

/// Locks the transfer with that id.
pub async fn lock(tx: SharedTx<'_>, creditor_id: CreditorId, transfer_uuid: Uuid) -> Result<Option<RunningTransfer>> {
    let lock = Lock { creditor_id: creditor_id.get(), transfer_uuid };
    let rows: Vec<Row> = lock.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().next().map(from_row))
}

statement! {
    struct Start {
        creditor_id: i64 => BigInt,
        transfer_uuid: Uuid => Uuid,
        debtor_id: i64 => BigInt,
        amount: i64 => BigInt,
        recipient_uri: String => Text,
        recipient: String => Text,
        transfer_note_format: String => Text,
        transfer_note: String => Text,
        initiated_at: Timestamp => Timestamptz,
        deadline: Option<Timestamp> => Nullable<Timestamptz>,
        locked_amount: i64 => BigInt,
        coordinator_request_id: i64 => BigInt,
        latest_update_id: i64 => BigInt,
        latest_update_ts: Timestamp => Timestamptz,
        final_interest_rate_ts: Timestamp => Timestamptz,
        max_commit_delay: i32 => Integer,
        log_hint: Option<i16> => Nullable<SmallInt>,
        log_update_id: Option<i64> => Nullable<BigInt>,
        accounts: i16 => SmallInt,
        transfers: i16 => SmallInt,
        reconfigs: i16 => SmallInt,
        initiations: i16 => SmallInt,
        hour: i32 => Integer,
        clear_hours: i32 => Integer,
    }
    -> (BigInt,);
    concat!(
        "WITH t AS ( \
             INSERT INTO running_transfer \
                 (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient, transfer_note_format, \
                  transfer_note, initiated_at, deadline, locked_amount, coordinator_request_id, latest_update_id, \
                  latest_update_ts, final_interest_rate_ts) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             ON CONFLICT (creditor_id, transfer_uuid) DO NOTHING RETURNING * \
         ), signalled AS ( \
             INSERT INTO prepare_transfer_signal \
                 (inserted_at, creditor_id, coordinator_request_id, debtor_id, recipient, locked_amount, \
                  max_commit_delay, final_interest_rate_ts) \
             SELECT t.initiated_at, t.creditor_id, t.coordinator_request_id, t.debtor_id, t.recipient, \
                 t.locked_amount, $16::integer, t.final_interest_rate_ts FROM t \
         ), logged AS ( \
             INSERT INTO pending_log_entry (added_at, object_type_hint, object_update_id, transfer_uuid, creditor_id) \
             SELECT t.latest_update_ts, $17::smallint, $18::bigint, t.transfer_uuid, t.creditor_id FROM t \
         ), n AS ( \
             SELECT t.creditor_id, $19::smallint AS accounts, $20::smallint AS transfers, $21::smallint AS reconfigs, \
                 $22::smallint AS initiations, $23::integer AS hour, $24::integer AS clear_hours FROM t \
         ), counted AS (",
        usage_stats::upsert!(),
        ") SELECT t.coordinator_request_id FROM t"
    )
}

/// Writes all that belongs to a new transfer, and commits: its row, its log entry, the message to the authority, and the
/// creditor's counters. False: a transfer with that id exists, and none of this was written.
///
/// One statement, because this is what a payment waits for. What the log entry and the message have in common with the
/// row is taken from the row.
pub async fn start(mut tx: Tx, started: &Started, clock: usage_stats::Clock) -> Result<bool> {
    let Started { row, log_entry, signal } = started;
    let [accounts, transfers, reconfigs, initiations] = usage_stats::Event::TransferCreated.changes();
    let statement = Start {
        creditor_id: row.account.creditor_id.get(),
        transfer_uuid: row.transfer_uuid,
        debtor_id: row.account.debtor_id.get(),
        amount: row.amount,
        recipient_uri: row.recipient_uri.clone(),
        recipient: row.recipient.clone(),
        transfer_note_format: row.transfer_note_format.clone(),
        transfer_note: row.transfer_note.clone(),
        initiated_at: row.initiated_at,
        deadline: row.deadline,
        locked_amount: row.locked_amount,
        coordinator_request_id: row.coordinator_request_id,
        latest_update_id: row.latest_update_id,
        latest_update_ts: row.latest_update_ts,
        final_interest_rate_ts: row.final_interest_rate_ts,
        max_commit_delay: signal.max_commit_delay,
        log_hint: log_entry.object_type_hint,
        log_update_id: log_entry.object_update_id,
        accounts,
        transfers,
        reconfigs,
        initiations,
        hour: clock.hour.0,
        clear_hours: clock.clear_hours,
    };
    tx.wake(Wake::Outbox);
    tx.wake(Wake::Log);
    let inserted: Vec<(i64,)> = tx.commit_with(statement).await?;
    Ok(!inserted.is_empty())
}

statement! {
    #[derive(Default)]
    struct Save {
        creditor_ids: Vec<i64> => Array<BigInt>,
        transfer_uuids: Vec<Uuid> => Array<Uuid>,
        request_ids: Vec<i64> => Array<BigInt>,
        finalized: Vec<Option<Timestamp>> => Array<Nullable<Timestamptz>>,
        error_codes: Vec<Option<String>> => Array<Nullable<Text>>,
        total_locked_amounts: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        transfer_ids: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        latest_update_ids: Vec<i64> => Array<BigInt>,
        latest_update_timestamps: Vec<Timestamp> => Array<Timestamptz>,
    }
    // Both of its keys, so that any index that is chosen leads to the transfer itself and not to all of the creditor's.
    "UPDATE running_transfer AS t SET \
         finalized_at = n.finalized_at, error_code = n.error_code, total_locked_amount = n.total_locked_amount, \
         transfer_id = n.transfer_id, latest_update_id = n.latest_update_id, latest_update_ts = n.latest_update_ts \
     FROM unnest($1::bigint[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::text[], $6::bigint[], $7::bigint[], \
                 $8::bigint[], $9::timestamptz[]) \
         AS n(creditor_id, transfer_uuid, request_id, finalized_at, error_code, total_locked_amount, transfer_id, \
              latest_update_id, latest_update_ts) \
     WHERE t.creditor_id = n.creditor_id AND t.transfer_uuid = n.transfer_uuid \
       AND t.coordinator_request_id = n.request_id"
}

/// Writes what can change in transfers that the transaction has locked; with the commit.
pub fn save<'a>(tx: &mut Tx, transfers: impl IntoIterator<Item = &'a RunningTransfer>) {
    let mut save = Save::default();
    for transfer in transfers {
        save.creditor_ids.push(transfer.account.creditor_id.get());
        save.transfer_uuids.push(transfer.transfer_uuid);
        save.request_ids.push(transfer.coordinator_request_id);
        save.finalized.push(transfer.finalized_at);
        save.error_codes.push(transfer.error_code.clone());
        save.total_locked_amounts.push(transfer.total_locked_amount);
        save.transfer_ids.push(transfer.transfer_id);
        save.latest_update_ids.push(transfer.latest_update_id);
        save.latest_update_timestamps.push(transfer.latest_update_ts);
    }
    if !save.creditor_ids.is_empty() {
        tx.later(save);
    }
}

statement! {
    struct LockForDeletion { creditor_id: i64 => BigInt, transfer_uuid: Uuid => Uuid }
    -> (BigInt,);
    "SELECT creditor_id FROM running_transfer WHERE creditor_id = $1 AND transfer_uuid = $2 FOR UPDATE"
}

/// Locks a transfer that is going to be deleted. False: there is none.
pub async fn lock_for_deletion(tx: SharedTx<'_>, creditor_id: CreditorId, transfer_uuid: Uuid) -> Result<bool> {
    let lock = LockForDeletion { creditor_id: creditor_id.get(), transfer_uuid };
    let rows: Vec<(i64,)> = lock.load(&mut tx.connection()).await?;
    Ok(!rows.is_empty())
}

statement! {
    struct Delete { creditor_id: i64 => BigInt, transfer_uuid: Uuid => Uuid }
    "DELETE FROM running_transfer WHERE creditor_id = $1 AND transfer_uuid = $2"
}

/// Deletes a transfer that the transaction has locked; with the commit.
pub fn delete(tx: &mut Tx, creditor_id: CreditorId, transfer_uuid: Uuid) {
    tx.later(Delete { creditor_id: creditor_id.get(), transfer_uuid });
}

statement! {
    struct Page {
        creditor_id: i64 => BigInt,
        from: Uuid => Uuid,
        except: Vec<Uuid> => Array<Uuid>,
        limit: i64 => BigInt,
    }
    -> (Uuid,);
    "SELECT transfer_uuid FROM running_transfer \
     WHERE creditor_id = $1 AND transfer_uuid >= $2 AND transfer_uuid <> ALL($3) ORDER BY transfer_uuid LIMIT $4"
}

/// Ids of the creditor's transfers above `after`, ascending.
pub async fn list(
    conn: &mut AsyncPgConnection,
    creditor_id: CreditorId,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let page = Page {
        creditor_id: creditor_id.get(),
        from: after.unwrap_or_default(),
        except: after.into_iter().collect(),
        limit,
    };
    let rows: Vec<(Uuid,)> = page.load(conn).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
