//! Who may cause cost: every request that is not a GET is signed by an allowed party's key, or goes no further.
//!
//! What always holds: a handler of such a request runs only after all checks of `docs/http-api.md` held, in that order,
//! and finds a [`Caller`] and the very body that was signed. The body is read only when its length, its signer and the
//! party's quota are known to be fine.

use crate::config::AllowedParty;
use crate::host::Host;
use crate::refusal::Refusal;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use core::time::Duration;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::http_signature::{
    HttpSignatureError, PresentedSignature, RequestTarget, SignatureHeaders, SignedRequest,
};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// Who sent a request.
#[derive(Debug, Clone)]
pub(super) struct Caller(pub(super) Arc<AllowedParty>);

impl Caller {
    /// Its key is a party's of this contract.
    ///
    /// # Errors
    /// [`Refusal::Party`]: the operator allows keys for every contract; in a contract its own parties act.
    pub(super) fn is_party_of(&self, contract: &Contract) -> Result<(), Refusal> {
        if contract.party_by_key(&self.0.signing_key).is_some() {
            Ok(())
        } else {
            Err(Refusal::Party { expected: "is a party's of this contract" })
        }
    }
}

/// How long a request waits for memory for its body.
const MEMORY_PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of body that a path takes, by its last part.
fn body_limit(path: &str) -> u64 {
    match path.rsplit('/').next().unwrap_or_default() {
        "manifest" => 16 << 20,
        "body" => 8 << 20,
        "rooms" => 4 << 20,
        "proposal" => 20 << 20,
        "grants" => 1 << 20,
        "receipts" => 1 << 20,
        _ => 64 << 10,
    }
}

pub(super) async fn authorise(
    State(host): State<Arc<Host>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(next.run(request).await);
    }
    let signed = verify(&host, &request)?;
    let party = Arc::clone(host.allowed.get(signed.key()).ok_or(Refusal::Key)?);
    admit(&host, &signed, &party)?;
    let limit = body_limit(request.uri().path());
    let length = request.body().size_hint().exact().ok_or(Refusal::LengthMissing)?;
    if length > limit {
        return Err(Refusal::Size { limit, found: length });
    }
    let (mut parts, body) = request.into_parts();
    let _memory = host.bodies.take(signed.key(), length, MEMORY_PATIENCE).await?;
    let seconds = host.limits().body_timeout_s;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let body = tokio::time::timeout(Duration::from_secs(seconds), to_bytes(body, limit)).await;
    let body = body.ok().and_then(Result::ok).ok_or(Refusal::BodyTimeout { seconds })?;
    signed.verify_body(&body).map_err(Refusal::Body)?;
    tracing::debug!(party = %party.name, "signed request");
    drop(parts.extensions.insert(Caller(party)));
    Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
}

/// The signature holds, and is for this host.
fn verify(host: &Host, request: &Request) -> Result<SignedRequest, Refusal> {
    let headers = request.headers();
    let presented = PresentedSignature::decode(SignatureHeaders {
        content_digest: header(headers, "content-digest")?,
        signature_input: header(headers, "signature-input")?,
        signature: header(headers, "signature")?,
    })
    .map_err(Refusal::Signature)?;
    let named = header(headers, HOST.as_str())?.to_ascii_lowercase();
    let default = if host.config.tls.is_some() { ":443" } else { ":80" };
    let target = RequestTarget {
        method: request.method().as_str(),
        authority: named.strip_suffix(default).unwrap_or(&named),
        path: request.uri().path(),
        query: request.uri().query(),
    };
    let signed = presented.verify(&target).map_err(|error: HttpSignatureError| Refusal::Signature(error))?;
    if !host.authorities.iter().any(|name| name == target.authority) {
        return Err(Refusal::Authority { expected: host.authorities.join(", ") });
    }
    Ok(signed)
}

/// It is of now, new, and within the party's quota.
fn admit(host: &Host, signed: &SignedRequest, party: &AllowedParty) -> Result<(), Refusal> {
    let now = crate::room::now();
    let mut nonces = host.nonces.lock().unwrap_or_else(PoisonError::into_inner);
    nonces.check(signed, now)?;
    let mut rates = host.rates.lock().unwrap_or_else(PoisonError::into_inner);
    rates.take(signed.key(), party.quota.requests_per_minute, Instant::now())?;
    nonces.remember(signed, now)
}

/// The one value of a header.
fn header(headers: &HeaderMap, name: &'static str) -> Result<String, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none()).and_then(|value| value.to_str().ok());
    value.map(Into::into).ok_or(Refusal::SignatureMissing { header: name })
}
