//! TLS as `sslmode` and its companions ask for it; the words mean what they mean to libpq.

use std::{path::PathBuf, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
};
use tokio_postgres::{config::SslMode, error::SqlState};

/// How the connection is to be protected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tls {
    pub(super) mode: Mode,
    /// Whose certificates count; `None`: nobody's with `require`, else the system's.
    pub(super) roots: Option<Roots>,
    /// Our own certificate and its key.
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    Disable,
    Allow,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

/// One way of connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Plain,
    IfOffered,
    Encrypted,
}

impl Attempt {
    pub(super) fn mode(self) -> SslMode {
        match self {
            Self::Plain => SslMode::Disable,
            Self::IfOffered => SslMode::Prefer,
            Self::Encrypted => SslMode::Require,
        }
    }

    pub(super) fn is_encrypted(self) -> bool {
        self != Self::Plain
    }
}

/// What is verified of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verified {
    Nothing,
    Issuer,
    IssuerAndName,
}

impl Tls {
    /// The ways in the order in which they are tried.
    pub(super) fn attempts(&self) -> &'static [Attempt] {
        match self.mode {
            Mode::Disable => &[Attempt::Plain],
            Mode::Allow => &[Attempt::Plain, Attempt::Encrypted],
            Mode::Prefer => &[Attempt::IfOffered, Attempt::Plain],
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => &[Attempt::Encrypted],
        }
    }

    fn verified(&self) -> Verified {
        match self.mode {
            _ if self.roots == Some(Roots::System) => Verified::IssuerAndName,
            Mode::VerifyFull => Verified::IssuerAndName,
            Mode::VerifyCa => Verified::Issuer,
            Mode::Require if self.roots.is_some() => Verified::Issuer,
            Mode::Disable | Mode::Allow | Mode::Prefer | Mode::Require => Verified::Nothing,
        }
    }

    /// What the TLS library needs; `None` if TLS is never used. The error is a phrase.
    pub(super) fn client_config(&self) -> Result<Option<ClientConfig>, String> {
        if self.mode == Mode::Disable {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS is not possible: {error}"))?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        Ok(Some(match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate)?;
                let private = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| format!("no private key in the sslkey {}: {error}", key.display()))?;
                builder
                    .with_client_auth_cert(chain, private)
                    .map_err(|error| format!("sslcert and sslkey do not fit: {error}"))?
            }
        }))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let verified = self.verified();
        if verified == Verified::Nothing {
            return Ok(Arc::new(Verifier { provider: Arc::clone(provider), issuer: None }));
        }
        let mut store = RootCertStore::empty();
        match &self.roots {
            Some(Roots::File(file)) => {
                for certificate in certificates(file)? {
                    store
                        .add(certificate)
                        .map_err(|error| format!("a certificate in {} is no good: {error}", file.display()))?;
                }
            }
            Some(Roots::System) | None => {
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
                if store.is_empty() {
                    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
                }
            }
        }
        let issuer = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .build()
            .map_err(|error| format!("certificates cannot be verified: {error}"))?;
        if verified == Verified::IssuerAndName {
            return Ok(issuer);
        }
        Ok(Arc::new(Verifier { provider: Arc::clone(provider), issuer: Some(issuer) }))
    }
}

fn certificates(file: &PathBuf) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |error| format!("no certificates in {}: {error}", file.display());
    let found: Vec<_> =
        CertificateDer::pem_file_iter(file).map_err(unreadable)?.collect::<Result<_, _>>().map_err(unreadable)?;
    if found.is_empty() { Err(format!("no certificates in {}", file.display())) } else { Ok(found) }
}

/// Whether the next way of connecting may succeed: this one ended with a TLS failure, with a server that lets nobody in
/// this way, or with servers that are not what is wanted. Not if the server is away or refuses the password.
pub(super) fn is_worth_another_attempt(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
        // The driver has no other sign for these.
        || ["error performing TLS handshake", "server does not support TLS"].iter().any(|text| said(error, text))
        || said(error, "database does not allow writes")
        || said(error, "database is not read only")
}

fn said(error: &dyn std::error::Error, text: &str) -> bool {
    error.to_string().contains(text) || error.source().is_some_and(|source| said(source, text))
}

/// Verifies less than TLS clients usually do: that the issuer is known, whatever the server's name; or nothing at all,
/// which still protects from those who only listen.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    issuer: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(issuer) = &self.issuer else { return Ok(ServerCertVerified::assertion()) };
        match issuer.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is looked at last, when the issuer has been found to be known.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
