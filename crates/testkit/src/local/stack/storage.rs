//! The agent's database and virtual host.

use anyhow::{Context as _, Result};

use crate::{
    broker::{Api, TestBroker},
    database::{TestDatabase, connect, with_database},
    environment::Urls,
};

/// The database and the virtual host that last.
const NAME: &str = "creditors";

/// Which database and virtual host a stack uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Those called `creditors`; they stay.
    Kept,
    /// New ones that are removed with the stack.
    Fresh,
    /// The same, and the database has the schema already, with the rows that these statements insert.
    Filled(&'static str),
}

/// A database and a virtual host, empty or as an earlier stack has left them.
pub(super) struct Provided {
    pub(super) postgres: String,
    pub(super) broker: String,
    fresh: Option<(TestDatabase, TestBroker)>,
}

impl Provided {
    pub(super) async fn provide(urls: &Urls, storage: Storage) -> Result<Self> {
        match storage {
            Storage::Kept => Self::lasting(urls).await,
            Storage::Fresh => {
                let database = TestDatabase::create_empty_at(&urls.postgres).await?;
                Self::fresh(urls, database).await
            }
            Storage::Filled(statements) => {
                let database = TestDatabase::create_at(&urls.postgres).await?;
                let client = connect(database.url()).await?;
                client.batch_execute(statements).await.context("the database cannot be filled")?;
                Self::fresh(urls, database).await
            }
        }
    }

    async fn fresh(urls: &Urls, database: TestDatabase) -> Result<Self> {
        let broker = TestBroker::create_at(&urls.broker_api, &urls.broker).await?;
        let (postgres, amqp) = (database.url().to_owned(), broker.url().to_owned());
        Ok(Self { postgres, broker: amqp, fresh: Some((database, broker)) })
    }

    async fn lasting(urls: &Urls) -> Result<Self> {
        let client = connect(&urls.postgres).await?;
        if client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&NAME]).await?.is_none() {
            let create = format!("CREATE DATABASE {NAME} TEMPLATE template0");
            client.batch_execute(&create).await.context("the agent's database cannot be created")?;
        }
        let api = Api::new(&urls.broker_api, &urls.broker)?.in_vhost(NAME);
        api.create_vhost().await?;
        let broker = crate::broker::with_vhost(&urls.broker, NAME)?;
        Ok(Self { postgres: with_database(&urls.postgres, NAME)?, broker, fresh: None })
    }

    /// From now on, both stay.
    pub(super) fn keep(self) {
        if let Some((database, broker)) = self.fresh {
            database.keep();
            broker.keep();
        }
    }
}
