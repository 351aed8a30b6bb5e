//! What an operator may want to know of one creditor, account or transfer: its state, and what it waits for.
//!
//! Nothing here is secret: no PIN, no HMAC, no reservation id.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Json, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Result;

/// What is known of a thing.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// An object: names and values, in the order in which they should be read.
    pub facts: Value,
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

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = Json)]
    facts: Value,
}

/// A creditor.
pub async fn creditor(conn: &mut AsyncPgConnection, creditor_id: i64) -> Result<Option<Found>> {
    let facts: Option<Facts> = sql_query(include_str!("inspect/creditor.sql"))
        .bind::<BigInt, _>(creditor_id)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Facts { facts }) = facts else { return Ok(None) };
    let waits = sql_query(include_str!("inspect/creditor_waits.sql")).bind::<BigInt, _>(creditor_id).load(conn).await?;
    Ok(Some(Found { facts, waits }))
}

/// An account.
pub async fn account(conn: &mut AsyncPgConnection, creditor_id: i64, debtor_id: i64) -> Result<Option<Found>> {
    let facts: Option<Facts> = sql_query(include_str!("inspect/account.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<BigInt, _>(debtor_id)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Facts { facts }) = facts else { return Ok(None) };
    let waits = sql_query(include_str!("inspect/account_waits.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<BigInt, _>(debtor_id)
        .load(conn)
        .await?;
    Ok(Some(Found { facts, waits }))
}

/// A transfer that a creditor has initiated.
pub async fn transfer(conn: &mut AsyncPgConnection, creditor_id: i64, uuid: Uuid) -> Result<Option<Found>> {
    let facts: Option<Facts> = sql_query(include_str!("inspect/transfer.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<SqlUuid, _>(uuid)
        .get_result(conn)
        .await
        .optional()?;
    let Some(Facts { facts }) = facts else { return Ok(None) };
    let waits = sql_query(include_str!("inspect/transfer_waits.sql"))
        .bind::<BigInt, _>(creditor_id)
        .bind::<SqlUuid, _>(uuid)
        .load(conn)
        .await?;
    Ok(Some(Found { facts, waits }))
}
