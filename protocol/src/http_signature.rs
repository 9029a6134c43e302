//! Signed HTTP requests: the one form of RFC 9421 (and of RFC 9530's `Content-Digest`) that hosts accept and the SDK
//! writes. `spec/http-signature.md`; for users `docs/http-api.md`.
//!
//! What always holds: a [`SignedRequest`] exists only where a signature over method, authority, path, query, digest of
//! the body, time and nonce held under the key that it names; and there is one spelling of the headers for each such
//! signature. No I/O and no clock: whether the time is near, the nonce new and the key welcome is the host's to decide.

use crate::hash::sha256;
use crate::identity::{KeyError, SigningPublicKey, SigningSecret};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use sfv::{BareItem, DictSerializer, Dictionary, KeyRef, ListEntry, Parser, StringRef};

/// Length of a nonce in bytes.
pub const NONCE_LENGTH: usize = 16;

/// Longest value of one of the three headers, in bytes. The longest that [`sign`] writes is far below.
pub const HEADER_LIMIT: usize = 1024;

/// RFC 9421's `tag`: what the signature is for. It stands in the signed bytes.
const TAG: &str = "sealroom/1 http";
/// Name of the one signature.
const LABEL: &str = "sealroom";
const COVERED: [&str; 5] = ["@method", "@authority", "@path", "@query", "content-digest"];

/// The parts of a request that stand in its signature, besides its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "exactly what is signed; a new part is a new version of the signature")]
pub struct RequestTarget<'a> {
    /// In capital letters, as sent.
    pub method: &'a str,
    /// Host and port as the `Host` header names them, in lower case, without the scheme's default port (RFC 9421,
    /// section 2.2.3).
    pub authority: &'a str,
    /// The path as sent, percent-encoding included; `/` where it is empty.
    pub path: &'a str,
    /// What follows the question mark, as sent, unless there is none.
    pub query: Option<&'a str>,
}

/// The three headers of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "exactly the three headers")]
pub struct SignatureHeaders {
    /// `Content-Digest` (RFC 9530): SHA-256 of the body, also of an empty one.
    pub content_digest: String,
    /// `Signature-Input`.
    pub signature_input: String,
    /// `Signature`.
    pub signature: String,
}

/// Signs a request at the time `created` (Unix seconds). The nonce must be random and is used once.
///
/// # Panics
/// Never: the texts and numbers are within what structured fields hold. A `created` beyond 10^15 is written as 10^15 - 1.
#[must_use]
pub fn sign(
    target: &RequestTarget<'_>,
    body: &[u8],
    created: u64,
    nonce: [u8; NONCE_LENGTH],
    secret: &SigningSecret,
) -> SignatureHeaders {
    let parameters = Parameters { created: created.min(999_999_999_999_999), nonce, key: secret.public() };
    let content_digest = content_digest(&sha256(body));
    let signature_input = parameters.signature_input();
    let signature = secret.sign(signature_base(target, &content_digest, &signature_input).as_bytes());
    SignatureHeaders { content_digest, signature_input, signature: signature_header(&signature) }
}

/// The signature that a request brought, well-formed but not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedSignature {
    headers: SignatureHeaders,
    parameters: Parameters,
    digest: [u8; 32],
    signature: [u8; 64],
}

/// Having one means: the key that it names signed this target, time and nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    parameters: Parameters,
    digest: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parameters {
    created: u64,
    nonce: [u8; NONCE_LENGTH],
    key: SigningPublicKey,
}

/// Why a request's signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpSignatureError {
    /// A header that is longer than any of ours.
    #[error("the header {header} has {found} bytes, expected at most {HEADER_LIMIT}")]
    TooLong {
        /// Which header.
        header: &'static str,
        /// Bytes found.
        found: usize,
    },
    /// A header that is not the one spelling that this module writes.
    #[error("the header {header} is not in the form that signed requests have")]
    Form {
        /// Which header.
        header: &'static str,
    },
    /// The named key is none.
    #[error("the key id: {0}")]
    Key(#[from] KeyError),
    /// The signature does not hold over this request.
    #[error("the signature does not hold over this method, authority, path, query, digest, time and nonce")]
    Signature,
    /// The body is not the one whose digest was signed.
    #[error("the body is not the one whose digest was signed")]
    Body,
}

impl PresentedSignature {
    /// The signature in these header values.
    ///
    /// # Errors
    /// [`HttpSignatureError::TooLong`], [`HttpSignatureError::Key`] or [`HttpSignatureError::Form`].
    pub fn decode(headers: SignatureHeaders) -> Result<Self, HttpSignatureError> {
        let values = [
            ("content-digest", headers.content_digest.len()),
            ("signature-input", headers.signature_input.len()),
            ("signature", headers.signature.len()),
        ];
        if let Some((header, found)) = values.into_iter().find(|(_, length)| *length > HEADER_LIMIT) {
            return Err(HttpSignatureError::TooLong { header, found });
        }
        let digest = bytes_member(&headers.content_digest, "sha-256", "content-digest")?;
        let parameters = Parameters::decode(&headers.signature_input)?;
        let signature = bytes_member(&headers.signature, LABEL, "signature")?;
        // One spelling only: what was read must be what would be written.
        let form = |header, holds| if holds { Ok(()) } else { Err(HttpSignatureError::Form { header }) };
        form("content-digest", content_digest(&digest) == headers.content_digest)?;
        form("signature-input", parameters.signature_input() == headers.signature_input)?;
        form("signature", signature_header(&signature) == headers.signature)?;
        Ok(Self { headers, parameters, digest, signature })
    }

    /// The key that is said to have signed.
    #[must_use]
    pub const fn key(&self) -> &SigningPublicKey {
        &self.parameters.key
    }

    /// The request, once its signature is known to hold over this target.
    ///
    /// # Errors
    /// [`HttpSignatureError::Signature`].
    pub fn verify(&self, target: &RequestTarget<'_>) -> Result<SignedRequest, HttpSignatureError> {
        let base = signature_base(target, &self.headers.content_digest, &self.headers.signature_input);
        let verified = self.parameters.key.verify(base.as_bytes(), &self.signature);
        verified.map_err(|_| HttpSignatureError::Signature)?;
        Ok(SignedRequest { parameters: self.parameters, digest: self.digest })
    }
}

impl SignedRequest {
    /// Whose signature it is.
    #[must_use]
    pub const fn key(&self) -> &SigningPublicKey {
        &self.parameters.key
    }

    /// When it was signed, by the signer's clock (Unix seconds).
    #[must_use]
    pub const fn created(&self) -> u64 {
        self.parameters.created
    }

    /// The signer's random bytes.
    #[must_use]
    pub const fn nonce(&self) -> &[u8; NONCE_LENGTH] {
        &self.parameters.nonce
    }

    /// Verifies that this is the body that was signed.
    ///
    /// # Errors
    /// [`HttpSignatureError::Body`].
    pub fn verify_body(&self, body: &[u8]) -> Result<(), HttpSignatureError> {
        // Both digests are public.
        if sha256(body) == self.digest { Ok(()) } else { Err(HttpSignatureError::Body) }
    }
}

impl Parameters {
    fn decode(header: &str) -> Result<Self, HttpSignatureError> {
        let form = HttpSignatureError::Form { header: "signature-input" };
        let dictionary: Dictionary = Parser::new(header).parse().map_err(|_| form.clone())?;
        let Some(ListEntry::InnerList(list)) = dictionary.get(LABEL) else { return Err(form) };
        let created = list.params.get("created").and_then(BareItem::as_integer);
        let created = created.and_then(|created| u64::try_from(i64::from(created)).ok()).ok_or(form.clone())?;
        let text = |name| list.params.get(name).and_then(BareItem::as_string).ok_or(form.clone());
        let nonce = hex_bytes(text("nonce")?.as_str()).ok_or(form.clone())?;
        let key = SigningPublicKey::from_bytes(hex_bytes(text("keyid")?.as_str()).ok_or(form.clone())?)?;
        Ok(Self { created, nonce, key })
    }

    /// `sealroom=("@method" … "content-digest");created=…;nonce="…";keyid="…";alg="ed25519";tag="…"`
    fn signature_input(&self) -> String {
        let mut dictionary = DictSerializer::new();
        let mut list = dictionary.inner_list(key_ref(LABEL));
        for component in COVERED {
            let _ = list.bare_item(string_ref(component));
        }
        let created = i64::try_from(self.created).ok().and_then(|created| sfv::Integer::try_from(created).ok());
        let nonce = hex::encode(self.nonce);
        let keyid = hex::encode(self.key.as_bytes());
        let _ = list
            .finish()
            .parameter(key_ref("created"), created.expect("read from a structured field, or under its limit"))
            .parameter(key_ref("nonce"), string_ref(&nonce))
            .parameter(key_ref("keyid"), string_ref(&keyid))
            .parameter(key_ref("alg"), string_ref("ed25519"))
            .parameter(key_ref("tag"), string_ref(TAG));
        dictionary.finish().expect("a dictionary with a member is not empty")
    }
}

/// RFC 9421, section 2.5.
fn signature_base(target: &RequestTarget<'_>, content_digest: &str, signature_input: &str) -> String {
    let RequestTarget { method, authority, path, query } = *target;
    let query = query.unwrap_or_default();
    let parameters = signature_input.split_once('=').map_or("", |(_, parameters)| parameters);
    format!(
        "\"@method\": {method}\n\"@authority\": {authority}\n\"@path\": {path}\n\"@query\": ?{query}\n\
         \"content-digest\": {content_digest}\n\"@signature-params\": {parameters}"
    )
}

fn content_digest(digest: &[u8; 32]) -> String {
    bytes_header("sha-256", digest)
}

fn signature_header(signature: &[u8; 64]) -> String {
    bytes_header(LABEL, signature)
}

fn bytes_header(name: &str, bytes: &[u8]) -> String {
    let mut dictionary = DictSerializer::new();
    let _ = dictionary.bare_item(key_ref(name), bytes);
    dictionary.finish().expect("a dictionary with a member is not empty")
}

fn bytes_member<const N: usize>(value: &str, name: &str, header: &'static str) -> Result<[u8; N], HttpSignatureError> {
    let dictionary: Option<Dictionary> = Parser::new(value).parse().ok();
    let bytes: Option<Vec<u8>> = dictionary.as_ref().and_then(|dictionary| match dictionary.get(name) {
        Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence().map(<[u8]>::to_vec),
        Some(ListEntry::InnerList(_)) | None => None,
    });
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(HttpSignatureError::Form { header })
}

fn hex_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

fn key_ref(name: &str) -> &KeyRef {
    KeyRef::from_str(name).expect("the names of this module are keys of structured fields")
}

fn string_ref(text: &str) -> &StringRef {
    StringRef::from_str(text).expect("the texts of this module are printable ASCII")
}

/// The authority of a URL's host and port as it is signed: lower case, without the scheme's default port.
#[must_use]
pub fn authority(host: &str, port: Option<u16>, tls: bool) -> String {
    let default = if tls { 443 } else { 80 };
    let host = host.to_ascii_lowercase();
    match port.filter(|port| *port != default) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: RequestTarget<'_> = RequestTarget {
        method: "PUT",
        authority: "host.example:8443",
        path: "/v1/objects/ab/body",
        query: Some("offset=0"),
    };

    fn signed() -> SignatureHeaders {
        sign(&TARGET, b"body", 1_700_000_000, [7; NONCE_LENGTH], &SigningSecret::from_seed(&[1; 32]))
    }

    #[test]
    fn a_signed_request_says_who_signed_it_when_and_over_which_body() {
        let presented = PresentedSignature::decode(signed()).unwrap();
        let request = presented.verify(&TARGET).unwrap();
        assert_eq!(request.key(), &SigningSecret::from_seed(&[1; 32]).public());
        assert_eq!((request.created(), request.nonce()), (1_700_000_000, &[7; NONCE_LENGTH]));
        assert_eq!(request.verify_body(b"body"), Ok(()));
        assert_eq!(request.verify_body(b"Body"), Err(HttpSignatureError::Body));
    }

    #[test]
    fn another_implementation_writes_the_same_headers() {
        let vector = include_str!("../../tests/vectors/http-signature/put.json");
        let vector: serde_json::Value = serde_json::from_str(vector).unwrap();
        let headers = signed();
        assert_eq!(headers.content_digest, vector["content_digest"]);
        assert_eq!(headers.signature_input, vector["signature_input"]);
        assert_eq!(headers.signature, vector["signature"]);
    }

    #[test]
    fn each_changed_component_breaks_the_signature() {
        let presented = PresentedSignature::decode(signed()).unwrap();
        for target in [
            RequestTarget { method: "POST", ..TARGET },
            RequestTarget { authority: "other.example:8443", ..TARGET },
            RequestTarget { path: "/v1/objects/cd/body", ..TARGET },
            RequestTarget { query: Some("offset=1"), ..TARGET },
            RequestTarget { query: None, ..TARGET },
        ] {
            assert_eq!(presented.verify(&target), Err(HttpSignatureError::Signature), "{target:?}");
        }
        let other_digest = content_digest(&sha256(b"other"));
        let key = hex::encode(SigningSecret::from_seed(&[2; 32]).public().as_bytes());
        let own = hex::encode(SigningSecret::from_seed(&[1; 32]).public().as_bytes());
        let input = signed().signature_input;
        for headers in [
            SignatureHeaders { content_digest: other_digest, ..signed() },
            SignatureHeaders { signature_input: input.replace("1700000000", "1700000001"), ..signed() },
            SignatureHeaders { signature_input: input.replace("0707", "0708"), ..signed() },
            SignatureHeaders { signature_input: input.replace(&own, &key), ..signed() },
        ] {
            let presented = PresentedSignature::decode(headers.clone()).unwrap();
            assert_eq!(presented.verify(&TARGET), Err(HttpSignatureError::Signature), "{headers:?}");
        }
    }

    #[test]
    fn headers_have_one_spelling() {
        let form = |header| Err(HttpSignatureError::Form { header });
        let input = signed().signature_input;
        for changed in [
            input.replace(" \"@query\"", ""),
            input.replace("\"@method\" \"@authority\"", "\"@authority\" \"@method\""),
            input.replace(";alg=\"ed25519\"", ""),
            input.replace("ed25519", "rsa-pss-sha512"),
            input.replace("sealroom/1 http", "other"),
            input.replace(";created", "; created"),
            input.replace("sealroom=", "sig1="),
            input.replace("=7", "=-7").replace("created=1", "created=-1"),
            format!("{input};more=1"),
            format!("{input}, other=(\"@method\")"),
            input.to_uppercase(),
            String::new(),
        ] {
            let headers = SignatureHeaders { signature_input: changed.clone(), ..signed() };
            assert_eq!(PresentedSignature::decode(headers), form("signature-input"), "{changed}");
        }
        for changed in ["", "sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256=1"] {
            let headers = SignatureHeaders { content_digest: changed.into(), ..signed() };
            assert_eq!(PresentedSignature::decode(headers), form("content-digest"), "{changed}");
        }
        let headers = SignatureHeaders { signature: format!("{} ", signed().signature), ..signed() };
        assert_eq!(PresentedSignature::decode(headers), form("signature"));
        let headers = SignatureHeaders { signature: "a".repeat(1025), ..signed() };
        let too_long = HttpSignatureError::TooLong { header: "signature", found: 1025 };
        assert_eq!(PresentedSignature::decode(headers), Err(too_long));
        let weak = input.replace("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", &"00".repeat(32));
        let headers = SignatureHeaders { signature_input: weak, ..signed() };
        assert_eq!(PresentedSignature::decode(headers), Err(HttpSignatureError::Key(KeyError::Unusable)));
    }

    #[test]
    fn the_default_port_is_not_part_of_an_authority() {
        assert_eq!(authority("Host.Example", Some(443), true), "host.example");
        assert_eq!(authority("Host.Example", Some(443), false), "host.example:443");
        assert_eq!(authority("[::1]", None, false), "[::1]");
    }
}
