//! What an operator should know about the settings, although they can be used.

use runtime::config::{AuthMode, Settings};

/// Shorter secrets can be guessed. With them, and a copy of the database, PINs can be found out.
const GOOD_SECRET_BYTES: usize = 16;

/// The warnings, for a server at that address.
pub(super) fn of(settings: &Settings, address: &str) -> Vec<String> {
    let trusted = settings.auth.allows(AuthMode::TrustedHeaders).then(|| {
        format!(
            "APP_AUTH_MODE is trusted-headers: nobody is authenticated here. Whoever can reach {address} is the caller \
             that the X-Swpt-User-Id header names, and a superuser without it. Only a gateway that sets this header \
             may reach the port."
        )
    });
    let secret = match settings.policy.pin_protection_secret.expose().len() {
        0 => Some(
            "PIN_PROTECTION_SECRET is empty: whoever gets hold of a copy of the database can find out all PINs. A new \
             secret makes the existing PINs useless: their holders have to set them anew, in PIN reset mode."
                .to_owned(),
        ),
        1..GOOD_SECRET_BYTES => Some(format!(
            "PIN_PROTECTION_SECRET is shorter than {GOOD_SECRET_BYTES} bytes, so that it might be guessed."
        )),
        _ => None,
    };
    let previous = settings.policy.previous_pin_protection_secret.as_ref().map(|_| {
        "PIN_PROTECTION_SECRET_PREVIOUS is set: PINs get the form of the new secret as they are used. Web servers that \
         know only the old one refuse them then, and block them."
            .to_owned()
    });
    trusted.into_iter().chain(secret).chain(previous).collect()
}

#[cfg(test)]
mod tests {
    use runtime::config::Environment;

    use super::*;

    fn warnings(mode: &str, secret: &str) -> Vec<String> {
        let environment = Environment::from_pairs([("APP_AUTH_MODE", mode), ("PIN_PROTECTION_SECRET", secret)]);
        of(&Settings::load(&environment).unwrap(), "127.0.0.1:80")
    }

    #[test]
    fn dangerous_settings_are_told() {
        assert_eq!(warnings("introspection", "sixteen-bytes-xx"), [""; 0]);
        let [trusted] = warnings("trusted-headers", "sixteen-bytes-xx").try_into().unwrap();
        assert!(trusted.contains("trusted-headers") && trusted.contains("127.0.0.1:80"), "{trusted}");
        let [empty] = warnings("jwt", "").try_into().unwrap();
        assert!(empty.contains("PIN_PROTECTION_SECRET is empty"), "{empty}");
        let [short] = warnings("introspection", "fifteen-bytes-x").try_into().unwrap();
        assert!(short.contains("shorter than 16") && !short.contains("fifteen"), "{short}");
        assert_eq!(warnings("trusted-headers", "").len(), 2);
    }

    #[test]
    fn a_rotation_of_the_secret_is_told() {
        let pairs = [("PIN_PROTECTION_SECRET", "sixteen-bytes-xx"), ("PIN_PROTECTION_SECRET_PREVIOUS", "hush")];
        let [told] = of(&Settings::load(&Environment::from_pairs(pairs)).unwrap(), "").try_into().unwrap();
        assert!(told.contains("PIN_PROTECTION_SECRET_PREVIOUS is set") && !told.contains("hush"), "{told}");
    }
}
