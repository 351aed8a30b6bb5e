#![doc = include_str!("../README.md")]

pub mod arguments;
pub mod clock;
pub mod config;
pub mod damper;
pub mod random;
pub mod service;
pub mod stop;
pub mod tasks;
pub mod wake;
pub mod worker;

pub use clock::{Clock, ManualClock, SystemClock};
pub use damper::Damper;
pub use random::{Random, SeededRandom, SystemRandom};
pub use service::{Context, Service};
pub use stop::Stop;
pub use wake::{Wake, Woken};
