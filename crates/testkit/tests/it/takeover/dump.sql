-- What a database in service may hold, written by versions of several years: creditor 1103806595073 with everything,
-- 1103806595074 with a PIN from before salts, 1103806595075 reserved, 1103806595076 deactivated.

INSERT INTO creditor (creditor_id, status_flags, created_at, reservation_id, last_log_entry_id, creditor_latest_update_id,
                      creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts,
                      transfers_list_latest_update_id, transfers_list_latest_update_ts, deactivation_date,
                      largest_historic_ledger_entry_id)
VALUES (1103806595073, 1, now() - interval '900 days', 1, 26, 1, now() - interval '900 days', 5, now() - interval '1 hour',
        9, now() - interval '5 days', NULL, 40),
       (1103806595074, 1, now() - interval '800 days', NULL, 0, 1, now(), 1, now(), 1, now(), NULL, 0),
       (1103806595075, 0, now(), 77, 0, 1, now(), 1, now(), 1, now(), NULL, 0),
       (1103806595076, 3, now() - interval '700 days', 3, 12, 1, now() - interval '700 days', 4, now() - interval '100 days',
        1, now() - interval '700 days', current_date - 100, 9);
SELECT setval('creditor_reservation_id_seq', 1000), setval('object_update_id_seq', 5000),
       setval('coordinator_request_id_seq', 600);

-- The PIN 1234 with the secret `secret`: with salt, and as versions before salts have stored it.
INSERT INTO pin_info (creditor_id, status, cfa, afa, afa_last_reset_ts, pin_length, pin_hmac, pin_salt, latest_update_id,
                      latest_update_ts)
VALUES (1103806595073, 1, 1, 2, now() - interval '1 day', 4,
        '\x2e3e2b67ab778b8f9e9b01792285e4246ef69e559c0f1eba71710cf22abefbe1', 'AbCdEfGh', 3, now()),
       (1103806595074, 1, 0, 0, now() - interval '1 day', 4,
        '\x55124a287e8ddc58a97eb3eea634a4d3185428d552de1a2b5bd49511355ababa', NULL, 2, now());

-- Counters may have drifted.
INSERT INTO usage_stats VALUES (1103806595073, -2, -1, 3, 2000000000, 0, 0);

INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_id, latest_update_ts)
SELECT 1103806595073, debtor_id, now() - age, 100 + debtor_id, now() - age
FROM (VALUES (10, interval '20 days'), (11, interval '1 hour'), (12, interval '4 days')) AS opened (debtor_id, age);

-- 10: in use, with a transfer that continues the ledger. 11: opened an hour ago. 12: refused by nobody's server.
INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, principal, interest,
                          last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, last_config_ts,
                          last_config_seqnum, negligible_amount, config_flags, config_data, is_config_effectual,
                          allow_unsafe_deletion, has_server_account, config_error, config_latest_update_id,
                          config_latest_update_ts, interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes,
                          account_id, debtor_info_iri, debtor_info_content_type, debtor_info_sha256,
                          info_latest_update_id, info_latest_update_ts, ledger_principal, ledger_last_entry_id,
                          ledger_last_transfer_number, ledger_pending_transfer_ts, ledger_latest_update_id,
                          ledger_latest_update_ts)
VALUES (1103806595073, 10, '2026-01-05', now() - interval '2 days', -2147483648, 700, 0.25, 9, now() - interval '2 days',
        now() - interval '2 days', now() - interval '19 days', 2147483647, 1e30, 0, '{"any":"text"}', true, false, true,
        NULL, 400, now() - interval '19 days', 3.5, now() - interval '19 days', 500, 'acc-10', 'https://example.com/10',
        'text/html', decode(repeat('0a', 32), 'hex'), 401, now() - interval '19 days', 600, 44, 8, NULL, 1201,
        now() - interval '5 days'),
       (1103806595073, 11, '1970-01-01', '1970-01-01Z', 0, 0, 0, 0, '1970-01-01Z', now() - interval '1 hour',
        now() - interval '1 hour', 0, 1e30, 0, '', false, false, false, NULL, 500, now() - interval '1 hour', 0,
        '1970-01-01Z', 0, '', NULL, NULL, NULL, 501, now() - interval '1 hour', 0, 1, 0, NULL, 502,
        now() - interval '1 hour'),
       (1103806595073, 12, '1970-01-01', '1970-01-01Z', 0, 0, 0, 0, '1970-01-01Z', now() - interval '4 days',
        now() - interval '30 minutes', 7, 2.5, 0, '', false, true, false, NULL, 510, now() - interval '30 minutes', 0,
        '1970-01-01Z', 0, '', NULL, NULL, NULL, 511, now() - interval '4 days', 0, 1, 0, NULL, 512,
        now() - interval '4 days');
INSERT INTO account_knowledge (creditor_id, debtor_id, data, latest_update_id, latest_update_ts)
VALUES (1103806595073, 10, '{ "interestRate": 3.5,  "z": [1, {"y": null}], "a": "\u017c" }', 300, now() - interval '18 days'),
       (1103806595073, 11, '{}', 301, now() - interval '1 hour'), (1103806595073, 12, '{}', 302, now() - interval '4 days');
INSERT INTO account_exchange (creditor_id, debtor_id, policy, min_principal, max_principal, peg_exchange_rate, peg_debtor_id,
                              latest_update_id, latest_update_ts)
VALUES (1103806595073, 10, 'conservative', -1000, 5000, 1.5, 11, 310, now() - interval '18 days'),
       (1103806595073, 11, NULL, -9223372036854775808, 9223372036854775807, 0.5, 10, 311, now() - interval '1 hour'),
       (1103806595073, 12, NULL, -9223372036854775808, 9223372036854775807, NULL, NULL, 312, now() - interval '4 days');
INSERT INTO account_display (creditor_id, debtor_id, debtor_name, amount_divisor, decimal_places, unit, known_debtor,
                             latest_update_id, latest_update_ts)
VALUES (1103806595073, 10, 'Zażółć', 100, 2, 'EUR', true, 320, now() - interval '18 days'),
       (1103806595073, 11, 'Two', 1, 0, NULL, false, 321, now() - interval '1 hour'),
       (1103806595073, 12, NULL, 1, -3, NULL, false, 322, now() - interval '4 days');

-- A correcting entry has neither date nor number.
INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount, principal,
                          added_at)
VALUES (1103806595073, 10, 42, '2026-01-05', 7, 500, 500, now() - interval '12 days'),
       (1103806595073, 10, 43, NULL, NULL, 50, 550, now() - interval '10 days'),
       (1103806595073, 10, 44, '2026-01-05', 8, 50, 600, now() - interval '5 days'),
       -- Of an account of which nothing else is left.
       (1103806595073, 99, 30, '2025-05-05', 1, 5, 5, now() - interval '30 days');
INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, principal,
                                committed_at, previous_transfer_number, coordinator_type, sender, recipient,
                                transfer_note_format, transfer_note)
VALUES (1103806595073, 10, '2026-01-05', 7, 500, 500, now() - interval '12 days', 6, 'direct', 'other', 'acc-10', '', ''),
       (1103806595073, 10, '2026-01-05', 8, 50, 600, now() - interval '6 days', 7, 'issuing', '0', 'acc-10', 'json', '{}'),
       (1103806595073, 10, '2026-01-05', 9, 100, 700, now() - interval '2 days', 8, 'agent', 'x', 'acc-10', '.', E'a\nb');
INSERT INTO pending_ledger_update VALUES (1103806595073, 10), (1103806595073, 12);

-- Two are under way, two have ended.
INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient,
                              transfer_note_format, transfer_note, initiated_at, finalized_at, error_code,
                              total_locked_amount, deadline, locked_amount, coordinator_request_id, transfer_id,
                              latest_update_id, latest_update_ts, final_interest_rate_ts)
VALUES (1103806595073, '00000000-0000-0000-0000-000000000001', 10, 5, 'swpt:10/other', 'other', '', '', now(), NULL, NULL,
        NULL, NULL, 0, 501, NULL, 1, now(), '9999-12-31T23:59:59Z'),
       (1103806595073, '00000000-0000-0000-0000-000000000002', 10, 5, 'swpt:10/other', 'other', 'json', '{}', now(), NULL,
        NULL, NULL, now() + interval '1 day', 5, 502, 901, 1, now(), now()),
       (1103806595073, '00000000-0000-0000-0000-000000000003', 10, 0, 'swpt:10/other', 'other', '', 'n', now(),
        now() - interval '5 days', NULL, NULL, NULL, 0, 503, 902, 2, now() - interval '5 days', '9999-12-31T23:59:59Z'),
       (1103806595073, '00000000-0000-0000-0000-000000000004', 10, 9, 'swpt:10/other', 'other', '', '', now(),
        now() - interval '5 days', 'INSUFFICIENT_AVAILABLE_AMOUNT', 3, NULL, 0, 504, NULL, 2, now() - interval '5 days',
        '9999-12-31T23:59:59Z'),
       -- Prepared, and then refused all the same.
       (1103806595073, '00000000-0000-0000-0000-000000000005', 10, 9, 'swpt:10/other', 'other', '', '', now(),
        now() - interval '5 days', 'TERMINATED', 0, now() + interval '1 day', 9, 505, 903, 2, now() - interval '5 days',
        now());

-- Every form of a log entry (entries 1 to 20), and what else has happened (to 26). Old versions have written all types with type and URI.
INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri, object_update_id, is_deleted, data)
VALUES
 (1103806595073, 1, now() - interval '20 days', 'AccountsList', '/creditors/1103806595073/accounts-list', 2, NULL, NULL),
 (1103806595073, 2, now() - interval '20 days', 'Account', '/creditors/1103806595073/accounts/10/', 110, NULL, 'null'),
 (1103806595073, 3, now() - interval '19 days', 'AccountConfig', '/creditors/1103806595073/accounts/10/config', 400, NULL, NULL),
 (1103806595073, 4, now() - interval '19 days', 'AccountInfo', '/creditors/1103806595073/accounts/10/info', 401, false, NULL),
 (1103806595073, 5, now() - interval '18 days', 'AccountKnowledge', '/creditors/1103806595073/accounts/10/knowledge', 300, NULL, NULL),
 (1103806595073, 6, now() - interval '18 days', 'AccountExchange', '/creditors/1103806595073/accounts/10/exchange', 310, NULL, NULL),
 (1103806595073, 7, now() - interval '18 days', 'AccountDisplay', '/creditors/1103806595073/accounts/10/display', 320, NULL, NULL),
 (1103806595073, 8, now() - interval '17 days', 'PinInfo', '/creditors/1103806595073/pin', 2, NULL, NULL),
 (1103806595073, 9, now() - interval '16 days', 'CommittedTransfer', '/creditors/1103806595073/accounts/10/transfers/20458-6', NULL, NULL, NULL),
 (1103806595073, 10, now() - interval '16 days', 'AccountLedger', '/creditors/1103806595073/accounts/10/ledger', 1190, NULL,
  '{"principal": 5, "nextEntryId": 42, "firstPage": {"uri": "/creditors/1103806595073/accounts/10/entries?prev=42"}}'),
 (1103806595073, 11, now() - interval '15 days', 'Transfer', '/creditors/1103806595073/transfers/00000000-0000-0000-0000-00000000000a', 1, NULL, NULL),
 (1103806595073, 12, now() - interval '15 days', 'TransfersList', '/creditors/1103806595073/transfers-list', 4, NULL, NULL),
 (1103806595073, 13, now() - interval '14 days', 'Transfer', '/creditors/1103806595073/transfers/00000000-0000-0000-0000-00000000000a', NULL, true, 'null'),
 (1103806595073, 14, now() - interval '14 days', 'TransfersList', '/creditors/1103806595073/transfers-list', 5, NULL, NULL),
 (1103806595073, 15, now() - interval '13 days', 'Account', '/creditors/1103806595073/accounts/99/', 1195, true, NULL);
INSERT INTO log_entry (creditor_id, entry_id, added_at, object_update_id, is_deleted, object_type_hint, debtor_id,
                       creation_date, transfer_number, transfer_uuid, data_principal, data_next_entry_id,
                       data_finalized_at, data_error_code)
VALUES
 (1103806595073, 16, now() - interval '12 days', NULL, NULL, 3, 10, '2026-01-05', 7, NULL, NULL, NULL, NULL, NULL),
 (1103806595073, 17, now() - interval '5 days', 1200, NULL, 4, 10, NULL, NULL, NULL, 600, 45, NULL, NULL),
 (1103806595073, 18, now() - interval '5 days', 2, NULL, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000004', NULL,
  NULL, now() - interval '5 days', 'INSUFFICIENT_AVAILABLE_AMOUNT'),
 (1103806595073, 19, now() - interval '5 days', NULL, true, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-00000000000b', NULL,
  NULL, NULL, NULL),
 (1103806595073, 20, now() - interval '5 days', 9, NULL, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (1103806595073, 21, now() - interval '5 days', NULL, NULL, 3, 10, '2026-01-05', 8, NULL, NULL, NULL, NULL, NULL);
INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri, object_update_id)
VALUES
 (1103806595073, 22, now() - interval '4 days', 'Account', '/creditors/1103806595073/accounts/12/', 112),
 (1103806595073, 23, now() - interval '4 days', 'AccountsList', '/creditors/1103806595073/accounts-list', 4),
 (1103806595073, 24, now() - interval '1 hour', 'Account', '/creditors/1103806595073/accounts/11/', 111),
 (1103806595073, 25, now() - interval '1 hour', 'AccountsList', '/creditors/1103806595073/accounts-list', 5),
 (1103806595073, 26, now() - interval '30 minutes', 'AccountConfig', '/creditors/1103806595073/accounts/12/config', 510);

-- Waiting for its number: of each form, and of a creditor who is gone.
INSERT INTO pending_log_entry (creditor_id, added_at, object_type, object_uri, object_update_id, is_deleted, data)
VALUES
 (1103806595073, now(), 'PinInfo', '/creditors/1103806595073/pin', 3, NULL, '{"any": ["thing"]}'),
 (1103806595073, now(), 'Transfer', '/creditors/1103806595073/transfers/00000000-0000-0000-0000-00000000000c', NULL, true, 'null'),
 (42, now(), 'PinInfo', '/creditors/42/pin', 3, NULL, NULL);
INSERT INTO pending_log_entry (creditor_id, added_at, object_update_id, object_type_hint, debtor_id, creation_date,
                               transfer_number, transfer_uuid, data_principal, data_next_entry_id,
                               data_finalized_at, data_error_code)
VALUES
 (1103806595073, now(), 1, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000001', NULL, NULL, NULL, NULL),
 (1103806595073, now(), 2, 1, NULL, NULL, NULL, '00000000-0000-0000-0000-000000000005', NULL, NULL,
  now() - interval '5 days', 'TERMINATED'),
 (1103806595073, now(), NULL, 3, 10, '2026-01-05', 9, NULL, NULL, NULL, NULL, NULL),
 (1103806595073, now(), 1201, 4, 10, NULL, NULL, NULL, 600, 45, NULL, NULL);

-- Waiting to be sent: of every type.
INSERT INTO configure_account_signal VALUES
 (now() - interval '1 hour', 1103806595073, 11, now() - interval '1 hour', 0, 1e30, '', 0);
INSERT INTO prepare_transfer_signal VALUES
 (now(), 1103806595073, 501, 10, 'other', 0, 2147483647, '9999-12-31T23:59:59Z');
INSERT INTO finalize_transfer_signal (inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id,
                                      coordinator_request_id, committed_amount, transfer_note_format, transfer_note)
VALUES (now(), 1103806595073, 10, 901, 1103806595073, 502, 5, 'json', '{}');
INSERT INTO updated_ledger_signal VALUES
 (1103806595073, 10, 1200, '2026-01-05', 'acc-10', 600, 8, now() - interval '5 days', now());
INSERT INTO updated_policy_signal VALUES
 (1103806595073, 10, 310, 'conservative', -1000, 5000, 1.5, 11, now(), now()),
 (1103806595073, 12, 312, NULL, -9223372036854775808, 9223372036854775807, NULL, NULL, now(), now());
INSERT INTO updated_flags_signal VALUES (1103806595073, 10, 400, 0, now(), now());
INSERT INTO rejected_config_signal (debtor_id, creditor_id, config_ts, config_seqnum, config_flags, config_data,
                                    negligible_amount, rejection_code, inserted_at)
VALUES (12, 1103806595073, now() - interval '30 minutes', 7, 0, '', 2.5, 'NO_CONNECTION_TO_DEBTOR', now());

-- What the tool that splits shards has left.
CREATE TABLE shard_split_guard (id smallint PRIMARY KEY, value text);
INSERT INTO shard_split_guard VALUES (1, 'done');
