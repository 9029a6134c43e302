//! Steps 1 and 2: an attestation document, decoded strictly. Every field once, of the size that AWS gives it, and no other.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::claims::Claims;
use super::{ChallengeField, checks};
use crate::cbor::{self, Reader, once, required};
use crate::certificate::Certificate;
use crate::challenge::Answer;
use crate::check::{CheckDefinition, common};
use crate::cose::{Algorithm, Sign1};
use crate::error::DecodeError;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::platform::Platform;
use crate::text::{Hex, utc};

/// Section 3.1 allows a payload of 16384 bytes; header and signature are beside it.
const MAX_BYTES: usize = 16_384 + 256;
const MAX_MODULE_ID: usize = 128;
const MAX_CERTIFICATE: usize = 1024;
const MAX_PUBLIC_KEY: usize = 1024;
const MAX_DATA: usize = 512;
const REGISTERS: u8 = 32;
/// AWS issues four. Each costs a signature check.
const MAX_BUNDLE: u64 = 8;
const MAX_FIELDS: u64 = 9;

/// A document that decodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    bytes: Vec<u8>,
    pub(super) message: Sign1,
    claims: Claims,
    /// The document's own certificate, then those of the bundle, in the bundle's order.
    pub(super) certificates: Result<Vec<Certificate>, DecodeError>,
}

impl Document {
    /// A COSE_Sign1 is an array of four, tagged or not.
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        matches!(bytes, [0x84, ..] | [0xd2, 0x84, ..])
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            let problem = format!("{} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(malformed(&common::EVIDENCE_SIZE, problem));
        }
        // Step 1.
        let (message, payload) = Sign1::decode(bytes).map_err(|problem| malformed(&checks::COSE, problem))?;
        if message.algorithm != Algorithm::Es384 {
            let problem = format!("the algorithm is {}, expected ES384", message.algorithm.as_str());
            return Err(malformed(&checks::COSE, problem));
        }
        // Step 2.
        let payload = Payload::read(payload).map_err(|problem| malformed(&checks::PAYLOAD, problem))?;
        let ders = [payload.certificate].into_iter().chain(payload.bundle);
        let certificates = ders.map(Certificate::from_der).collect();
        Ok(Self { bytes: bytes.to_vec(), message, claims: payload.claims, certificates })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// PCR0: the whole enclave image. Zeros where the document has none, which is refused as debug.
    pub(crate) fn measurement(&self) -> Measurement {
        Measurement::sha384(self.claims.pcr(0).copied().unwrap_or([0; 48]))
    }

    /// Step 9: as long as the enclave made it, so compared in full.
    pub(crate) fn answer(&self, field: ChallengeField) -> Answer<'_> {
        let bytes = match field {
            ChallengeField::Nonce => &self.claims.nonce,
            ChallengeField::UserData => &self.claims.user_data,
        };
        Answer { field: field.as_str(), bytes: bytes.as_deref().unwrap_or(&[]), fixed: false }
    }

    /// Every field. Not verified.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let mut claims = self.claims.describe();
        match &self.certificates {
            Ok(certificates) => claims.extend(certificates.iter().map(|certificate| {
                let (from, until) = certificate.validity_unix_seconds();
                let name = certificate.subject();
                Claim { name: "certificate", value: format!("{name}, valid {} to {}", utc(from), utc(until)) }
            })),
            Err(error) => claims.push(Claim { name: "certificate", value: format!("{error}") }),
        }
        claims
    }
}

fn malformed(check: &'static CheckDefinition, problem: String) -> DecodeError {
    DecodeError::EvidenceFormat { platform: Platform::AwsNitro, check: check.id, problem }
}

struct Payload<'b> {
    claims: Claims,
    certificate: &'b [u8],
    bundle: Vec<&'b [u8]>,
}

impl<'b> Payload<'b> {
    fn read(bytes: &'b [u8]) -> cbor::Result<Self> {
        let mut reader = Reader::new(bytes);
        let (mut module_id, mut digest, mut timestamp, mut pcrs) = (None, None, None, None);
        let (mut certificate, mut bundle) = (None, None);
        let (mut public_key, mut user_data, mut nonce) = (None, None, None);
        let mut fields = reader.map(MAX_FIELDS, "the document")?;
        while reader.more(&mut fields)? {
            let key = reader.text("a key of the document")?;
            match key {
                "module_id" => once(&mut module_id, reader.text(key)?, key)?,
                "digest" => once(&mut digest, reader.text(key)?, key)?,
                "timestamp" => once(&mut timestamp, reader.unsigned(key)?, key)?,
                "pcrs" => once(&mut pcrs, registers(&mut reader)?, key)?,
                "certificate" => once(&mut certificate, certificate_bytes(&mut reader)?, key)?,
                "cabundle" => once(&mut bundle, certificate_bundle(&mut reader)?, key)?,
                "public_key" => once(&mut public_key, optional(&mut reader, 1..=MAX_PUBLIC_KEY, key)?, key)?,
                "user_data" => once(&mut user_data, optional(&mut reader, 0..=MAX_DATA, key)?, key)?,
                "nonce" => once(&mut nonce, optional(&mut reader, 0..=MAX_DATA, key)?, key)?,
                // Not printed as it is: it may hold anything.
                other => return Err(format!("unknown key 0x{}", Hex(other.as_bytes()))),
            }
        }
        reader.end("the document")?;
        let module_id = required(module_id, "module_id")?;
        if module_id.len() > MAX_MODULE_ID || !is_module_id(module_id) {
            return Err(format!("module_id is not 1 to {MAX_MODULE_ID} letters, digits, hyphens and dots"));
        }
        if required(digest, "digest")? != "SHA384" {
            return Err(String::from("digest is not SHA384"));
        }
        let timestamp_ms = required(timestamp, "timestamp")?;
        if timestamp_ms == 0 {
            return Err(String::from("timestamp is 0"));
        }
        let claims = Claims {
            module_id: module_id.to_owned(),
            timestamp_ms,
            pcrs: required(pcrs, "pcrs")?,
            public_key: public_key.flatten(),
            user_data: user_data.flatten(),
            nonce: nonce.flatten(),
        };
        Ok(Self { claims, certificate: required(certificate, "certificate")?, bundle: required(bundle, "cabundle")? })
    }
}

/// Shown to people before anything is verified.
fn is_module_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Section 3.2.2.2 allows 32, 48 and 64 bytes; with digest SHA384 a register has 48.
fn registers(reader: &mut Reader<'_>) -> cbor::Result<Vec<(u8, [u8; 48])>> {
    let mut registers: Vec<(u8, [u8; 48])> = Vec::new();
    let mut items = reader.map(REGISTERS.into(), "pcrs")?;
    while reader.more(&mut items)? {
        let index = reader.unsigned("the index of a pcr")?;
        let index = u8::try_from(index).ok().filter(|index| *index < REGISTERS);
        let index = index.ok_or_else(|| format!("a pcr has an index that is not 0 to {}", REGISTERS - 1))?;
        if registers.iter().any(|(known, _)| *known == index) {
            return Err(format!("pcr {index} occurs twice"));
        }
        registers.push((index, reader.sized(&format!("pcr {index}"))?));
    }
    if registers.is_empty() { Err(String::from("pcrs is empty")) } else { Ok(registers) }
}

fn certificate_bytes<'b>(reader: &mut Reader<'b>) -> cbor::Result<&'b [u8]> {
    let bytes = reader.bytes("a certificate")?;
    if !(1..=MAX_CERTIFICATE).contains(&bytes.len()) {
        return Err(format!("a certificate has {} bytes, expected 1 to {MAX_CERTIFICATE}", bytes.len()));
    }
    Ok(bytes)
}

fn certificate_bundle<'b>(reader: &mut Reader<'b>) -> cbor::Result<Vec<&'b [u8]>> {
    let mut bundle = Vec::new();
    let mut items = reader.array(MAX_BUNDLE, "cabundle")?;
    while reader.more(&mut items)? {
        bundle.push(certificate_bytes(reader)?);
    }
    if bundle.is_empty() { Err(String::from("cabundle is empty")) } else { Ok(bundle) }
}

/// Null means absent.
fn optional(
    reader: &mut Reader<'_>,
    sizes: core::ops::RangeInclusive<usize>,
    key: &str,
) -> cbor::Result<Option<Vec<u8>>> {
    if reader.is_null() {
        return Ok(None);
    }
    let bytes = reader.bytes(key)?;
    if !sizes.contains(&bytes.len()) {
        return Err(format!("{key} has {} bytes, expected {} to {}", bytes.len(), sizes.start(), sizes.end()));
    }
    Ok(Some(bytes.to_vec()))
}
