//! The schema's revision: recognising it, and creating the schema in an empty database (database §2).
//!
//! # Design notes
//!
//! The SQL is laid out for diesel, but diesel's harness does not run it: the harness would leave a table of its own in
//! the operator's database, needs a multi-threaded runtime, and commits each migration by itself. Here the whole schema
//! and its revision marker appear in one transaction, or not at all.

mod files;
mod situation;
mod upgrade;

use diesel::{QueryDsl as _, QueryResult, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};

pub use files::{MIGRATIONS, Migration};
pub use situation::{Damage, Situation, TABLES, recognise};

use crate::{
    error::{Error, Result},
    schema::alembic_version,
};

/// The revision that this software works with.
pub const HEAD: &str = "7efa67e7f781";

/// Advisory lock of whoever configures a database: "creditor" in ASCII.
const CONFIGURING: i64 = 0x6372_6564_6974_6f72;

/// What [`configure`] has found and done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Configured {
    /// The database was empty; it now has the complete schema.
    Created,
    /// The schema was at an older revision; it now is as if it had just been created. No data were changed.
    Upgraded,
    /// The schema was already there; nothing was changed.
    AlreadyAtHead,
}

/// Why a database could not be configured. Nothing was changed in it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigureError {
    /// The schema was made by a version of the peer implementation from which no safe way is known here.
    #[error(
        "the database schema is at the older revision {0}; upgrade it to {HEAD} first, \
         by running `configure` of the newest release of the implementation that created it"
    )]
    Older(String),
    /// The marker says something that is not known here.
    #[error("the database schema is at an unknown revision ({0}); it was made by newer or by other software")]
    Unknown(String),
    /// Marker and tables contradict each other.
    #[error("the database schema is damaged: {0}")]
    Damaged(Damage),
    /// The database did not do what it was told.
    #[error("the database schema could not be read or created")]
    Database(#[from] Error),
}

/// Why there is no use in working with a database.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// It has another revision.
    #[error("the database is at revision {0}, but this version works with {HEAD}: run `creditors-agent configure`")]
    Revision(String),
    /// It has none, or no clear one.
    #[error("the database has not been set up: run `creditors-agent configure`")]
    NotSetUp,
    /// Nobody knows.
    #[error(transparent)]
    Database(#[from] Error),
}

impl From<diesel::result::Error> for ConfigureError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Makes sure that the database has the schema at [`HEAD`], creating it in an empty database, and taking the last steps of
/// its history where they are missing.
///
/// Any number of processes may do so at the same time. The connection must not be in a transaction, and should serve
/// nothing else: whoever cancels the call has to close it.
pub async fn configure(connection: &mut AsyncPgConnection) -> Result<Configured, ConfigureError> {
    // At a stricter level, what was created while we waited for the lock would be invisible.
    connection
        .build_transaction()
        .read_committed()
        .read_write()
        .run::<_, ConfigureError, _>(async |connection| {
            connection.batch_execute(&format!("SELECT pg_advisory_xact_lock({CONFIGURING})")).await?;
            match recognise(connection).await? {
                Situation::Empty => {
                    create(connection).await?;
                    Ok(Configured::Created)
                }
                Situation::AtHead => Ok(Configured::AlreadyAtHead),
                Situation::Older(revision) if upgrade::is_possible(&revision) => {
                    upgrade(connection, &revision).await?;
                    Ok(Configured::Upgraded)
                }
                Situation::Older(revision) => Err(ConfigureError::Older(revision)),
                Situation::Unknown(revisions) => Err(ConfigureError::Unknown(revisions.join(", "))),
                Situation::Damaged(damage) => Err(ConfigureError::Damaged(damage)),
            }
        })
        .await
}

/// The revision marker; `None` while there is none, or no clear one.
pub async fn revision(connection: &mut AsyncPgConnection) -> Result<Option<String>> {
    let mut revisions = markers(connection).await?;
    Ok(if revisions.len() == 1 { revisions.pop() } else { None })
}

/// Makes sure that the marker is at [`HEAD`]: [`configure`] is the only one to change a schema.
pub async fn require_head(connection: &mut AsyncPgConnection) -> Result<(), NotReady> {
    match revision(connection).await? {
        Some(revision) if revision == HEAD => Ok(()),
        Some(revision) => Err(NotReady::Revision(revision)),
        None => Err(NotReady::NotSetUp),
    }
}

/// True once the marker is at [`HEAD`].
pub async fn is_at_head(connection: &mut AsyncPgConnection) -> Result<bool> {
    Ok(revision(connection).await?.as_deref() == Some(HEAD))
}

async fn create(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    for migration in MIGRATIONS {
        connection.batch_execute(migration.up).await?;
    }
    sql_query("INSERT INTO alembic_version (version_num) VALUES ($1)")
        .bind::<diesel::sql_types::Text, _>(HEAD)
        .execute(connection)
        .await?;
    Ok(())
}

async fn upgrade(connection: &mut AsyncPgConnection, from: &str) -> Result<(), ConfigureError> {
    let missing = situation::missing(connection, &TABLES).await?;
    if !missing.is_empty() {
        return Err(ConfigureError::Damaged(Damage::Incomplete(missing)));
    }
    upgrade::run(connection, from).await?;
    sql_query("UPDATE alembic_version SET version_num = $1")
        .bind::<diesel::sql_types::Text, _>(HEAD)
        .execute(connection)
        .await?;
    Ok(())
}

/// All rows of the marker table, which need not exist.
async fn markers(connection: &mut AsyncPgConnection) -> QueryResult<Vec<String>> {
    let missing = situation::missing(connection, &["alembic_version"]).await?;
    if !missing.is_empty() {
        return Ok(Vec::new());
    }
    alembic_version::table
        .select(alembic_version::version_num)
        .order(alembic_version::version_num)
        .load(connection)
        .await
}
