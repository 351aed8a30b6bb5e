//! Reading a stream queue: its messages stay, and every reader says where it wants to begin.

use std::time::Duration;

use amqprs::channel::{
    BasicAckArguments, BasicConsumeArguments, BasicQosArguments, Channel, ConsumerMessage, QueueDeclareArguments,
};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    BrokerUrl, Delivery, Error, Header, Properties,
    connection::{Connection, SETUP_DEADLINE, call},
    fate::Fate,
    header,
    message::name,
};

/// The header in which the broker tells a message's offset.
pub const OFFSET_HEADER: &str = "x-stream-offset";

/// How many messages may be on their way to us. A stream does not deliver without a limit.
const PREFETCH: u16 = 200;

/// How long the broker may take to deliver the next message of which we know that it is there.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long to wait for the last messages of a stream that seems to be empty.
const LATECOMERS: Duration = Duration::from_secs(3);
/// The last messages of a stream come together: so long after one of them, no more will come.
const QUIET: Duration = Duration::from_millis(300);

/// The messages of a stream queue, from some offset to the end that it had when reading began.
pub struct Stream {
    connection: Connection,
    subscribed: Subscribed,
    from: u64,
    last: u64,
    is_over: bool,
}

/// A channel on which messages of the stream arrive.
struct Subscribed {
    channel: Channel,
    fate: std::sync::Arc<Fate>,
    messages: mpsc::UnboundedReceiver<ConsumerMessage>,
}

impl Stream {
    /// Begins at an offset, or at the oldest message if that is newer. `None` if there is nothing from there on.
    ///
    /// `client` is the connection's name, which the broker's operators see. A queue that does not exist is an error
    /// ([`Error::is_not_found`]).
    pub async fn open(url: &BrokerUrl, client: &str, queue: &str, from: u64) -> Result<Option<Self>, Error> {
        name("the queue", queue)?;
        let setup = timeout(SETUP_DEADLINE, async {
            let connection = Connection::open(url, client).await?;
            let seems_empty = seems_empty(&connection, queue).await?;
            let last = subscribe(&connection, queue, Header::from("last")).await?;
            Ok((connection, last, seems_empty))
        });
        let (connection, mut end, seems_empty) = setup.await.unwrap_or(Err(Error::Deadline(SETUP_DEADLINE)))?;
        let last = end.last_offset(seems_empty).await?.filter(|last| *last >= from);
        let Some(last) = last else {
            connection.close().await;
            return Ok(None);
        };
        let from_header = Header::Int(i64::try_from(from).unwrap_or(i64::MAX));
        let setup = timeout(SETUP_DEADLINE, subscribe(&connection, queue, from_header));
        let subscribed = setup.await.unwrap_or(Err(Error::Deadline(SETUP_DEADLINE)))?;
        Ok(Some(Self { connection, subscribed, from, last, is_over: false }))
    }

    /// The offset of the last message that will be given.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The next message with its offset; `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<(u64, Delivery)>, Error> {
        while !self.is_over {
            let message = timeout(DEADLINE, self.subscribed.next()).await.unwrap_or(Err(Error::Deadline(DEADLINE)))?;
            let (offset, delivery) = message;
            self.is_over = offset >= self.last;
            // The broker delivers whole pieces: the first one may begin before the wanted offset.
            if (self.from..=self.last).contains(&offset) {
                return Ok(Some((offset, delivery)));
            }
        }
        Ok(None)
    }

    /// Says goodbye.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("from", &self.from).field("last", &self.last).finish_non_exhaustive()
    }
}

/// Whether the queue, which must exist, is said to hold nothing. The broker does not know of the latest messages.
async fn seems_empty(connection: &Connection, queue: &str) -> Result<bool, Error> {
    let (channel, fate) = connection.channel(None).await?;
    let mut request = QueueDeclareArguments::durable_client_named(queue);
    request.passive(true);
    let answer = call(&fate, channel.queue_declare(request)).await?;
    Ok(answer.is_some_and(|(_, messages, _)| messages == 0))
}

async fn subscribe(connection: &Connection, queue: &str, from: Header) -> Result<Subscribed, Error> {
    let (channel, fate) = connection.channel(None).await?;
    call(&fate, channel.basic_qos(BasicQosArguments::new(0, PREFETCH, false))).await?;
    let mut request = BasicConsumeArguments::new(queue, "").manual_ack(true).finish();
    let arguments = header::to_table(&[(OFFSET_HEADER.to_owned(), from)]);
    request.arguments(arguments.ok_or_else(|| Error::Protocol("an argument is too long".to_owned()))?);
    let (_, messages) = call(&fate, channel.basic_consume_rx(request)).await?;
    Ok(Subscribed { channel, fate, messages })
}

impl Subscribed {
    /// The next message, acknowledged: to a stream that only means that more may follow.
    async fn next(&mut self) -> Result<(u64, Delivery), Error> {
        let Some(message) = self.messages.recv().await else { return Err(self.fate.cause_or_lost()) };
        let (Some(deliver), Some(properties), Some(body)) =
            (message.deliver, message.basic_properties, message.content)
        else {
            return Err(Error::Protocol("a delivery without content".to_owned()));
        };
        call(&self.fate, self.channel.basic_ack(BasicAckArguments::new(deliver.delivery_tag(), false))).await?;
        let delivery = Delivery {
            exchange: deliver.exchange().clone(),
            routing_key: deliver.routing_key().clone(),
            redelivered: deliver.redelivered(),
            properties: Properties::from(&properties),
            body,
        };
        match delivery.header(OFFSET_HEADER) {
            Some(Header::Int(offset)) if *offset >= 0 => Ok((offset.unsigned_abs(), delivery)),
            _ => Err(Error::Protocol("a message without an offset: the queue is no stream".to_owned())),
        }
    }

    /// The greatest offset, on a channel that began with the last piece of the stream; `None` if it is empty.
    ///
    /// A stream that is not, but is not delivered in time, is an error: nobody should think that there is nothing.
    async fn last_offset(&mut self, seems_empty: bool) -> Result<Option<u64>, Error> {
        let mut last = match timeout(if seems_empty { LATECOMERS } else { DEADLINE }, self.next()).await {
            Ok(message) => message?.0,
            Err(_) if seems_empty => return Ok(None),
            Err(_) => return Err(Error::Deadline(DEADLINE)),
        };
        while let Ok(message) = timeout(QUIET, self.next()).await {
            last = last.max(message?.0);
        }
        Ok(Some(last))
    }
}
