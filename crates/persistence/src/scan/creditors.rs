//! Creditors as the scanner reads them.

use std::ops::Range;

use chrono::NaiveDate;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{CreditorId, Timestamp, creditor::StatusFlags, retention::Stage};

use super::{Row, Table, bounds, in_order};
use crate::{
    error::Result,
    outbox::{RowId, Tid},
    sql::statement,
};

/// A creditor, and how far it is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedCreditor {
    block: u32,
    /// The creditor.
    pub creditor_id: CreditorId,
    /// How far it is.
    pub stage: Stage,
}

statement! {
    struct Read { from: RowId => Tid, to: RowId => Tid }
    -> (Tid, BigInt, SmallInt, Timestamptz, Nullable<Date>);
    "SELECT ctid, creditor_id, status_flags, created_at, deactivation_date FROM creditor \
     WHERE ctid >= $1 AND ctid < $2"
}

impl Row for ScannedCreditor {
    const TABLE: Table = Table::Creditors;

    fn block(&self) -> u32 {
        self.block
    }

    async fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> Result<Vec<Self>> {
        let (from, to) = bounds(&blocks);
        let rows: Vec<(RowId, i64, i16, Timestamp, Option<NaiveDate>)> = Read { from, to }.load(conn).await?;
        let creditor = |(row_id, creditor_id, status, created_at, deactivation_date): (RowId, _, _, _, _)| Self {
            block: row_id.block(),
            creditor_id: CreditorId::new(creditor_id),
            stage: Stage { status: StatusFlags::from_bits(status), created_at, deactivation_date },
        };
        Ok(in_order(rows.into_iter().map(creditor).collect()))
    }
}
