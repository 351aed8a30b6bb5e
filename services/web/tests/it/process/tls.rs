//! The authorization server behind TLS: only the right one is asked.

use std::{net::Ipv4Addr, path::Path, sync::Arc};

use runtime::tasks;
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use testkit::issuer::Issuer;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::Served;
use crate::app::Header;

/// For the name `localhost`, by the authority in `ca.pem`. Made for tests: they protect nothing.
const CERTIFICATE: &[u8] = include_bytes!("tls/server.der");
const KEY: &[u8] = include_bytes!("tls/server.pk8");

/// Lets the issuer be asked through TLS. Returns at which port.
async fn protect(issuer: &Issuer) -> u16 {
    let key = PrivateKeyDer::try_from(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CERTIFICATE.into()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (port, target) = (listener.local_addr().unwrap().port(), issuer.port());
    tasks::spawn("tls", async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tasks::spawn("tls connection", async move {
                // Clients that do not trust us break off.
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut inner = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut inner).await;
            });
        }
    });
    port
}

/// The status of an answer, when the issuer is asked at `host`.
async fn status(issuer: &Issuer, host: &str, port: u16, more: &[Header<'_>]) -> u16 {
    issuer.grant("t", "creditors:4294967296", "access");
    let url = format!("https://agent:hush@{host}:{port}/introspect");
    let settings = [("OAUTH2_INTROSPECT_URL", url.as_str()), ("APP_AUTH_TIMEOUT", "10"), ("APP_LOG_LEVEL", "critical")];
    let served = Served::start(&[&settings, more].concat()).await;
    served.web.send("GET", "/creditors/.wallet", &[("Authorization", "Bearer t")]).await.status
}

#[actix_web::test]
async fn only_a_server_that_proves_its_name_is_asked() {
    let issuer = Issuer::start().unwrap();
    let port = protect(&issuer).await;
    let authority = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/process/tls/ca.pem");
    let trusting = [("SSL_CERT_FILE", authority.to_str().unwrap())];
    assert_eq!(status(&issuer, "localhost", port, &trusting).await, 303);
    let question = &issuer.questions()[0];
    // agent:hush
    assert_eq!(question.headers["authorization"], "Basic YWdlbnQ6aHVzaA==");
    // Nobody vouches for it; its name is another one; it speaks no TLS. In no case does it get to know the token.
    assert_eq!(status(&issuer, "localhost", port, &[]).await, 503);
    assert_eq!(status(&issuer, "127.0.0.1", port, &trusting).await, 503);
    assert_eq!(status(&issuer, "localhost", issuer.port(), &trusting).await, 503);
    assert_eq!(issuer.asked(), 1);
}
