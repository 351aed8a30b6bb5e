WITH
one AS (SELECT * FROM running_transfer WHERE creditor_id = $1 AND transfer_uuid = $2),
prepare AS (
    SELECT signal.inserted_at FROM one JOIN prepare_transfer_signal AS signal
        ON signal.creditor_id = one.creditor_id AND signal.coordinator_request_id = one.coordinator_request_id
),
finalize AS (
    SELECT signal.inserted_at FROM one JOIN finalize_transfer_signal AS signal
        ON signal.creditor_id = one.creditor_id AND signal.debtor_id = one.debtor_id
       AND signal.coordinator_request_id = one.coordinator_request_id
)
SELECT 'the flusher, to send PrepareTransfer' AS what, inserted_at AS since FROM prepare
UNION ALL
SELECT 'the flusher, to send FinalizeTransfer', inserted_at FROM finalize
UNION ALL
SELECT 'the accounting authority, to answer with PreparedTransfer or RejectedTransfer', initiated_at
FROM one WHERE finalized_at IS NULL AND transfer_id IS NULL AND NOT EXISTS (SELECT FROM prepare)
UNION ALL
SELECT 'the accounting authority, to answer with FinalizedTransfer', initiated_at
FROM one WHERE finalized_at IS NULL AND transfer_id IS NOT NULL AND NOT EXISTS (SELECT FROM finalize)
UNION ALL
SELECT 'process_log_additions, to number the log entry about it', min(added_at)
FROM pending_log_entry WHERE creditor_id = $1 AND transfer_uuid = $2 HAVING count(*) > 0
