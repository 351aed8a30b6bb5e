//! No line of any service, at the most talkative level, holds a secret; and in the format for machines every line is
//! an object.

use std::{fmt::Write as _, fs, process::Command};

use creditors_testkit::{
    http,
    local::stack::{Addresses, Callers},
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
fn outputs(play: &Play) -> Vec<(String, String)> {
    let mut outputs = vec![];
    for entry in fs::read_dir(&*play.directory).unwrap() {
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

    let tokens = log_in(&access, play.cast.buyer.creditor_id).await;
    try_pins(&addresses, play.cast.buyer.creditor_id.unsigned(), &tokens).await;
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
    let mut outputs_of_commands = fail_to_connect(&addresses);
    cut_connections(&play).await;
    for service in ["consumer", "flusher", "web"] {
        play.stack.service(service).unwrap().restart().await.unwrap();
    }

    let mut outputs = outputs(&play);
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
    let web = outputs.iter().find(|(name, _)| name == "creditors-web.log").unwrap();
    assert!(web.1.contains("answered with"), "there is a line for each request");
    outputs.append(&mut outputs_of_commands);

    let mut secrets = vec![PIN_SECRET.to_owned(), PIN.into(), WRONG_PIN.into(), TOKEN.into(), WRONG_PASSWORD.into()];
    secrets.extend([password(&addresses.postgres), password(&addresses.broker)]);
    secrets.extend([access.agent_secret, tokens.access_token, tokens.refresh_token.unwrap()]);
    secrets.extend(hmacs.iter().flat_map(|hmac| all_forms(hmac)));
    for (name, output) in &outputs {
        for secret in &secrets {
            let line = output.lines().find(|line| line.contains(secret.as_str()));
            assert!(line.is_none(), "{name} tells {secret:?}: {line:?}");
        }
    }
}

fn password(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    let (_, rest) = rest.split_once(':').unwrap();
    rest.split_once('@').unwrap().0.to_owned()
}

async fn log_in(access: &Access, creditor_id: CreditorId) -> Tokens {
    let login = Login::new(access.clone()).unwrap();
    login.of_creditor(creditor_id, Wanted { scope: "access", algorithm: None }).await.unwrap()
}

/// Sets a PIN, tries a wrong one, and uses the right one. Tokens that are none are tried too, and such that are in a
/// place where they should not be.
async fn try_pins(addresses: &Addresses, creditor: u64, tokens: &Tokens) {
    let url = format!("{}/creditors/{creditor}/pin", addresses.api);
    let http = http::client();
    for (number, old, status) in [(2, None, 200), (3, Some(WRONG_PIN), 403), (3, Some(PIN), 200)] {
        let mut body = json!({ "type": "PinInfo", "status": "on", "newPin": PIN, "latestUpdateId": number });
        if let Some(old) = old {
            body["pin"] = old.into();
        }
        let answer = http.patch(&url).json(&body).bearer_auth(&tokens.access_token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{}", answer.text().await.unwrap());
    }
    // What does not even parse.
    let broken = http.patch(&url).body(format!("{{\"pin\": \"{PIN}\"")).bearer_auth(&tokens.access_token);
    // Refresh tokens are for the authorization server alone.
    let refresh = http.get(&url).bearer_auth(tokens.refresh_token.as_deref().unwrap());
    let misplaced = http.get(format!("{url}?access_token={}", tokens.access_token));
    let unknown = http.get(&url).bearer_auth(TOKEN);
    for request in [broken, refresh, misplaced, unknown] {
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_client_error(), "{}", answer.status());
    }
}

/// Commands with passwords that are not right.
fn fail_to_connect(addresses: &Addresses) -> Vec<(String, String)> {
    let binary = |name: &str| std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name);
    let (database, broker) = (password(&addresses.postgres), password(&addresses.broker));
    let postgres = addresses.postgres.replace(&database, WRONG_PASSWORD);
    let rabbit = addresses.broker.replace(&broker, WRONG_PASSWORD);
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
