//! A row of the outbox as an AMQP message (smp §6).

use amqp::{Message, Properties};
use domain::signal::Signal;
use smp::outgoing;

pub(crate) fn of(signal: &Signal) -> Message {
    let kind = signal.kind();
    let headers = outgoing::headers(signal).into_iter().map(|(name, value)| (name.to_owned(), value.convert()));
    Message {
        exchange: outgoing::exchange(kind).to_owned(),
        routing_key: outgoing::routing_key(signal),
        mandatory: outgoing::mandatory(kind),
        properties: Properties {
            message_type: Some(outgoing::message_type(kind).to_owned()),
            content_type: Some(outgoing::CONTENT_TYPE.to_owned()),
            app_id: Some(outgoing::APP_ID.to_owned()),
            persistent: true,
            headers: headers.collect(),
            ..Properties::default()
        },
        body: outgoing::encode(signal),
    }
}
