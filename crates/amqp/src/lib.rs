#![doc = include_str!("../README.md")]

mod backoff;
mod callbacks;
mod connection;
mod consumer;
mod error;
mod fate;
mod header;
mod message;
mod publisher;
mod status;
mod stream;
mod tasks;
mod tls;
pub mod topology;
mod url;

pub use consumer::{Batch, Brake, Consumer, ConsumerOptions};
pub use error::Error;
pub use header::{Header, Headers, RawHeader};
pub use message::{Delivery, Message, Properties};
pub use publisher::{Outcome, Publisher, PublisherOptions};
pub use status::Status;
pub use stream::{OFFSET_HEADER, Stream};
pub use topology::Topology;
pub use url::{BrokerUrl, InvalidUrl};
