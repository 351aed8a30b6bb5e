INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id,
                      creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts,
                      transfers_list_latest_update_id, transfers_list_latest_update_ts)
SELECT id, 1, now() - interval '9 days', 3, 1, now(), 1, now(), 1, now() FROM unnest(ARRAY[1, 2]) AS id;

INSERT INTO pin_info (creditor_id, status, cfa, afa, afa_last_reset_ts, pin_length, pin_hmac, latest_update_id,
                      latest_update_ts)
SELECT id, 1, 0, 2, now(), 4, decode(repeat('ab', 32), 'hex'), 2, now() FROM unnest(ARRAY[1, 2]) AS id;

INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts)
SELECT id, 10, now() - interval '8 days', now() FROM unnest(ARRAY[1, 2]) AS id;

INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, principal, interest,
                          last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, last_config_ts,
                          last_config_seqnum, negligible_amount, config_flags, config_data, is_config_effectual,
                          allow_unsafe_deletion, has_server_account, config_latest_update_ts, interest_rate,
                          last_interest_rate_change_ts, transfer_note_max_bytes, account_id, info_latest_update_ts,
                          ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, ledger_latest_update_id,
                          ledger_latest_update_ts)
SELECT id, 10, '2026-01-01', now(), 1, 300, 0, 2, '2026-11-01T00:00:00Z', now(), '2026-10-01T00:00:00Z', 1, 1, 0, '', true,
       false, true, now(), 0, now(), 500, 'ID', now(), 300, 3, 2, 100, now() - interval '1 day'
FROM unnest(ARRAY[1, 2]) AS id;

SELECT setval('object_update_id_seq', 1000);

INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount, principal,
                          added_at)
SELECT id, 10, 1 + number, '2026-01-01', number, number * 100, CASE number WHEN 1 THEN 100 ELSE 300 END,
       now() - interval '3 days' + number * interval '1 day'
FROM unnest(ARRAY[1, 2]) AS id, unnest(ARRAY[1, 2]) AS number;

INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, principal,
                                committed_at, previous_transfer_number, coordinator_type, sender, recipient,
                                transfer_note_format, transfer_note)
SELECT id, 10, '2026-01-01', number, number * 100, CASE number WHEN 1 THEN 100 ELSE 300 END, now(), number - 1, 'direct',
       '2', 'ID', '', ''
FROM unnest(ARRAY[1, 2]) AS id, unnest(ARRAY[1, 2]) AS number;

INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, debtor_id, object_update_id, data_principal,
                       data_next_entry_id)
SELECT id, 1 + number, now() - interval '3 days' + number * interval '1 day', 4, 10, 98 + number,
       CASE number WHEN 1 THEN 100 ELSE 300 END, 2 + number
FROM unnest(ARRAY[1, 2]) AS id, unnest(ARRAY[1, 2]) AS number;
UPDATE log_entry SET added_at = (SELECT ledger_latest_update_ts FROM account_data WHERE creditor_id = 1)
WHERE entry_id = 3;

-- As versions of old have written it.
INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri, object_update_id)
SELECT id, 1, now() - interval '8 days', 'Account', format('/creditors/%s/accounts/10/', id), 1
FROM unnest(ARRAY[1, 2]) AS id;

INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient,
                              transfer_note_format, transfer_note, initiated_at, locked_amount, coordinator_request_id,
                              latest_update_id, latest_update_ts, final_interest_rate_ts)
VALUES (1, '11111111-1111-1111-1111-111111111111', 10, 50, 'swpt:10/other', 'other', '', 'a note', '2026-11-20T00:00:00Z', 0, 7,
        1, now(), '9999-12-31T23:59:59Z');
