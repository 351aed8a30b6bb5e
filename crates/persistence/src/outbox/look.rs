//! What the outbox holds, without taking anything.

use std::collections::BTreeMap;

use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{Timestamp, signal::Kind};

use crate::{
    error::{Error, Result},
    sql::statement,
};

// "After the place (0,0)" holds for every row; it makes PostgreSQL read the table from its beginning, as if sequential
// scans were enabled. Through the primary key, it would look at the whole history of a table that has just been drained.
macro_rules! any {
    ($number:literal, $table:literal) => {
        concat!($number, " AND EXISTS (SELECT FROM ", $table, " WHERE ctid > '(0,0)')")
    };
}

macro_rules! depth {
    ($position:literal, $table:literal) => {
        concat!("SELECT ", $position, ", count(*), min(inserted_at) FROM ", $table, " WHERE ctid > '(0,0)'")
    };
}

statement! {
    struct Look {
        configure_account: bool => Bool,
        prepare_transfer: bool => Bool,
        finalize_transfer: bool => Bool,
        updated_ledger: bool => Bool,
        updated_policy: bool => Bool,
        updated_flags: bool => Bool,
        rejected_config: bool => Bool,
    }
    -> (Array<Bool>,);
    concat!(
        "SELECT ARRAY[",
        any!("$1", "configure_account_signal"),
        ", ",
        any!("$2", "prepare_transfer_signal"),
        ", ",
        any!("$3", "finalize_transfer_signal"),
        ", ",
        any!("$4", "updated_ledger_signal"),
        ", ",
        any!("$5", "updated_policy_signal"),
        ", ",
        any!("$6", "updated_flags_signal"),
        ", ",
        any!("$7", "rejected_config_signal"),
        "]",
    )
}

statement! {
    struct Depths {}
    -> (Integer, BigInt, Nullable<Timestamptz>);
    concat!(
        depth!("0", "configure_account_signal"),
        " UNION ALL ",
        depth!("1", "prepare_transfer_signal"),
        " UNION ALL ",
        depth!("2", "finalize_transfer_signal"),
        " UNION ALL ",
        depth!("3", "updated_ledger_signal"),
        " UNION ALL ",
        depth!("4", "updated_policy_signal"),
        " UNION ALL ",
        depth!("5", "updated_flags_signal"),
        " UNION ALL ",
        depth!("6", "rejected_config_signal"),
    )
}

/// Which of these kinds have rows, locked or not, in flushing order. One cheap statement; the other tables are not
/// touched.
pub async fn waiting(conn: &mut AsyncPgConnection, kinds: &[Kind]) -> Result<Vec<Kind>> {
    let wanted = |kind| kinds.contains(&kind);
    let look = Look {
        configure_account: wanted(Kind::ConfigureAccount),
        prepare_transfer: wanted(Kind::PrepareTransfer),
        finalize_transfer: wanted(Kind::FinalizeTransfer),
        updated_ledger: wanted(Kind::UpdatedLedger),
        updated_policy: wanted(Kind::UpdatedPolicy),
        updated_flags: wanted(Kind::UpdatedFlags),
        rejected_config: wanted(Kind::RejectedConfig),
    };
    let (found,): (Vec<bool>,) = look.get_result(conn).await?;
    Ok(Kind::ALL.into_iter().zip(found).filter_map(|(kind, found)| found.then_some(kind)).collect())
}

/// How much of one kind is waiting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// How many rows.
    pub rows: i64,
    /// When the oldest of them was inserted.
    pub oldest: Option<Timestamp>,
}

/// How much of each kind is waiting. Counts all rows, which takes a moment when there are many.
pub async fn depths(conn: &mut AsyncPgConnection) -> Result<BTreeMap<Kind, Depth>> {
    let rows: Vec<(i32, i64, Option<Timestamp>)> = Depths {}.load(conn).await?;
    rows.into_iter()
        .map(|(position, rows, oldest)| {
            let kind = usize::try_from(position).ok().and_then(|position| Kind::ALL.get(position));
            let kind = kind.ok_or_else(|| Error::Inconsistent { table: "outbox", key: position.to_string() })?;
            Ok((*kind, Depth { rows, oldest }))
        })
        .collect()
}
