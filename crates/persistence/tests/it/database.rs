//! Connections to a test's database, and short ways to look into it.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use testkit::TestDatabase;

/// A session as PostgreSQL gives it, without settings of ours.
pub(crate) async fn connect(database: &TestDatabase) -> AsyncPgConnection {
    AsyncPgConnection::establish(database.url()).await.unwrap()
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    cell: String,
}

pub(crate) async fn execute(connection: &mut AsyncPgConnection, statements: &str) {
    connection.batch_execute(statements).await.unwrap();
}

/// The rows of a query, each as PostgreSQL writes it: `(1,,t)`.
pub(crate) async fn rows(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let query = format!("SELECT q::text AS cell FROM ({query}) AS q");
    sql_query(query).load::<Cell>(connection).await.unwrap().into_iter().map(|row| row.cell).collect()
}

/// The only value of a query, as text; NULL is empty.
pub(crate) async fn value(connection: &mut AsyncPgConnection, query: &str) -> String {
    let query = format!("SELECT coalesce(q.v::text, '') AS cell FROM ({query}) AS q(v)");
    sql_query(query).get_result::<Cell>(connection).await.unwrap().cell
}
