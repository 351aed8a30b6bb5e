//! The life of a process.

use std::process::{self, Command, ExitCode};

use creditors_runtime::config::Environment;
use creditors_runtime::service::Running;
use creditors_runtime::{Context, Service};

const SERVICE: Service = Service { name: "creditors-example", worker_threads: 1, init_logging: |_| {} };

fn run(environment: &Environment, body: fn(Context) -> Running) -> ExitCode {
    SERVICE.run(environment, Box::new(body))
}

#[test]
fn the_body_decides_about_the_status() {
    let environment = Environment::default();
    assert_eq!(run(&environment, |_| Box::pin(async { Ok(ExitCode::from(7)) })), ExitCode::from(7));
    assert_eq!(run(&environment, |_| Box::pin(async { anyhow::bail!("no luck") })), ExitCode::FAILURE);
}

#[test]
fn without_a_sound_configuration_nothing_starts() {
    let environment = Environment::from_pairs([("FLUSH_PERIOD", "")]);
    let body = |_| -> Running { Box::pin(async { Ok(ExitCode::SUCCESS) }) };
    assert_eq!(run(&environment, body), ExitCode::FAILURE);
}

#[test]
fn a_signal_stops_the_service_in_order() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let status = SERVICE.run(
            &Environment::default(),
            Box::new(move |context| {
                Box::pin(async move {
                    assert!(!context.stop.is_stopped());
                    assert!(Command::new("kill").args([signal, &process::id().to_string()]).status()?.success());
                    context.stop.stopped().await;
                    Ok(ExitCode::from(3))
                })
            }),
        );
        assert_eq!(status, ExitCode::from(3), "{signal}");
    }
}
