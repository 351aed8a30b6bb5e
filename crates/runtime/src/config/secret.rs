//! Values that must not reach a log line.

use std::fmt;

use url::Url;

const MASK: &str = "***";

/// A value that is shown as `***`; only [`Secret::expose`] gives it away.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Never pass it to a log line or an error text.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// A connection URL, exactly as configured. It is shown without its password and without its query, which may hold
/// more secrets; a URL that cannot be taken apart with certainty is shown as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Wraps the text of a URL. The text is not checked: whoever connects knows which forms are legal.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL with its password. Never pass it to a log line or an error text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn redacted(&self) -> String {
        let Ok(mut url) = Url::parse(&self.0) else { return MASK.into() };
        // An unescaped `/` in a password makes the rest of the password look like a path.
        let certain = url.has_host() && !url.path().contains('@');
        let masked = url.password().is_none() || url.set_password(Some(MASK)).is_ok();
        if !certain || !masked {
            return MASK.into();
        }
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked() {
        let secret = Secret::new("hush".to_owned());
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.expose(), "hush");
    }

    #[test]
    fn urls_lose_what_may_be_secret() {
        for (url, shown) in [
            ("amqp://guest:hush@localhost:5672", "amqp://guest:***@localhost:5672"),
            ("amqp://localhost/v", "amqp://localhost/v"),
            ("postgresql+psycopg://u:hush@[::1]:5433/db?password=hush&x=1", "postgresql+psycopg://u:***@[::1]:5433/db"),
            ("postgresql://u:hush@h1:1,h2:2/db", "***"),
            ("postgresql:///db?password=hush", "***"),
            ("amqp://u:1/hush@host", "***"),
            ("hush", "***"),
            ("", "***"),
        ] {
            let secret = SecretUrl::new(url);
            assert_eq!(secret.to_string(), shown, "{url}");
            assert_eq!(format!("{secret:?}"), shown, "{url}");
            assert_eq!(secret.expose(), url);
        }
    }
}
