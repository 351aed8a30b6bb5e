//! What strangers do costs little memory, and none in the end.

use std::{net::SocketAddr, time::Duration};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use socket2::SockRef;
use testkit::issuer::Issuer;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::Served;

/// What an idle connection may cost, in bytes.
const EACH: usize = 32 << 10;
/// What a connection may leave behind, in bytes: less than the smallest thing the server knows of one.
const LEFT: usize = 1 << 10;
const SOCKETS: u64 = 10_000;
const ROUNDS: usize = 6;
/// What the test and the server have open besides.
const OTHER_FILES: u64 = 500;
/// Longer than any answer takes, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);
const MEBIBYTE: usize = 1 << 20;

const REQUEST: &[u8] = b"GET /creditors/health/check/public HTTP/1.1\r\nHost: a\r\n\r\n";

/// As many open files as the system lets us have, for us and for what we start. Returns how many sockets that allows.
fn allow_sockets() -> usize {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    let sockets = most.saturating_sub(OTHER_FILES).min(SOCKETS);
    if sockets < SOCKETS {
        eprintln!("NOT TESTED with {SOCKETS} sockets, but with {sockets}: the system allows only {most} open files");
    }
    usize::try_from(sockets).unwrap()
}

/// A connection over which one request was answered.
async fn idle(address: SocketAddr) -> TcpStream {
    let connecting = timeout(PATIENCE, TcpStream::connect(address));
    let mut stream = connecting.await.unwrap().unwrap();
    // Nothing stays of it at its end, so that the ports do not run out.
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    stream.write_all(REQUEST).await.unwrap();
    let mut answer = [0; 1024];
    let reading = timeout(PATIENCE, stream.read(&mut answer));
    let length = reading.await.unwrap().unwrap();
    assert!(answer[..length].starts_with(b"HTTP/1.1 200"));
    stream
}

#[actix_web::test]
async fn idle_connections() {
    // The server has raised its own limit, which we have not done yet.
    let served = Served::start(&[("APP_AUTH_MODE", "trusted-headers"), ("APP_LOG_LEVEL", "warning")]).await;
    let count = allow_sockets();
    let address = served.web.address();
    let idle = served.memory();
    let mut used = vec![];
    for _ in 0..ROUNDS {
        let mut streams = Vec::with_capacity(count);
        for _ in 0..count {
            streams.push(self::idle(address).await);
        }
        // The others are served meanwhile.
        assert_eq!(served.web.send("GET", "/creditors/health/check/public", &[]).await.status, 200);
        used.push(served.memory());
        drop(streams);
        served.until_alone().await;
    }
    let shown: Vec<_> = used.iter().map(|bytes| bytes / MEBIBYTE).collect();
    eprintln!("MiB with no connections: {}, and each time with {count}: {shown:?}", idle / MEBIBYTE);
    let [.., before, last] = used[..] else { unreachable!("there were {ROUNDS} rounds") };
    assert!(last - idle < count * EACH, "{idle} bytes, then {used:?}");
    // Each thread needs as much as the most connections it has ever had, which no longer grows.
    assert!(last.saturating_sub(before) < count * LEFT, "{used:?}");
}

#[actix_web::test]
async fn bad_tokens() {
    // As many as are remembered (`MAX_BAD`): the first round fills the memory, and in the second one each bad token takes
    // the place of another. Without that limit, the second round would cost 8 MB, if tokens were kept as they are.
    const ROUND: usize = 1_000;
    let issuer = Issuer::start().unwrap();
    let url = issuer.introspection_url();
    let served = Served::start(&[("OAUTH2_INTROSPECT_URL", &url), ("APP_LOG_LEVEL", "warning")]).await;
    let mut after = vec![];
    for round in 0..2 {
        let mut stream = TcpStream::connect(served.web.address()).await.unwrap();
        for number in 0..ROUND {
            // Long ones: if they were kept, it would be seen.
            let token = format!("{}-{round}-{number}", "x".repeat(8_000));
            let request =
                format!("GET /creditors/.wallet HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = [0; 2048];
            let length = stream.read(&mut answer).await.unwrap();
            assert!(answer[..length].starts_with(b"HTTP/1.1 401"));
        }
        after.push(served.memory());
    }
    assert_eq!(issuer.asked(), 2 * ROUND);
    let grown = after[1].saturating_sub(after[0]);
    eprintln!("after {ROUND} bad tokens: {} MiB; {} more: {} KiB", after[0] / MEBIBYTE, ROUND, grown / 1024);
    assert!(grown < 4 * MEBIBYTE, "{after:?}");
}
