//! A TPM's Evidence: the container, decoded.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::container;
use super::key::{Public, subject_public_key_info};
use super::quote::{MAX_LOG, MAX_MESSAGE, MAX_SIGNATURE, MAX_VALUES, Parts, Quote, write_values};
use super::{checks, claims};
use crate::certificate::Certificate;
use crate::challenge::Answer;
use crate::check::common;
use crate::crypto::PublicKey;
use crate::error::DecodeError;
use crate::event_log::Algorithm;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::needed::Needed;
use crate::platform::Platform;

pub(crate) const MAGIC: [u8; 8] = *b"SRTPM\0\0\x01";
const MAX_KEY: usize = 8 * 1024;
const MAX_BYTES: usize = MAX_LOG + 64 * 1024;

/// A quote with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    bytes: Vec<u8>,
    pub(crate) quote: Quote,
    pub(crate) key: Key,
}

/// What says who the attestation key is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is one a time")]
pub(crate) enum Key {
    Certificate(Certificate),
    Public(Public),
}

impl Key {
    pub(crate) fn key(&self) -> &PublicKey {
        match self {
            Self::Certificate(certificate) => &certificate.key,
            Self::Public(public) => &public.key,
        }
    }

    /// By which its TPM is told from others. `None` for a key that nothing here verifies with.
    pub(crate) fn subject_public_key_info(&self) -> Option<Vec<u8>> {
        subject_public_key_info(self.key())
    }
}

impl Evidence {
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            let problem = format!("{} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(malformed(common::EVIDENCE_SIZE.id, problem));
        }
        Self::parts(bytes).map_err(|problem| malformed(checks::FORMAT.id, problem))
    }

    fn parts(bytes: &[u8]) -> Result<Self, String> {
        let parts = [
            ("quote", MAX_MESSAGE),
            ("signature", MAX_SIGNATURE),
            ("values", MAX_VALUES),
            ("attestation key", MAX_KEY),
            ("event log", MAX_LOG),
        ];
        let [message, signature, values, key, log] = container::read(MAGIC, bytes, parts)?;
        let quote = Quote::decode(&Parts { message, signature, values, log })?;
        // A certificate is a SEQUENCE; a TPMT_PUBLIC begins with 0x00.
        let key = match key.first() {
            Some(0x30) => Certificate::from_der(key).map(Key::Certificate).map_err(|error| format!("{error}"))?,
            _ => Key::Public(Public::decode(key)?),
        };
        Ok(Self { bytes: bytes.to_vec(), quote, key })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn describe(&self) -> Vec<Claim> {
        claims::key(&self.key).into_iter().chain(claims::quote(&self.quote)).collect()
    }

    pub(crate) fn measurement(&self) -> Measurement {
        self.quote.measurement()
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        self.quote.answer()
    }
}

/// The attestation key's certificate, where the quote came with one.
pub(crate) fn leaf(evidence: &Evidence) -> Option<&Certificate> {
    match &evidence.key {
        Key::Certificate(certificate) => Some(certificate),
        Key::Public(_) => None,
    }
}

/// A certificate's issuer; a pinned key needs nothing.
pub(crate) fn needed(evidence: &Evidence) -> Vec<Needed> {
    match &evidence.key {
        Key::Certificate(certificate) => {
            Vec::from([Needed::Certificate { subject: String::from(certificate.issuer()) }])
        }
        Key::Public(_) => Vec::new(),
    }
}

fn malformed(check: &'static str, problem: String) -> DecodeError {
    DecodeError::EvidenceFormat { platform: Platform::Tpm, check, problem }
}

/// The files that a TPM's tools make of a quote.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: what the container holds of a quote")]
pub struct QuoteParts {
    /// TPMS_ATTEST.
    pub quote: Vec<u8>,
    /// TPMT_SIGNATURE; see [`rsassa_sha256`](super::rsassa_sha256) for a bare signature.
    pub signature: Vec<u8>,
    /// The bank of the values.
    pub bank: Algorithm,
    /// The quoted registers by ascending number, with their values.
    pub values: Vec<(u8, Vec<u8>)>,
    /// The event log of the boot, or nothing.
    pub event_log: Vec<u8>,
}

/// A quote as Evidence, in one file. `key` is a certificate (DER) or a TPMT_PUBLIC. Nothing is verified.
///
/// # Errors
/// [`DecodeError`]: each of its variants about evidence.
pub fn assemble(parts: &QuoteParts, key: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let values = write_values(parts.bank, &parts.values);
    let bytes = container::write(MAGIC, &[&parts.quote, &parts.signature, &values, key, &parts.event_log]);
    Evidence::decode(&bytes)?;
    Ok(bytes)
}
