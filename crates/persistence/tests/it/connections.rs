//! The forms of database URLs, with servers that heed them (operations §3).

use std::{fs, path::Path};

use diesel_async::AsyncPgConnection;
use persistence::{Target, db::connect_once};
use testkit::{
    TestDatabase,
    servers::{Manner, Postgres, remove_homes},
};

use crate::database::{execute, value};

async fn session(url: &str) -> Result<AsyncPgConnection, String> {
    let target = Target::parse(url).map_err(|error| error.to_string())?;
    connect_once(&target).await.map_err(|error| {
        let cause: &dyn std::error::Error = &error;
        let causes = std::iter::successors(Some(cause), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join("; ")
    })
}

async fn answer(url: &str, query: &str) -> String {
    let mut connection = session(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    value(&mut connection, query).await
}

#[tokio::test]
async fn forms_of_existing_deployments_lead_to_the_database() {
    let database = TestDatabase::create_empty().await;
    let plain = database.url();
    let (_, rest) = plain.split_once("://").unwrap();
    let (who, place) = rest.split_once('@').unwrap();
    let (host, name) = place.split_once('/').unwrap();
    for url in [
        format!("postgresql+psycopg://{rest}?connect_timeout=10"),
        format!("postgres://{rest}?sslmode=disable&client_encoding=utf8"),
        format!("postgresql://{who}@/{name}?host={host}"),
        // Nobody listens at the first ones.
        format!("postgresql+psycopg2://{who}@/{name}?host=127.0.0.1:1&host={host}&target_session_attrs=read-write"),
        format!("postgresql://{who}@[::1]:1,{host}/{name}?connect_timeout=3&keepalives=1&keepalives_count=3"),
        format!("postgresql://{who}@{host}/{name}?target_session_attrs=prefer-standby&a_parameter_of_others=1"),
    ] {
        assert_eq!(answer(&url, "SELECT current_database()").await, name, "{url}");
    }
    let named = format!("{plain}?application_name=me&options=-c%20search_path%3Dours%20-c+lock_timeout%3D7s");
    assert_eq!(answer(&named, "SELECT current_setting('application_name')").await, "me");
    assert_eq!(answer(&named, "SELECT current_setting('search_path')").await, "ours");
    assert_eq!(answer(&named, "SELECT current_setting('lock_timeout')").await, "7s");
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_not_a_primary() {
    let database = TestDatabase::create_empty().await;
    let read_only = format!("{}?options=-c%20default_transaction_read_only%3Don", database.url());
    for (attributes, expected) in [("read-write", false), ("primary", false), ("read-only", true), ("any", true)] {
        let outcome = session(&format!("{read_only}&target_session_attrs={attributes}")).await;
        assert_eq!(outcome.is_ok(), expected, "{attributes}: {:?}", outcome.err());
    }
}

/// Lets the server make certificates for itself, as the account that must own their keys.
const CERTIFICATES: &str = "
new() { openssl req -newkey rsa:2048 -nodes -subj \"/CN=$1\" -keyout $1.key -out $1.csr; \
        printf \"$2\" > $1.ext; openssl x509 -req -in $1.csr -days 2 -CA ca.crt -CAkey ca.key -CAcreateserial \
        -extfile $1.ext -out $1.crt; }; \
set -e; umask 077; \
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt; \
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.crt; \
new server subjectAltName=DNS:localhost; new creditors extendedKeyUsage=clientAuth";

const FILES: [&str; 4] = ["ca.crt", "other.crt", "creditors.crt", "creditors.key"];

/// A server that offers TLS, whose certificate is for `localhost`. Its files are copied into the directory.
async fn encrypted_server(directory: &Path) -> Postgres {
    let server = Postgres::start(directory, Manner::TESTS).await.unwrap();
    let mut admin = session(&server.url("postgres")).await.unwrap();
    let program = CERTIFICATES.replace('\n', " ").replace('\'', "''");
    execute(&mut admin, &format!("COPY (SELECT 1) TO PROGRAM '{program}'")).await;
    for file in FILES {
        let text = value(&mut admin, &format!("SELECT pg_read_file('{file}')")).await;
        fs::write(directory.join(file), text).unwrap();
    }
    for setting in ["ssl_cert_file='server.crt'", "ssl_key_file='server.key'", "ssl_ca_file='ca.crt'", "ssl=on"] {
        execute(&mut admin, &format!("ALTER SYSTEM SET {setting}")).await;
    }
    server
}

/// Who may come in how, from now on.
async fn admit(admin: &mut AsyncPgConnection, rules: &str) {
    let lines = format!("SELECT string_to_table('{rules}', E'\\n')");
    execute(admin, &format!("COPY ({lines}) TO PROGRAM 'cat > pg_hba.conf'")).await;
    let before = value(admin, "SELECT pg_conf_load_time()").await;
    execute(admin, "SELECT pg_reload_conf()").await;
    while value(admin, "SELECT pg_conf_load_time()").await == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

const IS_ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test]
async fn tls_is_what_libpq_makes_of_sslmode() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tls-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let server = encrypted_server(&directory).await;
    let by_address = server.url("postgres");
    let by_name = by_address.replace("127.0.0.1", "localhost");
    let (ca, other) = (directory.join("ca.crt"), directory.join("other.crt"));
    let (ca, other) = (ca.display(), other.display());
    let mut admin = session(&format!("{by_address}?sslmode=disable")).await.unwrap();

    admit(&mut admin, "host all all all scram-sha-256").await;
    for (query, expected) in [("", "true"), ("?sslmode=disable", "false"), ("?sslmode=allow", "false")] {
        assert_eq!(answer(&format!("{by_address}{query}"), IS_ENCRYPTED).await, expected, "{query}");
    }
    for (url, query, expected) in [
        (&by_address, "sslmode=require".to_owned(), None),
        (&by_address, format!("sslmode=require&sslrootcert={ca}"), None),
        (&by_address, format!("sslmode=require&sslrootcert={other}"), Some("UnknownIssuer")),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={ca}"), None),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={other}"), Some("UnknownIssuer")),
        (&by_address, format!("sslmode=verify-full&sslrootcert={ca}"), Some("not valid for name")),
        (&by_name, format!("sslmode=verify-full&sslrootcert={ca}"), None),
        (&by_name, "sslmode=verify-full".to_owned(), Some("UnknownIssuer")),
    ] {
        let outcome = session(&format!("{url}?{query}")).await;
        match (outcome, expected) {
            (Ok(mut connection), None) => assert_eq!(value(&mut connection, IS_ENCRYPTED).await, "true", "{query}"),
            (Err(error), Some(text)) => assert!(error.contains(text), "{query}: {error}"),
            (outcome, _) => panic!("{query}: {:?}", outcome.err()),
        }
    }

    // As database operators set their servers up: nobody gets in without encryption.
    admit(&mut admin, "hostssl all all all scram-sha-256\nhostnossl all all all reject").await;
    for query in ["", "?connect_timeout=10", "?sslmode=allow"] {
        assert_eq!(answer(&format!("{by_address}{query}"), IS_ENCRYPTED).await, "true", "{query}");
    }
    let refused = session(&format!("{by_address}?sslmode=disable")).await.err().unwrap();
    assert!(refused.contains("pg_hba.conf"), "{refused}");

    // The other way round, which `prefer` copes with too.
    admit(&mut admin, "hostssl all all all reject\nhostnossl all all all scram-sha-256").await;
    assert_eq!(answer(&by_address, IS_ENCRYPTED).await, "false");

    admit(&mut admin, "hostssl all all all scram-sha-256 clientcert=verify-full").await;
    assert!(session(&format!("{by_address}?sslmode=require")).await.is_err());
    let (certificate, key) = (directory.join("creditors.crt"), directory.join("creditors.key"));
    let own = format!("{by_address}?sslmode=require&sslcert={}&sslkey={}", certificate.display(), key.display());
    assert_eq!(answer(&own, IS_ENCRYPTED).await, "true");

    drop((admin, server));
    remove_homes(&directory);
    let _ = fs::remove_dir_all(&directory);
}
