//! Free TCP ports on the loopback interface.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    ops::RangeInclusive,
    sync::{Mutex, PoisonError},
};

use rand::seq::SliceRandom as _;

/// Below the range from which the system takes ports for outgoing connections: what is free now stays free.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 600;
const BLOCK: u16 = 20;

/// Ports that this process gives away, and no other one: whoever listens on a block's first port owns the rest of it.
struct Owned {
    /// One for each block, until the process ends.
    guards: Vec<TcpListener>,
    left: RangeInclusive<u16>,
}

static OWNED: Mutex<Owned> = Mutex::new(Owned { guards: vec![], left: RangeInclusive::new(1, 0) });

impl Owned {
    /// The next port on which nobody listens.
    fn next(&mut self) -> io::Result<u16> {
        loop {
            match self.left.next() {
                Some(port) if is_free(port) => return Ok(port),
                Some(_) => {}
                None => self.extend()?,
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "any free ports will do")]
    fn extend(&mut self) -> io::Result<()> {
        let mut blocks: Vec<_> = (0..BLOCKS).map(|block| FIRST + block * BLOCK).collect();
        blocks.shuffle(&mut rand::rng());
        let free = |first: u16| Some((first, TcpListener::bind((Ipv4Addr::LOCALHOST, first)).ok()?));
        let (first, guard) =
            blocks.into_iter().find_map(free).ok_or_else(|| io::Error::other("no free TCP port on 127.0.0.1"))?;
        self.guards.push(guard);
        self.left = first + 1..=first + (BLOCK - 1);
        Ok(())
    }
}

/// Ports on which nobody listens. None is given away again, in this process or, while it lives, in another one.
pub fn free<const N: usize>() -> io::Result<[u16; N]> {
    let mut owned = OWNED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut ports = [0; N];
    for port in &mut ports {
        *port = owned.next()?;
    }
    Ok(ports)
}

/// True if nobody listens on this port of the loopback interface.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
