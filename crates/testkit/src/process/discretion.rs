//! No program of ours tells a secret that it was given.

use std::ffi::OsStr;

/// Shorter ones may be in a text by chance.
const SHORTEST: usize = 8;

/// The secrets among environment variables that a text gives away.
pub fn told<'a, N, V>(environment: impl IntoIterator<Item = (&'a N, &'a V)>, text: &str) -> Vec<String>
where
    N: AsRef<OsStr> + ?Sized + 'a,
    V: AsRef<OsStr> + ?Sized + 'a,
{
    let secrets =
        environment.into_iter().filter_map(|(name, value)| secret(name.as_ref().to_str()?, value.as_ref().to_str()?));
    secrets.filter(|secret| secret.len() >= SHORTEST && text.contains(secret.as_str())).collect()
}

/// What of a variable's value is secret.
fn secret(name: &str, value: &str) -> Option<String> {
    if name.contains("SECRET") || name.contains("PASSWORD") {
        return Some(value.to_owned());
    }
    password(value).map(str::to_owned)
}

/// The password in a URL.
pub fn password(url: &str) -> Option<&str> {
    let (_, authority) = url.split_once("://")?;
    let (user, _) = authority.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret() {
        let cases = [
            ("POSTGRES_URL", "postgresql://me:correct-horse@localhost:5432/d", "correct-horse"),
            ("PROTOCOL_BROKER_URL", "amqp://me:battery@staple@localhost/%2f", "battery@staple"),
            ("PIN_PROTECTION_SECRET", "0123456789abcdef", "0123456789abcdef"),
        ];
        for (name, value, secret) in cases {
            assert_eq!(told([(name, value)], &format!("it is {secret}!")), [secret]);
            assert_eq!(told([(name, value)], "***"), [""; 0]);
        }
        for (name, value) in [("API_ROOT", "https://localhost/a:long-enough"), ("PIN_PROTECTION_SECRET", "secret")] {
            assert_eq!(told([(name, value)], value), [""; 0], "{name}");
        }
    }
}
