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
    bed::{Bed, PATIENCE, QUEUE},
    figures::{self, Row, Value},
    latencies::Latencies,
    peer,
    seed::FIRST_CREDITOR,
};
use crate::process::ServiceProcess;

const SIGNALS: u32 = 100_000;
/// So many more wait when it is measured whether that makes it slower.
const BACKLOG: u32 = 1_000_000;
const LONE_MESSAGES: u32 = 200;
const CREDITORS: u32 = 1_000;
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// The rest of the system is at rest, so looking often costs nothing.
const LONE_LOOK_EVERY: Duration = Duration::from_millis(1);
/// Between lone messages.
const PAUSE: Duration = Duration::from_millis(20);

/// Receives what is for accounting authorities.
const AUTHORITIES: &str = "authorities";
/// Receives what is for the circular-trade subsystem.
const TRADE: &str = "trade";

/// A table of the outbox.
struct Table {
    name: &'static str,
    /// Its share of all messages.
    percent: u32,
    /// Besides `inserted_at` and `creditor_id`.
    columns: &'static str,
    /// Their values for message `i`.
    values: &'static str,
}

const TABLES: [Table; 7] = [
    Table {
        name: "configure_account_signal",
        percent: 10,
        columns: "debtor_id, ts, seqnum, negligible_amount, config_data, config_flags",
        values: "i, now(), 1, 1e30, '', 0",
    },
    Table {
        name: "prepare_transfer_signal",
        percent: 25,
        columns: "debtor_id, coordinator_request_id, recipient, locked_amount, max_commit_delay, \
            final_interest_rate_ts",
        values: "i % 100, i, 'recipient', 0, 2147483647, '9999-12-31T23:59:59Z'",
    },
    Table {
        name: "finalize_transfer_signal",
        percent: 25,
        columns: "debtor_id, transfer_id, coordinator_id, coordinator_request_id, committed_amount, \
            transfer_note_format, transfer_note",
        values: "i % 100, i, creditor_id, i, 1000, '', 'A payment for the benchmark'",
    },
    Table {
        name: "updated_ledger_signal",
        percent: 25,
        columns: "debtor_id, update_id, creation_date, account_id, principal, last_transfer_number, ts",
        values: "i % 100, i, '2026-01-01', 'account', 1000, i, now()",
    },
    Table {
        name: "updated_policy_signal",
        percent: 5,
        columns: "debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id, ts",
        values: "i % 100, i, 'conservative', 0, 1000, 1.5, 1, now()",
    },
    Table {
        name: "updated_flags_signal",
        percent: 5,
        columns: "debtor_id, update_id, config_flags, ts",
        values: "i % 100, i, 0, now()",
    },
    Table {
        name: "rejected_config_signal",
        percent: 5,
        columns: "debtor_id, config_ts, config_seqnum, config_flags, config_data, negligible_amount, rejection_code",
        values: "i % 100, now(), 1, 0, '', 1e30, 'NO_CONNECTION_TO_DEBTOR'",
    },
];

pub(super) async fn measure(setting: &Setting) -> Result<figures::Table> {
    let signals = setting.size(SIGNALS);
    let bed = Bed::with_broker(setting).await?;
    let topology = Topology {
        queues: [AUTHORITIES, TRADE].map(quorum_queue).to_vec(),
        queue_bindings: vec![bind(CREDITORS_OUT, AUTHORITIES), bind(TO_TRADE, TRADE)],
        ..Topology::default()
    };
    topology::apply(&bed.broker_url()?, &topology).await?;
    let mut service = bed.service("creditors-flusher")?.start().await?;
    // One message of each kind opens the connections, and shows that wake-ups arrive.
    seed(&bed, 1, |_| 1).await?;
    bed.wake(Wake::Outbox).await?;
    wait(&bed).await?;
    bed.quiet().await;
    seed(&bed, 2, |percent| signals / 100 * percent).await?;
    bed.settle().await?;

    let counts = TABLES.map(|table| format!("(SELECT count(*) FROM {})", table.name)).join(" + ");
    bed.verify("messages at the start", &format!("SELECT {counts}"), signals).await?;
    let meter = bed.meter([&service]).await?;
    let (cpu, began) = (meter.read()?, Instant::now());
    bed.wake(Wake::Outbox).await?;
    wait(&bed).await?;
    let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(signals));
    verify(&bed, signals).await?;
    let mut table = figures::Table::new(format!("flush: {signals} messages, all to quorum queues"));
    table.row(Row::new("flusher", Value::rate(signals, time)).cpu(cpu).against(peer::FLUSH));
    let lone = lone(&bed, setting.size(LONE_MESSAGES)).await?;
    let p99 = Value::milliseconds(lone.percentile(99));
    table.row(Row::new("a lone message, commit until confirmed, the slowest of 100", p99).against(peer::FLUSH_LONE));
    table.row(with_backlog(&bed, &mut service, setting.size(BACKLOG), signals).await?);
    Ok(table)
}

/// Messages one after another, each from its commit until its row is gone.
async fn lone(bed: &Bed, messages: u32) -> Result<Latencies> {
    let mut latencies = vec![];
    for number in 1..=messages {
        tokio::time::sleep(PAUSE).await;
        bed.execute(&format!(
            "INSERT INTO prepare_transfer_signal (inserted_at, creditor_id, debtor_id, coordinator_request_id, recipient, \
                 locked_amount, max_commit_delay, final_interest_rate_ts) \
             VALUES (now(), {FIRST_CREDITOR}, 1, {number}, 'recipient', 0, 0, '9999-12-31T23:59:59Z')"
        ))
        .await?;
        let began = Instant::now();
        bed.wake(Wake::Outbox).await?;
        let gone = "SELECT (NOT EXISTS (SELECT FROM prepare_transfer_signal))::int::bigint";
        bed.reach(gone, 1, LONE_LOOK_EVERY).await?;
        latencies.push(began.elapsed());
    }
    Ok(Latencies::new(latencies))
}

/// How fast the first `messages` of a long queue are sent.
async fn with_backlog(bed: &Bed, service: &mut ServiceProcess, backlog: u32, messages: u32) -> Result<Row> {
    let before = arrived(bed).await?;
    seed(bed, 3, |percent| backlog / 100 * percent).await?;
    bed.settle().await?;
    let began = Instant::now();
    bed.wake(Wake::Outbox).await?;
    let (sent, time) = loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let (sent, time) = (arrived(bed).await? - before, began.elapsed());
        if sent >= messages {
            break (sent, time);
        }
        ensure!(time < PATIENCE, "only {sent} of {messages} messages were sent within {} s", time.as_secs());
    };
    service.stop();
    let left = TABLES.map(|table| format!("(SELECT count(*) FROM {})", table.name)).join(" + ");
    let sent_in_the_end = arrived(bed).await? - before;
    bed.verify("messages that were not sent", &format!("SELECT {left}"), backlog - sent_in_the_end).await?;
    let work = format!("the first {messages} of {backlog} that wait");
    Ok(Row::new(work, Value::rate(sent, time)).against(peer::FLUSH_BACKLOG))
}

/// Messages in all queues.
async fn arrived(bed: &Bed) -> Result<u32> {
    let mut sum = 0;
    for queue in [AUTHORITIES, TRADE, QUEUE] {
        let status = topology::queue_status(&bed.broker_url()?, queue).await?;
        sum += status.with_context(|| format!("{queue} is gone"))?.ready;
    }
    Ok(sum)
}

fn quorum_queue(name: &str) -> Queue {
    let arguments = vec![("x-queue-type".to_owned(), Header::from("quorum"))];
    Queue { name: name.to_owned(), arguments }
}

fn bind(exchange: &str, queue: &str) -> QueueBinding {
    let (exchange, queue, routing_key) = (exchange.to_owned(), queue.to_owned(), "#".to_owned());
    QueueBinding { exchange, queue, routing_key, arguments: vec![] }
}

/// Inserts messages into each table; `count` tells how many by the table's share. `round` makes them different.
async fn seed(bed: &Bed, round: u32, count: impl Fn(u32) -> u32) -> Result<()> {
    let first = i64::from(round) * 1_000_000 + 1;
    for Table { name, percent, columns, values } in TABLES {
        let last = first + i64::from(count(percent)) - 1;
        bed.execute(&format!(
            "INSERT INTO {name} (inserted_at, creditor_id, {columns}) SELECT now(), creditor_id, {values} \
             FROM (SELECT i, {FIRST_CREDITOR} + i % {CREDITORS} AS creditor_id \
                   FROM generate_series({first}, {last}) AS i) AS message"
        ))
        .await?;
    }
    Ok(())
}

/// Waits until all is sent.
async fn wait(bed: &Bed) -> Result<()> {
    let empty = TABLES.map(|table| format!("NOT EXISTS (SELECT FROM {})", table.name)).join(" AND ");
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
