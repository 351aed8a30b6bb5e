//! Outgoing messages.

use std::time::{Duration, Instant};

use amqp::{
    Header, Topology,
    topology::{self, Queue, QueueBinding},
};
use anyhow::{Context as _, Result, ensure};
use persistence::Wake;
use smp::names::{CREDITORS_OUT, TO_TRADE};

use super::{
    Setting,
    bed::{Bed, QUEUE},
    figures::{Row, Table, Value},
    peer,
    seed::FIRST_CREDITOR,
};

const SIGNALS: u32 = 30_000;
const CREDITORS: u32 = 1_000;
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Receives what is for accounting authorities.
const AUTHORITIES: &str = "authorities";
/// Receives what is for the circular-trade subsystem.
const TRADE: &str = "trade";

/// The outbox: table, and its share of all messages in percent.
const TABLES: [(&str, u32); 7] = [
    ("configure_account_signal", 10),
    ("prepare_transfer_signal", 25),
    ("finalize_transfer_signal", 25),
    ("updated_ledger_signal", 25),
    ("updated_policy_signal", 5),
    ("updated_flags_signal", 5),
    ("rejected_config_signal", 5),
];

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let signals = setting.size(SIGNALS);
    let bed = Bed::with_broker(setting).await?;
    let topology = Topology {
        queues: [AUTHORITIES, TRADE].map(quorum_queue).to_vec(),
        queue_bindings: vec![bind(CREDITORS_OUT, AUTHORITIES), bind(TO_TRADE, TRADE)],
        ..Topology::default()
    };
    topology::apply(&bed.broker_url()?, &topology).await?;
    let service = bed.service("creditors-flusher")?.start().await?;
    // One message of each kind opens the connections, and shows that wake-ups arrive.
    seed(&bed, 1, |_| 1).await?;
    bed.wake(Wake::Outbox).await?;
    wait(&bed).await?;
    seed(&bed, 2, |percent| signals / 100 * percent).await?;
    bed.settle().await?;

    let meter = bed.meter([&service]).await?;
    let (cpu, began) = (meter.read()?, Instant::now());
    bed.wake(Wake::Outbox).await?;
    wait(&bed).await?;
    let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(signals));
    verify(&bed, signals).await?;
    let mut table = Table::new(format!("flush: {signals} messages, all to quorum queues"));
    table.row(Row::new("flusher", Value::rate(signals, time)).cpu(cpu).against(peer::FLUSH));
    Ok(table)
}

fn quorum_queue(name: &str) -> Queue {
    let arguments = vec![("x-queue-type".to_owned(), Header::from("quorum"))];
    Queue { name: name.to_owned(), arguments }
}

fn bind(exchange: &str, queue: &str) -> QueueBinding {
    let (exchange, queue, routing_key) = (exchange.to_owned(), queue.to_owned(), "#".to_owned());
    QueueBinding { exchange, queue, routing_key, arguments: vec![] }
}

/// Inserts messages into each table, `count` tells how many by the table's share. `round` makes them different.
async fn seed(bed: &Bed, round: u32, count: impl Fn(u32) -> u32) -> Result<()> {
    let mut statements = String::new();
    for (table, percent) in TABLES {
        let (columns, values) = match table {
            "configure_account_signal" => {
                ("debtor_id, ts, seqnum, negligible_amount, config_data, config_flags", "i, now(), 1, 1e30, '', 0")
            }
            "prepare_transfer_signal" => (
                "debtor_id, coordinator_request_id, recipient, locked_amount, max_commit_delay, final_interest_rate_ts",
                "i % 100, i, 'recipient', 0, 2147483647, '9999-12-31T23:59:59Z'",
            ),
            "finalize_transfer_signal" => (
                "debtor_id, transfer_id, coordinator_id, coordinator_request_id, committed_amount, \
                 transfer_note_format, transfer_note",
                "i % 100, i, {creditor}, i, 1000, '', 'A payment for the benchmark'",
            ),
            "updated_ledger_signal" => (
                "debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts",
                "i % 100, i, '2026-01-01', 'account', 1000, i, now()",
            ),
            "updated_policy_signal" => (
                "debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, ts",
                "i % 100, i, 'conservative', 0, 1000, 1.5, 1, now()",
            ),
            "updated_flags_signal" => ("debtor_id, update_id, config_flags, ts", "i % 100, i, 0, now()"),
            _ => (
                "debtor_id, config_ts, config_seqnum, config_flags, config_data, negligible_amount, rejection_code",
                "i % 100, now(), 1, 0, '', 1e30, 'NO_CONNECTION_TO_DEBTOR'",
            ),
        };
        let creditor = format!("{FIRST_CREDITOR} + i % {CREDITORS}");
        let (first, values) = (i64::from(round) * 1_000_000, values.replace("{creditor}", &creditor));
        statements += &format!(
            "INSERT INTO {table} (inserted_at, creditor_id, {columns}) SELECT now(), {creditor}, {values} \
             FROM generate_series({first} + 1, {first} + {}) AS i; ",
            count(percent)
        );
    }
    bed.execute(&statements).await
}

/// Waits until all is sent.
async fn wait(bed: &Bed) -> Result<()> {
    let empty = TABLES.map(|(table, _)| format!("NOT EXISTS (SELECT FROM {table})")).join(" AND ");
    bed.reach(&format!("SELECT ({empty})::int::bigint"), 1, LOOK_EVERY).await
}

/// Everything has arrived once.
async fn verify(bed: &Bed, signals: u32) -> Result<()> {
    let percent = |percent: u32| signals / 100 * percent;
    for (queue, share, kinds) in [(AUTHORITIES, 60, 3), (TRADE, 35, 3), (QUEUE, 5, 1)] {
        let status = topology::queue_status(&bed.broker_url()?, queue).await?;
        let (found, expected) = (status.with_context(|| format!("{queue} is gone"))?.ready, percent(share) + kinds);
        ensure!(found == expected, "wrong result, messages in {queue}: {found} instead of {expected}");
    }
    Ok(())
}
