//! How long others may let us wait.

use std::time::Duration;

/// How long clients may take, and how long they have to wait at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// So long may a client take to send the head of a request.
    pub head: Duration,
    /// So long may a client take to send the body of a request.
    pub body: Duration,
    /// So long may a connection be idle. A little longer than the proxies in front of us keep their connections, so that
    /// they close them and not we.
    pub idle: Duration,
    /// So long may a client not take what we send.
    pub taking: Duration,
    /// A request that has not been answered so long after its arrival, because the database does not answer, is given up.
    /// Proxies have lost their patience earlier.
    pub answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            taking: Duration::from_secs(30),
            answer: Duration::from_secs(20),
        }
    }
}
