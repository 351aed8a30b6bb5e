//! Rows in bulk, as the services would have written them.

use anyhow::{Context as _, Result};
use tokio_postgres::Client;

/// The first creditor: the smallest id of the default range. The others follow.
pub const FIRST_CREDITOR: i64 = 0x101_0000_0000;

/// When the authorities' accounts were created.
pub const CREATION_DATE: &str = "2026-01-01";

/// Of a log or pending log table.
pub(crate) const LOG_COLUMNS: &str = "creditor_id, added_at, object_type_hint, debtor_id, creation_date, transfer_number, \
    transfer_uuid, object_update_id, data_principal, data_next_entry_id, data_finalized_at";

/// Executes statements.
pub(crate) async fn execute(client: &Client, statements: &str) -> Result<()> {
    client.batch_execute(statements).await.with_context(|| format!("this has failed: {statements}"))
}

/// Active creditors without a PIN.
pub async fn creditors(client: &Client, count: u32) -> Result<()> {
    execute(
        client,
        &format!(
            "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, \
                 creditor_latest_update_id, creditor_latest_update_ts, accounts_list_latest_update_id, \
                 accounts_list_latest_update_ts, transfers_list_latest_update_id, transfers_list_latest_update_ts) \
             SELECT {FIRST_CREDITOR} + i, 1, now(), 0, 1, now(), 1, now(), 1, now() \
             FROM generate_series(0, {count} - 1) AS i; \
             INSERT INTO pin_info (creditor_id, status, cfa, afa, afa_last_reset_ts, pin_length, latest_update_id, \
                 latest_update_ts) \
             SELECT creditor_id, 0, 0, 0, now(), 0, 1, now() FROM creditor"
        ),
    )
    .await
}

/// Accounts of all creditors with so many debtors, known to the authority, without money.
pub async fn accounts(client: &Client, each: u32) -> Result<()> {
    execute(
        client,
        &format!(
            "CREATE TEMPORARY TABLE new_account AS \
                 SELECT creditor_id, debtor_id::bigint AS debtor_id \
                 FROM creditor, generate_series(1, {each}) AS debtor_id ORDER BY 1, 2; \
             INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) \
                 SELECT creditor_id, debtor_id, now(), now() FROM new_account; \
             INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, \
                 principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
                 last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
                 is_config_effectual, allow_unsafe_deletion, has_server_account, config_latest_update_ts, \
                 interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes, account_id, debtor_info_iri, \
                 info_latest_update_ts, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
                 ledger_latest_update_ts) \
             SELECT creditor_id, debtor_id, '{CREATION_DATE}', now() - interval '1 day', 0, 0, 0, 0, 'epoch', now(), \
                 now(), 0, 1e30, 0, '', true, false, true, now(), 3.5, now() - interval '1 day', 500, \
                 'account-' || creditor_id, 'https://example.com/debtors/' || debtor_id, now(), 0, 1, 0, now() \
             FROM new_account; \
             INSERT INTO account_knowledge (creditor_id, debtor_id, data, latest_update_id, latest_update_ts) \
                 SELECT creditor_id, debtor_id, '{{}}', 1, now() FROM new_account; \
             INSERT INTO account_exchange (creditor_id, debtor_id, min_principal, max_principal, latest_update_id, \
                 latest_update_ts) \
             SELECT creditor_id, debtor_id, -9223372036854775808, 9223372036854775807, 1, now() FROM new_account; \
             INSERT INTO account_display (creditor_id, debtor_id, debtor_name, amount_divisor, decimal_places, unit, \
                 known_debtor, latest_update_id, latest_update_ts) \
             SELECT creditor_id, debtor_id, 'Debtor ' || debtor_id, 100, 2, 'EUR', true, 1, now() FROM new_account; \
             DROP TABLE new_account"
        ),
    )
    .await
}

/// So many transfers of 10 in a row to each account, the server's view of the accounts after them, and the work items.
pub async fn committed_transfers(client: &Client, each: u32) -> Result<()> {
    execute(
        client,
        &format!(
            "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, \
                 principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
                 transfer_note_format, transfer_note) \
             SELECT creditor_id, debtor_id, '{CREATION_DATE}', i, 10, 10 * i, now() - interval '1 hour', i - 1, 'direct', \
                 'sender', 'account-' || creditor_id, '', 'A payment' \
             FROM generate_series(1, {each}) AS i, account; \
             UPDATE account_data SET principal = 10 * {each}, last_transfer_number = {each}, \
                 last_transfer_committed_at = now() - interval '1 hour'; \
             INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account"
        ),
    )
    .await
}

/// Log entries to be numbered: so many, dealt in turn to the first `creditors`. Entry `i` was added `i` ms after 2026.
pub async fn pending_log_entries(client: &Client, count: u32, creditors: u32) -> Result<()> {
    let creditor = format!("{FIRST_CREDITOR} + i % {creditors}");
    let entries = log_entries(&creditor, &format!("generate_series(1, {count}) AS i"));
    execute(client, &format!("INSERT INTO pending_log_entry ({LOG_COLUMNS}) SELECT {entries}")).await
}

/// Values of [`LOG_COLUMNS`] for each `i` in `source`: half about committed transfers, the others about ledgers and
/// payments.
pub(crate) fn log_entries(creditor: &str, source: &str) -> String {
    let when = |kind: &str, value: &str| format!("CASE WHEN {kind} THEN {value} END");
    let (ledger, transfer, committed) = ("i % 4 = 0", "i % 4 = 2", "i % 2 = 1");
    let values = [
        creditor.to_owned(),
        "timestamptz '2026-01-01Z' + i * interval '1 millisecond'".to_owned(),
        format!("CASE WHEN {ledger} THEN 4 WHEN {transfer} THEN 1 ELSE 3 END"),
        when(&format!("NOT {transfer}"), "i % 5 + 1"),
        when(committed, &format!("date '{CREATION_DATE}'")),
        when(committed, "i"),
        when(transfer, "gen_random_uuid()"),
        format!("CASE WHEN {ledger} THEN i WHEN {transfer} THEN 2 END"),
        when(ledger, "i * 10"),
        when(ledger, "i"),
        when(transfer, "timestamptz '2026-01-01Z'"),
    ];
    format!("{} FROM {source}", values.join(", "))
}
