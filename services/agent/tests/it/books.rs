//! A database with two creditors and their books.

use testkit::TestDatabase;

use crate::program::{Ended, run};

/// Creditors 1 and 2, each with an account at debtor 10 that is at rest: two ledger entries, three log entries.
const SEED: &str = include_str!("books.sql");

pub(crate) async fn database() -> TestDatabase {
    let database = TestDatabase::create().await;
    database.made_up();
    change(&database, SEED).await;
    database
}

pub(crate) async fn change(database: &TestDatabase, statements: &str) {
    database.client().await.batch_execute(statements).await.expect("the books can be changed");
}

/// As it was in the beginning.
pub(crate) async fn restore(database: &TestDatabase) {
    change(database, "TRUNCATE creditor, log_entry, ledger_entry, committed_transfer CASCADE").await;
    change(database, SEED).await;
}

pub(crate) fn look(database: &TestDatabase, words: &str) -> Ended {
    let words: Vec<&str> = words.split(' ').collect();
    run(&words, &[("POSTGRES_URL", database.url()), ("PIN_PROTECTION_SECRET", "hush-secret")])
}
