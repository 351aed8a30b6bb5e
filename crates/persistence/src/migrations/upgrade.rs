//! The last steps of the schema's history (database §3): those that are known to the last detail, and change no data.

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};

/// A revision, and what leads from it to the next one.
struct Step {
    from: &'static str,
    sql: &'static str,
}

macro_rules! step {
    ($from:literal) => {
        Step { from: $from, sql: include_str!(concat!("upgrade/", $from, ".sql")) }
    };
}

/// In order; the last one leads to the head.
const STEPS: [Step; 4] = [step!("354dc0a5334e"), step!("d98019373169"), step!("089b2b7f30fd"), step!("6edcd3e80714")];

/// Whether steps from this revision to the head are known.
pub(super) fn is_possible(from: &str) -> bool {
    STEPS.iter().any(|step| step.from == from)
}

/// Takes all steps from this revision on. Must be called in a transaction.
pub(super) async fn run(connection: &mut AsyncPgConnection, from: &str) -> QueryResult<()> {
    for step in STEPS.iter().skip_while(|step| step.from != from) {
        connection.batch_execute(step.sql).await?;
    }
    Ok(())
}
