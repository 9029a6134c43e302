//! Step 3: TPMT_SIGNATURE (part 2, section 11.3.4), strictly, and which of them are accepted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::container::Fields;
use crate::crypto::{PublicKey, SignatureKind};
use crate::event_log::Algorithm;

pub(super) const RSASSA: u16 = 0x0014;
const RSAPSS: u16 = 0x0016;
pub(super) const ECDSA: u16 = 0x0018;

/// How a TPM signs: scheme and hash, both by TPM_ALG_ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scheme {
    pub(crate) scheme: u16,
    pub(crate) hash: u16,
}

/// A signature as the TPM gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) scheme: Scheme,
    /// Of RSA one number, of ECDSA r and s. Big-endian.
    numbers: [Vec<u8>; 2],
}

impl Scheme {
    /// TPMT_SIGNATURE of these numbers: of RSA one, of ECDSA two.
    pub(super) fn written(self, numbers: &[&[u8]]) -> Vec<u8> {
        let mut bytes = [self.scheme.to_be_bytes(), self.hash.to_be_bytes()].concat();
        for number in numbers {
            // One beyond 65535 bytes does not read back.
            bytes.extend(u16::try_from(number.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend_from_slice(number);
        }
        bytes
    }
}

impl Signature {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut fields = Fields(bytes);
        let signature = Self::fields(&mut fields).ok_or_else(|| String::from("the signature ends early"))??;
        match fields.0.len() {
            0 => Ok(signature),
            more => Err(format!("{more} bytes follow the signature")),
        }
    }

    fn fields(fields: &mut Fields<'_>) -> Option<Result<Self, String>> {
        let scheme = fields.u16()?;
        if !matches!(scheme, RSASSA | RSAPSS | ECDSA) {
            return Some(Err(format!("the signature is of scheme {scheme:#06x}, expected RSASSA, RSAPSS or ECDSA")));
        }
        let hash = fields.u16()?;
        let first = fields.sized()?.to_vec();
        let second = if scheme == ECDSA { fields.sized()?.to_vec() } else { Vec::new() };
        Some(Ok(Self { scheme: Scheme { scheme, hash }, numbers: [first, second] }))
    }

    /// What verifies it with this key, and the signature in that form; `None` where the scheme is not accepted or not the key's.
    pub(crate) fn kind(&self, key: &PublicKey) -> Option<(SignatureKind, Vec<u8>)> {
        let [first, second] = &self.numbers;
        let hash = Algorithm::from_tpm_id(self.scheme.hash)?;
        let rsa = |kind| Some((kind, first.clone()));
        let ecdsa = |kind, length| Some((kind, [padded(first, length)?, padded(second, length)?].concat()));
        match (self.scheme.scheme, hash, key) {
            (RSASSA, Algorithm::Sha256, PublicKey::Rsa { .. }) => rsa(SignatureKind::RsaPkcs1Sha256),
            (RSASSA, Algorithm::Sha384, PublicKey::Rsa { .. }) => rsa(SignatureKind::RsaPkcs1Sha384),
            (RSAPSS, Algorithm::Sha256, PublicKey::Rsa { .. }) => rsa(SignatureKind::RsaPssSha256),
            (RSAPSS, Algorithm::Sha384, PublicKey::Rsa { .. }) => rsa(SignatureKind::RsaPssSha384),
            (ECDSA, Algorithm::Sha256, PublicKey::P256(_)) => ecdsa(SignatureKind::EcdsaP256Sha256Fixed, 32),
            (ECDSA, Algorithm::Sha384, PublicKey::P384(_)) => ecdsa(SignatureKind::EcdsaP384Sha384Fixed, 48),
            _ => None,
        }
    }
}

/// TPMT_SIGNATURE around a bare RSA signature (PKCS #1 v1.5, SHA-256), which is what some tools keep of it.
#[must_use]
pub fn rsassa_sha256(signature: &[u8]) -> Vec<u8> {
    Scheme { scheme: RSASSA, hash: Algorithm::Sha256.tpm_id() }.written(&[signature])
}

/// A TPM may leave leading zeros away.
pub(super) fn padded(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let zeros = length.checked_sub(number.len())?;
    Some([&alloc::vec![0; zeros], number].concat())
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            RSASSA => "RSASSA",
            RSAPSS => "RSAPSS",
            ECDSA => "ECDSA",
            other => return write!(f, "scheme {other:#06x} with hash {:#06x}", self.hash),
        };
        match Algorithm::from_tpm_id(self.hash) {
            Some(hash) => write!(f, "{scheme} with {hash}"),
            None => write!(f, "{scheme} with hash {:#06x}", self.hash),
        }
    }
}
