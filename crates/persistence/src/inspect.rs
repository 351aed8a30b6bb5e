//! What an operator may want to know of one creditor, account or transfer: its state, and what it waits for.
//!
//! Nothing here is secret: no PIN, no HMAC, no reservation id.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;

/// What is known of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Names and values, in the order in which they should be read.
    pub facts: Vec<Fact>,
    /// What must happen before the thing is at rest; nothing if it is.
    pub waits: Vec<Wait>,
}

/// Something that must happen before a thing is at rest.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Wait {
    /// What must happen, and who does it, as a phrase.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// Since when; `None` if the database does not tell.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub since: Option<DateTime<Utc>>,
}

/// Something that is known of a thing.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct Fact {
    /// What it is, in snake case.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The value; `null` if it is not known.
    #[diesel(sql_type = Json)]
    pub value: Value,
}

/// The facts that a query gives as an object, in its order; no rows if it gives none.
macro_rules! facts {
    ($file:literal) => {
        concat!("SELECT key AS name, value FROM json_each((SELECT facts FROM (", include_str!($file), ") AS one))")
    };
}

/// A creditor.
pub async fn creditor(conn: &mut AsyncPgConnection, creditor_id: i64) -> Result<Option<Found>> {
    let facts = sql_query(facts!("inspect/creditor.sql")).bind::<BigInt, _>(creditor_id).load(conn).await?;
    if facts.is_empty() {
        return Ok(None);
    }
    let waits = sql_query(include_str!("inspect/creditor_waits.sql")).bind::<BigInt, _>(creditor_id).load(conn).await?;
    Ok(Some(Found { facts, waits }))
}

/// An account.
pub async fn account(conn: &mut AsyncPgConnection, creditor_id: i64, debtor_id: i64) -> Result<Option<Found>> {
    let facts = sql_query(facts!("inspect/account.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<BigInt, _>(debtor_id)
        .load(conn)
        .await?;
    if facts.is_empty() {
        return Ok(None);
    }
    let waits = sql_query(include_str!("inspect/account_waits.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<BigInt, _>(debtor_id)
        .load(conn)
        .await?;
    Ok(Some(Found { facts, waits }))
}

/// A transfer that a creditor has initiated.
pub async fn transfer(conn: &mut AsyncPgConnection, creditor_id: i64, uuid: Uuid) -> Result<Option<Found>> {
    let facts = sql_query(facts!("inspect/transfer.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<SqlUuid, _>(uuid)
        .load(conn)
        .await?;
    if facts.is_empty() {
        return Ok(None);
    }
    let waits = sql_query(include_str!("inspect/transfer_waits.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<SqlUuid, _>(uuid)
        .load(conn)
        .await?;
    Ok(Some(Found { facts, waits }))
}
