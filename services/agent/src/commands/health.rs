//! `health`: for the health checks of container engines, which can only run a program.

use std::{
    ffi::OsString,
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::Parser;
use observability::admin::ports;
use runtime::config::Section;

use crate::output::say;

use super::start;

const NAME: &str = "creditors-agent health";

/// For connecting, and for each part of the answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// An answer of ours is far shorter.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Asks the health port of a process on this machine whether it is ready; status 0 if it is, else 1.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    /// The health port of the process; default: APP_ADMIN_PORT, or that of `all`
    #[arg(long, short)]
    port: Option<u16>,
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, &[Section::Admin, Section::Logging], words, async |Arguments { port }, context| {
        let admin = &context.settings.admin;
        let port = port.or(admin.port).unwrap_or(ports::AGENT);
        let address = SocketAddr::new(reachable(admin.bind), port);
        let answer = ask(address).with_context(|| format!("no answer from the health port {address}"))?;
        say(answer.body);
        Ok(if answer.is_ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// Where a server that listens on `bind` can be reached from this machine.
fn reachable(bind: IpAddr) -> IpAddr {
    if bind.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { bind }
}

struct Answer {
    is_ready: bool,
    body: String,
}

fn ask(address: SocketAddr) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    // Without keep-alive, the end of the answer is the end of the stream.
    write!(stream, "GET /health/ready HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut text = String::new();
    stream.take(LONGEST_ANSWER).read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| io::Error::other("it is not an answer in HTTP"))?;
    let is_ready = head.split(' ').nth(1) == Some("200");
    Ok(Answer { is_ready, body: body.to_owned() })
}
