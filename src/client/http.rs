//! One HTTP exchange: signing, limits, time-outs, problems.
//!
//! What always holds: no redirect is followed (a signature is for one host); an answer is read only up to its limit and
//! only so long; TLS uses ring, whatever the process has installed.

use super::answers::ProblemAnswer;
use super::error::{HostError, HostProblem};
use super::host::HostOptions;
use crate::clock::{now, random};
use crate::identity::Identity;
use core::error::Error;
use core::time::Duration;
use rand_core::Rng;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, RANGE};
use reqwest::{Method, Response, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use sealroom_protocol::http_signature::{NONCE_LENGTH, RequestTarget, sign};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Largest JSON answer, in bytes: a page of receipts is the longest.
pub(super) const JSON_LIMIT: u64 = 96 << 20;
/// Bytes of an object's body that a host has to bring in a second, on the whole.
const SLOWEST_BODY: u64 = 64 << 10;

/// A connection pool to one host.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: reqwest::Client,
    base: Url,
    authority: String,
    exchange_timeout: Duration,
    run_timeout: Duration,
}

impl Http {
    pub(super) fn new(options: &HostOptions) -> Result<Self, HostError> {
        let wrong = || HostError::Url { url: options.url.clone() };
        let base = Url::parse(&options.url).map_err(|_| wrong())?;
        let plain = matches!(base.scheme(), "http" | "https")
            && matches!(base.path(), "" | "/")
            && base.query().is_none()
            && base.fragment().is_none()
            && base.username().is_empty()
            && base.password().is_none();
        let host = base.host_str().filter(|_| plain).ok_or_else(wrong)?.to_ascii_lowercase();
        // Url gives no port where it is the scheme's default.
        let authority = base.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(options.timeout)
            .read_timeout(options.timeout)
            .timeout(options.exchange_timeout)
            .tls_backend_preconfigured(tls(options, base.scheme() == "https")?)
            .build()
            .map_err(|error| HostError::Certificates { what: error.to_string() })?;
        let HostOptions { exchange_timeout, run_timeout, .. } = *options;
        Ok(Self { client, base, authority, exchange_timeout, run_timeout })
    }

    /// How long a run is followed.
    pub(super) const fn run_timeout(&self) -> Duration {
        self.run_timeout
    }

    pub(super) fn url(&self) -> &str {
        self.base.as_str()
    }

    /// Gets bytes.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, HostError> {
        self.answer(path, self.client.get(self.full(path)?)).await
    }

    /// Gets an object's body of `length` bytes, from `offset` on.
    pub(super) async fn get_body(&self, path: &str, offset: u64, length: u64) -> Result<Answer, HostError> {
        let patience = self.exchange_timeout.saturating_add(Duration::from_secs(length / SLOWEST_BODY));
        let request = self.client.get(self.full(path)?).timeout(patience);
        self.answer(path, request.header(RANGE, format!("bytes={offset}-"))).await
    }

    /// Gets JSON.
    pub(super) async fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, HostError> {
        self.get(path).await?.json().await
    }

    /// Sends bytes, signed.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &'static str,
        body: Vec<u8>,
        signer: &Identity,
    ) -> Result<Answer, HostError> {
        let (plain, query) = path.split_once('?').map_or((path, None), |(plain, query)| (plain, Some(query)));
        let mut nonce = [0; NONCE_LENGTH];
        random().fill_bytes(&mut nonce);
        let target = RequestTarget { method: method.as_str(), authority: &self.authority, path: plain, query };
        let headers = sign(&target, &body, now(), nonce, signer.signing());
        let request = self
            .client
            .request(method, self.full(path)?)
            .header("content-digest", headers.content_digest)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature)
            .header(CONTENT_TYPE, content_type)
            .header(CONTENT_LENGTH, body.len())
            .body(body);
        self.answer(path, request).await
    }

    /// Sends JSON, signed, and gets JSON.
    pub(super) async fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        signer: &Identity,
    ) -> Result<T, HostError> {
        let form = HostError::Answer { path: path.into(), what: "a value that cannot be written as JSON" };
        let body = serde_json::to_vec(body).map_err(|_| form)?;
        self.send(Method::POST, path, "application/json", body, signer).await?.json().await
    }

    /// Posts text without a signature and gets whatever comes, with its status: for what speaks no API of ours.
    pub(super) async fn post_plain(&self, path: &str, body: String, limit: u64) -> Result<(u16, Vec<u8>), HostError> {
        let request = self.client.post(self.full(path)?).header(CONTENT_TYPE, "text/plain; charset=utf-8").body(body);
        let response = request.send().await.map_err(|error| self.network(&error))?;
        let status = response.status().as_u16();
        let answer = Answer { response, http: self.clone(), path: path.to_owned() };
        Ok((status, answer.bytes(limit).await?))
    }

    /// Posts bytes, signed, and gets JSON.
    pub(super) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
        signer: &Identity,
    ) -> Result<T, HostError> {
        self.send(Method::POST, path, "application/octet-stream", body, signer).await?.json().await
    }

    fn full(&self, path: &str) -> Result<Url, HostError> {
        self.base.join(path).map_err(|_| HostError::Url { url: self.base.to_string() })
    }

    async fn answer(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Answer, HostError> {
        let response = request.send().await.map_err(|error| self.network(&error))?;
        let answer = Answer { response, http: self.clone(), path: path.to_owned() };
        let status = answer.response.status();
        if status.is_success() { Ok(answer) } else { Err(answer.problem().await) }
    }

    fn network(&self, error: &reqwest::Error) -> HostError {
        let url = self.base.to_string();
        if error.is_timeout() {
            return HostError::TimedOut { url };
        }
        // The innermost cause says what happened; the outer ones repeat the URL.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        HostError::Unreachable { url, what: cause.to_string() }
    }
}

/// An answer whose body is still to be read.
#[derive(Debug)]
pub(super) struct Answer {
    response: Response,
    http: Http,
    path: String,
}

impl Answer {
    /// Whether only the part asked for comes.
    pub(super) fn is_partial(&self) -> bool {
        self.response.status() == reqwest::StatusCode::PARTIAL_CONTENT
    }

    /// The next piece of the body.
    pub(super) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, HostError> {
        self.response.chunk().await.map_err(|error| self.http.network(&error))
    }

    /// The whole body, of at most `limit` bytes.
    pub(super) async fn bytes(mut self, limit: u64) -> Result<Vec<u8>, HostError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            bytes.extend_from_slice(chunk.as_ref());
            if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
                return Err(HostError::TooLong { path: self.path, limit });
            }
        }
        Ok(bytes)
    }

    /// The body as JSON.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, HostError> {
        let path = self.path.clone();
        let bytes = self.bytes(JSON_LIMIT).await?;
        serde_json::from_slice(&bytes).map_err(|_| HostError::Answer { path, what: "another JSON shape" })
    }

    async fn problem(self) -> HostError {
        let status = self.response.status().as_u16();
        let path = self.path.clone();
        let bytes = match self.bytes(64 << 10).await {
            Ok(bytes) => bytes,
            Err(error) => return error,
        };
        match serde_json::from_slice::<ProblemAnswer>(&bytes) {
            Ok(ProblemAnswer { check, message, hint, now }) => {
                HostError::Problem(HostProblem { status, check, message, hint, now })
            }
            Err(_) => HostError::Answer { path, what: "a refusal without the API's problem" },
        }
    }
}

fn tls(options: &HostOptions, needed: bool) -> Result<ClientConfig, HostError> {
    let wrong = |what: String| HostError::Certificates { what };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    if needed && options.root_certificates.is_empty() {
        let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(|error| wrong(error.to_string()))?;
        // The method is named so because any verifier could be given; this one is the operating system's.
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        return Ok(builder.with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    for bytes in &options.root_certificates {
        let certificates: Vec<CertificateDer<'_>> = if bytes.first() == Some(&0x30) {
            vec![CertificateDer::from_slice(bytes)]
        } else {
            let found: Result<_, _> = CertificateDer::pem_slice_iter(bytes).collect();
            found.map_err(|error| wrong(format!("neither DER nor PEM: {error}")))?
        };
        if certificates.is_empty() {
            return Err(wrong("a file holds none".into()));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
