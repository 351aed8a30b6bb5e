//! The parameters of a database URL; names and values are those of libpq.

use std::{path::PathBuf, time::Duration};

use tokio_postgres::{
    Config,
    config::{ChannelBinding, LoadBalanceHosts, SslNegotiation, TargetSessionAttrs},
};

use super::{
    InvalidUrl,
    tls::{Mode, Roots, Tls},
    url::{Parts, hosts, port},
};

/// Where a server on this machine has its socket, if no host is named.
const SOCKET_DIRECTORY: &str = "/var/run/postgresql";

/// What a URL asks for.
pub(super) struct Parameters {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) wanted: Vec<TargetSessionAttrs>,
    /// No limit for the time that connecting takes, on the operator's wish.
    pub(super) waits_for_ever: bool,
    pub(super) unknown: Vec<String>,
}

/// Collected while the parameters are read: some only make sense together.
struct Reading {
    parameters: Parameters,
    hosts: Vec<String>,
    ports: Vec<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    mode: Option<Mode>,
}

pub(super) fn apply(parts: Parts) -> Result<Parameters, InvalidUrl> {
    let mut config = Config::new();
    if let Some(user) = parts.user {
        config.user(user);
    }
    if let Some(password) = parts.password {
        config.password(password);
    }
    if let Some(database) = parts.database {
        config.dbname(database);
    }
    let tls = Tls::default();
    let wanted = vec![TargetSessionAttrs::Any];
    let mut reading = Reading {
        parameters: Parameters { config, tls, wanted, waits_for_ever: false, unknown: Vec::new() },
        hosts: Vec::new(),
        ports: Vec::new(),
        certificate: None,
        key: None,
        mode: None,
    };
    for (name, value) in &parts.query {
        reading.read(name, value)?;
    }
    reading.finish(&parts.hosts)
}

impl Reading {
    fn read(&mut self, name: &str, value: &str) -> Result<(), InvalidUrl> {
        let config = &mut self.parameters.config;
        match name {
            "host" => self.hosts.push(value.to_owned()),
            "port" => self.ports.push(value.to_owned()),
            "user" => drop(config.user(value)),
            "password" => drop(config.password(value)),
            "dbname" => drop(config.dbname(value)),
            "application_name" => drop(config.application_name(value)),
            "fallback_application_name" if config.get_application_name().is_none() => {
                config.application_name(value);
            }
            "options" => drop(config.options(value)),
            "connect_timeout" => match number("connect_timeout", value)? {
                0 => self.parameters.waits_for_ever = true,
                limit => drop(config.connect_timeout(Duration::from_secs(limit))),
            },
            "tcp_user_timeout" => match number("tcp_user_timeout", value)? {
                0 => {}
                limit => drop(config.tcp_user_timeout(Duration::from_millis(limit))),
            },
            "keepalives" => drop(config.keepalives(number("keepalives", value)? != 0)),
            "keepalives_idle" => positive("keepalives_idle", value, |s| config.keepalives_idle(secs(s)))?,
            "keepalives_interval" => {
                positive("keepalives_interval", value, |s| config.keepalives_interval(secs(s)))?;
            }
            "keepalives_count" => positive("keepalives_count", value, |count| {
                config.keepalives_retries(u32::try_from(count).unwrap_or(u32::MAX))
            })?,
            "target_session_attrs" => self.parameters.wanted = wanted(value)?,
            "channel_binding" => drop(config.channel_binding(channel_binding(value)?)),
            "load_balance_hosts" => drop(config.load_balance_hosts(load_balance(value)?)),
            "sslnegotiation" => drop(config.ssl_negotiation(negotiation(value)?)),
            "sslmode" => self.mode = Some(mode(value)?),
            "sslrootcert" if value == "system" => self.parameters.tls.roots = Some(Roots::System),
            "sslrootcert" => self.parameters.tls.roots = Some(Roots::File(value.into())),
            "sslcert" => self.certificate = Some(value.into()),
            "sslkey" => self.key = Some(value.into()),
            _ => self.read_rest(name, value)?,
        }
        Ok(())
    }

    /// Parameters that change nothing for us, protections that we do not have, and what nobody knows.
    fn read_rest(&mut self, name: &str, value: &str) -> Result<(), InvalidUrl> {
        const NEUTRAL: [&str; 8] = [
            "fallback_application_name",
            "client_encoding",
            "sslcompression",
            "sslsni",
            "krbsrvname",
            "gsslib",
            "gssdelegation",
            "ssl_max_protocol_version",
        ];
        const UNSUPPORTED: [&str; 9] = [
            "hostaddr",
            "passfile",
            "service",
            "servicefile",
            "require_auth",
            "requirepeer",
            "sslpassword",
            "sslcrl",
            "sslcrldir",
        ];
        match name {
            "gssencmode" if value == "require" => return Err(InvalidUrl::Unsupported("gssencmode=require")),
            "ssl_min_protocol_version" if value == "TLSv1.3" => {
                return Err(InvalidUrl::Unsupported("ssl_min_protocol_version=TLSv1.3"));
            }
            // Older versions than 1.2 are never used.
            "gssencmode" | "ssl_min_protocol_version" => {}
            _ if NEUTRAL.contains(&name) => {}
            _ => match UNSUPPORTED.into_iter().find(|known| *known == name) {
                Some(known) => return Err(InvalidUrl::Unsupported(known)),
                None => self.parameters.unknown.push(name.to_owned()),
            },
        }
        Ok(())
    }

    fn finish(mut self, authority: &str) -> Result<Parameters, InvalidUrl> {
        self.set_hosts(authority)?;
        let on_this_machine = self.parameters.config.get_hosts().iter().all(is_socket);
        let tls = &mut self.parameters.tls;
        tls.mode = match (self.mode, &tls.roots) {
            // Sockets are not encrypted, whatever the mode.
            _ if on_this_machine => Mode::Disable,
            // As libpq: everybody's certificate authorities are good enough only together with the name.
            (None, Some(Roots::System)) => Mode::VerifyFull,
            (Some(mode), Some(Roots::System)) if mode != Mode::VerifyFull => {
                let allowed = "verify-full, together with sslrootcert=system";
                return Err(InvalidUrl::Value { name: "sslmode", allowed });
            }
            (mode, _) => mode.unwrap_or_default(),
        };
        tls.identity = match (self.certificate, self.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            _ => return Err(InvalidUrl::Value { name: "sslcert", allowed: "both of sslcert and sslkey, or neither" }),
        };
        Ok(self.parameters)
    }

    /// Hosts among the parameters replace those of the authority.
    fn set_hosts(&mut self, authority: &str) -> Result<(), InvalidUrl> {
        let list = if self.hosts.is_empty() { authority.to_owned() } else { self.hosts.join(",") };
        let found = hosts(&list)?;
        let ports = self.ports.join(",");
        let given = ports.split(',').map(port).collect::<Result<Vec<_>, _>>()?;
        if given.len() > 1 && given.len() != found.len() {
            return Err(InvalidUrl::Port);
        }
        for (index, (host, own)) in found.into_iter().enumerate() {
            let port = own.or_else(|| given.get(index).or(given.first()).copied().flatten()).unwrap_or(5432);
            let host = if host.is_empty() { SOCKET_DIRECTORY } else { &host };
            self.parameters.config.host(host).port(port);
        }
        Ok(())
    }
}

fn is_socket(host: &tokio_postgres::config::Host) -> bool {
    matches!(host, tokio_postgres::config::Host::Unix(_))
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A whole number; negative ones count as 0, as with libpq.
fn number(name: &'static str, value: &str) -> Result<u64, InvalidUrl> {
    let number: i32 = value.trim().parse().or(Err(InvalidUrl::Value { name, allowed: "a whole number" }))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// 0 means the system's default.
fn positive<'a>(name: &'static str, value: &str, set: impl FnOnce(u64) -> &'a mut Config) -> Result<(), InvalidUrl> {
    let number = number(name, value)?;
    if number > 0 {
        set(number);
    }
    Ok(())
}

fn mode(value: &str) -> Result<Mode, InvalidUrl> {
    Ok(match value {
        "disable" => Mode::Disable,
        "allow" => Mode::Allow,
        "prefer" => Mode::Prefer,
        "require" => Mode::Require,
        "verify-ca" => Mode::VerifyCa,
        "verify-full" => Mode::VerifyFull,
        _ => {
            let allowed = "disable, allow, prefer, require, verify-ca, verify-full";
            return Err(InvalidUrl::Value { name: "sslmode", allowed });
        }
    })
}

/// A primary is a server that takes writes, to us; and a standby is one that takes none.
fn wanted(value: &str) -> Result<Vec<TargetSessionAttrs>, InvalidUrl> {
    Ok(match value {
        "any" => vec![TargetSessionAttrs::Any],
        "read-write" | "primary" => vec![TargetSessionAttrs::ReadWrite],
        "read-only" | "standby" => vec![TargetSessionAttrs::ReadOnly],
        "prefer-standby" => vec![TargetSessionAttrs::ReadOnly, TargetSessionAttrs::Any],
        _ => {
            let allowed = "any, read-write, read-only, primary, standby, prefer-standby";
            return Err(InvalidUrl::Value { name: "target_session_attrs", allowed });
        }
    })
}

fn channel_binding(value: &str) -> Result<ChannelBinding, InvalidUrl> {
    Ok(match value {
        "disable" => ChannelBinding::Disable,
        "prefer" => ChannelBinding::Prefer,
        "require" => ChannelBinding::Require,
        _ => return Err(InvalidUrl::Value { name: "channel_binding", allowed: "disable, prefer, require" }),
    })
}

fn load_balance(value: &str) -> Result<LoadBalanceHosts, InvalidUrl> {
    Ok(match value {
        "disable" => LoadBalanceHosts::Disable,
        "random" => LoadBalanceHosts::Random,
        _ => return Err(InvalidUrl::Value { name: "load_balance_hosts", allowed: "disable, random" }),
    })
}

fn negotiation(value: &str) -> Result<SslNegotiation, InvalidUrl> {
    Ok(match value {
        "postgres" => SslNegotiation::Postgres,
        "direct" => SslNegotiation::Direct,
        _ => return Err(InvalidUrl::Value { name: "sslnegotiation", allowed: "postgres, direct" }),
    })
}
