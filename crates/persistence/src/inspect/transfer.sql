SELECT json_build_object(
    'creditor_id', creditor_id,
    'transfer_uuid', transfer_uuid,
    'state', CASE
        WHEN error_code IS NOT NULL THEN 'failed'
        WHEN finalized_at IS NOT NULL THEN 'succeeded'
        WHEN transfer_id IS NOT NULL THEN 'settled'
        ELSE 'initiated'
    END,
    'debtor_id', debtor_id,
    'amount', amount,
    'recipient_uri', recipient_uri,
    'initiated_at', initiated_at,
    'deadline', deadline,
    'finalized_at', finalized_at,
    'error_code', error_code,
    'coordinator_request_id', coordinator_request_id,
    'transfer_id', transfer_id,
    'latest_update_id', latest_update_id
) AS facts
FROM running_transfer WHERE creditor_id = $1 AND transfer_uuid = $2
