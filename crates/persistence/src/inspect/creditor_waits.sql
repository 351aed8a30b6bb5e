WITH
one AS (SELECT * FROM creditor WHERE creditor_id = $1),
unsent AS (
    SELECT 'ConfigureAccount' AS kind, inserted_at FROM configure_account_signal WHERE creditor_id = $1
    UNION ALL SELECT 'PrepareTransfer', inserted_at FROM prepare_transfer_signal WHERE creditor_id = $1
    UNION ALL SELECT 'FinalizeTransfer', inserted_at FROM finalize_transfer_signal WHERE creditor_id = $1
    UNION ALL SELECT 'UpdatedLedger', inserted_at FROM updated_ledger_signal WHERE creditor_id = $1
    UNION ALL SELECT 'UpdatedPolicy', inserted_at FROM updated_policy_signal WHERE creditor_id = $1
    UNION ALL SELECT 'UpdatedFlags', inserted_at FROM updated_flags_signal WHERE creditor_id = $1
)
SELECT 'an activation, or removal by scan_creditors' AS what, created_at AS since FROM one WHERE status_flags & 1 = 0
UNION ALL
SELECT 'removal by scan_creditors', deactivation_date::timestamptz FROM one WHERE status_flags & 2 <> 0
UNION ALL
SELECT format('process_log_additions, to number %s log entries', count(*)), min(added_at)
FROM pending_log_entry WHERE creditor_id = $1 HAVING count(*) > 0
UNION ALL
SELECT 'an administrator, to reset the blocked PIN', latest_update_ts
FROM pin_info WHERE creditor_id = $1 AND status = 2
UNION ALL
SELECT format('the flusher, to send %s %s messages', count(*), kind), min(inserted_at) FROM unsent GROUP BY kind
UNION ALL
SELECT format('process_ledger_updates, to continue %s ledgers', count(*)), NULL
FROM pending_ledger_update WHERE creditor_id = $1 HAVING count(*) > 0
UNION ALL
SELECT format('accounting authorities, to finish %s transfers', count(*)), min(initiated_at)
FROM running_transfer WHERE creditor_id = $1 AND finalized_at IS NULL HAVING count(*) > 0
UNION ALL
SELECT format('accounting authorities, to confirm the configurations of %s accounts', count(*)), min(last_config_ts)
FROM account_data WHERE creditor_id = $1 AND NOT is_config_effectual AND config_error IS NULL HAVING count(*) > 0
