//! `localhost` inside a container, for development: the host that runs the container is its default gateway.

use std::net::Ipv4Addr;

use super::Environment;

/// Holds the blank-separated names of the variables to change.
pub(super) const VARIABLE: &str = "SUBSTITUTE_LOCALHOST_IN_VARS";

/// Replaces the host `localhost` in the URLs of the variables that [`VARIABLE`] names. Without a gateway nothing changes.
pub(super) fn substitute(environment: &mut Environment, gateway: impl FnOnce() -> Option<Ipv4Addr>) {
    let names = environment.get(VARIABLE).unwrap_or_default().to_owned();
    if names.trim().is_empty() {
        return;
    }
    let Some(gateway) = gateway() else { return };
    for name in names.split_whitespace() {
        if let Some(changed) = environment.get(name).and_then(|url| with_host(url, gateway)) {
            environment.set(name, changed);
        }
    }
}

/// The URL with `host` instead of each `localhost`; `None` if there is none.
fn with_host(url: &str, host: Ipv4Addr) -> Option<String> {
    let start = url.find("://")? + 3;
    let (scheme, rest) = url.split_at(start);
    let changed = if scheme.starts_with("postgres") { in_database(rest, host) } else { in_authority(rest, host) };
    (changed != rest).then(|| format!("{scheme}{changed}"))
}

/// Of a URL of the standard form: what stands before a path, a query or a fragment holds the host.
fn in_authority(rest: &str, host: Ipv4Addr) -> String {
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (credentials, server) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    format!("{credentials}{}{tail}", in_server(server, host))
}

/// Of a database URL, where `persistence` finds the hosts: a password ends at the first `@`, whatever it holds; hosts
/// may be several, and stand in the query too. The agent's tests prove that both find the same.
fn in_database(rest: &str, host: Ipv4Addr) -> String {
    let name_end = rest.find([':', '/', '@']).unwrap_or(rest.len());
    let has_credentials = !rest[name_end..].starts_with('/');
    let hosts_start = rest.find('@').filter(|_| has_credentials).map_or(0, |at| at + 1);
    let (credentials, rest) = rest.split_at(hosts_start);
    let (place, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let (hosts, database) = place.split_at(place.find('/').unwrap_or(place.len()));
    let query: Vec<String> = query.split('&').map(|parameter| in_parameter(parameter, host)).collect();
    format!("{credentials}{}{database}{}", in_list(hosts, host), query.join("&"))
}

/// `host=…`, after a `?` if it is the first.
fn in_parameter(parameter: &str, host: Ipv4Addr) -> String {
    let name_end = parameter.find('=').map_or(0, |at| at + 1);
    let (name, value) = parameter.split_at(name_end);
    if name.trim_start_matches('?') != "host=" {
        return parameter.to_owned();
    }
    let decoded = value.replace("%2C", ",").replace("%2c", ",").replace("%3A", ":").replace("%3a", ":");
    let changed = in_list(&decoded, host);
    if changed == decoded { parameter.to_owned() } else { format!("{name}{changed}") }
}

fn in_list(hosts: &str, host: Ipv4Addr) -> String {
    let changed: Vec<String> = hosts.split(',').map(|server| in_server(server, host)).collect();
    changed.join(",")
}

/// `name` or `name:port`.
fn in_server(server: &str, host: Ipv4Addr) -> String {
    match server.strip_prefix("localhost") {
        Some(port) if port.is_empty() || port.starts_with(':') => format!("{host}{port}"),
        _ => server.to_owned(),
    }
}

/// The default gateway of this network namespace, as Linux shows it in `/proc/net/route`.
pub(super) fn default_gateway() -> Option<Ipv4Addr> {
    gateway_in(&std::fs::read_to_string("/proc/net/route").ok()?)
}

fn gateway_in(table: &str) -> Option<Ipv4Addr> {
    let gateway = table.lines().skip(1).find_map(|route| {
        let mut columns = route.split_whitespace().skip(1);
        let (destination, gateway) = (columns.next()?, columns.next()?);
        (destination == "00000000" && gateway != "00000000").then_some(gateway)
    })?;
    // The kernel prints the address as a number in host byte order.
    u32::from_str_radix(gateway, 16).ok().map(|number| Ipv4Addr::from(number.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);

    #[test]
    fn only_hosts_named_localhost_are_replaced() {
        for (url, expected) in [
            ("amqp://guest:guest@localhost:5672", Some("amqp://guest:guest@172.17.0.1:5672")),
            ("http://localhost/x", Some("http://172.17.0.1/x")),
            ("postgresql://localhost", Some("postgresql://172.17.0.1")),
            ("postgresql://localhost?x=localhost", Some("postgresql://172.17.0.1?x=localhost")),
            ("postgresql://localhost:pw@db/localhost", None),
            ("postgresql://localhost.example/x", None),
            ("amqp://me:localhost@broker/localhost", None),
            ("amqp://me:pw@localhost/v@localhost", Some("amqp://me:pw@172.17.0.1/v@localhost")),
            // Passwords that are not escaped.
            ("postgresql://me:h/u?s#h@localhost/d", Some("postgresql://me:h/u?s#h@172.17.0.1/d")),
            ("postgresql+psycopg://localhost:p/w@db/x", None),
            ("postgresql://localhost@localhost:1/localhost", Some("postgresql://localhost@172.17.0.1:1/localhost")),
            // Several hosts.
            ("postgresql://localhost:1,localhost:2/d", Some("postgresql://172.17.0.1:1,172.17.0.1:2/d")),
            ("postgresql://m:p@one:7,localhost,two", Some("postgresql://m:p@one:7,172.17.0.1,two")),
            ("postgresql:///d?host=localhost", Some("postgresql:///d?host=172.17.0.1")),
            ("postgresql:///d?x=1&host=localhost:1,two&y=2", Some("postgresql:///d?x=1&host=172.17.0.1:1,two&y=2")),
            ("postgresql:///d?host=a%2Clocalhost%3A1", Some("postgresql:///d?host=a,172.17.0.1:1")),
            ("postgresql:///localhost?hosts=localhost&password=localhost", None),
            ("localhost", None),
            ("", None),
        ] {
            assert_eq!(with_host(url, GATEWAY).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn only_the_named_variables_change() {
        let pairs = [("A", "http://localhost"), ("B", "http://localhost"), (VARIABLE, " A  MISSING ")];
        let mut environment = Environment::from_pairs(pairs);
        substitute(&mut environment, || Some(GATEWAY));
        assert_eq!(environment.get("A"), Some("http://172.17.0.1"));
        assert_eq!(environment.get("B"), Some("http://localhost"));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn the_gateway_is_that_of_the_default_route() {
        let table = "Iface\tDestination\tGateway \tFlags\n\
                     eth1\t0000A8C0\t00000000\t0001\n\
                     eth0\t00000000\t010011AC\t0003\n";
        assert_eq!(gateway_in(table), Some(GATEWAY));
        assert_eq!(gateway_in("Iface\tDestination\tGateway\n"), None);
    }
}
