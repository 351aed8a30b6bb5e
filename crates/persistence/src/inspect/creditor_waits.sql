WITH one AS (SELECT * FROM creditor WHERE creditor_id = $1)
SELECT 'an activation, or removal by scan_creditors' AS what, created_at AS since FROM one WHERE status_flags & 1 = 0
UNION ALL
SELECT 'removal by scan_creditors', deactivation_date::timestamptz FROM one WHERE status_flags & 2 <> 0
UNION ALL
SELECT format('process_log_additions, to number %s log entries', count(*)), min(added_at)
FROM pending_log_entry WHERE creditor_id = $1 HAVING count(*) > 0
UNION ALL
SELECT 'an administrator, to reset the blocked PIN', latest_update_ts
FROM pin_info WHERE creditor_id = $1 AND status = 2
