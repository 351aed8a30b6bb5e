#![doc = include_str!("../README.md")]

mod database;
mod process;
mod work;

pub use database::Database;
pub use process::{Identity, Process, service};
pub use work::Job;
