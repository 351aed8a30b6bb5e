//! All mutable objects with what they show, and the log with the names of objects, as parts of queries.

/// The path of a creditor, which is called `c`.
macro_rules! creditor_uri {
    () => {
        "'/creditors/' || CASE WHEN c < 0 THEN c::numeric + 18446744073709551616 ELSE c END || '/'"
    };
}

/// The path of an account, of the creditor `c` with the debtor `d`.
macro_rules! account_uri {
    () => {
        concat!(
            creditor_uri!(),
            " || 'accounts/' || CASE WHEN d < 0 THEN d::numeric + 18446744073709551616 ELSE d END || '/'"
        )
    };
}

/// `object (c, uri, id, ts, is_told)`: what each object shows as its latest update id and time, and whether the log must
/// have told of this. An account's parts are created silently, with the account; so are the creditor's lists and PIN.
macro_rules! objects {
    () => {
        concat!(
            "object (c, uri, id, ts, is_told) AS (
                SELECT c, ", account_uri!(), " || part, id, ts, is_told
                FROM (
                    SELECT creditor_id, debtor_id, '', account.latest_update_id, account.latest_update_ts,
                           accounts_list_latest_update_id > 1
                    FROM account JOIN creditor USING (creditor_id)
                    UNION ALL SELECT creditor_id, debtor_id, part, id, ts, ts > created_at
                    FROM account JOIN (
                        SELECT creditor_id, debtor_id, 'config', config_latest_update_id, config_latest_update_ts
                        FROM account_data
                        UNION ALL SELECT creditor_id, debtor_id, 'info', info_latest_update_id, info_latest_update_ts
                        FROM account_data
                        UNION ALL SELECT creditor_id, debtor_id, 'ledger', ledger_latest_update_id,
                               ledger_latest_update_ts
                        FROM account_data
                        UNION ALL SELECT creditor_id, debtor_id, 'display', latest_update_id, latest_update_ts
                        FROM account_display
                        UNION ALL SELECT creditor_id, debtor_id, 'exchange', latest_update_id, latest_update_ts
                        FROM account_exchange
                        UNION ALL SELECT creditor_id, debtor_id, 'knowledge', latest_update_id, latest_update_ts
                        FROM account_knowledge
                    ) AS parts (creditor_id, debtor_id, part, id, ts) USING (creditor_id, debtor_id)
                ) AS of_accounts (c, d, part, id, ts, is_told)
                UNION ALL SELECT c, ", creditor_uri!(), " || part, id, ts, is_told
                FROM (
                    SELECT creditor_id, 'accounts-list', accounts_list_latest_update_id,
                           accounts_list_latest_update_ts, accounts_list_latest_update_id > 1
                    FROM creditor
                    UNION ALL SELECT creditor_id, 'transfers-list', transfers_list_latest_update_id,
                           transfers_list_latest_update_ts, transfers_list_latest_update_id > 1
                    FROM creditor
                    UNION ALL SELECT creditor_id, 'pin', latest_update_id, latest_update_ts, latest_update_id > 1
                    FROM pin_info
                    UNION ALL SELECT creditor_id, 'transfers/' || transfer_uuid, latest_update_id, latest_update_ts, true
                    FROM running_transfer
                ) AS of_creditors (c, part, id, ts, is_told))"
        )
    };
}

/// `log (c, entry_id, uri, id, added_at, is_deleted)`: entries about mutable objects, whichever way they name them.
macro_rules! log {
    () => {
        concat!(
            "log (c, entry_id, uri, id, added_at, is_deleted) AS (
                SELECT c, entry_id,
                       CASE WHEN object_uri IS NOT NULL THEN object_uri
                            WHEN hint = 1 THEN ",
            creditor_uri!(),
            " || 'transfers/' || transfer_uuid
                            WHEN hint = 2 THEN ",
            creditor_uri!(),
            " || 'transfers-list'
                            WHEN hint = 4 THEN ",
            account_uri!(),
            " || 'ledger' END,
                       object_update_id, added_at, is_deleted IS TRUE
                FROM (SELECT *, creditor_id AS c, debtor_id AS d, object_type_hint AS hint FROM log_entry) AS entry
                WHERE hint IS DISTINCT FROM 3 AND object_type IS DISTINCT FROM 'CommittedTransfer')"
        )
    };
}

pub(super) use {account_uri, creditor_uri, log, objects};
