-- Keys of rows, which the peer implementation passes as arrays.
CREATE TYPE creditor_pktype AS (creditor_id bigint);
CREATE TYPE account_data_pktype AS (creditor_id bigint, debtor_id bigint);
CREATE TYPE ledger_entry_pktype AS (creditor_id bigint, debtor_id bigint, entry_id bigint);
CREATE TYPE committed_transfer_pktype AS (
    creditor_id bigint, debtor_id bigint, creation_date date, transfer_number bigint
);
CREATE TYPE log_entry_pktype AS (creditor_id bigint, entry_id bigint);
CREATE TYPE configure_account_signal_pktype AS (
    creditor_id bigint, debtor_id bigint, ts timestamptz, seqnum integer
);
CREATE TYPE prepare_transfer_signal_pktype AS (creditor_id bigint, coordinator_request_id bigint);
CREATE TYPE finalize_transfer_signal_pktype AS (creditor_id bigint, signal_id bigint);
CREATE TYPE updated_ledger_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);
CREATE TYPE updated_policy_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);
CREATE TYPE updated_flags_signal_pktype AS (creditor_id bigint, debtor_id bigint, update_id bigint);
CREATE TYPE rejected_config_signal_pktype AS (debtor_id bigint, creditor_id bigint, signal_id bigint);
