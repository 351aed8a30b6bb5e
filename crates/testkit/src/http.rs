//! Clients for HTTP.

use reqwest::{Client, ClientBuilder};

/// A client to be completed. Nothing here uses TLS, but a client cannot be built where no cryptography is chosen, and
/// what other crates ask of the library makes it one that wants to be asked.
pub fn builder() -> ClientBuilder {
    // It fails where the choice has been made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

/// A client without any settings.
pub fn client() -> Client {
    // It fails only without cryptography; then the usual constructor says so.
    builder().build().unwrap_or_default()
}
