//! How soon the holder of an account hears of an incoming transfer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use domain::DebtorId;

use super::{LOOK_EVERY, World};
use crate::{
    bench::{
        Setting,
        consume::messages,
        figures::{Row, Table},
        latencies::Latencies,
        peer,
        seed::FIRST_CREDITOR,
    },
    wallet::{Seen, Wallet},
};

const TRANSFERS: u32 = 200;
/// Between two transfers.
const PAUSE: Duration = Duration::from_millis(20);
