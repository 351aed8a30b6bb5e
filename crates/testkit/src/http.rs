//! Clients for HTTP.

use std::time::Duration;

use reqwest::{Client, ClientBuilder};

/// No answer takes longer. Without a limit, a server that hangs would be a test that hangs.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// A client to be completed, which waits for a minute unless told otherwise. Nothing here uses TLS, but a client cannot be built where no cryptography is chosen, and
/// what other crates ask of the library makes it one that wants to be asked.
pub fn builder() -> ClientBuilder {
    // It fails where the choice has been made already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(ANSWERED_WITHIN)
}

/// A client without any other settings.
pub fn client() -> Client {
    // It fails only without cryptography; then the usual constructor says so.
    builder().build().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn clients_have_patience_but_not_for_ever() {
        for client in [client(), builder().build().unwrap()] {
            let told = format!("{client:?}");
            assert!(told.contains("60s"), "{told}");
        }
    }

    #[tokio::test]
    async fn who_never_answers_is_given_up() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let client = builder().timeout(Duration::from_millis(10)).build().unwrap();
        assert!(client.get(url).send().await.unwrap_err().is_timeout());
    }
}
