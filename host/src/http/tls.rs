//! TLS 1.2 and 1.3 from a certificate and a key in PEM files, by rustls over ring.

use crate::config::Tls;
use crate::private::{OpenToOthers, check_secret};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Why certificate and key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate file.
    #[error("the TLS certificate {path}: {reason}")]
    Certificate {
        /// Which file.
        path: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// The key file.
    #[error("the TLS key {path}: {reason}")]
    Key {
        /// Which file.
        path: std::path::PathBuf,
        /// Why; never its content.
        reason: String,
    },
    /// Others can read the key.
    #[error("the TLS key {0}")]
    Open(#[from] OpenToOthers),
    /// They do not belong together, or are of a kind that is not served.
    #[error("TLS: {0}")]
    Together(#[from] rustls::Error),
}

pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let failed = |reason: String| TlsError::Certificate { path: tls.certificate.clone(), reason };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect)
        .map_err(|error| failed(error.to_string()))?;
    if chain.is_empty() {
        return Err(failed("expected at least one certificate".into()));
    }
    let failed = |reason: String| TlsError::Key { path: tls.key.clone(), reason };
    let file = File::open(&tls.key).map_err(|error| failed(error.to_string()))?;
    let metadata = file.metadata().map_err(|error| failed(error.to_string()))?;
    check_secret(&tls.key, &metadata)?;
    let key = PrivateKeyDer::from_pem_reader(BufReader::new(file)).map_err(|error| failed(error.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
