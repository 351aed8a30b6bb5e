//! Committed transfers (database §4, `committed_transfer`).

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp, incoming::AccountTransfer};

use crate::{error::Result, sql::statement, tx::Tx};

/// Identifies a committed transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The account.
    pub account: AccountKey,
    /// Creation date of the server account.
    pub creation_date: NaiveDate,
    /// The transfer's number.
    pub transfer_number: i64,
}

impl Key {
    /// The key of the transfer that a message tells about.
    pub const fn of(message: &AccountTransfer) -> Self {
        Self {
            account: message.account,
            creation_date: message.creation_date,
            transfer_number: message.transfer_number,
        }
    }
}

statement! {
    #[derive(Default)]
    struct Insert {
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        creation_dates: Vec<NaiveDate> => Array<Date>,
        transfer_numbers: Vec<i64> => Array<BigInt>,
        acquired_amounts: Vec<i64> => Array<BigInt>,
        principals: Vec<i64> => Array<BigInt>,
        committed: Vec<Timestamp> => Array<Timestamptz>,
        previous_transfer_numbers: Vec<i64> => Array<BigInt>,
        coordinator_types: Vec<String> => Array<Text>,
        senders: Vec<String> => Array<Text>,
        recipients: Vec<String> => Array<Text>,
        note_formats: Vec<String> => Array<Text>,
        notes: Vec<String> => Array<Text>,
    }
    -> (BigInt, BigInt, Date, BigInt);
    // In key order, so that two transactions that store the same transfers wait for, and do not block, each other.
    "INSERT INTO committed_transfer \
         (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, principal, committed_at, \
          previous_transfer_number, coordinator_type, sender, recipient, transfer_note_format, transfer_note) \
     SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::date[], $4::bigint[], $5::bigint[], $6::bigint[], \
                          $7::timestamptz[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[]) \
     ORDER BY 1, 2, 3, 4 \
     ON CONFLICT DO NOTHING \
     RETURNING creditor_id, debtor_id, creation_date, transfer_number"
}

/// Stores transfers with one statement. Returns the keys of those that were not known before.
pub async fn insert<'a>(tx: &mut Tx, messages: impl IntoIterator<Item = &'a AccountTransfer>) -> Result<Vec<Key>> {
    let mut insert = Insert::default();
    for message in messages {
        insert.creditor_ids.push(message.account.creditor_id.get());
        insert.debtor_ids.push(message.account.debtor_id.get());
        insert.creation_dates.push(message.creation_date);
        insert.transfer_numbers.push(message.transfer_number);
        insert.acquired_amounts.push(message.acquired_amount);
        insert.principals.push(message.principal);
        insert.committed.push(message.committed_at);
        insert.previous_transfer_numbers.push(message.previous_transfer_number);
        insert.coordinator_types.push(message.coordinator_type.clone());
        insert.senders.push(message.sender.clone());
        insert.recipients.push(message.recipient.clone());
        insert.note_formats.push(message.transfer_note_format.clone());
        insert.notes.push(message.transfer_note.clone());
    }
    if insert.creditor_ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, i64, NaiveDate, i64)> = insert.load(&mut **tx).await?;
    Ok(rows
        .into_iter()
        .map(|(creditor_id, debtor_id, creation_date, transfer_number)| Key {
            account: AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id)),
            creation_date,
            transfer_number,
        })
        .collect())
}

/// What the holder is told about a committed transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedTransfer {
    /// Which transfer.
    pub key: Key,
    /// What the account gained; not 0.
    pub acquired_amount: i64,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// Which subsystem coordinated it; empty for interest payments and the like.
    pub coordinator_type: String,
    /// Account id of the sender.
    pub sender: String,
    /// Account id of the recipient.
    pub recipient: String,
    /// Format of the note.
    pub note_format: String,
    /// The note.
    pub note: String,
}

statement! {
    struct Get {
        creditor_id: i64 => BigInt,
        debtor_id: i64 => BigInt,
        creation_date: NaiveDate => Date,
        transfer_number: i64 => BigInt,
    }
    -> (BigInt, Timestamptz, Text, Text, Text, Text, Text);
    "SELECT acquired_amount, committed_at, coordinator_type, sender, recipient, transfer_note_format, transfer_note \
     FROM committed_transfer \
     WHERE creditor_id = $1 AND debtor_id = $2 AND creation_date = $3 AND transfer_number = $4"
}

/// The transfer with that key. The account may have been deleted.
pub async fn get(conn: &mut AsyncPgConnection, key: Key) -> Result<Option<CommittedTransfer>> {
    let statement = Get {
        creditor_id: key.account.creditor_id.get(),
        debtor_id: key.account.debtor_id.get(),
        creation_date: key.creation_date,
        transfer_number: key.transfer_number,
    };
    let rows: Vec<(i64, Timestamp, String, String, String, String, String)> = statement.load(conn).await?;
    Ok(rows.into_iter().next().map(
        |(acquired_amount, committed_at, coordinator_type, sender, recipient, note_format, note)| CommittedTransfer {
            key,
            acquired_amount,
            committed_at,
            coordinator_type,
            sender,
            recipient,
            note_format,
            note,
        },
    ))
}
