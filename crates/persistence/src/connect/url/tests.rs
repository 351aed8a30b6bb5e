use std::path::PathBuf;

use tokio_postgres::config::{Host, TargetSessionAttrs};

use super::*;
use crate::{
    Target,
    connect::tls::{Mode, Roots},
};

fn target(url: &str) -> Target {
    Target::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refused(url: &str) -> InvalidUrl {
    Target::parse(url).expect_err(url)
}

/// User, password, hosts with ports, database.
fn shown(url: &str) -> String {
    let config = target(url).config;
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .zip(config.get_ports())
        .map(|(host, port)| match host {
            Host::Tcp(name) => format!("{name} {port}"),
            Host::Unix(path) => format!("{} {port}", path.display()),
        })
        .collect();
    let password = config.get_password().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    format!(
        "{} {} {} {}",
        text(config.get_user()),
        text(password.as_deref()),
        hosts.join(" "),
        text(config.get_dbname())
    )
}

#[test]
fn who_and_where() {
    for (url, expected) in [
        ("postgresql+psycopg://me:hush@db:5433/creditors?connect_timeout=10", "me hush db 5433 creditors"),
        ("postgresql+psycopg2://me:hush@db/creditors", "me hush db 5432 creditors"),
        ("postgresql://me@db", "me - db 5432 -"),
        ("postgres://db/x", "- - db 5432 x"),
        ("postgresql://m%40e:h%2Fu%25s%3Ah@db/c%20d", "m@e h/u%s:h db 5432 c d"),
        // The operator's generated passwords are not always escaped.
        ("postgresql://me:h/u?s#h@db/creditors", "me h/u?s#h db 5432 creditors"),
        ("postgresql://me:@db:/creditors", "me  db 5432 creditors"),
        ("postgresql://me:hush@[::1]:5433/x", "me hush ::1 5433 x"),
        ("postgresql://[2001:db8::7]/x", "- - 2001:db8::7 5432 x"),
        ("postgresql://one:1,two,[::1]:3/x", "- - one 1 two 5432 ::1 3 x"),
        ("postgresql://me@/x?host=/run/pg", "me - /run/pg 5432 x"),
        ("postgresql:///x?host=/run/pg&port=7", "- - /run/pg 7 x"),
        ("postgresql://%2Frun%2Fpg/x", "- - /run/pg 5432 x"),
        ("postgresql://me:hush@/x?host=one:1&host=two:2", "me hush one 1 two 2 x"),
        ("postgresql://ignored:9/x?host=one,two&port=1,2", "- - one 1 two 2 x"),
        ("postgresql://ignored/x?host=one,two&port=7", "- - one 7 two 7 x"),
        ("postgresql:///x", "- - /var/run/postgresql 5432 x"),
        ("postgresql://a/b?user=me&password=hu%2Bsh&dbname=x", "me hu+sh a 5432 x"),
    ] {
        assert_eq!(shown(url), expected, "{url}");
    }
}

#[test]
fn parameters_mean_what_they_mean_to_libpq() {
    let config = target(
        "postgresql://h/d?connect_timeout=7&application_name=me&options=-c%20search_path%3Dx+-c+jit%3Doff\
         &keepalives=0&keepalives_idle=11&keepalives_interval=12&keepalives_count=13&tcp_user_timeout=14000",
    )
    .config;
    assert_eq!(config.get_connect_timeout(), Some(&std::time::Duration::from_secs(7)));
    assert_eq!(config.get_application_name(), Some("me"));
    assert_eq!(config.get_options(), Some("-c search_path=x -c jit=off"));
    assert!(!config.get_keepalives());
    assert_eq!(config.get_keepalives_idle().as_secs(), 11);
    assert_eq!(config.get_keepalives_interval().map(|interval| interval.as_secs()), Some(12));
    assert_eq!(config.get_keepalives_retries(), Some(13));
    assert_eq!(config.get_tcp_user_timeout().map(std::time::Duration::as_secs), Some(14));

    let defaults = target("postgresql://h/d?client_encoding=utf8&gssencmode=prefer&connect_timeout=-1");
    assert_eq!(defaults.config.get_connect_timeout(), None, "the operator waits for ever");
    assert_eq!(target("postgresql://h").config.get_connect_timeout().map(std::time::Duration::as_secs), Some(10));
    assert!(defaults.unknown_parameters().is_empty());
    let unknown = target("postgresql://h/d?prepare_threshold=5&autocommit=true");
    assert_eq!(unknown.unknown_parameters(), ["prepare_threshold", "autocommit"]);
}

#[test]
fn servers_are_chosen_by_what_they_allow() {
    use TargetSessionAttrs::{Any, ReadOnly, ReadWrite};
    for (value, expected) in [
        ("any", vec![Any]),
        ("read-write", vec![ReadWrite]),
        ("primary", vec![ReadWrite]),
        ("read-only", vec![ReadOnly]),
        ("standby", vec![ReadOnly]),
        ("prefer-standby", vec![ReadOnly, Any]),
    ] {
        assert_eq!(target(&format!("postgresql://h?target_session_attrs={value}")).wanted, expected, "{value}");
    }
}

#[test]
fn tls_depends_on_the_mode() {
    for (query, mode, roots) in [
        ("", Mode::Prefer, None),
        ("sslmode=disable", Mode::Disable, None),
        ("sslmode=allow", Mode::Allow, None),
        ("sslmode=require", Mode::Require, None),
        ("sslmode=verify-full", Mode::VerifyFull, None),
        ("sslrootcert=system", Mode::VerifyFull, Some(Roots::System)),
        ("sslmode=disable&sslrootcert=/ca.crt", Mode::Disable, Some(Roots::File(PathBuf::from("/ca.crt")))),
    ] {
        let tls = target(&format!("postgresql://h/d?{query}")).tls;
        assert_eq!((tls.mode, tls.roots), (mode, roots), "{query}");
    }
    // Nothing on a socket is encrypted, so nothing there can be verified.
    assert_eq!(target("postgresql:///d?host=/run&sslmode=verify-full").tls.mode, Mode::Disable);
}

#[test]
fn what_cannot_be_done_is_refused_without_repeating_the_url() {
    for (url, expected) in [
        ("", "must begin with postgresql://, postgresql+psycopg:// or postgres://"),
        ("mysql://u:sesame@h/d", "must begin with postgresql://, postgresql+psycopg:// or postgres://"),
        ("postgresql://u:sesame%FF@h/d", "is not UTF-8 when it is percent-decoded"),
        ("postgresql://u:sesame@h:99999/d", "has a port that is not a number"),
        ("postgresql://u:sesame@h:0/d", "has a port that is not a number"),
        ("postgresql://u:sesame@a,b/d?port=1,2,3", "has a port that is not a number"),
        ("postgresql://u:sesame@[::1/d", "has a host that is not of the form"),
        ("postgresql://u:sesame@h/d?sslmode=sesame", "has the parameter sslmode with a value that is not allowed"),
        ("postgresql://h/d?connect_timeout=sesame", "has the parameter connect_timeout with a value"),
        ("postgresql://h/d?target_session_attrs=sesame", "has the parameter target_session_attrs with a value"),
        ("postgresql://h/d?channel_binding=x", "allowed: disable, prefer, require"),
        ("postgresql://h/d?sslcrl=sesame", "has the parameter sslcrl, which is not supported"),
        ("postgresql://h/d?gssencmode=require", "has the parameter gssencmode=require, which is not supported"),
        ("postgresql://h/d?sslcert=/x", "allowed: both of sslcert and sslkey, or neither"),
        ("postgresql://h/d?sslmode=require&sslrootcert=system", "allowed: verify-full, together with"),
        ("postgresql://h/d?sslmode=verify-ca&sslrootcert=/no/such/file", "no certificates in /no/such/file"),
    ] {
        let error = refused(url);
        assert!(error.to_string().contains(expected), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("sesame"), "{url}: {error:?}");
    }
}
