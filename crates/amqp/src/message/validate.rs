//! What AMQP cannot carry is refused before the client library panics over it or the broker hangs up.

use crate::{
    Error,
    message::{Message, Properties},
};

const LONGEST_NAME: usize = 255;

/// Properties travel in one frame, and frames are at most 128 KiB unless the broker is configured otherwise. The rest
/// is for the other properties (13 short texts) and the lengths of the headers.
const MOST_HEADER_BYTES: usize = 120 * 1024;

/// What the broker takes by default.
const LARGEST_BODY: usize = 128 * 1024 * 1024;

/// Checks the length of a name: of a queue, an exchange, a routing key...
pub(crate) fn name(what: &'static str, name: &str) -> Result<(), Error> {
    let bytes = name.len();
    if bytes > LONGEST_NAME { Err(Error::NameTooLong { what, bytes }) } else { Ok(()) }
}

/// Says why a message cannot be sent.
pub(crate) fn validate(message: &Message) -> Result<(), String> {
    name("the exchange", &message.exchange).map_err(|error| error.to_string())?;
    name("the routing key", &message.routing_key).map_err(|error| error.to_string())?;
    for (what, value) in short_texts(&message.properties) {
        name(what, value.as_deref().unwrap_or_default()).map_err(|error| error.to_string())?;
    }
    headers(&message.properties)?;
    if message.body.len() > LARGEST_BODY {
        return Err(format!("the body is {} bytes long, at most {LARGEST_BODY} are allowed", message.body.len()));
    }
    Ok(())
}

fn short_texts(properties: &Properties) -> [(&'static str, &Option<String>); 10] {
    [
        ("the type", &properties.message_type),
        ("the content type", &properties.content_type),
        ("the content encoding", &properties.content_encoding),
        ("the application id", &properties.app_id),
        ("the user id", &properties.user_id),
        ("the message id", &properties.message_id),
        ("the correlation id", &properties.correlation_id),
        ("the reply address", &properties.reply_to),
        ("the expiration", &properties.expiration),
        ("the cluster id", &properties.cluster_id),
    ]
}

fn headers(properties: &Properties) -> Result<(), String> {
    let mut bytes = 0_usize;
    for (key, value) in &properties.headers {
        name("a header's name", key).map_err(|error| error.to_string())?;
        bytes = bytes.saturating_add(key.len()).saturating_add(6).saturating_add(value.wire_size());
    }
    if bytes > MOST_HEADER_BYTES {
        return Err(format!("the headers are {bytes} bytes long, at most {MOST_HEADER_BYTES} are allowed"));
    }
    Ok(())
}
