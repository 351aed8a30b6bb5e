//! No line of any service, at the most talkative level, no metric and no answer holds a secret; and in the format for
//! machines every line is an object.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use creditors_testkit::{
    http,
    local::stack::{Addresses, Callers},
    ports,
    process::{ServiceBuilder, ServiceProcess, discretion::password},
    servers::Access,
    wallet::{Login, Tokens, Wanted},
};
use domain::CreditorId;
use serde_json::{Value, json};

use super::{Play, payments};
use crate::scratch::Scratch;

const PIN_SECRET: &str = "hush-pin-protection-secret";
const PIN: &str = "7351926408";
const WRONG_PIN: &str = "8462037519";
const TOKEN: &str = "hush-bearer-token";
/// In a URL that nobody can use.
const WRONG_PASSWORD: &str = "hush-wrong-password";

/// What all services have written, by file.
fn outputs(directory: &Path) -> Vec<(String, String)> {
    let mut outputs = vec![];
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_log = path.extension().is_some_and(|extension| extension == "log");
        if is_log && name.starts_with("creditors-") && name != "creditors-authority.log" {
            outputs.push((name, String::from_utf8(fs::read(&path).unwrap()).unwrap()));
        }
    }
    outputs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_line_holds_a_secret_and_json_means_nothing_but_json() {
    let directory = Scratch::new("secrets");
    fs::write(directory.join("pin-secret"), PIN_SECRET).unwrap();
    let environment = [("APP_LOG_LEVEL", "debug"), ("APP_LOG_FORMAT", "json")];
    let mut play = Play::begin_with(Callers::Tokens, directory, &environment).await;
    let addresses = play.stack.addresses().clone();
    let access = addresses.authorization.clone().unwrap();
    let paid = play.cast.buyer.pay_often(play.cast.recipient(), payments(1..11), |_| ()).await.unwrap();
    play.audit(&paid).await;

    let buyer = play.cast.buyer.creditor_id;
    let tokens = log_in(&access, buyer, None).await;
    let mut told = try_pins(&addresses.api, buyer, &tokens, 2).await;
    let hmacs: Vec<Vec<u8>> = play
        .cast
        .database
        .query("SELECT pin_hmac FROM pin_info WHERE pin_hmac IS NOT NULL", &[])
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(hmacs.len(), 1, "a PIN has been set");
    let counted = play.stack.service("web").unwrap().metrics().await.unwrap();
    for line in ["creditors_pin_failures_total 1\n", "creditors_pin_blocks_total 0\n"] {
        assert!(counted.contains(line), "{line}{counted}");
    }
    told.extend(metrics_and_health(&addresses).await);
    told.extend(fail_to_connect(&addresses));
    cut_connections(&play).await;
    for service in ["consumer", "flusher", "web"] {
        play.stack.service(service).unwrap().restart().await.unwrap();
    }

    let signed = log_in(&access, buyer, Some("ES256")).await;
    let verifying = play.directory.join("verifying");
    let (mut web, api) = verify_signed_tokens(&verifying, &addresses, &access).await;
    told.extend(try_pins(&api, buyer, &signed, 4).await);
    told.push(("metrics of web in jwt mode".into(), web.metrics().await.unwrap()));
    tokio::task::spawn_blocking(move || web.stop()).await.unwrap().unwrap();

    let mut outputs = [outputs(&play.directory), outputs(&verifying)].concat();
    assert!(outputs.len() >= 7, "all services have written something: {outputs:?}");
    for (name, output) in &outputs {
        // Containers that configure are exempt (operations §8).
        let lines = output.lines().filter(|_| name != "creditors-agent.log");
        for line in lines {
            let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"));
            for member in ["asctime", "levelname", "name", "message"] {
                assert!(object[member].is_string(), "{name}: {line}");
            }
        }
    }
    let webs: Vec<_> = outputs.iter().filter(|(name, _)| name == "creditors-web.log").collect();
    assert_eq!(webs.len(), 2);
    assert!(webs.iter().all(|web| web.1.contains("answered with")), "there is a line for each request");
    outputs.append(&mut told);

    let mut secrets = vec![PIN_SECRET.to_owned(), PIN.into(), WRONG_PIN.into(), TOKEN.into(), WRONG_PASSWORD.into()];
    secrets.extend([&addresses.postgres, &addresses.broker].map(|url| password(url).unwrap().to_owned()));
    secrets.push(access.agent_secret);
    for tokens in [tokens, signed] {
        // Neither as a whole nor, if it is signed, its signature or what it says.
        secrets.extend(tokens.access_token.split('.').skip(1).map(str::to_owned));
        secrets.extend([tokens.access_token, tokens.refresh_token.unwrap()]);
    }
    secrets.extend(hmacs.iter().flat_map(|hmac| all_forms(hmac)));
    for (name, output) in &outputs {
        for secret in &secrets {
            let line = output.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{name} tells {secret:?}: {line:?}");
        }
    }
}

async fn log_in(access: &Access, creditor_id: CreditorId, algorithm: Option<&str>) -> Tokens {
    let login = Login::new(access.clone()).unwrap();
    login.of_creditor(creditor_id, Wanted { scope: "access", algorithm }).await.unwrap()
}

/// Another web server, which verifies signed tokens; and where its API is.
async fn verify_signed_tokens(directory: &Path, addresses: &Addresses, access: &Access) -> (ServiceProcess, String) {
    fs::create_dir(directory).unwrap();
    let [port] = ports::free().unwrap();
    let web = ServiceBuilder::new("creditors-web", directory)
        .unwrap()
        .env("POSTGRES_URL", &addresses.postgres)
        .env("PIN_PROTECTION_SECRET", PIN_SECRET)
        .env("APP_LOG_LEVEL", "debug")
        .env("APP_LOG_FORMAT", "json")
        .env("APP_AUTH_MODE", "jwt")
        .env("APP_JWT_JWKS_URL", access.keys_url())
        .env("APP_JWT_ISSUER", &access.url)
        .env("APP_JWT_AUDIENCE", "urn:creditors-agent")
        .env("APP_WEBSERVER_BIND", "127.0.0.1")
        .env("WEBSERVER_PORT", port.to_string());
    (web.start().await.unwrap(), format!("http://127.0.0.1:{port}"))
}

/// What everybody who can reach the admin ports is told.
async fn metrics_and_health(addresses: &Addresses) -> Vec<(String, String)> {
    let http = http::client();
    let mut told = vec![];
    for (name, port) in &addresses.admin_ports {
        for what in ["metrics", "health/live", "health/ready"] {
            let answer = http.get(format!("http://127.0.0.1:{port}/{what}")).send().await.unwrap();
            told.push((format!("{what} of {name}"), answer.text().await.unwrap()));
        }
    }
    assert_eq!(told.len(), 18);
    told
}

/// Sets a PIN, tries a wrong one, and uses the right one. Tokens that are none are tried too, and such that are in a
/// place where they should not be. Returns the answers.
async fn try_pins(api: &str, creditor_id: CreditorId, tokens: &Tokens, number: i64) -> Vec<(String, String)> {
    let url = format!("{api}/creditors/{}/pin", creditor_id.unsigned());
    let http = http::client();
    let mut answers = vec![];
    // Before it is set for the first time, no PIN is asked for.
    let old = (number > 2).then_some(PIN);
    for (number, old, status) in [(number, old, 200), (number + 1, Some(WRONG_PIN), 403), (number + 1, Some(PIN), 200)]
    {
        let mut body = json!({ "type": "PinInfo", "status": "on", "newPin": PIN, "latestUpdateId": number });
        if let Some(old) = old {
            body["pin"] = old.into();
        }
        let answer = http.patch(&url).json(&body).bearer_auth(&tokens.access_token).send().await.unwrap();
        let (found, text) = text(answer).await;
        assert_eq!(found, status, "{text}");
        answers.push((format!("answer {status}"), text));
    }
    // What does not even parse.
    let broken = http.patch(&url).body(format!("{{\"pin\": \"{PIN}\"")).bearer_auth(&tokens.access_token);
    // Refresh tokens are for the authorization server alone.
    let refresh = http.get(&url).bearer_auth(tokens.refresh_token.as_deref().unwrap());
    let misplaced = http.get(format!("{url}?access_token={}", tokens.access_token));
    let unknown = http.get(&url).bearer_auth(TOKEN);
    for request in [broken, refresh, misplaced, unknown] {
        let (status, text) = text(request.send().await.unwrap()).await;
        assert!((400..500).contains(&status), "{status}");
        answers.push((format!("answer {status}"), text));
    }
    answers
}

/// The status of an answer; its head and its body.
async fn text(answer: reqwest::Response) -> (u16, String) {
    let (status, head) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
    (status, format!("{head}\n{}", answer.text().await.unwrap()))
}

/// Commands with passwords that are not right.
fn fail_to_connect(addresses: &Addresses) -> Vec<(String, String)> {
    let binary = |name: &str| std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name);
    let (database, broker) = (password(&addresses.postgres).unwrap(), password(&addresses.broker).unwrap());
    let postgres = addresses.postgres.replace(database, WRONG_PASSWORD);
    let rabbit = addresses.broker.replace(broker, WRONG_PASSWORD);
    let commands: [&[&str]; 5] = [
        &["creditors-agent", "inspect", "creditor", "1"],
        &["creditors-agent", "subscribe"],
        &["creditors-agent", "dead-letters", "list"],
        &["creditors-agent", "config"],
        &["creditors-flusher", "--help"],
    ];
    commands
        .iter()
        .map(|words| {
            let mut command = Command::new(binary(words[0]));
            command.args(&words[1..]).env("POSTGRES_URL", &postgres).env("PROTOCOL_BROKER_URL", &rabbit);
            let output =
                command.env("PIN_PROTECTION_SECRET", PIN_SECRET).env("APP_LOG_LEVEL", "debug").output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            (words.join(" "), String::from_utf8(text).unwrap())
        })
        .collect()
}

/// So that services have something to complain about.
async fn cut_connections(play: &Play) {
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name LIKE 'creditors%'";
    let count: i64 = play.cast.database.query_one(cut, &[]).await.unwrap().get(0);
    assert!(count > 0);
    play.rest().await;
}

/// How bytes may look in a line: in hexadecimal digits, or as a list of numbers.
fn all_forms(bytes: &[u8]) -> [String; 2] {
    let hexadecimal = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let list: Vec<String> = bytes.iter().map(ToString::to_string).collect();
    [hexadecimal, list.join(", ")]
}
