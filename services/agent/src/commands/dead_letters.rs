//! `dead-letters`: the messages that consumers have put aside (smp §2, "Dead letters").
//!
//! They are in a stream: reading removes nothing. What the operator is done with lies before the [`mark`].

mod filter;
mod letter;
mod mark;
mod offsets;
mod reader;
mod replay;

use std::{ffi::OsString, process::ExitCode};

use amqp::{Publisher, PublisherOptions};
use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use runtime::Context;
use tokio_util::sync::CancellationToken;

use crate::output::say;

use super::{
    broker::{QUEUE_SECTIONS, Queue, QueueOptions},
    start, unless_stopped,
};
use filter::Filter;
use letter::Letter;
use mark::Mark;
use reader::{Reader, open};
use replay::Replay;

const NAME: &str = "creditors-agent dead-letters";

/// Looks at the messages that consumers have put aside, and sends them again.
///
/// They lie in the stream queue that is named after the shard's queue, with `.XQ` appended, until the broker's retention
/// policy removes them. Each has an offset, by which the commands name it.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(flatten)]
    queue: QueueOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists dead letters: offset, time, state, type, creditor, reason
    ///
    /// The state is `waiting`, `replayed` or `dropped`.
    List {
        #[command(flatten)]
        filter: Filter,
        /// Only those that have not been sent again
        #[arg(long)]
        waiting: bool,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Shows one dead letter with its headers and its body, as a JSON object
    Show {
        /// Its offset
        offset: u64,
    },
    /// Sends dead letters again: to the shard's queue, or to where they were sent first
    ///
    /// They also stay where they are, but are not sent once more unless they are named. Even that does no harm, as
    /// consumers know what they have already done.
    Replay {
        /// The offsets of those to send; default: all that wait and that the filters let through
        offsets: Vec<u64>,
        #[command(flatten)]
        filter: Filter,
        /// Send to the exchange and with the routing key of the first time, as is right after a shard was split
        #[arg(long)]
        to_origin: bool,
        /// Also those that have been sent again already
        #[arg(long)]
        again: bool,
        /// Only list what would be sent
        #[arg(long)]
        dry_run: bool,
    },
    /// Is done with dead letters: lists and replays begin behind them from now on
    Drop {
        /// The offset of the last one
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        through: Option<u64>,
        /// All that there are now
        #[arg(long)]
        all: bool,
    },
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, QUEUE_SECTIONS, words, async |Arguments { queue, command }, Context { settings, stop, .. }| {
        let queue = Queue::new(queue, &settings.broker)?;
        unless_stopped(&stop, Box::pin(obey(&queue, command))).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn obey(queue: &Queue, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { filter, waiting, json } => list(queue, &filter.also_only_waiting(waiting), json).await,
        Command::Show { offset } => show(queue, offset).await,
        Command::Replay { offsets, filter, to_origin, again, dry_run } => {
            let filter = filter.also_only_waiting(!again).also_only(offsets);
            if dry_run {
                list(queue, &filter, false).await
            } else {
                Replay { queue, filter: &filter, to_origin }.run().await
            }
        }
        Command::Drop { through, .. } => drop_through(queue, through).await,
    }
}

async fn list(queue: &Queue, filter: &Filter, json: bool) -> anyhow::Result<()> {
    let mark = Mark::read(queue).await?;
    let mut reader = Reader::start(queue, filter, &mark).await?;
    while let Some((letter, state)) = reader.next().await? {
        say(if json { letter.summary(state).to_string() } else { letter.line(state) });
    }
    reader.close().await;
    Ok(())
}

async fn show(queue: &Queue, offset: u64) -> anyhow::Result<()> {
    let missing = || format!("there is no dead letter {offset}");
    let mark = Mark::read(queue).await?;
    let mut stream = open(queue, offset).await?.with_context(missing)?;
    let found = stream.next().await?.filter(|(at, _)| *at == offset);
    stream.close().await;
    let (offset, delivery) = found.with_context(missing)?;
    say(format!("{:#}", Letter { offset, delivery }.whole(mark.state(offset))));
    Ok(())
}

async fn drop_through(queue: &Queue, through: Option<u64>) -> anyhow::Result<()> {
    let mut mark = Mark::read(queue).await?;
    let Some(stream) = open(queue, mark.from).await? else {
        say("There are no dead letters to be done with.");
        return Ok(());
    };
    let last = stream.last();
    stream.close().await;
    let through = through.unwrap_or(last);
    if through > last {
        bail!("there is no dead letter {through}: the last one is {last}");
    }
    if through < mark.from {
        bail!("all dead letters before {} are done with already", mark.from);
    }
    mark.begin_at(through + 1);
    Mark::prepare(queue).await?;
    let publisher = Publisher::start(queue.url.clone(), PublisherOptions::new(NAME), &CancellationToken::new());
    mark.keep(queue, &publisher).await?;
    publisher.close().await;
    say(match last - through {
        0 => format!("All dead letters, up to {through}, are done with."),
        left => format!("Dead letters up to {through} are done with; {left} are left."),
    });
    Ok(())
}
