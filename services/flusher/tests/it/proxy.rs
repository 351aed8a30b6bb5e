//! A wire to the broker that breaks, or falls silent, after a number of bytes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use amqp::BrokerUrl;
use runtime::{Stop, tasks};
use tokio::{
    io::{AsyncReadExt as _, copy},
    net::{TcpListener, TcpStream},
};

pub(crate) struct Proxy {
    port: u16,
    broken: Arc<AtomicUsize>,
    closed: Stop,
}

/// What happens to a wire that has carried enough.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    Breaks,
    /// Nothing passes any more, and nobody is told.
    FallsSilent,
}

impl Proxy {
    /// The first connections come to an end as soon as we have sent so many bytes over them, one after the other; later
    /// ones do not.
    pub(crate) async fn to(url: &BrokerUrl, limits: Vec<u64>, end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = format!("{}:{}", url.host(), url.port());
        let mut limits = limits.into_iter();
        let broken = Arc::new(AtomicUsize::new(0));
        let (counter, closed) = (Arc::clone(&broken), Stop::new());
        let stop = closed.clone();
        tasks::spawn("proxy", async move {
            while let Ok((client, _)) = listener.accept().await {
                if stop.is_stopped() {
                    continue;
                }
                let server = TcpStream::connect(&target).await.unwrap();
                let (limit, counter) = (limits.next(), Arc::clone(&counter));
                let stop = stop.clone();
                tasks::spawn("wire", async move {
                    tokio::select! {
                        () = stop.stopped() => {}
                        () = carry(client, server, limit, end, counter) => {}
                    }
                });
            }
        });
        Self { port, broken, closed }
    }

    /// The way through here.
    pub(crate) fn url(&self, url: &BrokerUrl) -> String {
        format!("amqp://{}:{}@127.0.0.1:{}/{}", url.user(), url.password(), self.port, url.vhost())
    }

    /// Breaks all connections; there will be no others.
    pub(crate) fn close(&self) {
        self.closed.stop();
    }

    /// How many connections have come to their end.
    pub(crate) fn broken(&self) -> usize {
        self.broken.load(Ordering::Acquire)
    }
}

async fn carry(client: TcpStream, server: TcpStream, limit: Option<u64>, end: End, broken: Arc<AtomicUsize>) {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut from_client = from_client.take(limit.unwrap_or(u64::MAX));
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
    if from_client.limit() == 0 {
        broken.fetch_add(1, Ordering::AcqRel);
        if end == End::FallsSilent {
            std::future::pending::<()>().await;
        }
    }
}
