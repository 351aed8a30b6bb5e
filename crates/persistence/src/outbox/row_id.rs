//! Where a row stands in its table.

use std::io::Write as _;

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    query_builder::QueryId,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::SqlType,
};

/// PostgreSQL's type `tid`.
#[derive(Clone, Copy, Debug, QueryId, SqlType)]
#[diesel(postgres_type(oid = 27, array_oid = 1010))]
pub(crate) struct Tid;

/// Where a row stands in its table (`ctid`): names it for as long as it is locked, and orders rows by place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, FromSqlRow)]
pub struct RowId {
    block: u32,
    offset: u16,
}

impl RowId {
    /// Before all rows.
    pub const START: Self = Self { block: 0, offset: 0 };

    /// Before all rows of the block.
    pub const fn at_block(block: u32) -> Self {
        Self { block, offset: 0 }
    }

    /// The block.
    pub const fn block(self) -> u32 {
        self.block
    }

    /// The first place behind this one in which a row of the same block may stand.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { offset: self.offset.saturating_add(1), ..self }
    }
}

impl FromSql<Tid, Pg> for RowId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let (block, offset) = value.as_bytes().split_first_chunk().ok_or("a tid has six bytes")?;
        Ok(Self { block: u32::from_be_bytes(*block), offset: u16::from_be_bytes(offset.try_into()?) })
    }
}

impl ToSql<Tid, Pg> for RowId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.block.to_be_bytes())?;
        out.write_all(&self.offset.to_be_bytes())?;
        Ok(IsNull::No)
    }
}
