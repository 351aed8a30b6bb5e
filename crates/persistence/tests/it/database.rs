//! Databases of these tests' own, and short ways to look into them.

use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use persistence::migrations::{Configured, configure};

/// An empty database, dropped at the end of the test run by whoever owns the server.
pub(crate) struct Database {
    url: String,
}

impl Database {
    pub(crate) async fn empty() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test has no configuration of its own")]
        let server = std::env::var("CREDITORS_TEST_POSTGRES_URL").expect("URL of a PostgreSQL server");
        #[expect(clippy::disallowed_methods, reason = "each test needs a name of its own")]
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        let mut connection = AsyncPgConnection::establish(&server).await.unwrap();
        connection.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: url.into() }
    }

    pub(crate) async fn connect(&self) -> AsyncPgConnection {
        AsyncPgConnection::establish(&self.url).await.unwrap()
    }

    /// A session in a database that has just been configured.
    pub(crate) async fn configured() -> (Self, AsyncPgConnection) {
        let database = Self::empty().await;
        let mut connection = database.connect().await;
        assert_eq!(configure(&mut connection).await.unwrap(), Configured::Created);
        (database, connection)
    }
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
