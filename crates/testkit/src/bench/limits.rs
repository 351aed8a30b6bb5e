//! What the machine and its servers can do at best: the denominators of all other figures.

use std::time::{Duration, Instant};

use amqp::{
    Consumer, ConsumerOptions, Header, Message, Properties, Topology,
    topology::{self, Queue},
};
use anyhow::{Context as _, Result, bail};
use futures::{TryStreamExt as _, stream::FuturesUnordered};
use tokio_postgres::Client;

use super::{
    Setting,
    bed::Bed,
    figures::{Row, Table, Value},
    peer,
};

/// How long each is tried.
const TIME: Duration = Duration::from_secs(5);
/// Rows to select from.
const ROWS: u32 = 100_000;
const ROWS_PER_INSERT: u32 = 500;
const MESSAGES: u32 = 60_000;
const PUBLISHED_TOGETHER: usize = 5_000;
const QUEUE: &str = "limits";
/// As long as a message about an account.
const BODY: [u8; 500] = [b'x'; 500];

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let bed = Bed::with_broker(setting).await?;
    let time = setting.time(TIME);
    bed.execute(&format!(
        "CREATE TABLE row (id bigserial PRIMARY KEY, creditor_id bigint NOT NULL, debtor_id bigint NOT NULL, \
             principal bigint NOT NULL, changed_at timestamptz NOT NULL, note text NOT NULL); \
         INSERT INTO row (creditor_id, debtor_id, principal, changed_at, note) \
         SELECT i, i, i, now(), 'A payment for the benchmark' FROM generate_series(1, {ROWS}) AS i"
    ))
    .await?;
    bed.settle().await?;
    let mut table = Table::new("limits of the machine and its servers");
    for (connections, standard) in [(1, peer::COMMITS_1), (10, peer::COMMITS_10), (32, peer::COMMITS_32)] {
        let rate = bed.repeat(connections, time, 1, commits).await?;
        table.row(Row::new(format!("commits of one row, {connections} connections"), rate).against(standard));
    }
    let rate = bed.repeat(10, time, 1, selects).await?;
    table.row(Row::new("selects by primary key, 10 connections", rate).against(peer::SELECTS_10));
    for (connections, standard) in [(1, peer::INSERTS_1), (4, peer::INSERTS_4)] {
        let rate = bed.repeat(connections, time, ROWS_PER_INSERT, inserts).await?;
        let work = format!("rows in inserts of {ROWS_PER_INSERT}, {connections} connections");
        table.row(Row::new(work, rate).against(standard));
    }
    let messages = setting.size(MESSAGES);
    declare(&bed).await?;
    let rate = publish(&bed, messages).await?;
    table.row(Row::new("messages published to a quorum queue and confirmed", rate).against(peer::PUBLISHED));
    for (prefetch, standard) in [(100, peer::CONSUMED_100), (1000, peer::CONSUMED_1000)] {
        let rate = consume(&bed, messages / 2, prefetch).await?;
        let work = format!("messages consumed and acknowledged, prefetch {prefetch}");
        table.row(Row::new(work, rate).against(standard));
    }
    table.note("\"peer\": what the machine could do on which the peer was measured; programs differ");
    Ok(table)
}

impl Bed {
    /// Does something on so many connections for so long; each time counts as so many items.
    async fn repeat(
        &self,
        connections: u32,
        time: Duration,
        items: u32,
        act: impl AsyncFn(&Client, Instant) -> Result<u32>,
    ) -> Result<Value> {
        let mut clients = vec![];
        for _ in 0..connections {
            clients.push(self.connect().await?);
        }
        let began = Instant::now();
        let acting: FuturesUnordered<_> = clients.iter().map(|client| act(client, began + time)).collect();
        let times = acting.try_fold(0, |sum, times| async move { Ok(sum + times) }).await?;
        Ok(Value::rate(times * items, began.elapsed()))
    }
}

async fn commits(client: &Client, end: Instant) -> Result<u32> {
    let insert = client
        .prepare(
            "INSERT INTO row (creditor_id, debtor_id, principal, changed_at, note) VALUES ($1, 1, 1, now(), 'note')",
        )
        .await?;
    let mut times = 0;
    while Instant::now() < end {
        client.execute(&insert, &[&i64::from(times)]).await?;
        times += 1;
    }
    Ok(times)
}

async fn selects(client: &Client, end: Instant) -> Result<u32> {
    let select = client.prepare("SELECT * FROM row WHERE id = $1").await?;
    let (mut times, mut id) = (0, 0);
    while Instant::now() < end {
        // Any order that is none.
        id = (id + 61_803) % ROWS;
        client.query_one(&select, &[&i64::from(id + 1)]).await?;
        times += 1;
    }
    Ok(times)
}

async fn inserts(client: &Client, end: Instant) -> Result<u32> {
    let insert = client
        .prepare(
            "INSERT INTO row (creditor_id, debtor_id, principal, changed_at, note) \
             SELECT creditor_id, debtor_id, principal, now(), note \
             FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) \
                 AS new (creditor_id, debtor_id, principal, note)",
        )
        .await?;
    let numbers: Vec<i64> = (0..i64::from(ROWS_PER_INSERT)).collect();
    let notes = vec!["A payment for the benchmark"; numbers.len()];
    let mut times = 0;
    while Instant::now() < end {
        client.execute(&insert, &[&numbers, &numbers, &numbers, &notes]).await?;
        times += 1;
    }
    Ok(times)
}

async fn declare(bed: &Bed) -> Result<()> {
    let queue = Queue { name: QUEUE.to_owned(), arguments: vec![("x-queue-type".to_owned(), Header::from("quorum"))] };
    topology::apply(&bed.broker_url()?, &Topology { queues: vec![queue], ..Topology::default() }).await?;
    Ok(())
}

async fn publish(bed: &Bed, count: u32) -> Result<Value> {
    let message = Message {
        routing_key: QUEUE.to_owned(),
        mandatory: true,
        properties: Properties { persistent: true, ..Properties::default() },
        body: BODY.to_vec(),
        ..Message::default()
    };
    let messages = vec![message; usize::try_from(count)?];
    let publisher = bed.publisher("limits").await?;
    let began = Instant::now();
    for batch in messages.chunks(PUBLISHED_TOGETHER) {
        if let Some(failure) = publisher.publish(batch).await.iter().find(|outcome| !outcome.is_confirmed()) {
            bail!("a message was not confirmed: {failure:?}");
        }
    }
    Ok(Value::rate(count, began.elapsed()))
}

async fn consume(bed: &Bed, count: u32, prefetch_count: u16) -> Result<Value> {
    let options = ConsumerOptions { name: "limits".to_owned(), queue: QUEUE.to_owned(), prefetch_count };
    let mut consumer = Consumer::start(bed.broker_url()?, options, bed.stop().token());
    consumer.status().wait_for(amqp::Status::is_ready).await.context("the broker is away")?;
    let (began, mut left) = (Instant::now(), usize::try_from(count)?);
    while left > 0 {
        let most = left.min(usize::from(prefetch_count) / 2);
        let batch = consumer.next_batch(most).await.context("the consumer has ended")?;
        left -= batch.deliveries.len();
        batch.ack_all().await?;
    }
    let rate = Value::rate(count, began.elapsed());
    consumer.close().await;
    Ok(rate)
}
