//! The schema that `configure` creates is the agreed one, object by object (database §8).

use std::collections::{BTreeMap, BTreeSet};

use diesel_async::AsyncPgConnection;
use persistence::migrations::{Configured, HEAD, MIGRATIONS, TABLES, configure};
use serde_json::{Map, Value};
use testkit::TestDatabase;

use crate::database::{connect, execute, rows, value};

#[tokio::test]
async fn a_fresh_database_has_exactly_the_agreed_schema() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    configure(&mut connection).await.unwrap();
    let actual = introspect(&mut connection).await;
    assert_same(&actual, &agreed());
}

/// What `configure` does with databases at the last revisions before the head, made by taking the steps of the history
/// (database §3) back.
#[tokio::test]
async fn the_last_steps_of_the_history_lead_to_the_agreed_schema() {
    const QUEUES: [&str; 9] = [
        "pending_ledger_update",
        "pending_log_entry",
        "configure_account_signal",
        "prepare_transfer_signal",
        "finalize_transfer_signal",
        "updated_ledger_signal",
        "updated_policy_signal",
        "updated_flags_signal",
        "rejected_config_signal",
    ];
    let analyze = QUEUES.map(|table| format!("ALTER TABLE {table} SET (autovacuum_analyze_threshold = 2000000000);"));
    let drop_types = "DO $$ DECLARE name text; BEGIN \
        FOR name IN SELECT typname FROM pg_type WHERE typtype = 'c' AND typname LIKE '%\\_pktype' LOOP EXECUTE 'DROP TYPE ' || name; END LOOP; \
        END $$";
    let reset_storage = "DO $$ DECLARE t record; BEGIN \
        FOR t IN SELECT oid::regclass AS name, (SELECT string_agg(split_part(o, '=', 1), ', ') FROM unnest(reloptions) AS o) \
                     AS options \
                 FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL \
        LOOP EXECUTE format('ALTER TABLE %s RESET (%s)', t.name, t.options); END LOOP; END $$; \
        ALTER TABLE usage_stats SET (fillfactor = 75); \
        ALTER TABLE account_data ALTER config_data SET STORAGE EXTENDED; \
        ALTER TABLE committed_transfer ALTER transfer_note SET STORAGE EXTENDED; \
        ALTER TABLE running_transfer ALTER transfer_note SET STORAGE EXTENDED";
    let at_once = "ALTER TABLE account_exchange \
        ALTER CONSTRAINT account_exchange_creditor_id_peg_debtor_id_fkey NOT DEFERRABLE";
    let back = [
        ("6edcd3e80714", analyze.concat()),
        ("089b2b7f30fd", drop_types.to_owned()),
        ("d98019373169", reset_storage.to_owned()),
        ("354dc0a5334e", at_once.to_owned()),
    ];
    let agreed = agreed();
    for count in 1..=back.len() {
        let database = TestDatabase::create_empty().await;
        let mut connection = connect(&database).await;
        configure(&mut connection).await.unwrap();
        for (revision, sql) in &back[..count] {
            execute(&mut connection, sql).await;
            execute(&mut connection, &format!("UPDATE alembic_version SET version_num = '{revision}'")).await;
        }
        let before = introspect(&mut connection).await;
        assert_ne!(before["tables"], agreed["tables"], "{}", back[count - 1].0);

        assert_eq!(configure(&mut connection).await.unwrap(), Configured::Upgraded);
        assert_same(&introspect(&mut connection).await, &agreed);
        assert_eq!(configure(&mut connection).await.unwrap(), Configured::AlreadyAtHead);

        // Without all tables, nothing is changed.
        let (revision, sql) = &back[0];
        execute(&mut connection, sql).await;
        execute(
            &mut connection,
            &format!("UPDATE alembic_version SET version_num = '{revision}'; DROP TABLE pin_info"),
        )
        .await;
        let before = introspect(&mut connection).await;
        let error = configure(&mut connection).await.unwrap_err();
        assert!(error.to_string().ends_with("tables are missing: pin_info"), "{error}");
        assert_same(&introspect(&mut connection).await, &before);
    }
}

#[tokio::test]
async fn every_migration_can_be_reverted_and_applied_again() {
    const LEFT: &str = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace \
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace \
        UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace";
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    configure(&mut connection).await.unwrap();
    let before = introspect(&mut connection).await;

    for migration in MIGRATIONS.iter().rev() {
        execute(&mut connection, migration.down).await;
    }
    assert_eq!(rows(&mut connection, LEFT).await, Vec::<String>::new());

    for migration in MIGRATIONS {
        execute(&mut connection, migration.up).await;
    }
    execute(&mut connection, &format!("INSERT INTO alembic_version VALUES ('{HEAD}')")).await;
    assert_same(&introspect(&mut connection).await, &before);
}

#[test]
fn all_migrations_are_compiled_in() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let on_disk: BTreeSet<String> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let compiled_in: Vec<String> = MIGRATIONS.iter().map(|migration| migration.name.to_owned()).collect();
    assert_eq!(compiled_in, on_disk.into_iter().collect::<Vec<_>>());
}

#[test]
fn the_list_of_tables_is_complete() {
    let agreed = agreed();
    let tables: BTreeSet<&str> = agreed["tables"].as_object().unwrap().keys().map(String::as_str).collect();
    let listed: BTreeSet<&str> = TABLES.into_iter().chain(["alembic_version"]).collect();
    assert_eq!(listed, tables);
    assert_eq!(agreed["alembic_head"], HEAD);
}

/// `account_data` is declared in three parts, which together must have all its columns.
#[test]
fn diesel_knows_every_column_with_its_type() {
    let mut declared: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for block in include_str!("../../src/schema.rs").split("diesel::table! {").skip(1) {
        let block = block.split("\n}\n").next().unwrap();
        let (head, columns) = block.split_once(") {\n").unwrap();
        let declared_name = head.lines().last().unwrap().trim().split(' ').next().unwrap();
        let sql_name = head.split("sql_name = \"").nth(1).map_or(declared_name, |rest| rest.split('"').next().unwrap());
        let table = declared.entry(sql_name.to_owned()).or_default();
        for (name, sql_type) in columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
        {
            table.insert(name.to_owned(), sql_type.to_owned());
        }
    }

    let agreed = agreed();
    for (name, table) in agreed["tables"].as_object().unwrap() {
        let columns: BTreeMap<String, String> = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| (column["name"].as_str().unwrap().to_owned(), diesel_type(column)))
            .collect();
        assert_eq!(declared.remove(name), Some(columns), "table {name}");
    }
    assert_eq!(declared, BTreeMap::new());
}

fn diesel_type(column: &Value) -> String {
    let base = match column["type"].as_str().unwrap() {
        "bigint" => "BigInt",
        "integer" => "Integer",
        "smallint" => "SmallInt",
        "real" => "Float",
        "double precision" => "Double",
        "boolean" => "Bool",
        "bytea" => "Binary",
        "date" => "Date",
        "timestamp with time zone" => "Timestamptz",
        "json" => "Json",
        "uuid" => "Uuid",
        "text" => "Text",
        varchar if varchar.starts_with("character varying") => "Text",
        other => panic!("no diesel type for {other}"),
    };
    if column["nullable"] == true { format!("Nullable<{base}>") } else { base.to_owned() }
}

/// The schema, less what the file tells about itself.
fn agreed() -> Value {
    let mut agreed: Value = serde_json::from_str(include_str!("schema.json")).unwrap();
    agreed.as_object_mut().unwrap().retain(|key, _| !["format", "postgresql_server"].contains(&key.as_str()));
    agreed
}

async fn introspect(connection: &mut AsyncPgConnection) -> Value {
    serde_json::from_str(&value(connection, include_str!("introspection.sql")).await).unwrap()
}

/// Names the first few places at which the two differ: whole documents would be unreadable.
fn assert_same(actual: &Value, agreed: &Value) {
    let mut differences = Vec::new();
    compare("", &by_name(actual), &by_name(agreed), &mut differences);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

fn compare(path: &str, actual: &Value, agreed: &Value, differences: &mut Vec<String>) {
    let (Value::Object(actual), Value::Object(agreed)) = (actual, agreed) else {
        if actual != agreed {
            differences.push(format!("{path}: {actual} instead of {agreed}"));
        }
        return;
    };
    let keys: BTreeSet<&String> = actual.keys().chain(agreed.keys()).collect();
    for key in keys {
        let absent = Value::from("(absent)");
        let (actual, agreed) = (actual.get(key).unwrap_or(&absent), agreed.get(key).unwrap_or(&absent));
        compare(&format!("{path}/{key}"), actual, agreed, differences);
    }
}

/// Turns lists of named things into maps, whose order does not count. A column tells its position itself; attributes
/// of composite types get one here.
fn by_name(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), by_name(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(list) if !list.is_empty() && list.iter().all(|item| item["name"].is_string()) => {
            let named = list.iter().enumerate().map(|(index, item)| {
                let mut item = item.clone();
                if item.as_object().unwrap().len() == 2 {
                    item["position"] = index.into();
                }
                (item["name"].as_str().unwrap().to_owned(), item)
            });
            named.collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
