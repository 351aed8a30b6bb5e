//! The functions that the peer implementation calls mean what was agreed (database §7).

mod ledger;
mod log;
mod usage;

use diesel_async::AsyncPgConnection;
use testkit::TestDatabase;

use crate::database::{connect, execute};

/// A database with creditor 1, which has an account with debtor -1 whose ledger is empty.
async fn with_account() -> (TestDatabase, AsyncPgConnection) {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    execute(
        &mut connection,
        "INSERT INTO creditor (
            creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id,
            creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts,
            transfers_list_latest_update_id, transfers_list_latest_update_ts
        )
        VALUES (1, 1, now(), 0, 1, now(), 1, now(), 1, now());

        INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) VALUES (1, -1, now(), now());

        INSERT INTO account_data (
            creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, principal, interest,
            last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, last_config_ts, last_config_seqnum,
            negligible_amount, config_flags, config_data, is_config_effectual, allow_unsafe_deletion,
            has_server_account, config_latest_update_ts, interest_rate, last_interest_rate_change_ts,
            transfer_note_max_bytes, account_id, info_latest_update_ts, ledger_principal, ledger_last_entry_id,
            ledger_last_transfer_number, ledger_latest_update_id, ledger_latest_update_ts
        )
        VALUES (
            1, -1, '2020-01-02', now(), 1, 0, 0.0, 0, '1970-01-01T00:00Z', now(), now(), 0, 0.0, 0, '', true, false,
            true, now(), 0.0, now(), 500, 'the account', now(), 0, 1, 0, 1, now()
        )",
    )
    .await;
    (database, connection)
}
