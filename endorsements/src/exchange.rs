//! One HTTP exchange: limits on time and size, and what its failure means for asking again.
//!
//! What always holds: no redirect is followed; an answer is read only up to its limit and only so long; TLS uses ring,
//! whatever the process has installed.

use core::error::Error;
use core::time::Duration;
use std::sync::Arc;

use reqwest::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::backoff::retry_after;
use crate::error::{FetchError, SettingsError};
use crate::request::Request;
use crate::settings::Settings;

/// No validator of a service comes near it.
pub(crate) const MAX_VALIDATOR: usize = 512;

/// What a service says of the version that it served (RFC 9110 section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Validators {
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
}

/// What a service answered.
#[derive(Debug)]
pub(crate) enum Answer {
    Body {
        bytes: Vec<u8>,
        headers: HeaderMap,
        validators: Validators,
    },
    /// The version that the validators name is still the newest.
    NotModified,
}

/// Why there is no answer, and after how long another request may bring one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: FetchError,
    /// `None`: asking again is of no use.
    pub(crate) again_after: Option<Duration>,
}

impl Failure {
    fn last(error: FetchError) -> Self {
        Self { error, again_after: None }
    }

    fn passing(error: FetchError) -> Self {
        Self { error, again_after: Some(Duration::ZERO) }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Http {
    /// Or why there is none: without it, the cache alone still serves.
    client: Result<reqwest::Client, String>,
    connect_timeout: Duration,
    answer_timeout: Duration,
}

impl Http {
    /// Certificates that were given have to be good. That a machine has none of its own matters to who asks a service.
    pub(crate) fn new(settings: &Settings, needs_tls: bool) -> Result<Self, SettingsError> {
        let Settings { connect_timeout, answer_timeout, .. } = *settings;
        let client = client(settings, needs_tls);
        match client {
            Err(error) if !settings.root_certificates.is_empty() => Err(error),
            client => Ok(Self { client: client.map_err(|error| error.to_string()), connect_timeout, answer_timeout }),
        }
    }

    /// Asks once. With validators: only for a newer version than theirs.
    pub(crate) async fn ask(&self, request: &Request, known: &Validators, now: u64) -> Result<Answer, Failure> {
        let client = self.client.as_ref().map_err(|what| {
            let address = request.address.to_string();
            Failure::last(FetchError::Unreachable { address, what: what.clone() })
        })?;
        let mut asking = client.get(request.address.clone());
        if let Some(etag) = &known.etag {
            asking = asking.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &known.last_modified {
            asking = asking.header(IF_MODIFIED_SINCE, date);
        }
        let response = asking.send().await.map_err(|error| self.broken(request, &error))?;
        let address = || request.address.to_string();
        let (status, headers) = (response.status(), response.headers().clone());
        match status {
            StatusCode::OK => {
                let validators = Validators {
                    etag: text(&headers, ETAG.as_str()),
                    last_modified: text(&headers, LAST_MODIFIED.as_str()),
                };
                let bytes = self.body(request, response).await?;
                Ok(Answer::Body { bytes, headers, validators })
            }
            StatusCode::NOT_MODIFIED if *known != Validators::default() => Ok(Answer::NotModified),
            StatusCode::NOT_FOUND => Err(Failure::last(FetchError::NoSuchItem { address: address() })),
            _ => {
                let wait = headers.get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?, now));
                let error = if status == StatusCode::TOO_MANY_REQUESTS {
                    FetchError::Throttled { address: address(), retry_after: wait }
                } else {
                    FetchError::Status { address: address(), status: status.as_u16() }
                };
                let passes = status.is_server_error()
                    || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&status);
                Err(Failure { error, again_after: passes.then(|| wait.unwrap_or_default()) })
            }
        }
    }

    async fn body(&self, request: &Request, mut response: Response) -> Result<Vec<u8>, Failure> {
        let limit = request.expected.limit();
        let too_large = || Failure::last(FetchError::TooLarge { address: request.address.to_string(), limit });
        let fits = |length: u64| usize::try_from(length).is_ok_and(|length| length <= limit);
        if !response.content_length().is_none_or(fits) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(request, &error))? {
            if chunk.len() > limit.saturating_sub(bytes.len()) {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    fn broken(&self, request: &Request, error: &reqwest::Error) -> Failure {
        let address = request.address.to_string();
        Failure::passing(if error.is_timeout() {
            let limit = if error.is_connect() { self.connect_timeout } else { self.answer_timeout };
            FetchError::TimedOut { address, limit }
        } else if error.is_connect() {
            FetchError::Unreachable { address, what: innermost(error) }
        } else {
            FetchError::Interrupted { address, what: innermost(error) }
        })
    }
}

fn client(settings: &Settings, needs_tls: bool) -> Result<reqwest::Client, SettingsError> {
    reqwest::Client::builder()
        .user_agent(concat!("sealroom/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.answer_timeout)
        .tls_backend_preconfigured(tls(&settings.root_certificates, needs_tls)?)
        .build()
        .map_err(|error| SettingsError::Certificates { what: innermost(&error) })
}

/// A header fit to be kept and sent back.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
}

/// The innermost cause says what happened; the outer ones repeat the address.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

fn tls(roots: &[Vec<u8>], needed: bool) -> Result<ClientConfig, SettingsError> {
    let wrong = |what: String| SettingsError::Certificates { what };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    if needed && roots.is_empty() {
        let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|error| wrong(error.to_string()))?;
        // The method is named so because any verifier could be given; this one is the operating system's.
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        return Ok(builder.with_no_client_auth());
    }
    let mut store = RootCertStore::empty();
    for bytes in roots {
        for certificate in certificates(bytes).map_err(wrong)? {
            store.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
    }
    Ok(builder.with_root_certificates(store).with_no_client_auth())
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'_>>, String> {
    if bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from_slice(bytes)]);
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let found = found.map_err(|_| "neither der nor pem".to_owned())?;
    if found.is_empty() { Err("a file holds none".into()) } else { Ok(found) }
}
