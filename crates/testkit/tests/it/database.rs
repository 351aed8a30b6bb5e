use creditors_testkit::TestDatabase;

const TABLES: &str = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";

#[tokio::test]
async fn a_new_database_has_the_schema_and_no_rows() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    assert!(client.query_one(TABLES, &[]).await.unwrap().get::<_, i64>(0) > 10);
    assert_eq!(client.query_one("SELECT count(*) FROM creditor", &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_empty_database_has_no_tables() {
    let database = TestDatabase::create_empty().await;
    let count: i64 = database.client().await.query_one(TABLES, &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn databases_are_separate_and_vanish_with_their_value() {
    let (one, two) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    let client = one.client().await;
    client.batch_execute("CREATE TABLE mine ()").await.unwrap();
    assert!(two.client().await.batch_execute("SELECT FROM mine").await.is_err());
    let url = one.url().to_owned();
    drop(one);
    assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    assert!(client.batch_execute("SELECT 1").await.is_err(), "open connections are closed by force");
}
