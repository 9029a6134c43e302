//! Services behind TLS: only those that chain to a root that the settings name.

use std::sync::Arc;

use sealroom_endorsements::{FetchError, Settings, SettingsError, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::made::{NOW, for_tls, revocation_list};
use crate::world::{TestClock, list, only};

/// Answers everything with this body, over TLS; its address, and its certificate.
async fn service(body: Vec<u8>) -> (String, Vec<u8>) {
    let (certificate, key) = for_tls();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(certificate.clone())], PrivatePkcs8KeyDer::from(key).into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Who does not trust the certificate goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (address, certificate)
}

fn source(address: &str, folder: &std::path::Path, roots: Vec<Vec<u8>>) -> Result<Source, SettingsError> {
    let mut settings = Settings::new(folder.to_owned());
    settings.amd.address = address.to_owned();
    settings.root_certificates = roots;
    Source::with_clock(settings, TestClock::at(NOW))
}

#[tokio::test]
async fn only_a_service_under_a_named_root_is_asked() {
    let body = revocation_list("ARK-Milan");
    let (address, certificate) = service(body.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let (other, _) = for_tls();
    let stranger = source(&address, folder.path(), vec![other]).unwrap();
    let error = only(stranger.fetch(&[list()]).await).unwrap_err();
    let expected = format!("{address}/vcek/v1/Milan/crl");
    assert!(matches!(&error, FetchError::Unreachable { address, .. } if *address == expected), "{error:?}");

    let friend = source(&address, folder.path(), vec![certificate]).unwrap();
    assert_eq!(only(friend.fetch(&[list()]).await).unwrap().files(), [body]);
}

#[test]
fn a_root_that_is_none_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (root, what) in [
        (b"no certificate".to_vec(), "a file holds none"),
        (b"-----BEGIN CERTIFICATE-----\nAA".to_vec(), "neither der nor pem"),
    ] {
        let error = source("https://amd.example", folder.path(), vec![root]).unwrap_err();
        assert_eq!(error, SettingsError::Certificates { what: what.into() });
    }
}
