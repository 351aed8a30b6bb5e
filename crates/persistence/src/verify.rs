//! Whether a database keeps what clients were promised (processing §3): rules over the whole of it, piece by piece.
//!
//! Each rule is one statement, so it sees one moment, and services may go on working meanwhile.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};

use crate::error::Result;

mod rules;

pub use rules::{LEDGER, LOG};

/// A rule about the rows of a range of creditors: the query finds what breaks it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What holds, as a sentence.
    pub name: &'static str,
    /// Finds what breaks it, as texts called `finding`, among the creditors from `$1` to `$2`. What is older than `$3`
    /// may already have been deleted in part.
    query: &'static str,
}

/// Consecutive creditor ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The first one.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// How many creditors there are in it.
    pub creditors: u64,
}

/// Unlike everybody else's statements, these join tables with tables.
const WHOLE_TABLES: &str = "SET enable_hashjoin = on; SET enable_mergejoin = on";

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    finding: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Last {
    #[diesel(sql_type = BigInt)]
    creditor_id: i64,
}

/// How many creditors there are.
pub async fn creditors(conn: &mut AsyncPgConnection) -> Result<u64> {
    let Count { count } = sql_query("SELECT count(*) FROM creditor").get_result(conn).await?;
    Ok(count.unsigned_abs())
}

/// The ids from `first` on, as far as they belong to that many creditors. All pieces together are all ids, so that
/// rows without a creditor are looked at, too.
pub async fn piece(conn: &mut AsyncPgConnection, first: i64, creditors: u32) -> Result<Piece> {
    let last: Option<Last> =
        sql_query("SELECT creditor_id FROM creditor WHERE creditor_id >= $1 ORDER BY creditor_id OFFSET $2 LIMIT 1")
            .bind::<BigInt, _>(first)
            .bind::<BigInt, _>(i64::from(creditors.max(1)) - 1)
            .get_result(conn)
            .await
            .optional()?;
    if let Some(Last { creditor_id }) = last {
        return Ok(Piece { first, last: creditor_id, creditors: creditors.into() });
    }
    let rest = sql_query("SELECT count(*) FROM creditor WHERE creditor_id >= $1").bind::<BigInt, _>(first);
    let Count { count } = rest.get_result(conn).await?;
    Ok(Piece { first, last: i64::MAX, creditors: count.unsigned_abs() })
}

/// What breaks the rule in this piece.
pub async fn findings(
    conn: &mut AsyncPgConnection,
    rule: &Rule,
    piece: Piece,
    complete_since: DateTime<Utc>,
) -> Result<Vec<String>> {
    conn.batch_execute(WHOLE_TABLES).await?;
    let rows: Vec<Finding> = sql_query(rule.query)
        .bind::<BigInt, _>(piece.first)
        .bind::<BigInt, _>(piece.last)
        .bind::<Timestamptz, _>(complete_since)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.finding).collect())
}
