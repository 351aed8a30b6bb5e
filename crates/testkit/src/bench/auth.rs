//! What it costs to know who calls.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{
    Setting,
    bed::Bed,
    cpu::{Cpu, Meter},
    figures::{Row, Table, Value},
    peer,
    seed::FIRST_CREDITOR,
    web::wrk::{self, Load, Wrk},
};
use crate::{
    issuer::{Issuer, Signer},
    process::ServiceProcess,
};

const CREDITORS: u32 = 1_000;
const WARM_UP: Duration = Duration::from_secs(1);
/// Of each way in each round.
const TIME: Duration = Duration::from_secs(3);
/// The ways take turns, so that whatever else goes on on the machine hits all of them.
const ROUNDS: u32 = 3;

const ALGORITHMS: [&str; 5] = ["RS256", "PS256", "ES256", "ES384", "EdDSA"];
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "urn:creditors-agent";

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let creditors = setting.size(CREDITORS);
    let bed = Bed::with_database(setting).await?;
    bed.seed_creditors(creditors).await?;
    bed.settle().await?;
    let issuer = issuer(creditors)?;
    let signers = ALGORITHMS.iter().map(|name| Signer::new(name, name)).collect::<Result<Vec<_>>>()?;
    issuer.publish(&signers);
    let mut ways = vec![
        Way::start(&bed, creditors, "trusted headers", None, &[]).await?,
        Way::start(
            &bed,
            creditors,
            "opaque token, cached",
            Some("token-%s".to_owned()),
            &[("APP_AUTH_MODE", "introspection"), ("OAUTH2_INTROSPECT_URL", &issuer.introspection_url())],
        )
        .await?,
    ];
    let keys_url = issuer.keys_url();
    for (algorithm, signer) in ALGORITHMS.iter().zip(&signers) {
        let name = format!("token signed with {algorithm}");
        let settings = [
            ("APP_AUTH_MODE", "jwt"),
            ("APP_JWT_JWKS_URL", keys_url.as_str()),
            ("APP_JWT_ISSUER", ISSUER),
            ("APP_JWT_AUDIENCE", AUDIENCE),
        ];
        ways.push(Way::start(&bed, creditors, &name, Some(signed(signer)), &settings).await?);
    }
    for round in 0..=ROUNDS {
        for way in &mut ways {
            way.run(&bed, setting, round == 0).await.with_context(|| way.name.clone())?;
        }
    }
    Ok(table(&ways, creditors))
}

/// Who knows a token of each creditor.
fn issuer(creditors: u32) -> Result<Issuer> {
    let issuer = Issuer::start()?;
    for creditor in (FIRST_CREDITOR..).take(usize::try_from(creditors)?) {
        issuer.grant(&format!("token-{creditor}"), &format!("creditors:{creditor}"), "access");
    }
    Ok(issuer)
}

/// A token of a superuser.
fn signed(signer: &Signer) -> String {
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "creditors-superuser", "client_id": "creditors-superuser",
        "scope": "access", "iat": 1_700_000_000, "exp": 9_999_999_999_u64, "jti": "MBLbyDkCZ8kyHc5B1mYgq",
    });
    signer.sign(&signer.head(), &claims)
}

/// A web server that knows its callers in one way, and what was measured of it.
struct Way {
    name: String,
    process: ServiceProcess,
    wrk: Wrk,
    load: Load,
    requests: u32,
    time: Duration,
    used: Cpu,
}

impl Way {
    async fn start(
        bed: &Bed,
        creditors: u32,
        name: &str,
        token: Option<String>,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let (web, base) = bed.web()?;
        let web = settings.iter().fold(web, |web, (name, value)| web.env(name, *value));
        Ok(Self {
            name: name.to_owned(),
            process: web.start().await?,
            wrk: Wrk::new(&base, &bed.directory, creditors)?,
            load: Load::Get { path: "/creditors/%s/wallet".to_owned(), pause: Duration::ZERO, token },
            requests: 0,
            time: Duration::ZERO,
            used: Cpu { services: 0.0, postgres: 0.0, broker: None },
        })
    }

    async fn run(&mut self, bed: &Bed, setting: &Setting, is_warm_up: bool) -> Result<()> {
        if is_warm_up {
            self.wrk.run(&self.load, setting.time(WARM_UP)).await?;
            return Ok(());
        }
        let meter: Meter = bed.meter([&self.process]).await?;
        let before = meter.read()?;
        let outcome = self.wrk.run(&self.load, setting.time(TIME)).await?;
        let used = meter.read()?.since(before);
        self.requests += outcome.requests;
        self.time += outcome.time;
        self.used.services += used.services;
        self.used.postgres += used.postgres;
        Ok(())
    }

    fn per_request(&self) -> Cpu {
        self.used.per_item(self.requests)
    }
}

fn table(ways: &[Way], creditors: u32) -> Table {
    let title = format!("auth: GET wallet, {} connections, {creditors} creditors", wrk::CONNECTIONS);
    let mut table = Table::new(title);
    for way in ways {
        table.row(Row::new(&way.name, Value::rate(way.requests, way.time)).cpu(way.per_request()));
    }
    let [trusted, cached, signed @ ..] = ways else { return table };
    let whole = |way: &Way| way.per_request().services + way.per_request().postgres;
    let more = (whole(cached) / whole(trusted) - 1.0).max(0.0) * 100.0;
    table.row(Row::new("opaque token, cached: more processor time", Value::Percent(more)).against(peer::CACHED_TOKEN));
    for way in signed {
        let more = (way.per_request().services - trusted.per_request().services).max(0.0);
        let row = Row::new(format!("{}: more of the web server's", way.name), Value::Milliseconds(more * 1e3));
        table.row(row.against(peer::SIGNED_TOKEN));
    }
    table
}
