//! What an answer has to be before it is kept: the item that was asked for, decoded by the Verifier's own decoders.
//!
//! This keeps a wrong address, a captive portal or a broken mirror out of the cache. It is no appraisal: whoever serves a
//! well-formed forgery is found out by its signature, later.

use percent_encoding::percent_decode_str;
use reqwest::header::HeaderMap;
use sealroom_attestation::{Certificate, Endorsements, RevocationList};

use crate::request::{Document, Expected};

/// Largest issuer chain in a header, decoded, in bytes. Two certificates of Intel have 2 KiB.
const MAX_CHAIN: usize = 16 << 10;

/// A decoded answer: the files as an appraisal takes them, byte for byte as their maker made them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) files: Vec<Vec<u8>>,
    /// From when on it is not used, in seconds since 1970: next update, or after the last second of a certificate.
    pub(crate) expires: u64,
}

/// # Errors
/// What is wrong, in words that hold nothing of the answer's bytes beyond names fit to print.
pub(crate) fn decode(expected: &Expected, body: Vec<u8>, headers: &HeaderMap) -> Result<Decoded, String> {
    match expected {
        Expected::Certificate { subject, issuer } => {
            let certificate = Certificate::from_der(&body).map_err(|error| error.to_string())?;
            same("subject", subject, certificate.subject())?;
            same("issuer", issuer, certificate.issuer())?;
            Ok(Decoded { files: vec![body], expires: end(&certificate) })
        }
        Expected::Chain { subjects } => {
            let expires = chain(&body, &subjects.each_ref().map(String::as_str))?;
            Ok(Decoded { files: vec![body], expires })
        }
        Expected::RevocationList { issuer } => {
            let list = RevocationList::from_der(&body).map_err(|error| error.to_string())?;
            same("issuer", issuer, list.issuer())?;
            let expires = list.next_update_unix_seconds().ok_or("the revocation list does not say its next update")?;
            Ok(Decoded { files: vec![body], expires })
        }
        Expected::Document(document) => {
            let next_update = next_update(document, &body)?;
            let issuers = issuer_chain(header(document), headers)?;
            let expires = next_update.min(chain(&issuers, &["Intel SGX TCB Signing", "Intel SGX Root CA"])?);
            Ok(Decoded { files: vec![body, issuers], expires })
        }
    }
}

/// The end of a document of Intel's that is the one asked for, and nothing else.
fn next_update(document: &Document, body: &[u8]) -> Result<u64, String> {
    let found = Endorsements::decode(body).map_err(|error| error.to_string())?;
    if !found.certificates().is_empty() || !found.revocation_lists().is_empty() {
        return Err("expected one document of Intel's, found certificates or revocation lists".into());
    }
    match (document, found.tcb_infos(), found.qe_identities()) {
        (Document::TcbInfo { tee, fmspc }, [tcb_info], []) => {
            same("tee", tee.as_str(), tcb_info.tee().as_str())?;
            same("fmspc", &hex::encode(fmspc), &hex::encode(tcb_info.fmspc()))?;
            Ok(tcb_info.validity_unix_seconds().1)
        }
        (Document::QeIdentity { tee }, [], [identity]) => {
            same("tee", tee.as_str(), identity.tee().as_str())?;
            Ok(identity.validity_unix_seconds().1)
        }
        (Document::TcbInfo { .. }, ..) => Err("expected one tcb info of Intel's, found something else".into()),
        (Document::QeIdentity { .. }, ..) => Err("expected one qe identity of Intel's, found something else".into()),
    }
}

/// Where Intel puts who signed a document (PCS API version 4).
fn header(document: &Document) -> &'static str {
    match document {
        Document::TcbInfo { .. } => "tcb-info-issuer-chain",
        Document::QeIdentity { .. } => "sgx-enclave-identity-issuer-chain",
    }
}

fn issuer_chain(name: &str, headers: &HeaderMap) -> Result<Vec<u8>, String> {
    let value = headers.get(name).ok_or_else(|| format!("the header {name} is missing"))?;
    let value = value.to_str().map_err(|_| format!("the header {name} is not text"))?;
    let decoded: Vec<u8> = percent_decode_str(value).take(MAX_CHAIN + 1).collect();
    if decoded.len() > MAX_CHAIN {
        Err(format!("the header {name} has more than {MAX_CHAIN} bytes"))
    } else {
        Ok(decoded)
    }
}

/// The earliest end of certificates that have exactly these subjects.
fn chain(pem: &[u8], subjects: &[&str]) -> Result<u64, String> {
    let chain = Endorsements::decode(pem).map_err(|error| error.to_string())?;
    let found: Vec<&str> = chain.certificates().iter().map(Certificate::subject).collect();
    if found != subjects || !chain.revocation_lists().is_empty() {
        return Err(format!("expected certificates of {}, found {}", subjects.join(", "), found.join(", ")));
    }
    chain.certificates().iter().map(end).min().ok_or_else(|| "no certificate".into())
}

/// The first second after a certificate's last.
fn end(certificate: &Certificate) -> u64 {
    certificate.validity_unix_seconds().1.saturating_add(1)
}

fn same(what: &str, expected: &str, found: &str) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected {what} {expected}, found {found:?}")) }
}
