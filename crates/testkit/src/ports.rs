//! Free TCP ports on the loopback interface.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use rand::RngExt as _;

/// Below the range from which the system takes ports for outgoing connections: what is free now stays free.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// Ports on which nobody listens, all different.
///
/// They are drawn at random, so that two processes that ask at the same time practically never get the same.
#[expect(clippy::disallowed_methods, reason = "any free port will do")]
pub fn free<const N: usize>() -> io::Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    let mut ports = [0; N];
    for port in &mut ports {
        let listener = (0..1000)
            .find_map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, rand::rng().random_range(RANGE))).ok())
            .ok_or_else(|| io::Error::other("no free TCP port on 127.0.0.1"))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

/// True if nobody listens on this port of the loopback interface.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
