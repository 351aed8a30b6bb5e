//! Incoming messages.

mod ceiling;
pub(super) mod messages;

use std::time::{Duration, Instant};

use amqp::{Publisher, topology};
use anyhow::{Context as _, Result, bail, ensure};
use runtime::{Clock as _, SystemClock};

use self::messages::Mix;
use super::{
    Setting,
    bed::{Bed, QUEUE},
    figures::{Row, Table, Value},
    latencies::Latencies,
    peer,
    seed::{ACCOUNTS_EACH, FIRST_CREDITOR},
};
use crate::process::memory;

const MESSAGES: u32 = 20_000;
const CREDITORS: u32 = 1_000;
const LONE: u32 = 300;
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Between looks for the effect of a lone message.
const GLANCE: Duration = Duration::from_micros(500);
/// Between lone messages.
const PAUSE: Duration = Duration::from_millis(20);
/// So many messages are published together.
const BATCH: usize = 5_000;

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let messages = setting.messages.unwrap_or_else(|| setting.size(MESSAGES));
    let mix = Mix { messages, creditors: setting.size(CREDITORS) };
    let bed = Bed::with_broker(setting).await?;
    bed.seed_creditors(mix.creditors).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    seed_transfers(&bed, mix).await?;
    bed.settle().await?;
    let publisher = bed.publisher("benchmark").await?;
    publish(&publisher, mix).await?;

    let builder = bed.service("creditors-consumer")?;
    let meter = bed.meter([]).await?;
    let (servers, began) = (meter.read()?, Instant::now());
    let mut service = builder.start_only()?;
    service.wait_until_ready().await?;
    let ready = began.elapsed();
    wait(&bed, mix).await?;
    let time = began.elapsed();
    let mut cpu = meter.read()?.since(servers);
    cpu.services = bed.meter([&service]).await?.read()?.services;
    let memory = memory::read(service.pid().context("the consumer has ended")?)?;

    verify(&bed, mix).await?;
    let lone = lone(&bed, &publisher, setting.size(LONE)).await?;
    service.stop();
    let left = topology::queue_status(&bed.broker_url()?, QUEUE).await?.context("the queue is gone")?;
    ensure!(left.ready == 0, "wrong result: {} messages went back to the queue", left.ready);

    let ceiling = ceiling::measure(setting, mix).await?;
    let creditors = mix.creditors;
    let mut table = Table::new(format!("consume: {messages} messages in a quorum queue, {creditors} creditors"));
    let rate = Value::rate(messages, time);
    table.row(Row::new("consumer", rate).cpu(cpu.per_item(messages)).against(peer::CONSUME));
    table.row(Row::new("compared with the tuned peer", rate).against(peer::CONSUME_TUNED));
    table.row(Row::new("the same changes by hand in SQL, two connections", ceiling));
    table.row(Row::median("a lone message, from publishing to the commit (its row is visible)", &lone));
    let slowest = Value::milliseconds(lone.percentile(99));
    table.row(Row::new("a lone message, 99 of 100", slowest).against(peer::CONSUME_LONE_P99));
    table.row(Row::new("resident memory, the most", Value::Megabytes(memory.peak)).against(peer::CONSUME_MEMORY));
    table.note(format!("the consumer reaches {:.0} % of what the database does by hand", 100.0 * rate.times(ceiling)));
    table.note(format!("counted from the start of the process, which was ready after {} ms", ready.as_millis()));
    table.note(format!("memory: {:.1} MB resident at the end", memory.resident));
    Ok(table)
}

/// The payments that the messages are about; the first half waits for being prepared, the other for its end.
async fn seed_transfers(bed: &Bed, mix: Mix) -> Result<()> {
    let (of_a_kind, creditors) = (mix.tenth(), mix.creditors);
    bed.execute(&format!(
        "INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient, \
             transfer_note_format, transfer_note, initiated_at, locked_amount, coordinator_request_id, transfer_id, \
             latest_update_id, latest_update_ts, final_interest_rate_ts) \
         SELECT {FIRST_CREDITOR} + i % {creditors}, gen_random_uuid(), i % {ACCOUNTS_EACH} + 1, 1000, 'swpt:1/r', 'r', \
             '', 'A payment for the benchmark', now(), 0, i, CASE WHEN i >= {of_a_kind} THEN i END, 1, now(), \
             '9999-12-31T23:59:59Z' \
         FROM generate_series(0, 2 * {of_a_kind} - 1) AS i"
    ))
    .await
}

/// Waits until the last message of each kind has had its effect.
async fn wait(bed: &Bed, mix: Mix) -> Result<()> {
    // Looking takes the database as long as the tables are large.
    let look_every = LOOK_EVERY * mix.messages.div_ceil(MESSAGES);
    let of_a_kind = i64::from(mix.tenth());
    for (query, number) in [
        ("SELECT count(*) FROM committed_transfer", 5 * of_a_kind),
        ("SELECT sum(last_change_seqnum)::bigint FROM account_data", mix.last_seqnums()),
        ("SELECT count(*) FROM finalize_transfer_signal", of_a_kind),
        ("SELECT count(*) FROM running_transfer WHERE finalized_at IS NOT NULL", of_a_kind),
    ] {
        bed.reach_within(mix.patience(), query, number, look_every).await?;
    }
    Ok(())
}

async fn verify(bed: &Bed, mix: Mix) -> Result<()> {
    verify_rows(bed, mix).await?;
    let what = "ledgers to bring forward";
    bed.verify(what, "SELECT count(*) FROM pending_ledger_update", mix.accounts_with_transfers()).await
}

async fn verify_rows(bed: &Bed, mix: Mix) -> Result<()> {
    let of_a_kind = i64::from(mix.tenth());
    let log = |hint: u8| format!("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = {hint}");
    let seqnums = "SELECT sum(last_change_seqnum)::bigint FROM account_data";
    for (what, query, expected) in [
        ("transfers", "SELECT count(*) FROM committed_transfer", 5 * of_a_kind),
        ("transfers told to the log", &log(3), 5 * of_a_kind),
        ("accounts' newest states", seqnums, mix.last_seqnums()),
        ("answers to prepared payments", "SELECT count(*) FROM finalize_transfer_signal", of_a_kind),
        ("prepared payments", "SELECT count(*) FROM running_transfer WHERE transfer_id IS NOT NULL", 2 * of_a_kind),
        (
            "payments that succeeded",
            "SELECT count(*) FROM running_transfer WHERE finalized_at IS NOT NULL AND error_code IS NULL",
            of_a_kind,
        ),
        ("payments' ends told to the log", &log(1), of_a_kind),
    ] {
        bed.verify(what, query, expected).await?;
    }
    Ok(())
}

async fn publish(publisher: &Publisher, mix: Mix) -> Result<()> {
    let now = SystemClock.now();
    for batch in mix.items().chunks(BATCH) {
        let batch = mix.messages(batch, now)?;
        if let Some(failure) = publisher.publish(&batch).await.iter().find(|outcome| !outcome.is_confirmed()) {
            bail!("a message was not confirmed: {failure:?}");
        }
    }
    Ok(())
}

/// How long single messages take when nothing else happens.
async fn lone(bed: &Bed, publisher: &Publisher, count: u32) -> Result<Latencies> {
    let look = bed
        .client
        .prepare(
            "SELECT count(*) FROM committed_transfer WHERE creditor_id = $1 AND debtor_id = 1 AND transfer_number = $2",
        )
        .await?;
    let mut latencies = vec![];
    for number in 1..=count {
        let number = i64::from(number) + 1_000_000;
        let message = messages::transfer(0, number)?;
        tokio::time::sleep(PAUSE).await;
        let began = Instant::now();
        let confirmed = publisher.publish(std::slice::from_ref(&message));
        let seen = async {
            while bed.client.query_one(&look, &[&FIRST_CREDITOR, &number]).await?.get::<_, i64>(0) == 0 {
                ensure!(began.elapsed() < super::bed::PATIENCE, "a lone message is lost");
                tokio::time::sleep(GLANCE).await;
            }
            Ok(began.elapsed())
        };
        let (outcomes, seen) = tokio::join!(confirmed, seen);
        ensure!(outcomes.iter().all(amqp::Outcome::is_confirmed), "a message was not confirmed: {outcomes:?}");
        latencies.push(seen?);
    }
    Ok(Latencies::new(latencies))
}
