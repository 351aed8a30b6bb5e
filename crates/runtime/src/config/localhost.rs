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

/// The URL with `host` instead of `localhost`; `None` if its host is another one.
fn with_host(url: &str, host: Ipv4Addr) -> Option<String> {
    let authority_start = url.find("://")? + 3;
    let authority_len = url[authority_start..].find(['/', '?', '#']).unwrap_or(url.len() - authority_start);
    let authority = &url[authority_start..authority_start + authority_len];
    let host_start = authority_start + authority.rfind('@').map_or(0, |at| at + 1);
    let rest = url[host_start..].strip_prefix("localhost")?;
    let host_ends = rest.is_empty() || rest.starts_with([':', '/', '?', '#']);
    host_ends.then(|| format!("{}{host}{rest}", &url[..host_start]))
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
    fn only_the_host_localhost_is_replaced() {
        for (url, expected) in [
            ("amqp://guest:guest@localhost:5672", Some("amqp://guest:guest@172.17.0.1:5672")),
            ("http://localhost/x", Some("http://172.17.0.1/x")),
            ("postgresql://localhost", Some("postgresql://172.17.0.1")),
            ("postgresql://localhost?x=localhost", Some("postgresql://172.17.0.1?x=localhost")),
            ("postgresql://localhost:pw@db/localhost", None),
            ("postgresql://localhost.example/x", None),
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
