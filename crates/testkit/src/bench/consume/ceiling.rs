//! What the database can do at best: the same changes, written by hand in SQL.
//!
//! The messages are rows of a table, so that nothing is received, read, sent to the server or decided by us. What remains
//! are the locks, the rows and the commits of batches as the consumer makes them, on as many connections.

use std::{
    sync::atomic::{AtomicI32, Ordering},
    time::Instant,
};

use anyhow::Result;
use futures::future::try_join_all;
use tokio_postgres::{Client, Statement};

use super::{Mix, seed_transfers};
use crate::bench::{
    Setting,
    bed::Bed,
    figures::Value,
    seed::{ACCOUNTS_EACH, CREATION_DATE, FIRST_CREDITOR},
};

/// As many as the consumer has workers.
const CONNECTIONS: usize = 2;

/// As many messages as the consumer takes at once.
const BATCH: u32 = 500;

/// What a batch, whose number is the parameter, is made of.
const STATEMENTS: [&str; 9] = [
    "SELECT count(*) FROM ( \
         SELECT FROM account_data AS d \
         JOIN (SELECT DISTINCT creditor_id, debtor_id FROM message WHERE batch = $1 AND kind IN ('T', 'U')) AS m \
             USING (creditor_id, debtor_id) \
         ORDER BY d.creditor_id, d.debtor_id FOR NO KEY UPDATE OF d) AS locked",
    "SELECT count(*) FROM ( \
         SELECT FROM running_transfer AS t JOIN message AS m \
             ON m.creditor_id = t.creditor_id AND m.number = t.coordinator_request_id \
         WHERE batch = $1 AND kind IN ('P', 'F') \
         ORDER BY t.creditor_id, t.coordinator_request_id FOR NO KEY UPDATE OF t) AS locked",
    "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, principal, \
         committed_at, previous_transfer_number, coordinator_type, sender, recipient, transfer_note_format, \
         transfer_note) \
     SELECT creditor_id, debtor_id, created, number, 10, 10 * number, now(), number - 1, 'direct', 'sender', \
         'account-' || creditor_id, '', 'A payment for the benchmark' \
     FROM message WHERE batch = $1 AND kind = 'T' ON CONFLICT DO NOTHING",
    "UPDATE account_data AS d SET creation_date = created, last_change_ts = now(), last_change_seqnum = number, \
         principal = 1000, interest = 0.5, last_interest_rate_change_ts = 'epoch', last_heartbeat_ts = now(), \
         is_config_effectual = false, info_latest_update_id = nextval('object_update_id_seq'), \
         info_latest_update_ts = now() \
     FROM (SELECT DISTINCT ON (creditor_id, debtor_id) * FROM message WHERE batch = $1 AND kind = 'U' \
           ORDER BY creditor_id, debtor_id, number DESC) AS m \
     WHERE d.creditor_id = m.creditor_id AND d.debtor_id = m.debtor_id AND number > last_change_seqnum",
    "UPDATE running_transfer AS t SET transfer_id = number FROM message AS m \
     WHERE batch = $1 AND kind = 'P' AND m.creditor_id = t.creditor_id AND number = coordinator_request_id",
    "UPDATE running_transfer AS t SET finalized_at = now(), latest_update_id = 2, latest_update_ts = now() \
     FROM message AS m \
     WHERE batch = $1 AND kind = 'F' AND m.creditor_id = t.creditor_id AND number = coordinator_request_id",
    "INSERT INTO pending_ledger_update (creditor_id, debtor_id) \
     SELECT creditor_id, debtor_id FROM message WHERE batch = $1 AND kind = 'T' AND number = 1 \
     ORDER BY 1, 2 ON CONFLICT DO NOTHING",
    "INSERT INTO pending_log_entry (added_at, object_type, object_uri, object_update_id, object_type_hint, debtor_id, \
         creation_date, transfer_number, transfer_uuid, data_finalized_at, creditor_id) \
     SELECT now(), CASE kind WHEN 'U' THEN 'AccountInfo' END, \
         CASE kind WHEN 'U' THEN '/creditors/' || m.creditor_id || '/accounts/' || m.debtor_id || '/info' END, \
         CASE kind WHEN 'T' THEN NULL ELSE 2 END, CASE kind WHEN 'T' THEN 3 WHEN 'F' THEN 1 END, \
         CASE kind WHEN 'T' THEN m.debtor_id END, CASE kind WHEN 'T' THEN created END, \
         CASE kind WHEN 'T' THEN number END, transfer_uuid, CASE kind WHEN 'F' THEN now() END, m.creditor_id \
     FROM message AS m LEFT JOIN running_transfer AS t \
         ON kind = 'F' AND t.creditor_id = m.creditor_id AND number = coordinator_request_id \
     WHERE batch = $1 AND (kind IN ('T', 'F') OR kind = 'U' AND number = 1)",
    "INSERT INTO finalize_transfer_signal (inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id, \
         coordinator_request_id, committed_amount, transfer_note_format, transfer_note) \
     SELECT now(), creditor_id, debtor_id, number, creditor_id, number, 1000, '', 'A payment for the benchmark' \
     FROM message WHERE batch = $1 AND kind = 'P'",
];

/// How many messages per second.
pub(super) async fn measure(setting: &Setting, mix: Mix) -> Result<Value> {
    let bed = Bed::with_database(setting).await?;
    bed.seed_creditors(mix.creditors).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    seed_transfers(&bed, mix).await?;
    seed_messages(&bed, mix).await?;
    bed.settle().await?;
    let batches = i32::try_from(mix.messages.div_ceil(BATCH))?;
    let mut connections = vec![];
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(&bed).await?);
    }
    let (began, next) = (Instant::now(), AtomicI32::new(0));
    try_join_all(connections.iter().map(|connection| connection.work(&next, batches))).await?;
    let time = began.elapsed();
    super::verify_rows(&bed, mix).await?;
    Ok(Value::rate(mix.messages, time))
}

struct Connection {
    client: Client,
    statements: Vec<Statement>,
}

impl Connection {
    async fn open(bed: &Bed) -> Result<Self> {
        let client = bed.connect().await?;
        // As in the consumer's sessions.
        client.batch_execute("SET enable_seqscan = off; SET jit = off").await?;
        let mut statements = vec![];
        for text in STATEMENTS {
            statements.push(client.prepare(text).await?);
        }
        Ok(Self { client, statements })
    }

    /// Does batches until there is none left.
    async fn work(&self, next: &AtomicI32, batches: i32) -> Result<()> {
        loop {
            let batch = next.fetch_add(1, Ordering::Relaxed);
            if batch >= batches {
                return Ok(());
            }
            self.client.batch_execute("BEGIN").await?;
            for statement in &self.statements {
                self.client.execute(statement, &[&batch]).await?;
            }
            self.client.batch_execute("COMMIT").await?;
        }
    }
}

/// The messages of the [`Mix`] in batches, in any order.
async fn seed_messages(bed: &Bed, mix: Mix) -> Result<()> {
    let (tenth, creditors, accounts) = (mix.tenth(), mix.creditors, mix.accounts());
    let account = format!(
        "{FIRST_CREDITOR} + i % {accounts} / {ACCOUNTS_EACH} AS creditor_id, \
         (i % {accounts} % {ACCOUNTS_EACH} + 1)::bigint AS debtor_id, (i / {accounts} + 1)::bigint AS number"
    );
    let payer = format!(
        "{FIRST_CREDITOR} + i % {creditors} AS creditor_id, (i % {ACCOUNTS_EACH} + 1)::bigint AS debtor_id, \
         i::bigint AS number"
    );
    bed.execute(&format!(
        "CREATE TABLE message AS \
         SELECT ((row_number() OVER (ORDER BY random()) - 1) / {BATCH})::integer AS batch, m.*, \
             date '{CREATION_DATE}' AS created \
         FROM ( \
             SELECT 'T' AS kind, {account} FROM generate_series(0, 5 * {tenth} - 1) AS i \
             UNION ALL SELECT 'U', {account} FROM generate_series(0, 3 * {tenth} - 1) AS i \
             UNION ALL SELECT 'P', {payer} FROM generate_series(0, {tenth} - 1) AS i \
             UNION ALL SELECT 'F', {payer} FROM generate_series({tenth}, 2 * {tenth} - 1) AS i \
         ) AS m; \
         CREATE INDEX ON message (batch)"
    ))
    .await
}
