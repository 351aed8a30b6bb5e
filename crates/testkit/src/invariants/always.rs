//! Rules that hold at every moment.

use super::{
    Rule,
    objects::{account_uri, creditor_uri, log, objects},
};

/// Rules that hold at every moment: promises to clients (processing §3) and what the schema cannot express.
pub const ALWAYS: &[Rule] = &[
    Rule {
        name: "log entry ids have no gaps",
        // A creditor that was reserved again skips one id (processing §12).
        query: "SELECT format('creditor %s: %s follows %s', creditor_id, entry_id, previous)
            FROM (SELECT creditor_id, entry_id, added_at,
                         lag(entry_id) OVER log AS previous, lag(added_at) OVER log AS previous_added_at
                  FROM log_entry WINDOW log AS (PARTITION BY creditor_id ORDER BY entry_id)) AS entry
            LEFT JOIN creditor USING (creditor_id)
            WHERE entry_id <> previous + 1
              AND NOT (entry_id = previous + 2
                       AND (created_at IS NULL OR (previous_added_at < created_at AND added_at >= created_at)))",
    },
    Rule {
        name: "a creditor knows its last log entry",
        query: "SELECT format('creditor %s: %s, but the log ends with %s', creditor_id, last_log_entry_id, last)
            FROM creditor JOIN (SELECT creditor_id, max(entry_id) AS last, max(added_at) AS added_at
                                FROM log_entry GROUP BY creditor_id) AS log USING (creditor_id)
            WHERE last_log_entry_id <> last AND added_at >= created_at",
    },
    Rule {
        name: "log entries about one object are in the order of its changes",
        // The deletion of an account is logged at once, and may overtake what waits to be logged.
        query: "SELECT format('creditor %s, entry %s: update %s follows %s', creditor_id, entry_id, object_update_id, previous)
            FROM (SELECT creditor_id, entry_id, object_update_id,
                         lag(object_update_id) OVER (
                             PARTITION BY creditor_id, object_type, object_uri, object_type_hint, debtor_id, creation_date,
                                          transfer_number, transfer_uuid ORDER BY entry_id) AS previous,
                         lag(is_deleted) OVER (
                             PARTITION BY creditor_id, object_type, object_uri, object_type_hint, debtor_id, creation_date,
                                          transfer_number, transfer_uuid ORDER BY entry_id) AS after_end
                  FROM log_entry) AS entry
            WHERE object_update_id <= previous AND after_end IS NOT TRUE",
    },
    Rule {
        name: "the log tells of an object's update when it has happened",
        // The same microsecond (processing §3).
        query: concat!(
            "WITH ", objects!(), ", ", log!(), "
            SELECT format('creditor %s, %s: entry %s tells of update %s at %s, the object of %s at %s',
                          c, uri, entry_id, log.id, added_at, object.id, ts)
            FROM log JOIN object USING (c, uri)
            WHERE (log.id > object.id OR (log.id = object.id AND (added_at <> ts OR is_deleted)))
              -- What was deleted and created again begins anew.
              AND NOT EXISTS (
                  SELECT FROM log AS end_of
                  WHERE end_of.c = log.c AND end_of.uri = log.uri AND end_of.is_deleted
                    AND end_of.entry_id > log.entry_id)"
        ),
    },
    Rule {
        name: "whenever a payment comes or goes, so does the list of payments",
        query: "SELECT format('creditor %s, entry %s: %s', creditor_id, entry_id, transfer_uuid)
            FROM (SELECT *, lead(object_type_hint) OVER log AS next, lead(added_at) OVER log AS next_added_at
                  FROM log_entry WINDOW log AS (PARTITION BY creditor_id ORDER BY entry_id)) AS entry
            WHERE object_type_hint = 1
              AND (is_deleted OR coalesce(object_update_id, 1) = 1)
              AND (next IS DISTINCT FROM 2 OR next_added_at IS DISTINCT FROM added_at)",
    },
    Rule {
        name: "a log tells of a committed transfer once",
        query: "SELECT format('creditor %s, debtor %s: transfer %s of %s', creditor_id, debtor_id, transfer_number,
                              creation_date)
            FROM log_entry WHERE object_type_hint = 3
            GROUP BY creditor_id, debtor_id, creation_date, transfer_number HAVING count(*) > 1",
    },
    Rule {
        name: "a payment is in one state",
        query: "SELECT format('creditor %s: %s', creditor_id, transfer_uuid)
            FROM running_transfer
            WHERE CASE WHEN finalized_at IS NULL
                       THEN latest_update_id <> 1 OR latest_update_ts <> initiated_at OR error_code IS NOT NULL
                            OR total_locked_amount IS NOT NULL
                       ELSE latest_update_id <> 2 OR latest_update_ts <> finalized_at
                            OR (error_code IS NULL AND (transfer_id IS NULL OR total_locked_amount IS NOT NULL)) END",
    },
    Rule {
        name: "a log tells of a payment's end once",
        query: "SELECT format('creditor %s: %s ended %s times', creditor_id, transfer_uuid,
                              count(data_finalized_at))
            FROM log_entry WHERE object_type_hint = 1 GROUP BY creditor_id, transfer_uuid
            HAVING count(data_finalized_at) > 1 + count(*) FILTER (WHERE is_deleted)",
    },
    Rule {
        name: "ledger entry ids have no gaps within the life of an account",
        query: concat!(
            "WITH ", log!(), "
            SELECT format('creditor %s, debtor %s: %s follows %s', c, d, entry_id, previous)
            FROM (SELECT creditor_id AS c, debtor_id AS d, entry_id, added_at,
                         lag(entry_id) OVER ledger AS previous, lag(added_at) OVER ledger AS previous_added_at
                  FROM ledger_entry WINDOW ledger AS (PARTITION BY creditor_id, debtor_id ORDER BY entry_id)) AS entry
            WHERE entry_id <> previous + 1
              AND NOT EXISTS (
                  SELECT FROM log
                  WHERE log.c = entry.c AND uri = ", account_uri!(), " || 'ledger' AND is_deleted
                    AND log.added_at BETWEEN previous_added_at AND entry.added_at)"
        ),
    },
    Rule {
        name: "the log tells balances that the ledger had",
        query: "SELECT format('creditor %s, debtor %s: log entry %s says %s, ledger entry %s %s', creditor_id, debtor_id,
                              log.entry_id, data_principal, entry.entry_id, principal)
            FROM log_entry AS log JOIN ledger_entry AS entry USING (creditor_id, debtor_id)
            WHERE object_type_hint = 4 AND data_next_entry_id = entry.entry_id + 1 AND data_principal <> principal",
    },
    Rule {
        name: "each ledger entry continues the one before it",
        // A gap begins a new life of the account, from 0. The authority caps principals that do not fit in 64 bits.
        query: "SELECT format('creditor %s, debtor %s, entry %s: %s %s from %s in entry %s',
                              creditor_id, debtor_id, entry_id, acquired_amount, principal, before, previous)
            FROM (SELECT *, principal::numeric - acquired_amount AS expected,
                         lag(entry_id) OVER ledger AS previous, lag(principal) OVER ledger AS before
                  FROM ledger_entry WINDOW ledger AS (PARTITION BY creditor_id, debtor_id ORDER BY entry_id)) AS entry
            WHERE expected BETWEEN -9223372036854775808 AND 9223372036854775807
              AND expected <> CASE entry_id - previous WHEN 1 THEN before ELSE 0 END
              AND (previous IS NOT NULL OR entry_id = 2)",
    },
    Rule {
        name: "an account's ledger ends with its last entry",
        query: "SELECT format('creditor %s, debtor %s: entry %s, principal %s; the ledger ends with %s, %s',
                              creditor_id, debtor_id, ledger_last_entry_id, ledger_principal, entry_id, last.principal)
            FROM account_data
            JOIN account USING (creditor_id, debtor_id)
            JOIN LATERAL (SELECT entry_id, principal, added_at FROM ledger_entry AS entry
                          WHERE entry.creditor_id = account.creditor_id AND entry.debtor_id = account.debtor_id
                          ORDER BY entry_id DESC LIMIT 1) AS last ON last.added_at >= account.created_at
            WHERE (ledger_last_entry_id, ledger_principal) <> (entry_id, last.principal)",
    },
    Rule {
        name: "a transfer is in a ledger once",
        query: "SELECT format('creditor %s, debtor %s, account of %s: transfer %s', creditor_id, debtor_id,
                              creation_date, transfer_number)
            FROM ledger_entry WHERE transfer_number IS NOT NULL
            GROUP BY creditor_id, debtor_id, creation_date, transfer_number HAVING count(*) > 1",
    },
    Rule {
        name: "new update ids are greater than all old ones",
        query: "SELECT format('the sequence has given %s, but there is %s', last_value, greatest)
            FROM object_update_id_seq, (SELECT max(id) AS greatest FROM (
                SELECT latest_update_id FROM account
                UNION ALL SELECT config_latest_update_id FROM account_data
                UNION ALL SELECT info_latest_update_id FROM account_data
                UNION ALL SELECT ledger_latest_update_id FROM account_data
                UNION ALL SELECT latest_update_id FROM account_knowledge
                UNION ALL SELECT latest_update_id FROM account_exchange
                UNION ALL SELECT latest_update_id FROM account_display) AS ids (id)) AS objects
            WHERE greatest > last_value",
    },
];
