//! The rules, as data.

use super::Rule;

/// What the creditors' logs promise.
pub const LOG: &[Rule] = &[
    Rule {
        name: "log entry ids have no gaps",
        // A creditor that was reserved again skips one id (processing §12).
        query: "SELECT creditor_id, NULL::bigint AS debtor_id, format('entry %s follows entry %s', entry_id, previous) AS finding
            FROM (SELECT creditor_id, entry_id, added_at,
                         lag(entry_id) OVER log AS previous, lag(added_at) OVER log AS previous_added_at
                  FROM log_entry WHERE creditor_id BETWEEN $1 AND $2
                  WINDOW log AS (PARTITION BY creditor_id ORDER BY entry_id)) AS entry
            LEFT JOIN creditor USING (creditor_id)
            WHERE entry_id <> previous + 1 AND previous_added_at >= $3
              AND NOT (entry_id = previous + 2
                       AND (created_at IS NULL OR (previous_added_at < created_at AND added_at >= created_at)))",
        mend: None,
    },
    Rule {
        name: "a creditor knows its last log entry",
        query: "SELECT creditor_id, NULL::bigint AS debtor_id,
                   format('the last entry should be %s, but is %s', last_log_entry_id, last) AS finding
            FROM creditor JOIN (SELECT creditor_id, max(entry_id) AS last, max(added_at) AS added_at
                                FROM log_entry WHERE creditor_id BETWEEN $1 AND $2 GROUP BY creditor_id) AS log
                 USING (creditor_id)
            WHERE last_log_entry_id <> last AND added_at >= greatest(created_at, $3)",
        mend: None,
    },
    Rule {
        name: "log entries about one object are in the order of its changes",
        query: "SELECT creditor_id, NULL::bigint AS debtor_id,
                   format('in entry %s, update %s follows update %s', entry_id, object_update_id, previous) AS finding
            FROM (SELECT creditor_id, entry_id, object_update_id, added_at,
                         lag(object_update_id) OVER (
                             PARTITION BY creditor_id, object_type, object_uri, object_type_hint, debtor_id, creation_date,
                                          transfer_number, transfer_uuid ORDER BY entry_id) AS previous
                  FROM log_entry WHERE creditor_id BETWEEN $1 AND $2) AS entry
            WHERE object_update_id <= previous AND added_at >= $3",
        mend: None,
    },
    Rule {
        name: "a log tells of a payment's end once",
        query: "SELECT creditor_id, NULL::bigint AS debtor_id,
                   format('transfer %s ended %s times', transfer_uuid, count(data_finalized_at)) AS finding
            FROM log_entry WHERE creditor_id BETWEEN $1 AND $2 AND object_type_hint = 1 AND added_at >= $3
            GROUP BY creditor_id, transfer_uuid
            HAVING count(data_finalized_at) > 1 + count(*) FILTER (WHERE is_deleted)",
        mend: None,
    },
    Rule {
        name: "a log entry tells which object it is about",
        query: "SELECT creditor_id, NULL::bigint AS debtor_id,
                   format('entry %s has type %s, hint %s', entry_id, coalesce(object_type, '-'),
                          coalesce(object_type_hint::text, '-')) AS finding
            FROM log_entry WHERE creditor_id BETWEEN $1 AND $2 AND added_at >= $3
              AND NOT coalesce(
                  CASE WHEN object_type IS NOT NULL THEN object_uri IS NOT NULL
                       ELSE CASE object_type_hint
                            WHEN 1 THEN transfer_uuid IS NOT NULL
                            WHEN 2 THEN true
                            WHEN 3 THEN num_nulls(debtor_id, creation_date, transfer_number) = 0
                            WHEN 4 THEN debtor_id IS NOT NULL
                       END
                  END, false)",
        mend: None,
    },
    Rule {
        name: "the newest log entry about a ledger is the state of the ledger",
        query: "SELECT account.creditor_id, account.debtor_id,
                   format('entry %s tells of update %s at %s, principal %s, next entry %s; the ledger has update %s at %s, '
                          'principal %s, next entry %s', newest.entry_id, object_update_id, added_at, data_principal,
                          data_next_entry_id, ledger_latest_update_id, ledger_latest_update_ts, ledger_principal,
                          ledger_last_entry_id + 1) AS finding
            FROM (SELECT DISTINCT ON (creditor_id, debtor_id) *
                  FROM log_entry WHERE creditor_id BETWEEN $1 AND $2 AND object_type_hint = 4 AND object_type IS NULL
                  ORDER BY creditor_id, debtor_id, entry_id DESC) AS newest
            JOIN account_data AS account USING (creditor_id, debtor_id)
            JOIN account AS opened USING (creditor_id, debtor_id)
            WHERE newest.added_at >= greatest(opened.created_at, $3)
              AND (object_update_id > ledger_latest_update_id
                   OR (object_update_id = ledger_latest_update_id
                       AND (added_at <> ledger_latest_update_ts
                            OR data_principal <> ledger_principal
                            OR data_next_entry_id <> ledger_last_entry_id + 1)))",
        mend: None,
    },
];

/// What the accounts' ledgers promise.
pub const LEDGER: &[Rule] = &[
    Rule {
        name: "each ledger entry continues the one before it",
        // A gap begins a new life of the account, from 0. The authority caps principals that do not fit in 64 bits.
        query: "SELECT creditor_id, debtor_id,
                   format('in entry %s, %s makes %s from %s in entry %s', entry_id, acquired_amount, principal, before,
                          previous) AS finding
            FROM (SELECT *, principal::numeric - acquired_amount AS expected,
                         lag(entry_id) OVER ledger AS previous, lag(principal) OVER ledger AS before,
                         lag(added_at) OVER ledger AS previous_added_at
                  FROM ledger_entry WHERE creditor_id BETWEEN $1 AND $2
                  WINDOW ledger AS (PARTITION BY creditor_id, debtor_id ORDER BY entry_id)) AS entry
            WHERE expected BETWEEN -9223372036854775808 AND 9223372036854775807
              AND expected <> CASE entry_id - previous WHEN 1 THEN before ELSE 0 END
              AND (entry_id = previous + 1 OR previous_added_at >= $3)",
        mend: None,
    },
    Rule {
        name: "an account's ledger ends with its last entry",
        query: "SELECT creditor_id, debtor_id,
                   format('it should be entry %s, principal %s, but the ledger ends with entry %s, principal %s',
                          ledger_last_entry_id, ledger_principal, entry_id, last.principal) AS finding
            FROM account_data
            JOIN account USING (creditor_id, debtor_id)
            JOIN LATERAL (SELECT entry_id, principal, added_at FROM ledger_entry AS entry
                          WHERE entry.creditor_id = account.creditor_id AND entry.debtor_id = account.debtor_id
                          ORDER BY entry_id DESC LIMIT 1) AS last ON last.added_at >= greatest(account.created_at, $3)
            WHERE creditor_id BETWEEN $1 AND $2
              AND (ledger_last_entry_id, ledger_principal) <> (entry_id, last.principal)",
        mend: None,
    },
    Rule {
        name: "a transfer is in a ledger once",
        query: "SELECT creditor_id, debtor_id,
                   format('transfer %s of the account of %s is there %s times', transfer_number, creation_date, count(*))
                       AS finding
            FROM ledger_entry
            WHERE creditor_id BETWEEN $1 AND $2 AND transfer_number IS NOT NULL AND $3 <= now()
            GROUP BY creditor_id, debtor_id, creation_date, transfer_number HAVING count(*) > 1",
        mend: None,
    },
    Rule {
        name: "a ledger that can be continued is scheduled to be",
        query: "SELECT creditor_id, debtor_id,
                   format('transfer %s continues the ledger, but no update is scheduled', stored.transfer_number) AS finding
            FROM account_data AS account
            JOIN committed_transfer AS stored USING (creditor_id, debtor_id, creation_date)
            WHERE creditor_id BETWEEN $1 AND $2 AND $3 <= now()
              AND stored.transfer_number > ledger_last_transfer_number
              AND stored.previous_transfer_number = ledger_last_transfer_number
              AND NOT EXISTS (SELECT FROM pending_ledger_update AS item
                              WHERE item.creditor_id = account.creditor_id AND item.debtor_id = account.debtor_id)",
        // Once it was overlooked, scanners would find it only when the transfer is very old.
        mend: Some(
            "INSERT INTO pending_ledger_update (creditor_id, debtor_id)
             SELECT creditor_id, debtor_id FROM account_data WHERE creditor_id = $1 AND debtor_id = $2
             ON CONFLICT DO NOTHING",
        ),
    },
    Rule {
        name: "new update ids are greater than all old ones",
        query: "SELECT creditor_id, debtor_id,
                   format('there is update %s, but the sequence has given only %s', greatest_id, last_value) AS finding
            FROM object_update_id_seq, (
                SELECT creditor_id, debtor_id,
                       greatest(account.latest_update_id, config_latest_update_id, info_latest_update_id,
                                ledger_latest_update_id, account_knowledge.latest_update_id,
                                account_exchange.latest_update_id, account_display.latest_update_id) AS greatest_id
                FROM account
                JOIN account_data USING (creditor_id, debtor_id)
                LEFT JOIN account_knowledge USING (creditor_id, debtor_id)
                LEFT JOIN account_exchange USING (creditor_id, debtor_id)
                LEFT JOIN account_display USING (creditor_id, debtor_id)
                WHERE creditor_id BETWEEN $1 AND $2 AND $3 <= now()) AS objects
            WHERE greatest_id > last_value",
        mend: None,
    },
];
