WITH
one AS (SELECT * FROM account_data WHERE creditor_id = $1 AND debtor_id = $2),
work AS (SELECT count(*) AS items FROM pending_ledger_update WHERE creditor_id = $1 AND debtor_id = $2),
-- The stored transfer that continues the ledger.
next AS (
    SELECT stored.transfer_number, stored.committed_at
    FROM one JOIN committed_transfer AS stored USING (creditor_id, debtor_id, creation_date)
    WHERE stored.transfer_number > ledger_last_transfer_number
      AND stored.previous_transfer_number = ledger_last_transfer_number
    ORDER BY stored.transfer_number LIMIT 1
),
unsent AS (
    SELECT 'ConfigureAccount' AS kind, inserted_at FROM configure_account_signal
        WHERE creditor_id = $1 AND debtor_id = $2
    UNION ALL SELECT 'UpdatedLedger', inserted_at FROM updated_ledger_signal WHERE creditor_id = $1 AND debtor_id = $2
    UNION ALL SELECT 'UpdatedPolicy', inserted_at FROM updated_policy_signal WHERE creditor_id = $1 AND debtor_id = $2
    UNION ALL SELECT 'UpdatedFlags', inserted_at FROM updated_flags_signal WHERE creditor_id = $1 AND debtor_id = $2
)
SELECT format('the flusher, to send %s %s messages', count(*), kind) AS what, min(inserted_at) AS since
FROM unsent GROUP BY kind
UNION ALL
SELECT 'the accounting authority, to confirm the configuration', last_config_ts
FROM one WHERE NOT is_config_effectual AND config_error IS NULL
UNION ALL
SELECT format('the owner, to change the configuration that was refused: %s', config_error), info_latest_update_ts
FROM one WHERE config_error IS NOT NULL
UNION ALL
SELECT 'the accounting authority, to remove the account', last_config_ts
FROM one WHERE config_flags & 1 <> 0 AND has_server_account AND is_config_effectual
UNION ALL
SELECT 'process_ledger_updates, to continue the ledger', NULL FROM work WHERE items > 0
UNION ALL
SELECT format('nobody: transfer %s continues the ledger, but no update is scheduled; `verify ledger --mend` does it',
              next.transfer_number), next.committed_at
FROM next, work WHERE items = 0
UNION ALL
SELECT format('a transfer after number %s that has not arrived', ledger_last_transfer_number), ledger_pending_transfer_ts
FROM one WHERE ledger_pending_transfer_ts IS NOT NULL AND NOT EXISTS (SELECT FROM next)
UNION ALL
SELECT format('transfers up to number %s, which the accounting authority has announced', last_transfer_number),
       last_transfer_committed_at
FROM one
WHERE last_transfer_number > ledger_last_transfer_number AND ledger_pending_transfer_ts IS NULL
  AND NOT EXISTS (SELECT FROM next)
