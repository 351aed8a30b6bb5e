//! The command line.

use clap::Parser;

/// Consumes the messages that arrive for this shard, and writes what they say into the database.
#[derive(Clone, Default, Parser)]
#[command(name = crate::NAME, version)]
pub struct Arguments {
    /// The broker's address; default: PROTOCOL_BROKER_URL.
    #[arg(long, short, value_name = "URL")]
    pub url: Option<String>,
    /// The queue; default: PROTOCOL_BROKER_QUEUE.
    #[arg(long, short, value_name = "NAME")]
    pub queue: Option<String>,
    /// Parallel consumers; 0 and default: PROTOCOL_BROKER_PROCESSES.
    #[arg(long, short, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub processes: u32,
    /// Workers per consumer; default: PROTOCOL_BROKER_THREADS.
    #[arg(long, short, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub threads: Option<u32>,
    /// Unacknowledged bytes per worker, of which the broker knows no limit but 0 = none; default:
    /// PROTOCOL_BROKER_PREFETCH_SIZE.
    #[arg(long, short = 's', value_name = "BYTES")]
    pub prefetch_size: Option<u32>,
    /// Unacknowledged messages per worker, 0 = more than enough; default: PROTOCOL_BROKER_PREFETCH_COUNT.
    #[arg(long, short = 'c', value_name = "COUNT")]
    pub prefetch_count: Option<u16>,
    /// Step away from the queue regularly while it is empty, so that it can be deleted.
    #[arg(long)]
    pub draining_mode: bool,
}
