//! `dead-letters`: the messages that consumers have put aside (smp §2, "Dead letters").
//!
//! They are in a stream: reading removes nothing. What the operator is done with lies before the [`mark`].

mod filter;
mod letter;
mod mark;
mod replay;

use std::{ffi::OsString, process::ExitCode};

use amqp::Stream;
use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use runtime::Context;
use serde_json::json;

use crate::output::say;

use super::{
    broker::{Queue, QueueOptions, SECTIONS},
    start, unless_stopped,
};
use filter::Filter;
use letter::Letter;

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
    /// Lists dead letters: offset, time, type, creditor, reason
    List {
        #[command(flatten)]
        filter: Filter,
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
    /// They also stay where they are. Doing it twice does no harm, as consumers know what they have already done.
    Replay {
        /// The offsets of those to send; default: all that the filters let through
        offsets: Vec<u64>,
        #[command(flatten)]
        filter: Filter,
        /// Send to the exchange and with the routing key of the first time, as is right after a shard was split
        #[arg(long)]
        to_origin: bool,
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
    start(NAME, &SECTIONS, words, async |Arguments { queue, command }, Context { settings, stop, .. }| {
        let queue = Queue::new(queue, &settings.broker)?;
        unless_stopped(&stop, Box::pin(obey(&queue, command))).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn obey(queue: &Queue, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { filter, json } => {
            each(queue, &filter, |letter| say(if json { letter.summary().to_string() } else { letter.line() })).await
        }
        Command::Show { offset } => show(queue, offset).await,
        Command::Replay { offsets, filter, to_origin, dry_run } => {
            let mut letters = Vec::new();
            let filter = filter.also_only(offsets);
            each(queue, &filter, |letter| letters.push(letter)).await?;
            filter.all_found(letters.iter().map(|letter| letter.offset))?;
            if dry_run {
                for letter in &letters {
                    say(letter.line());
                }
                return Ok(());
            }
            replay::send(queue, &letters, to_origin).await
        }
        Command::Drop { through, .. } => drop_through(queue, through).await,
    }
}

/// Does something with each letter that the filter lets through, oldest first.
async fn each(queue: &Queue, filter: &Filter, mut with: impl FnMut(Letter)) -> anyhow::Result<()> {
    let from = if filter.includes_dropped() { 0 } else { mark::read(queue).await? };
    let Some(mut stream) = open(queue, from).await? else { return Ok(()) };
    while let Some((offset, delivery)) = stream.next().await.context("the dead letters could not be read on")? {
        let letter = Letter { offset, delivery };
        if filter.lets_through(&letter) {
            with(letter);
        }
    }
    stream.close().await;
    Ok(())
}

async fn show(queue: &Queue, offset: u64) -> anyhow::Result<()> {
    let missing = || format!("there is no dead letter {offset}");
    let mut stream = open(queue, offset).await?.with_context(missing)?;
    let found = stream.next().await?.filter(|(at, _)| *at == offset);
    stream.close().await;
    let (offset, delivery) = found.with_context(missing)?;
    say(format!("{:#}", Letter { offset, delivery }.whole()));
    Ok(())
}

async fn drop_through(queue: &Queue, through: Option<u64>) -> anyhow::Result<()> {
    let from = mark::read(queue).await?;
    let Some(stream) = open(queue, from).await? else {
        say("There are no dead letters to be done with.");
        return Ok(());
    };
    let last = stream.last();
    stream.close().await;
    let through = through.unwrap_or(last);
    if through > last {
        bail!("there is no dead letter {through}: the last one is {last}");
    }
    if through < from {
        bail!("all dead letters before {from} are done with already");
    }
    mark::write(queue, through + 1).await?;
    say(json!({ "droppedThrough": through, "left": last - through }).to_string());
    Ok(())
}

async fn open(queue: &Queue, from: u64) -> anyhow::Result<Option<Stream>> {
    let name = format!("{}.XQ", queue.name);
    match Stream::open(&queue.url, NAME, &name, from).await {
        Err(error) if error.is_not_found() => bail!("there is no queue {name}"),
        outcome => outcome.with_context(|| format!("the queue {name} could not be read")),
    }
}
