//! Whose records a shard's database holds (processing §15).

use std::fmt;

use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

use crate::error::Result;

/// A table with records of single creditors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table(&'static str);

impl Table {
    /// The tables by which the content of a shard is judged. Their primary keys begin with the creditor's id.
    pub const ALL: [Self; 9] = [
        Self("creditor"),
        Self("pending_log_entry"),
        Self("pending_ledger_update"),
        Self("configure_account_signal"),
        Self("prepare_transfer_signal"),
        Self("finalize_transfer_signal"),
        Self("updated_ledger_signal"),
        Self("updated_policy_signal"),
        Self("updated_flags_signal"),
    ];
}

/// Its name.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[derive(QueryableByName)]
struct Owner {
    #[diesel(sql_type = BigInt)]
    creditor_id: i64,
}

/// The smallest `limit` of the ids of creditors with records in the table that are not below `from`, ascending.
pub async fn creditor_ids(conn: &mut AsyncPgConnection, table: Table, from: i64, limit: i64) -> Result<Vec<i64>> {
    let owners: Vec<Owner> = sql_query(format!(
        "SELECT DISTINCT creditor_id FROM {table} WHERE creditor_id >= $1 ORDER BY creditor_id LIMIT $2"
    ))
    .bind::<BigInt, _>(from)
    .bind::<BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(owners.into_iter().map(|owner| owner.creditor_id).collect())
}

/// The largest id of a creditor with records in the table, if it has any.
pub async fn largest_creditor_id(conn: &mut AsyncPgConnection, table: Table) -> Result<Option<i64>> {
    let owners: Vec<Owner> =
        sql_query(format!("SELECT creditor_id FROM {table} ORDER BY creditor_id DESC LIMIT 1")).load(conn).await?;
    Ok(owners.into_iter().next().map(|owner| owner.creditor_id))
}
