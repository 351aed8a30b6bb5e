//! TLS for `amqps`.

use std::sync::Arc;

use amqprs::tls::TlsAdaptor;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::Error;

/// Verifies the broker's certificate against the certificate authorities that the system trusts.
pub(crate) fn adaptor(host: &str) -> Result<TlsAdaptor, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls(error.to_string()))?
        .with_root_certificates(roots())
        .with_no_client_auth();
    // An IPv6 address has brackets in a URL, but not in a certificate.
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(TlsAdaptor::new(Arc::new(config).into(), name))
}

/// The system's set, or Mozilla's where the system has none, as in a minimal image.
fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adaptor_can_be_built_without_a_process_wide_provider() {
        assert!(adaptor("broker.example").is_ok());
        assert!(adaptor("[::1]").is_ok());
    }

    #[test]
    fn there_is_always_somebody_to_trust() {
        assert!(!roots().is_empty());
    }
}
