//! The creditors' logs (database §4, `log_entry`).

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    CreditorId, Timestamp,
    log_entry::{LogEntry, Numbered},
};
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
        entry_ids: Vec<i64> => Array<BigInt>,
    }
    "INSERT INTO log_entry \
         (added_at, object_type, object_uri, object_update_id, is_deleted, object_type_hint, debtor_id, creation_date, \
          transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, data_error_code, \
          creditor_id, entry_id) \
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::smallint[], \
                          $7::bigint[], $8::date[], $9::bigint[], $10::uuid[], $11::bigint[], $12::bigint[], \
                          $13::timestamptz[], $14::text[], $15::bigint[], $16::bigint[])"
}

impl Insert {
    fn push(&mut self, Numbered { entry_id, entry }: Numbered) {
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
        self.entry_ids.push(entry_id);
    }
}

/// Appends numbered entries to the logs of creditors that the transaction has locked; with the commit.
pub fn append(tx: &mut Tx, entries: impl IntoIterator<Item = Numbered>) {
    let mut insert = Insert::default();
    for entry in entries {
        insert.push(entry);
    }
    if !insert.added.is_empty() {
        tx.later(insert);
        tx.wake(Wake::LogGrew);
    }
}

/// A part of a creditor's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Id of the newest entry of the whole log, at the moment when the entries were read; 0 for none.
    pub last_log_entry_id: i64,
    /// The entries, in ascending order.
    pub entries: Vec<Logged>,
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    /// Its place in the log.
    pub entry_id: i64,
    /// The entry.
    pub entry: LogEntry,
    /// Text of a ready-made `data` object, which some rows have.
    pub data: Option<String>,
}

type SubjectRow = (Option<Timestamp>, Option<String>, Option<String>, Option<i64>, Option<bool>, Option<String>);
type HintRow = (Option<i16>, Option<i64>, Option<NaiveDate>, Option<i64>, Option<Uuid>);
type DataRow = (Option<i64>, Option<i64>, Option<Timestamp>, Option<String>);
type Row = (i64, Option<i64>, SubjectRow, HintRow, DataRow);

statement! {
    struct GetPage { after: i64 => BigInt, limit: i64 => BigInt, creditor_id: i64 => BigInt }
    -> (
        BigInt,
        Nullable<BigInt>,
        (
            Nullable<Timestamptz>,
            Nullable<Text>,
            Nullable<Text>,
            Nullable<BigInt>,
            Nullable<Bool>,
            Nullable<Text>,
        ),
        (Nullable<SmallInt>, Nullable<BigInt>, Nullable<Date>, Nullable<BigInt>, Nullable<Uuid>),
        (Nullable<BigInt>, Nullable<BigInt>, Nullable<Timestamptz>, Nullable<Text>),
    );
    // One snapshot for the creditor and the entries: nobody is told to skip entries not seen (webapi §12.2).
    "SELECT c.last_log_entry_id, l.entry_id, l.added_at, l.object_type, l.object_uri, l.object_update_id, \
         l.is_deleted, CASE WHEN json_typeof(l.data) = 'object' THEN l.data::text END, l.object_type_hint, \
         l.debtor_id, l.creation_date, l.transfer_number, l.transfer_uuid, l.data_principal, l.data_next_entry_id, \
         l.data_finalized_at, l.data_error_code \
     FROM creditor AS c LEFT JOIN LATERAL ( \
         SELECT * FROM log_entry AS e WHERE e.creditor_id = c.creditor_id AND e.entry_id > $1 \
         ORDER BY e.entry_id LIMIT $2 \
     ) AS l ON true \
     WHERE c.creditor_id = $3 ORDER BY l.entry_id"
}

/// Up to `limit` entries with ids greater than `after`. `None`: there is no such creditor.
pub async fn page(
    conn: &mut AsyncPgConnection,
    creditor_id: CreditorId,
    after: i64,
    limit: i64,
) -> Result<Option<Page>> {
    let rows: Vec<Row> = GetPage { after, limit, creditor_id: creditor_id.get() }.load(conn).await?;
    let last_log_entry_id = rows.as_slice().first().map(|row| row.0);
    Ok(last_log_entry_id.map(|last_log_entry_id| Page {
        last_log_entry_id,
        entries: rows.into_iter().filter_map(|row| logged_from(creditor_id, row)).collect(),
    }))
}

/// `None`: the log has no entries here.
fn logged_from(creditor_id: CreditorId, (_, entry_id, subject, hint, data): Row) -> Option<Logged> {
    let (added_at, object_type, object_uri, object_update_id, is_deleted, ready_made) = subject;
    let (object_type_hint, debtor_id, creation_date, transfer_number, transfer_uuid) = hint;
    let (data_principal, data_next_entry_id, data_finalized_at, data_error_code) = data;
    Some(Logged {
        entry_id: entry_id?,
        data: ready_made,
        entry: LogEntry {
            creditor_id,
            added_at: added_at?,
            object_type,
            object_uri,
            object_update_id,
            is_deleted,
            object_type_hint,
            debtor_id,
            creation_date,
            transfer_number,
            transfer_uuid,
            data_principal,
            data_next_entry_id,
            data_finalized_at,
            data_error_code,
        },
    })
}
