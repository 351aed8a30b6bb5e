SELECT json_build_object(
    'creditor_id', creditor_id,
    'state', CASE status_flags & 3 WHEN 0 THEN 'reserved' WHEN 1 THEN 'active' ELSE 'deactivated' END,
    'created_at', created_at,
    'deactivation_date', deactivation_date,
    'accounts', (SELECT count(*) FROM account WHERE creditor_id = $1),
    'oldest_accounts', (
        SELECT json_agg(debtor_id) FROM (
            SELECT debtor_id FROM account WHERE creditor_id = $1 ORDER BY created_at, debtor_id LIMIT 20
        ) AS oldest
    ),
    'transfers', (SELECT count(*) FROM running_transfer WHERE creditor_id = $1),
    'unfinished_transfers',
        (SELECT count(*) FROM running_transfer WHERE creditor_id = $1 AND finalized_at IS NULL),
    'oldest_unfinished_transfers', (
        SELECT json_agg(transfer_uuid) FROM (
            SELECT transfer_uuid FROM running_transfer WHERE creditor_id = $1 AND finalized_at IS NULL
            ORDER BY initiated_at, transfer_uuid LIMIT 20
        ) AS oldest
    ),
    'last_log_entry_id', last_log_entry_id,
    'oldest_log_entry_id', (SELECT min(entry_id) FROM log_entry WHERE creditor_id = $1),
    'pin', CASE pin_info.status WHEN 0 THEN 'off' WHEN 1 THEN 'on' WHEN 2 THEN 'blocked' END,
    'pin_failures_in_a_row', cfa,
    'pin_failures', afa,
    'pin_failures_reset_at', afa_last_reset_ts,
    'counted_accounts', accounts_count,
    'counted_transfers', transfers_count,
    'counted_reconfigurations', reconfigs_count,
    'counted_initiations', initiations_count
) AS facts
FROM creditor
LEFT JOIN pin_info USING (creditor_id)
LEFT JOIN usage_stats USING (creditor_id)
WHERE creditor_id = $1
