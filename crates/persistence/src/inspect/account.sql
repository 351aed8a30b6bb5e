SELECT json_build_object(
    'creditor_id', creditor_id,
    'debtor_id', debtor_id,
    'state', CASE
        WHEN config_flags & 1 <> 0 AND NOT has_server_account THEN 'purged'
        WHEN config_flags & 1 <> 0 THEN 'scheduled for deletion'
        WHEN has_server_account THEN 'open'
        ELSE 'without an account at the accounting authority'
    END,
    'debtor_name', debtor_name,
    'created_at', created_at,
    'account_id', account_id,
    'server_account_created_on', CASE WHEN creation_date > '1970-01-01' THEN creation_date END,
    'principal', principal,
    'last_change_at', last_change_ts,
    'last_heartbeat_at', last_heartbeat_ts,
    'last_transfer_number', last_transfer_number,
    'last_transfer_committed_at', last_transfer_committed_at,
    'is_config_effectual', is_config_effectual,
    'config_error', config_error,
    'last_config_at', last_config_ts,
    'ledger_principal', ledger_principal,
    'ledger_last_entry_id', ledger_last_entry_id,
    'ledger_last_transfer_number', ledger_last_transfer_number,
    'ledger_changed_at', ledger_latest_update_ts,
    'stored_transfers', (SELECT count(*) FROM committed_transfer AS stored
                         WHERE stored.creditor_id = $1 AND stored.debtor_id = $2)
) AS facts
FROM account
JOIN account_data USING (creditor_id, debtor_id)
LEFT JOIN account_display USING (creditor_id, debtor_id)
WHERE creditor_id = $1 AND debtor_id = $2
