//! A database that another implementation has served is taken over while it is full of work, and can be given back
//! (operations §12).
#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use creditors_testkit::{
    TestDatabase, http,
    local::{
        cast::Cast,
        stack::{Addresses, Options, Stack, Storage},
    },
    stage::Peer,
    wallet::{Api, Paid, Payments, Wallet},
};
use domain::CreditorId;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::scratch::Scratch;

const DUMP: &str = include_str!("takeover/dump.sql");

/// What the secret of the dump's PINs is.
const PIN_SECRET: &str = "secret";
const CREDITOR: i64 = 1_103_806_595_073;
const CREDITOR_WITH_OLD_PIN: i64 = 1_103_806_595_074;

/// How many payments are made in each part.
const COUNT: usize = 30;
const PATIENCE: Duration = Duration::from_mins(1);

async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM ({query}) AS rows"), &[]).await.unwrap().get(0)
}

/// Waits until a query gives so many rows: answers may be on their way of which the database has not heard.
async fn until(client: &Client, what: &str, query: &str, rows: i64) {
    let began = Instant::now();
    loop {
        let found = count(client, query).await;
        if found == rows {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{what}: {found} instead of {rows}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

const WORK: &str = "SELECT FROM configure_account_signal UNION ALL SELECT FROM prepare_transfer_signal
    UNION ALL SELECT FROM finalize_transfer_signal UNION ALL SELECT FROM updated_ledger_signal
    UNION ALL SELECT FROM updated_policy_signal UNION ALL SELECT FROM updated_flags_signal
    UNION ALL SELECT FROM rejected_config_signal
    UNION ALL SELECT FROM pending_log_entry UNION ALL SELECT FROM pending_ledger_update";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_in_service_is_taken_over_and_given_back() {
    let directory = Scratch::new("takeover");
    fs::write(directory.join("pin-secret"), PIN_SECRET).unwrap();
    let options = Options { storage: Storage::Filled(DUMP), ..Options::throwaway(&directory) };
    let mut stack = Stack::up(&options).await.unwrap();
    let addresses = stack.addresses().clone();
    let cast = Cast::enter(&addresses).await.unwrap();
    let client = &cast.database;

    let first = pay(&cast, 1..COUNT + 1).await;
    old_work_is_done(client).await;
    until(client, "pieces of work that waited", WORK, 0).await;
    old_rows_are_as_they_were(client).await;
    logs_of_all_forms_are_read(&addresses).await;
    pins_are_still_good(&addresses).await;
    old_transfers_are_forgotten(&addresses).await;

    // The other implementation takes its functions back.
    for service in ["log-processor", "ledger-processor"] {
        stack.service(service).unwrap().stop();
    }
    let second = pay(&cast, COUNT + 1..2 * COUNT + 1).await;
    let paid = [first, second].concat();
    peer_functions_do_the_rest(&cast, &addresses, &paid).await;

    a_peer_can_read_everything(client).await;
    books_are_verified(&addresses);
}

async fn pay(cast: &Cast, numbers: std::ops::Range<usize>) -> Vec<Paid> {
    let look_every = Duration::from_millis(10);
    let payments = Payments { numbers, at_once: 10, amount: 10, look_every, patience: PATIENCE };
    cast.buyer.pay_often(cast.recipient(), payments, |_| ()).await.unwrap()
}

/// What the dump's queues asked for.
async fn old_work_is_done(client: &Client) {
    for (what, query) in [
        (
            "the transfer that continued the ledger is in it",
            "SELECT FROM ledger_entry JOIN account_data USING (creditor_id, debtor_id)
             WHERE debtor_id = 10 AND entry_id = 45 AND transfer_number = 9 AND ledger_entry.principal = 700
               AND (ledger_principal, ledger_last_entry_id, ledger_last_transfer_number) = (700, 45, 9)",
        ),
        (
            "the new account exists at its authority",
            "SELECT FROM account_data WHERE debtor_id = 11 AND has_server_account AND is_config_effectual",
        ),
        (
            "the rejection has found its account",
            "SELECT FROM account_data WHERE debtor_id = 12 AND config_error = 'NO_CONNECTION_TO_DEBTOR'",
        ),
        (
            "the authority has refused to prepare the transfer from an account it does not know",
            "SELECT FROM running_transfer WHERE transfer_uuid = '00000000-0000-0000-0000-000000000001'
               AND finalized_at IS NOT NULL AND error_code IS NOT NULL AND latest_update_id = 2",
        ),
        (
            "an entry with ready-made data is copied with them",
            "SELECT FROM log_entry WHERE entry_id > 26 AND object_type = 'PinInfo' AND data->'any'->>0 = 'thing'",
        ),
        (
            "an entry about a failed transfer is copied with its result",
            "SELECT FROM log_entry JOIN running_transfer USING (creditor_id, transfer_uuid)
             WHERE entry_id > 26 AND object_type_hint = 1 AND object_update_id = 2 AND transfer_id = 903
               AND data_error_code = 'TERMINATED' AND data_finalized_at = finalized_at",
        ),
        (
            "an entry about a ledger is copied with the ledger's state",
            "SELECT FROM log_entry WHERE entry_id > 26 AND object_type_hint = 4 AND debtor_id = 10
               AND (object_update_id, data_principal, data_next_entry_id) = (1201, 600, 45)",
        ),
        (
            "the deletion of a transfer changes the list",
            "SELECT FROM log_entry AS one JOIN log_entry AS next USING (creditor_id)
             WHERE one.object_uri LIKE '%00000000000c' AND next.entry_id = one.entry_id + 1
               AND next.object_type_hint = 2 AND next.object_type IS NULL AND next.added_at = one.added_at",
        ),
    ] {
        until(client, what, query, 1).await;
    }
    assert_eq!(count(client, "SELECT FROM log_entry WHERE creditor_id = 42").await, 0, "nobody's entry is dropped");
}

/// Rows of the dump have all come with one transaction: whoever changes one leaves another number in it.
async fn old_rows_are_as_they_were(client: &Client) {
    for (table, rows) in [
        ("log_entry WHERE entry_id <= 26 AND creditor_id = 1103806595073", 26),
        ("ledger_entry WHERE entry_id <= 44 AND creditor_id = 1103806595073", 4),
        ("committed_transfer WHERE creditor_id = 1103806595073", 3),
        ("account_knowledge WHERE creditor_id = 1103806595073", 3),
        ("account_exchange WHERE creditor_id = 1103806595073", 3),
        ("account_display WHERE creditor_id = 1103806595073", 3),
        ("running_transfer WHERE finalized_at < now() - interval '1 day'", 3),
        ("creditor WHERE creditor_id BETWEEN 1103806595074 AND 1103806595076", 3),
    ] {
        let loaded = format!("SELECT FROM {table} AND xmin::text = (SELECT xmin::text FROM shard_split_guard)");
        assert_eq!(count(client, &loaded).await, rows, "{table}");
    }
}

/// Every form that an entry may have is shown as the same kind of object.
async fn logs_of_all_forms_are_read(addresses: &Addresses) {
    let api = Api::of_superuser(&addresses.api).unwrap();
    let wallet = Wallet::of(&api, "old", CreditorId::new(CREDITOR)).await.unwrap();
    let page: Value = get(addresses, &format!("/creditors/{CREDITOR}/log?prev=0")).await;
    let shown: Vec<String> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .take(26)
        .map(|entry| {
            let uri = entry["object"]["uri"].as_str().unwrap();
            let uri = uri.strip_prefix(&format!("/creditors/{CREDITOR}/")).unwrap_or(uri);
            let number = |name: &str| entry.get(name).map_or_else(|| "-".to_owned(), Value::to_string);
            let mut data = entry.get("data").cloned().unwrap_or_else(|| "-".into());
            if let Some(time) = data.get_mut("finalizedAt") {
                *time = "TIME".into();
            }
            let data = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
            let end = if entry["deleted"] == true { " deleted" } else { "" };
            format!(
                "{} {} {uri} {} {data}{end}",
                entry["objectType"].as_str().unwrap(),
                entry["entryId"],
                number("objectUpdateId")
            )
        })
        .collect();
    let expected = include_str!("takeover/log.txt");
    assert_eq!(shown.join("\n"), expected.trim_end());
    let entries = wallet.log().await.unwrap();
    assert!(entries.len() > 26);
    assert!(entries.iter().zip(1..).all(|(entry, id)| entry.entry_id == id), "no gaps");
}

async fn get(addresses: &Addresses, path: &str) -> Value {
    let answer = http::client().get(format!("{}{path}", addresses.api)).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

/// A change that needs the PIN, with a right and a wrong one.
async fn pins_are_still_good(addresses: &Addresses) {
    for (creditor, good) in [(CREDITOR, true), (CREDITOR_WITH_OLD_PIN, true), (CREDITOR, false)] {
        let url = format!("{}/creditors/{creditor}/pin", addresses.api);
        let pin: Value = get(addresses, &format!("/creditors/{creditor}/pin")).await;
        let body = json!({
            "type": "PinInfo",
            "status": "on",
            "newPin": "1234",
            "pin": if good { "1234" } else { "4321" },
            "latestUpdateId": pin["latestUpdateId"].as_i64().unwrap() + 1,
        });
        let user = format!("creditors:{creditor}");
        let request = http::client().patch(&url).json(&body);
        let answer = request.header("X-Swpt-User-Id", user).header("X-Swpt-Require-Pin", "true").send().await.unwrap();
        let status = answer.status().as_u16();
        assert_eq!(status, if good { 200 } else { 403 }, "{creditor}: {}", answer.text().await.unwrap());
    }
}

/// Some that have ended, and one that nobody will ever answer.
async fn old_transfers_are_forgotten(addresses: &Addresses) {
    let failed: Value =
        get(addresses, &format!("/creditors/{CREDITOR}/transfers/00000000-0000-0000-0000-000000000005")).await;
    assert_eq!(failed["result"]["committedAmount"], 0, "{failed}");
    assert_eq!(failed["result"]["error"]["errorCode"], "TERMINATED", "{failed}");
    for number in [2, 3, 5] {
        let url =
            format!("{}/creditors/{CREDITOR}/transfers/00000000-0000-0000-0000-00000000000{number}", addresses.api);
        let answer = http::client().delete(&url).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 204, "{number}: {}", answer.text().await.unwrap());
    }
}

/// What a running peer does with work that we leave, until all books are right.
async fn peer_functions_do_the_rest(cast: &Cast, addresses: &Addresses, paid: &[Paid]) {
    let client = &cast.database;
    // A peer that waits for a transfer being stored may overlook it (processing §7, "Trap"): let all of them arrive.
    let stored = format!("SELECT FROM committed_transfer WHERE debtor_id = {}", cast.debtor.get());
    let rows = i64::try_from(4 * COUNT + 1).unwrap();
    until(client, "transfers of the payer, of the payee, and the first of all", &stored, rows).await;
    assert!(count(client, "SELECT FROM pending_log_entry").await > 0, "there is work for the peer");
    assert!(count(client, "SELECT FROM pending_ledger_update").await > 0, "there is work for the peer");
    let peer = Peer::connect(&addresses.postgres).await.unwrap();
    let began = Instant::now();
    loop {
        for call in [
            "SELECT format('process_pending_ledger_update(%s, %s, interval ''14 days'')', creditor_id, debtor_id)
             FROM pending_ledger_update",
            "SELECT DISTINCT format('process_pending_log_entries(%s)', creditor_id) FROM pending_log_entry",
        ] {
            for row in client.query(call, &[]).await.unwrap() {
                peer.call(row.get(0)).await.unwrap();
            }
        }
        let mut wrong = cast.audit(paid).await.unwrap();
        wrong.retain(|finding| !finding.good);
        if wrong.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{wrong:#?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// Nothing but rows has changed, and every value is one that the other implementation writes, too.
async fn a_peer_can_read_everything(client: &Client) {
    let columns =
        "SELECT format('SELECT %L FROM %I WHERE %I NOT BETWEEN ''0001-01-01Z'' AND ''9999-12-31T23:59:59.999999Z''',
                              table_name || '.' || column_name, table_name, column_name)
        FROM information_schema.columns
        WHERE table_schema = current_schema() AND data_type IN ('timestamp with time zone', 'date')";
    let checks = client.query(columns, &[]).await.unwrap();
    assert!(checks.len() > 50, "there are many columns with times");
    for check in checks {
        assert_eq!(count(client, check.get(0)).await, 0, "{}", check.get::<_, String>(0));
    }
    for (what, query) in [
        ("flags of creditors", "SELECT FROM creditor WHERE status_flags NOT IN (0, 1, 3)"),
        ("flags of accounts", "SELECT FROM account_data WHERE config_flags & ~1 <> 0"),
        (
            "hints",
            "SELECT FROM log_entry WHERE (object_type IS NULL) <> (object_uri IS NULL)
                OR (object_type IS NULL) <> (object_type_hint IS NOT NULL) OR object_type_hint NOT BETWEEN 1 AND 4",
        ),
        ("salts", "SELECT FROM pin_info WHERE pin_salt !~ '^[A-Za-z0-9+/]{8}$' OR octet_length(pin_hmac) <> 32"),
        (
            "numbers",
            "SELECT FROM account_data WHERE 'NaN' IN (interest, interest_rate, negligible_amount)
                        OR 'Infinity' IN (interest, interest_rate, negligible_amount)",
        ),
        ("markers", "SELECT FROM alembic_version WHERE version_num <> '7efa67e7f781'"),
    ] {
        assert_eq!(count(client, query).await, 0, "{what}");
    }
    let fresh = TestDatabase::create().await;
    assert_eq!(shape(client).await, shape(&fresh.client().await).await);
}

/// Everything that is not a row, less what the dump has brought along.
async fn shape(client: &Client) -> Vec<String> {
    let query =
        "SELECT format('%s %s %s %s', relname, relkind, reloptions, attname || format_type(atttypid, atttypmod))
            FROM pg_class LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
            WHERE relnamespace = current_schema()::regnamespace AND relname NOT LIKE 'shard_split_guard%'
        UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
        UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = current_schema()::regnamespace AND conname NOT LIKE 'shard_split_guard%'
        ORDER BY 1";
    client.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The operator's tool finds nothing to object to.
fn books_are_verified(addresses: &Addresses) {
    let agent = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("creditors-agent");
    for what in ["log", "ledger"] {
        let outcome =
            Command::new(&agent).args(["verify", what]).env("POSTGRES_URL", &addresses.postgres).output().unwrap();
        let said = String::from_utf8_lossy(&outcome.stdout);
        assert!(outcome.status.success(), "verify {what}: {said}");
    }
}
