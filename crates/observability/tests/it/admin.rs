//! Health and metrics over HTTP.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use creditors_observability::{Admin, Metrics, Readiness};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn start(readiness: &Readiness) -> Admin {
    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    Admin::start_on(listener, readiness.clone(), Metrics::install().unwrap()).unwrap()
}

/// The status and the body.
fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn readiness_follows_its_conditions_and_liveness_does_not() {
    let readiness = Readiness::new(["database", "broker"]);
    let admin = start(&readiness);
    let ask = |path| get(admin.address(), path);
    let expected = (503, "{\"ready\":false,\"unmet\":[\"broker\",\"database\"]}".to_owned());
    assert_eq!(ask("/health/ready"), expected);
    readiness.set("database", true);
    readiness.set("broker", true);
    assert_eq!(ask("/health/ready"), (200, "{\"ready\":true,\"unmet\":[]}".into()));
    readiness.set("broker", false);
    readiness.drain();
    assert_eq!(ask("/health/ready"), (503, "{\"ready\":false,\"unmet\":[\"broker\",\"draining\"]}".into()));
    assert_eq!(ask("/health/live"), (200, "{\"live\":true}".into()));
    assert_eq!(ask("/other").0, 404);
}

#[test]
fn metrics_are_shown_with_their_buckets() {
    let admin = start(&Readiness::default());
    metrics::counter!("retries_total", "transaction" => "t").increment(3);
    metrics::histogram!("pass_duration_seconds").record(0.003);
    metrics::histogram!("batch_rows").record(300.0);
    let (status, body) = get(admin.address(), "/metrics");
    assert_eq!(status, 200);
    for line in [
        "retries_total{transaction=\"t\"} 3",
        "pass_duration_seconds_bucket{le=\"0.0025\"} 0",
        "pass_duration_seconds_bucket{le=\"0.005\"} 1",
        "batch_rows_bucket{le=\"200\"} 0",
        "batch_rows_bucket{le=\"500\"} 1",
    ] {
        assert!(body.lines().any(|shown| shown == line), "{line}\n{body}");
    }
    let value =
        |name: &str| -> f64 { body.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().parse().unwrap() };
    assert!(value("process_resident_memory_bytes ") > 1e6);
    assert!(value("process_uptime_seconds ") >= 0.0);
}

#[test]
fn an_occupied_port_is_told_clearly() {
    let occupied = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let port = occupied.local_addr().unwrap().port();
    let metrics = Metrics::install().unwrap();
    let error = Admin::start(LOOPBACK, port, Readiness::default(), metrics.clone()).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("health and metrics cannot be shown at 127.0.0.1:{port}, the address that APP_ADMIN_PORT asks for")
    );
    assert!(error.source().unwrap().to_string().contains("in use"));
    assert!(Admin::start(LOOPBACK, 0, Readiness::default(), metrics).unwrap().is_none());
}

#[test]
fn a_dropped_responder_frees_its_port() {
    let admin = start(&Readiness::default());
    let address = admin.address();
    assert_eq!(get(address, "/health/live").0, 200);
    drop(admin);
    while TcpListener::bind(address).is_err() {
        std::thread::yield_now();
    }
}
