//! Tests of the web service that need no database.

mod app;
mod bodies;
mod callers;
mod cors;
mod documents;
mod fields;
mod requests;
mod routing;
mod sockets;
