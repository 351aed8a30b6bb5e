//! JSON as the protocol reads and writes it: leniently in (smp §4), byte-exactly out (smp §5.1).

mod document;
mod fields;
mod number;
mod repr;
mod text;
mod time;
mod writer;

pub(crate) use fields::{Aside, Fields};
pub(crate) use text::Rule;
pub(crate) use writer::Object;
