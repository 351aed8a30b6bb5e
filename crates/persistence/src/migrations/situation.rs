//! In which state a database is found (database §2, §3).

use std::fmt;

use diesel::{
    QueryResult, QueryableByName, sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};

use super::{HEAD, markers};
use crate::error::Result;

/// The tables of the schema, without the marker. Others may exist beside them.
pub const TABLES: [&str; 21] = [
    "creditor",
    "pin_info",
    "usage_stats",
    "account",
    "account_data",
    "account_knowledge",
    "account_exchange",
    "account_display",
    "pending_ledger_update",
    "ledger_entry",
    "committed_transfer",
    "running_transfer",
    "log_entry",
    "pending_log_entry",
    "configure_account_signal",
    "prepare_transfer_signal",
    "finalize_transfer_signal",
    "updated_ledger_signal",
    "updated_policy_signal",
    "updated_flags_signal",
    "rejected_config_signal",
];

/// The revisions before the head.
const OLDER: [&str; 19] = [
    "8d8c816257ce",
    "8c56a59f4f05",
    "5314a555b325",
    "ced8680106a7",
    "a265ca3bd731",
    "39e292be0ec9",
    "824705144577",
    "4260660af5b1",
    "4e310d9db669",
    "ff97ba125d5d",
    "6e96562b528a",
    "706698ff9697",
    "d5396ac38ffe",
    "54696121695a",
    "dd24bce84ed1",
    "354dc0a5334e",
    "d98019373169",
    "089b2b7f30fd",
    "6edcd3e80714",
];

/// The state of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Situation {
    /// Neither a marker nor any of our tables.
    Empty,
    /// Marker and tables as this software expects them.
    AtHead,
    /// At this earlier revision.
    Older(String),
    /// The marker has these rows: an unknown revision, or several.
    Unknown(Vec<String>),
    /// Marker and tables contradict each other.
    Damaged(Damage),
}

/// How marker and tables contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// There is no marker, but there are these tables.
    Unmarked(Vec<String>),
    /// The marker is at the head, or a few steps before, but these tables are missing.
    Incomplete(Vec<String>),
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmarked(tables) => {
                write!(f, "there is no revision marker, but there are tables of ours: {}", tables.join(", "))
            }
            Self::Incomplete(tables) => {
                write!(f, "there is a revision marker, but tables are missing: {}", tables.join(", "))
            }
        }
    }
}

/// Finds out in which state the database is. Changes nothing.
pub async fn recognise(connection: &mut AsyncPgConnection) -> Result<Situation> {
    let mut revisions = markers(connection).await?;
    let Some(revision) = revisions.pop() else {
        let present = present(connection, &TABLES).await?;
        return Ok(if present.is_empty() { Situation::Empty } else { Situation::Damaged(Damage::Unmarked(present)) });
    };
    if !revisions.is_empty() {
        revisions.push(revision);
        return Ok(Situation::Unknown(revisions));
    }
    if revision == HEAD {
        let missing = missing(connection, &TABLES).await?;
        return Ok(if missing.is_empty() {
            Situation::AtHead
        } else {
            Situation::Damaged(Damage::Incomplete(missing))
        });
    }
    Ok(if OLDER.contains(&revision.as_str()) { Situation::Older(revision) } else { Situation::Unknown(vec![revision]) })
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Those of the tables that the session cannot see, anywhere on its search path.
pub(super) async fn missing(connection: &mut AsyncPgConnection, tables: &[&str]) -> QueryResult<Vec<String>> {
    names(connection, "SELECT name FROM unnest($1) AS name WHERE to_regclass(name) IS NULL ORDER BY name", tables).await
}

/// Those of the names that are taken in the schema where tables are created: other schemas are none of our business.
async fn present(connection: &mut AsyncPgConnection, tables: &[&str]) -> QueryResult<Vec<String>> {
    const TAKEN: &str = "SELECT c.relname::text AS name \
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE n.nspname = current_schema() AND c.relname = ANY($1) ORDER BY name";
    names(connection, TAKEN, tables).await
}

async fn names(connection: &mut AsyncPgConnection, query: &str, tables: &[&str]) -> QueryResult<Vec<String>> {
    let rows: Vec<Name> = sql_query(query).bind::<Array<Text>, _>(tables).load(connection).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}
