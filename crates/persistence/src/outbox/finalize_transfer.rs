//! Rows of `finalize_transfer_signal`.

use diesel_async::RunQueryDsl;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    signal::{FinalizeTransfer, Signal},
};

use super::{Claimed, RowId, Tid, Wanted};
use crate::{error::Result, sql::statement, tx::SharedTx};

statement! {
    #[derive(Default)]
    pub(super) struct Insert {
        inserted: Vec<Timestamp> => Array<Timestamptz>,
        creditor_ids: Vec<i64> => Array<BigInt>,
        debtor_ids: Vec<i64> => Array<BigInt>,
        transfer_ids: Vec<i64> => Array<BigInt>,
        coordinator_ids: Vec<i64> => Array<BigInt>,
        coordinator_request_ids: Vec<i64> => Array<BigInt>,
        committed_amounts: Vec<i64> => Array<BigInt>,
        note_formats: Vec<String> => Array<Text>,
        notes: Vec<String> => Array<Text>,
    }
    "INSERT INTO finalize_transfer_signal \
         (inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id, coordinator_request_id, committed_amount, transfer_note_format, transfer_note) \
     SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])"
}

impl Insert {
    pub(super) fn push(&mut self, s: FinalizeTransfer) {
        self.inserted.push(s.inserted_at);
        self.creditor_ids.push(s.account.creditor_id.get());
        self.debtor_ids.push(s.account.debtor_id.get());
        self.transfer_ids.push(s.transfer_id);
        self.coordinator_ids.push(s.coordinator_id.get());
        self.coordinator_request_ids.push(s.coordinator_request_id);
        self.committed_amounts.push(s.committed_amount);
        self.note_formats.push(s.transfer_note_format);
        self.notes.push(s.transfer_note);
    }
}

type Row = (RowId, Timestamp, i64, i64, i64, i64, i64, i64, String, String);

statement! {
    struct Claim { after: RowId => Tid, skip: Vec<i64> => Array<BigInt>, limit: i64 => BigInt }
    -> (Tid, Timestamptz, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, Text, Text);
    "SELECT ctid, inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id, coordinator_request_id, committed_amount, transfer_note_format, transfer_note \
     FROM finalize_transfer_signal WHERE ctid > $1 AND debtor_id <> ALL($2) LIMIT $3 FOR UPDATE SKIP LOCKED"
}

pub(super) async fn claim(tx: SharedTx<'_>, Wanted { after, skip, limit }: Wanted) -> Result<Vec<Claimed>> {
    let rows: Vec<Row> = Claim { after, skip, limit }.load(&mut tx.connection()).await?;
    Ok(rows.into_iter().map(claimed).collect())
}

fn claimed(
    (
        row_id,
        inserted_at,
        creditor_id,
        debtor_id,
        transfer_id,
        coordinator_id,
        coordinator_request_id,
        committed_amount,
        transfer_note_format,
        transfer_note,
    ): Row,
) -> Claimed {
    let account = AccountKey::new(CreditorId::new(creditor_id), DebtorId::new(debtor_id));
    Claimed {
        row_id,
        destination: debtor_id,
        signal: Signal::FinalizeTransfer(FinalizeTransfer {
            account,
            inserted_at,
            transfer_id,
            coordinator_id: CreditorId::new(coordinator_id),
            coordinator_request_id,
            committed_amount,
            transfer_note_format,
            transfer_note,
        }),
    }
}
