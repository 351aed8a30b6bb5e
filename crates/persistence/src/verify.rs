//! Whether a database keeps what clients were promised (processing §3): rules over the whole of it, piece by piece.
//!
//! Each rule is one statement, so it sees one moment, and services may go on working meanwhile.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
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
    /// Finds what breaks it among the creditors from `$1` to `$2`: a [`Finding`] each. What is older than `$3` may already
    /// have been deleted in part.
    query: &'static str,
    /// Puts it right for the creditor `$1` and the debtor `$2`, if that is always possible and never wrong.
    mend: Option<&'static str>,
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

/// What breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Finding {
    /// Whose books they are.
    #[diesel(sql_type = BigInt)]
    pub creditor_id: i64,
    /// The account's debtor, if it is about one account.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub debtor_id: Option<i64>,
    /// What is there, as a phrase.
    #[diesel(sql_type = Text)]
    pub finding: String,
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

/// Unlike everybody else's statements, these join tables with tables, and take as long as they take.
const SESSION: &str = "SET enable_hashjoin = on; SET enable_mergejoin = on; SET statement_timeout = 0";

/// Must be called once for a session, before anything is looked for.
pub async fn prepare(conn: &mut AsyncPgConnection) -> Result<()> {
    Ok(conn.batch_execute(SESSION).await?)
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
) -> Result<Vec<Finding>> {
    let query = sql_query(rule.query)
        .bind::<BigInt, _>(piece.first)
        .bind::<BigInt, _>(piece.last)
        .bind::<Timestamptz, _>(complete_since);
    Ok(query.load(conn).await?)
}

/// Puts a finding right; false if nobody but an operator can know how.
pub async fn mend(conn: &mut AsyncPgConnection, rule: &Rule, finding: &Finding) -> Result<bool> {
    let Some(statement) = rule.mend else { return Ok(false) };
    sql_query(statement)
        .bind::<BigInt, _>(finding.creditor_id)
        .bind::<Nullable<BigInt>, _>(finding.debtor_id)
        .execute(conn)
        .await?;
    Ok(true)
}
