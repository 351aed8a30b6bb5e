//! One connection to the broker, and channels on it.

use std::{future::Future, sync::Arc, time::Duration};

use amqprs::{channel::Channel, connection::OpenConnectionArguments, error::Error as ClientError};
use tokio::time::timeout;

use crate::{
    BrokerUrl, Error,
    callbacks::{ChannelEvents, ConnectionEvents},
    fate::Fate,
    publisher::Confirms,
    tls,
};

/// For everything up to a usable channel. Whatever is cut off by a deadline is never used again: an abandoned request
/// leaves the client library's dispatcher in a state from which it panics later.
pub(crate) const SETUP_DEADLINE: Duration = Duration::from_secs(20);

/// For saying goodbye.
const CLOSE_DEADLINE: Duration = Duration::from_secs(5);

/// An open connection. Dropped, it is closed without waiting.
pub(crate) struct Connection {
    inner: amqprs::connection::Connection,
    fate: Arc<Fate>,
}

impl Connection {
    /// Connects under a name that the broker's operators see. Callers set the deadline.
    pub(crate) async fn open(url: &BrokerUrl, name: &str) -> Result<Self, Error> {
        let failed = |error: &ClientError| Error::Connect { broker: url.to_string(), reason: explained(error) };
        let arguments = arguments(url, name)?;
        let inner = amqprs::connection::Connection::open(&arguments).await.map_err(|error| failed(&error))?;
        let fate = Arc::new(Fate::default());
        inner.register_callback(ConnectionEvents(Arc::clone(&fate))).await.map_err(|error| failed(&error))?;
        let connection = Self { inner, fate };
        connection.check_terms(url)?;
        Ok(connection)
    }

    /// The client library breaks on these, which only a strangely configured broker would ask for.
    fn check_terms(&self, url: &BrokerUrl) -> Result<(), Error> {
        let (heartbeat, frame) = (self.inner.heartbeat(), self.inner.frame_max());
        if heartbeat >= 2 && frame >= 4096 {
            return Ok(());
        }
        let reason = format!("the broker insists on heartbeat {heartbeat} s and frames of at most {frame} bytes");
        Err(Error::Connect { broker: url.to_string(), reason })
    }

    /// Opens a channel that reports its end, and its confirms if it is to publish.
    pub(crate) async fn channel(&self, confirms: Option<Arc<Confirms>>) -> Result<(Channel, Arc<Fate>), Error> {
        let channel = call(&self.fate, self.inner.open_channel(None)).await?;
        let fate = Arc::new(Fate::default());
        let events = ChannelEvents { connection: Arc::clone(&self.fate), channel: Arc::clone(&fate), confirms };
        call(&self.fate, channel.register_callback(events)).await?;
        Ok((channel, fate))
    }

    /// Waits for the end of the connection and says what it was.
    pub(crate) async fn lost(&self) -> Error {
        self.fate.gone().await;
        self.fate.cause_or_lost()
    }

    /// Says goodbye, so that the broker does not log an unexpected end, and everything sent before gets through.
    pub(crate) async fn close(&self) {
        if self.fate.is_gone() {
            return;
        }
        self.fate.end(Error::Closed);
        // If that fails, heartbeats on either side find out.
        let _ = timeout(CLOSE_DEADLINE, self.inner.clone().close()).await;
    }
}

/// Runs one request. Only ever one at a time on a channel: the client library cannot tell two answers apart.
pub(crate) async fn call<T>(fate: &Fate, request: impl Future<Output = Result<T, ClientError>>) -> Result<T, Error> {
    request.await.map_err(|error| match (fate.cause(), error) {
        (Some(cause), _) => cause,
        (None, ClientError::InternalChannelError(_)) => Error::ConnectionLost,
        (None, error) => Error::Protocol(error.to_string()),
    })
}

fn arguments(url: &BrokerUrl, name: &str) -> Result<OpenConnectionArguments, Error> {
    let mut arguments = OpenConnectionArguments::new(url.host(), url.port(), url.user(), url.password());
    arguments.virtual_host(url.vhost()).connection_name(name).heartbeat(url.heartbeat());
    if url.uses_tls() {
        arguments.tls_adaptor(tls::adaptor(url.host())?);
    }
    Ok(arguments)
}

/// In words for operators. The broker hangs up on a wrong password without a word; say so.
fn explained(error: &ClientError) -> String {
    let text = error.to_string();
    // What the broker says when it closes the connection is a part of a dump: `ShortStr(17, "NOT_ALLOWED - …")`.
    let said = text.split_once("ShortStr(").and_then(|(_, rest)| rest.split_once('"')?.1.split_once('"'));
    if let Some((reason, _)) = said {
        return reason.to_owned();
    }
    let hung_up = ["peer shutdown", "reset by peer"].iter().any(|known| text.contains(known));
    if hung_up { format!("{text} (wrong user or password?)") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_says_is_shown_as_it_says_it() {
        let dump = r#"failed to open connection, reason: Close(MethodHeader { class_id: 10, method_id: 50 }, Close { reply_code: 530, reply_text: ShortStr(41, "NOT_ALLOWED - vhost nosuchvhost not found"), class_id: 10, method_id: 40 })"#;
        let of = |text: &str| explained(&ClientError::ConnectionOpenError(text.to_owned()));
        assert_eq!(of(dump), "NOT_ALLOWED - vhost nosuchvhost not found");
        assert!(of("peer shutdown").ends_with("(wrong user or password?)"));
        assert!(of("network io error").ends_with("network io error"));
    }
}
