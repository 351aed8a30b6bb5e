//! Counters against abuse (database §7, processing §10).

use diesel_async::AsyncPgConnection;

use super::with_account;
use crate::database::{connect, execute, rows, value};

const COUNTERS: &str = "SELECT accounts_count, transfers_count, reconfigs_count, initiations_count FROM usage_stats";
const HOUR: &str = "floor(extract(epoch FROM now()) / 3600)::integer";

#[tokio::test]
async fn without_a_row_everything_is_allowed_unless_a_maximum_forbids_it() {
    let (_database, mut connection) = with_account().await;
    for (maxima, allowed) in [("1, 1", "true"), ("0, 1", "false"), ("1, 0", "false"), ("-1, 5", "false")] {
        assert_eq!(call(&mut connection, "is_account_creation_allowed", maxima).await, allowed, "{maxima}");
        assert_eq!(call(&mut connection, "is_transfer_creation_allowed", maxima).await, allowed, "{maxima}");
    }
    assert_eq!(call(&mut connection, "is_account_reconfig_allowed", "1").await, "true");
    assert_eq!(call(&mut connection, "is_account_reconfig_allowed", "0").await, "false");
    assert_eq!(rows(&mut connection, COUNTERS).await, Vec::<String>::new());
}

#[tokio::test]
async fn counts_below_the_maxima_are_allowed() {
    let (_database, mut connection) = with_account().await;
    execute(&mut connection, &format!("INSERT INTO usage_stats VALUES (1, 3, 4, 5, {HOUR} + 1, 6, {HOUR} + 1)")).await;
    for (function, maxima, allowed) in [
        ("is_account_creation_allowed", "4, 6", "true"),
        ("is_account_creation_allowed", "3, 6", "false"),
        ("is_account_creation_allowed", "4, 5", "false"),
        ("is_account_reconfig_allowed", "6", "true"),
        ("is_account_reconfig_allowed", "5", "false"),
        ("is_transfer_creation_allowed", "5, 7", "true"),
        ("is_transfer_creation_allowed", "4, 7", "false"),
        ("is_transfer_creation_allowed", "5, 6", "false"),
    ] {
        assert_eq!(call(&mut connection, function, maxima).await, allowed, "{function} {maxima}");
    }
}

#[tokio::test]
async fn expired_counts_do_not_count() {
    let (_database, mut connection) = with_account().await;
    execute(&mut connection, &format!("INSERT INTO usage_stats VALUES (1, 0, 0, 99, {HOUR}, 99, {HOUR})")).await;
    assert_eq!(call(&mut connection, "is_account_creation_allowed", "1, 1").await, "true");
    assert_eq!(call(&mut connection, "is_account_reconfig_allowed", "1").await, "true");
    assert_eq!(call(&mut connection, "is_transfer_creation_allowed", "1, 1").await, "true");
}

#[tokio::test]
async fn each_event_has_its_counters() {
    for (function, arguments, first, second) in [
        ("register_account_creation", "24", "(1,0,1,0)", "(2,0,2,0)"),
        ("register_account_reconfig", "24", "(0,0,1,0)", "(0,0,2,0)"),
        ("register_transfer_creation", "24", "(0,1,0,1)", "(0,2,0,2)"),
        ("increment_account_number", "", "(1,0,0,0)", "(2,0,0,0)"),
        ("decrement_account_number", "", "(-1,0,0,0)", "(-2,0,0,0)"),
        ("increment_transfer_number", "", "(0,1,0,0)", "(0,2,0,0)"),
        ("decrement_transfer_number", "", "(0,-1,0,0)", "(0,-2,0,0)"),
    ] {
        let (_database, mut connection) = with_account().await;
        call(&mut connection, function, arguments).await;
        assert_eq!(rows(&mut connection, COUNTERS).await, [first], "{function}");
        call(&mut connection, function, arguments).await;
        assert_eq!(rows(&mut connection, COUNTERS).await, [second], "{function}");
    }
}

#[tokio::test]
async fn counters_with_a_reset_hour_begin_anew_once_it_has_come() {
    let resets = format!("SELECT reconfigs_reset_at - {HOUR}, initiations_reset_at - {HOUR} FROM usage_stats");
    let (_database, mut connection) = with_account().await;

    // While the hour has not come, it stays.
    execute(&mut connection, &format!("INSERT INTO usage_stats VALUES (1, 0, 0, 7, {HOUR} + 2, 8, {HOUR} + 3)")).await;
    call(&mut connection, "register_account_reconfig", "100").await;
    call(&mut connection, "register_transfer_creation", "100").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(0,1,8,9)"]);
    assert_eq!(rows(&mut connection, &resets).await, ["(2,3)"]);

    // Then the count is 1 again, until a new hour.
    execute(
        &mut connection,
        &format!("UPDATE usage_stats SET reconfigs_reset_at = {HOUR}, initiations_reset_at = {HOUR} - 1"),
    )
    .await;
    call(&mut connection, "register_account_creation", "100").await;
    call(&mut connection, "register_transfer_creation", "50").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(1,2,1,1)"]);
    assert_eq!(rows(&mut connection, &resets).await, ["(100,50)"]);

    // With no hours to wait, nothing is ever counted up.
    call(&mut connection, "register_account_reconfig", "0").await;
    execute(&mut connection, "UPDATE usage_stats SET reconfigs_reset_at = 0").await;
    call(&mut connection, "register_account_reconfig", "0").await;
    call(&mut connection, "register_account_reconfig", "0").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(1,2,1,1)"]);
    assert_eq!(call(&mut connection, "is_account_reconfig_allowed", "1").await, "true");
}

#[tokio::test]
async fn counters_stop_at_the_ends_of_their_range() {
    let (_database, mut connection) = with_account().await;
    execute(
        &mut connection,
        &format!("INSERT INTO usage_stats VALUES (1, 32766, 32767, 32766, {HOUR} + 9, 32767, {HOUR} + 9)"),
    )
    .await;
    for _ in 0..2 {
        call(&mut connection, "register_account_creation", "2147483647").await;
        call(&mut connection, "register_transfer_creation", "2147483647").await;
    }
    call(&mut connection, "increment_account_number", "").await;
    call(&mut connection, "increment_transfer_number", "").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(32767,32767,32767,32767)"]);

    execute(&mut connection, "UPDATE usage_stats SET accounts_count = -32767, transfers_count = -32768").await;
    for _ in 0..2 {
        call(&mut connection, "decrement_account_number", "").await;
        call(&mut connection, "decrement_transfer_number", "").await;
    }
    execute(&mut connection, "UPDATE usage_stats SET reconfigs_reset_at = 0").await;
    call(&mut connection, "register_account_reconfig", "2147483647").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(-32768,-32768,1,32767)"]);
    assert_eq!(value(&mut connection, "SELECT reconfigs_reset_at FROM usage_stats").await, "2147483647");
}

#[tokio::test]
async fn creditors_that_do_not_exist_are_not_counted() {
    let (_database, mut connection) = with_account().await;
    for function in ["register_account_creation", "register_account_reconfig", "register_transfer_creation"] {
        value(&mut connection, &format!("SELECT {function}(2, 24)")).await;
    }
    for function in [
        "increment_account_number",
        "decrement_account_number",
        "increment_transfer_number",
        "decrement_transfer_number",
    ] {
        value(&mut connection, &format!("SELECT {function}(2)")).await;
    }
    assert_eq!(rows(&mut connection, COUNTERS).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_race_for_the_first_row_is_not_an_error() {
    let (database, mut connection) = with_account().await;
    execute(&mut connection, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM usage_stats").await;
    let mut other = connect(&database).await;
    call(&mut other, "increment_account_number", "").await;

    call(&mut connection, "increment_account_number", "").await;
    execute(&mut connection, "COMMIT").await;
    assert_eq!(rows(&mut connection, COUNTERS).await, ["(1,0,0,0)"]);
}

#[tokio::test]
async fn counting_does_not_wait_for_the_disk() {
    let (_database, mut connection) = with_account().await;
    execute(&mut connection, "SET synchronous_commit = on").await;
    for call in [
        "register_account_creation(1, 1)",
        "register_account_reconfig(1, 1)",
        "register_transfer_creation(1, 1)",
        "increment_account_number(1)",
        "decrement_account_number(1)",
        "increment_transfer_number(1)",
        "decrement_transfer_number(2)",
    ] {
        execute(&mut connection, &format!("BEGIN; SELECT {call}")).await;
        assert_eq!(value(&mut connection, "SELECT current_setting('synchronous_commit')").await, "off", "{call}");
        execute(&mut connection, "COMMIT").await;
        assert_eq!(value(&mut connection, "SELECT current_setting('synchronous_commit')").await, "on", "{call}");
    }
}

/// Calls a function for creditor 1.
async fn call(connection: &mut AsyncPgConnection, function: &str, arguments: &str) -> String {
    let casts = if function.starts_with("is_") { "::smallint" } else { "" };
    let mut all = vec!["1".to_owned()];
    all.extend(arguments.split(", ").filter(|argument| !argument.is_empty()).map(|a| format!("({a}){casts}")));
    value(connection, &format!("SELECT {function}({})", all.join(", "))).await
}
