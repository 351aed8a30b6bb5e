//! A line to the database that can be cut, and hold its breath.

use std::{net::SocketAddr, sync::Arc};

use runtime::tasks;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

/// What happens to the traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// Bytes are accepted, but not passed on.
    Frozen,
    /// Connections are closed, and new ones are refused.
    Cut,
}

/// A line to the database, at an address of its own.
pub(crate) struct Link {
    address: SocketAddr,
    database: String,
    state: Arc<watch::Sender<State>>,
}

impl Link {
    /// A line to the database with that URL.
    pub(crate) async fn to(database_url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let link = Self { address, database: database_url.to_owned(), state: Arc::new(watch::channel(State::Open).0) };
        link.listen(listener);
        link
    }

    /// The URL of the database at the other end.
    pub(crate) fn url(&self) -> String {
        let mut url = Url::parse(&self.database).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// Closes all connections, and refuses new ones from now on.
    pub(crate) async fn cut(&self) {
        self.state.send_replace(State::Cut);
        // The listener is closed when nobody is let in anymore.
        while TcpStream::connect(self.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    }

    /// Nothing comes through from now on.
    pub(crate) fn freeze(&self) {
        self.state.send_replace(State::Frozen);
    }

    /// All is as in the beginning.
    pub(crate) async fn mend(&self) {
        if self.state.send_replace(State::Open) == State::Cut {
            self.listen(TcpListener::bind(self.address).await.unwrap());
        }
    }

    fn listen(&self, listener: TcpListener) {
        let url = Url::parse(&self.database).unwrap();
        let target = (url.host_str().unwrap().to_owned(), url.port().unwrap());
        let state = self.state.subscribe();
        tasks::spawn("link", async move {
            let mut cut = state.clone();
            tokio::select! {
                _ = cut.wait_for(|state| *state == State::Cut) => {}
                () = accept(listener, target, state) => {}
            }
        });
    }
}

async fn accept(listener: TcpListener, target: (String, u16), state: watch::Receiver<State>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (target, mut state) = (target.clone(), state.clone());
        tasks::spawn("link", async move {
            let Ok(mut far) = TcpStream::connect((target.0.as_str(), target.1)).await else { return };
            loop {
                let present = *state.borrow_and_update();
                match present {
                    State::Cut => return,
                    State::Frozen => drop(state.changed().await),
                    State::Open => tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => return,
                        _ = state.changed() => {}
                    },
                }
            }
        });
    }
}
