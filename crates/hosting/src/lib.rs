#![doc = include_str!("../README.md")]

mod database;
mod process;
mod round;
mod work;

pub use database::Database;
pub use process::{Identity, Process, service};
pub use round::{Place, Round};
pub use work::Job;
