//! `delete_queue`: the end of a shard's queue.

use std::{ffi::OsString, process::ExitCode, time::Duration};

use amqp::topology;
use anyhow::Context as _;
use clap::Parser;
use runtime::Context;
use tokio::time::sleep;
use tracing::info;

use super::{
    broker::{QUEUE_SECTIONS, Queue, QueueOptions},
    start, unless_stopped,
};

const NAME: &str = "creditors-agent delete_queue";

/// Between looks at the queue.
const PERIOD: Duration = Duration::from_secs(3);

/// Waits until a queue is empty, and deletes it. Its dead letters stay. A queue that does not exist is no error.
///
/// Messages that consumers hold are not waited for: consumers in draining mode step away from an empty queue.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(flatten)]
    queue: QueueOptions,
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, QUEUE_SECTIONS, words, async |Arguments { queue }, Context { settings, stop, .. }| {
        let queue = Queue::new(queue, &settings.broker)?;
        unless_stopped(&stop, delete(&queue)).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn delete(Queue { url, name }: &Queue) -> anyhow::Result<()> {
    loop {
        match topology::queue_status(url, name).await.context("the broker does not tell how the queue is")? {
            None => {
                info!("There is no queue {name}.");
                return Ok(());
            }
            Some(status) if status.ready == 0 => {
                topology::delete_queue(url, name).await.context("the queue could not be deleted")?;
                info!("The queue {name} was empty and has been deleted.");
                return Ok(());
            }
            Some(status) => info!("The queue {name} still holds {} messages.", status.ready),
        }
        sleep(PERIOD).await;
    }
}
