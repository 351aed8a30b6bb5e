//! The crate against a real RabbitMQ, each test in a virtual host of its own.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must fail")]

extern crate creditors_amqp as amqp;

mod broken_broker;
mod consumer;
mod proxy;
mod publisher;
mod recovery;
mod stream;
mod support;
mod topology;
