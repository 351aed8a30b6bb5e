#![doc = include_str!("../README.md")]

pub mod authority;
pub mod headers;
pub mod incoming;
mod json;
pub mod names;
pub mod outgoing;
mod rejection;

pub use headers::HeaderValue;
pub use rejection::{BadMember, Reason, Rejection};
