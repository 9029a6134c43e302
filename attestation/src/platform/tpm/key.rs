//! Step 2: TPMT_PUBLIC (part 2, section 12.2.4) of an attestation key, strictly, and its form for X.509.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::container::Fields;
use super::signature::{Scheme, padded};
use crate::crypto::PublicKey;

const RSA: u16 = 0x0001;
const ECC: u16 = 0x0023;
const NULL: u16 = 0x0010;
const NIST_P256: u16 = 0x0003;
const NIST_P384: u16 = 0x0004;
const DEFAULT_EXPONENT: u32 = 65_537;
const MAX_MODULUS: usize = 512;

/// TPMA_OBJECT (part 2, section 8.3): bits that make a key one of this TPM alone, which signs only what the TPM itself made.
const ATTRIBUTES: [(u32, bool, &str); 6] = [
    (1 << 1, true, "fixedTPM"),
    (1 << 4, true, "fixedParent"),
    (1 << 5, true, "sensitiveDataOrigin"),
    (1 << 16, true, "restricted"),
    (1 << 17, false, "decrypt"),
    (1 << 18, true, "sign"),
];

/// The public part of a key as its TPM gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Public {
    /// As the TPM gives it: what the key's Name is a hash of, so what it is pinned by.
    pub(crate) bytes: Vec<u8>,
    attributes: u32,
    pub(crate) scheme: Scheme,
    pub(crate) key: PublicKey,
}

impl Public {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut fields = Fields(bytes);
        let public = Self::fields(&mut fields).ok_or_else(|| String::from("the attestation key ends early"))??;
        match fields.0.len() {
            0 => Ok(Self { bytes: bytes.to_vec(), ..public }),
            more => Err(format!("{more} bytes follow the attestation key")),
        }
    }

    fn fields(fields: &mut Fields<'_>) -> Option<Result<Self, String>> {
        let kind = fields.u16()?;
        if !matches!(kind, RSA | ECC) {
            return Some(Err(format!("the attestation key is of type {kind:#06x}, expected RSA or ECC")));
        }
        let _name_algorithm = fields.u16()?;
        let attributes = fields.u32()?;
        let _policy = fields.sized()?;
        let symmetric = fields.u16()?;
        if symmetric != NULL {
            return Some(Err(String::from("the attestation key is one that encrypts")));
        }
        let scheme = fields.u16()?;
        let hash = if scheme == NULL { NULL } else { fields.u16()? };
        let scheme = Scheme { scheme, hash };
        let key = if kind == RSA { rsa(fields)? } else { ecc(fields)? };
        Some(key.map(|key| Self { bytes: Vec::new(), attributes, scheme, key }))
    }

    /// Every attribute that is not as an attestation key's must be.
    pub(crate) fn wrong_attributes(&self) -> Vec<String> {
        let wrong = ATTRIBUTES.iter().filter(|(bit, wanted, _)| (self.attributes & bit != 0) != *wanted);
        wrong.map(|(_, wanted, name)| format!("{name} is {}", if *wanted { "clear" } else { "set" })).collect()
    }

    pub(crate) fn expected_attributes() -> String {
        let words = ATTRIBUTES.map(|(_, wanted, name)| format!("{name} {}", if wanted { "set" } else { "clear" }));
        crate::text::joined(words, ", ")
    }
}

/// TPMS_RSA_PARMS after the scheme, then the modulus.
fn rsa(fields: &mut Fields<'_>) -> Option<Result<PublicKey, String>> {
    let bits = fields.u16()?;
    let exponent = match fields.u32()? {
        0 => DEFAULT_EXPONENT,
        other => other,
    };
    let modulus = fields.sized()?;
    let leads_with_zero = modulus.first().is_none_or(|byte| *byte == 0);
    if modulus.len() * 8 != usize::from(bits) || modulus.len() > MAX_MODULUS || leads_with_zero {
        return Some(Err(format!(
            "the attestation key has a modulus of {} bytes, said to be of {bits} bits",
            modulus.len()
        )));
    }
    let exponent: Vec<u8> = exponent.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    Some(Ok(PublicKey::Rsa { modulus: modulus.to_vec(), exponent }))
}

/// TPMS_ECC_PARMS after the scheme, then the point.
fn ecc(fields: &mut Fields<'_>) -> Option<Result<PublicKey, String>> {
    let curve = fields.u16()?;
    let derivation = fields.u16()?;
    if derivation != NULL {
        return Some(Err(String::from("the attestation key is one that derives keys")));
    }
    let (x, y) = (fields.sized()?, fields.sized()?);
    let point = |length| Some([&[4][..], &padded(x, length)?, &padded(y, length)?].concat());
    let key = match curve {
        NIST_P256 => point(32).and_then(|point| Some(PublicKey::P256(Box::new(point.try_into().ok()?)))),
        NIST_P384 => point(48).and_then(|point| Some(PublicKey::P384(Box::new(point.try_into().ok()?)))),
        _ => None,
    };
    Some(key.ok_or_else(|| {
        format!("the attestation key is on curve {curve:#06x}, expected P-256 or P-384, with its coordinates")
    }))
}

/// DER of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), by whose SHA-256 a TPM is told from others.
pub(crate) fn subject_public_key_info(key: &PublicKey) -> Option<Vec<u8>> {
    const RSA_ALGORITHM: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    const P256_ALGORITHM: &[u8] =
        b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    const P384_ALGORITHM: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
    let (algorithm, key) = match key {
        PublicKey::Rsa { modulus, exponent } => {
            (RSA_ALGORITHM, tlv(0x30, &[unsigned(modulus), unsigned(exponent)].concat()))
        }
        PublicKey::P256(point) => (P256_ALGORITHM, point.to_vec()),
        PublicKey::P384(point) => (P384_ALGORITHM, point.to_vec()),
        PublicKey::Ed25519(_) | PublicKey::Other => return None,
    };
    Some(tlv(0x30, &[algorithm, &tlv(0x03, &[&[0][..], &key].concat())].concat()))
}

/// A positive INTEGER, from bytes without leading zeros.
fn unsigned(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tlv(0x02, &[sign, number].concat())
}

/// With a length of at most 65535.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    let length = match (high, low) {
        (0, 0..=0x7f) => alloc::vec![low],
        (0, _) => alloc::vec![0x81, low],
        _ => alloc::vec![0x82, high, low],
    };
    [&[tag][..], &length, content].concat()
}
