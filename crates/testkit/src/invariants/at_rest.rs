//! Rules that hold when nothing is under way.

use super::{
    Rule,
    objects::{account_uri, creditor_uri, log, objects},
};

/// Nobody has anything to do: cheap to look at again and again.
pub const IDLE: &[Rule] = &[
    Rule {
        name: "everything has been sent",
        query: "SELECT format('%s rows in %s', count(*), name) FROM (
                SELECT 'configure_account_signal' AS name FROM configure_account_signal
                UNION ALL SELECT 'prepare_transfer_signal' FROM prepare_transfer_signal
                UNION ALL SELECT 'finalize_transfer_signal' FROM finalize_transfer_signal
                UNION ALL SELECT 'updated_ledger_signal' FROM updated_ledger_signal
                UNION ALL SELECT 'updated_policy_signal' FROM updated_policy_signal
                UNION ALL SELECT 'updated_flags_signal' FROM updated_flags_signal
                UNION ALL SELECT 'rejected_config_signal' FROM rejected_config_signal) AS outbox
            GROUP BY name",
    },
    Rule {
        name: "no ledger waits",
        query: "SELECT format('creditor %s, debtor %s', creditor_id, debtor_id) FROM pending_ledger_update",
    },
    Rule {
        name: "no log entry waits",
        query: "SELECT format('%s of creditor %s', count(*), creditor_id) FROM pending_log_entry GROUP BY creditor_id",
    },
    Rule {
        name: "every payment has ended",
        query: "SELECT format('creditor %s: %s', creditor_id, transfer_uuid)
            FROM running_transfer WHERE finalized_at IS NULL",
    },
];

/// Rules that hold when nothing is under way: nothing was forgotten.
pub const AT_REST: &[Rule] = &[
    Rule {
        name: "the log tells of each object's latest update",
        // Unless that is so long ago that scanners have removed the entry.
        query: concat!(
            "WITH ",
            objects!(),
            ", ",
            log!(),
            "
            SELECT format('creditor %s, %s: update %s at %s', c, uri, id, ts)
            FROM object
            WHERE is_told AND ts > now() - interval '45 days' AND NOT EXISTS (
                SELECT FROM log
                WHERE log.c = object.c AND log.uri = object.uri AND log.id = object.id AND added_at = ts)"
        ),
    },
    Rule {
        name: "the log tells of each committed transfer",
        query: "SELECT format('creditor %s, debtor %s: transfer %s of %s', creditor_id, debtor_id, transfer_number,
                              creation_date)
            FROM committed_transfer AS transfer
            WHERE NOT EXISTS (
                SELECT FROM log_entry AS log
                WHERE object_type_hint = 3 AND log.creditor_id = transfer.creditor_id
                  AND log.debtor_id = transfer.debtor_id AND log.creation_date = transfer.creation_date
                  AND log.transfer_number = transfer.transfer_number)",
    },
    Rule {
        name: "the log tells how each payment has ended",
        query: "SELECT format('creditor %s: %s', creditor_id, transfer_uuid)
            FROM running_transfer AS transfer
            WHERE finalized_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM log_entry AS log
                WHERE log.creditor_id = transfer.creditor_id AND log.transfer_uuid = transfer.transfer_uuid
                  AND object_type_hint = 1 AND object_update_id = latest_update_id AND added_at = latest_update_ts
                  AND data_finalized_at = finalized_at AND data_error_code IS NOT DISTINCT FROM error_code)",
    },
    Rule {
        name: "the log tells each account's balance",
        // A ledger without entries may never have been told of.
        query: "SELECT format('creditor %s, debtor %s', creditor_id, debtor_id)
            FROM account_data AS account
            WHERE EXISTS (
                SELECT FROM ledger_entry AS entry
                WHERE entry.creditor_id = account.creditor_id AND entry.debtor_id = account.debtor_id
                  AND entry_id = ledger_last_entry_id)
              AND NOT EXISTS (
                SELECT FROM log_entry AS log
                WHERE log.creditor_id = account.creditor_id AND log.debtor_id = account.debtor_id
                  AND object_type_hint = 4 AND object_update_id = ledger_latest_update_id
                  AND added_at = ledger_latest_update_ts AND data_principal = ledger_principal
                  AND data_next_entry_id = ledger_last_entry_id + 1)",
    },
    Rule {
        name: "every transfer that can be in a ledger is in it",
        query: "SELECT format('creditor %s, debtor %s: transfer %s', creditor_id, debtor_id, transfer_number)
            FROM committed_transfer JOIN account_data USING (creditor_id, debtor_id, creation_date)
            WHERE previous_transfer_number = ledger_last_transfer_number",
    },
];
