-- After a database has been set back to an earlier state, and before any process of the agent is started on it:
--
--     psql "$DATABASE" -f after-recovery.sql
--
-- What wallets, accounting authorities and the trade subsystem have heard in the meantime is forgotten here. This
-- script makes sure that nothing is paid twice, that nobody takes old news for new ones or new ones for old ones, and
-- that all authorities are asked for the state of all accounts. README.md tells the rest. It may be repeated.
\set ON_ERROR_STOP on
\if :{?step}
\else
-- Larger than whatever one counter can have grown in the meantime.
\set step 1000000
\endif

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend') THEN
        RAISE EXCEPTION 'others are connected to this database: stop them first';
    END IF;
END $$;

-- No number is given twice: neither to updates of objects, nor to payments, whose late answers would find another one.
SELECT setval('object_update_id_seq', nextval('object_update_id_seq') + :step) \gset
SELECT setval('coordinator_request_id_seq', nextval('coordinator_request_id_seq') + :step) \gset
SELECT setval('creditor_reservation_id_seq', nextval('creditor_reservation_id_seq') + :step) \gset

-- Whoever has got one of these already may prepare a second payment. If he has, he goes on asking what to do with the
-- first one, and gets his answer; if not, the payment waits until its payer cancels it.
DELETE FROM prepare_transfer_signal;

-- Everything counts as changed, beyond whatever anybody has seen.
UPDATE pin_info SET latest_update_id = latest_update_id + :step;
UPDATE running_transfer SET latest_update_id = latest_update_id + :step;
UPDATE account SET latest_update_id = latest_update_id + :step;
UPDATE account_knowledge SET latest_update_id = latest_update_id + :step;
UPDATE account_exchange SET latest_update_id = latest_update_id + :step;
UPDATE account_display SET latest_update_id = latest_update_id + :step;

-- Accounts get the configuration that is known here, with which authorities answer by telling the account's state. Those
-- that are to be deleted do not: their holders may have thought better of it in the meantime.
UPDATE account_data SET
    config_latest_update_id = config_latest_update_id + :step,
    info_latest_update_id = info_latest_update_id + :step,
    ledger_latest_update_id = ledger_latest_update_id + :step;
UPDATE account_data SET
    last_config_ts = greatest(last_config_ts, now()),
    last_config_seqnum = CASE last_config_seqnum WHEN 2147483647 THEN -2147483648 ELSE last_config_seqnum + 1 END,
    is_config_effectual = false
WHERE config_flags & 1 = 0;
INSERT INTO configure_account_signal
    (inserted_at, creditor_id, debtor_id, ts, seqnum, negligible_amount, config_data, config_flags)
SELECT now(), creditor_id, debtor_id, last_config_ts, last_config_seqnum, negligible_amount, config_data, config_flags
FROM account_data WHERE config_flags & 1 = 0
ON CONFLICT DO NOTHING;

-- The trade subsystem hears the state of everything.
INSERT INTO updated_ledger_signal
    (creditor_id, debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts, inserted_at)
SELECT creditor_id, debtor_id, ledger_latest_update_id, creation_date, account_id, ledger_principal,
       ledger_last_transfer_number, now(), now()
FROM account_data
ON CONFLICT DO NOTHING;
INSERT INTO updated_policy_signal
    (creditor_id, debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, ts,
     inserted_at)
SELECT creditor_id, debtor_id, latest_update_id, policy, min_principal, max_principal, peg_exchange_rate, peg_debtor_id,
       now(), now()
FROM account_exchange
ON CONFLICT DO NOTHING;
INSERT INTO updated_flags_signal (creditor_id, debtor_id, update_id, config_flags, ts, inserted_at)
SELECT creditor_id, debtor_id, config_latest_update_id, config_flags, now(), now()
FROM account_data
ON CONFLICT DO NOTHING;

-- A gap in the log makes a wallet forget what it knows and read everything again.
WITH changed AS (
    UPDATE creditor SET
        last_log_entry_id = last_log_entry_id + :step,
        creditor_latest_update_id = creditor_latest_update_id + :step,
        transfers_list_latest_update_id = transfers_list_latest_update_id + :step,
        accounts_list_latest_update_id = accounts_list_latest_update_id + :step,
        accounts_list_latest_update_ts = now()
    WHERE status_flags & 1 <> 0
    RETURNING creditor_id, last_log_entry_id, accounts_list_latest_update_id
)
INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri, object_update_id)
SELECT creditor_id, last_log_entry_id, now(), 'AccountsList',
       format('/creditors/%s/accounts-list',
              creditor_id + CASE WHEN creditor_id < 0 THEN 18446744073709551616 ELSE 0 END),
       accounts_list_latest_update_id
FROM changed;

\echo 'Payments of unknown outcome (a payer whose money has left may see them fail, or never end):'
SELECT creditor_id, debtor_id, transfer_uuid, amount, recipient, initiated_at,
       CASE WHEN transfer_id IS NULL THEN 'asked for' ELSE 'about to be committed' END AS state
FROM running_transfer WHERE finalized_at IS NULL
ORDER BY initiated_at;
