//! Log entries that wait to be numbered (database §4, `pending_log_entry`).

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{Timestamp, log_entry::LogEntry};
use uuid::Uuid;

use crate::{error::Result, sql::statement, tx::Tx, wake::Wake};

statement! {
    #[derive(Default)]
    struct Insert {
        added: Vec<Timestamp> => Array<Timestamptz>,
        object_types: Vec<Option<String>> => Array<Nullable<Text>>,
        object_uris: Vec<Option<String>> => Array<Nullable<Text>>,
        object_update_ids: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        deletions: Vec<Option<bool>> => Array<Nullable<Bool>>,
        object_type_hints: Vec<Option<i16>> => Array<Nullable<SmallInt>>,
        debtor_ids: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        creation_dates: Vec<Option<NaiveDate>> => Array<Nullable<Date>>,
        transfer_numbers: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        transfer_uuids: Vec<Option<Uuid>> => Array<Nullable<Uuid>>,
        principals: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        next_entry_ids: Vec<Option<i64>> => Array<Nullable<BigInt>>,
        finalized: Vec<Option<Timestamp>> => Array<Nullable<Timestamptz>>,
        error_codes: Vec<Option<String>> => Array<Nullable<Text>>,
        creditor_ids: Vec<i64> => Array<BigInt>,
    }
    // The order of the arrays is the order of `pending_entry_id`, and so of the log (processing §8).
    "INSERT INTO pending_log_entry \
         (added_at, object_type, object_uri, object_update_id, is_deleted, object_type_hint, debtor_id, creation_date, \
          transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, data_error_code, \
          creditor_id) \
     SELECT e.a, e.b, e.c, e.d, e.e, e.f, e.g, e.h, e.i, e.j, e.k, e.l, e.m, e.n, e.o \
     FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::smallint[], $7::bigint[], \
                 $8::date[], $9::bigint[], $10::uuid[], $11::bigint[], $12::bigint[], $13::timestamptz[], $14::text[], \
                 $15::bigint[]) WITH ORDINALITY AS e(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, position) \
     ORDER BY e.position"
}

impl Insert {
    fn push(&mut self, entry: LogEntry) {
        self.added.push(entry.added_at);
        self.object_types.push(entry.object_type);
        self.object_uris.push(entry.object_uri);
        self.object_update_ids.push(entry.object_update_id);
        self.deletions.push(entry.is_deleted);
        self.object_type_hints.push(entry.object_type_hint);
        self.debtor_ids.push(entry.debtor_id);
        self.creation_dates.push(entry.creation_date);
        self.transfer_numbers.push(entry.transfer_number);
        self.transfer_uuids.push(entry.transfer_uuid);
        self.principals.push(entry.data_principal);
        self.next_entry_ids.push(entry.data_next_entry_id);
        self.finalized.push(entry.data_finalized_at);
        self.error_codes.push(entry.data_error_code);
        self.creditor_ids.push(entry.creditor_id.get());
    }
}

/// Enqueues entries, in the given order, with one statement; with the commit.
pub fn enqueue(tx: &mut Tx, entries: impl IntoIterator<Item = LogEntry>) {
    let mut insert = Insert::default();
    for entry in entries {
        insert.push(entry);
    }
    if !insert.added.is_empty() {
        tx.later(insert);
        tx.wake(Wake::Log);
    }
}

statement! {
    struct CountAll {}
    -> (BigInt, Nullable<Timestamptz>);
    // "After the place (0,0)" holds for every row, and makes the server read the table as it lies there.
    "SELECT count(*), min(added_at) FROM pending_log_entry WHERE ctid > '(0,0)'"
}

/// How many entries are waiting, and when the oldest was added. Looks at all of them.
pub async fn depth(conn: &mut AsyncPgConnection) -> Result<(i64, Option<Timestamp>)> {
    Ok(CountAll {}.get_result(conn).await?)
}
