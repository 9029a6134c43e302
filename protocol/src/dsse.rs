//! DSSE envelopes: how everything that stands alone is signed.
//!
//! What always holds: an [`Envelope`] decoded here is the one canonical spelling of its payload, type and signatures, and
//! signatures are verified over the payload bytes as received. This is a strict subset of the published format
//! (secure-systems-lab DSSE 1.0.2): canonical JSON, standard base64, signatures sorted by key and never two by one key,
//! `keyid` the 64 hexadecimal digits of the ed25519 public key.

use crate::canonical::{self, CanonicalError, base64_bytes};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Largest envelope, in bytes.
pub const ENVELOPE_LIMIT: usize = 4 << 20;

/// A signature by more keys than any contract has parties is refused.
const SIGNATURE_LIMIT: usize = 64;

/// What a payload is. Signed with it, so a signature for one purpose is never one for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the closed list of what is signed; see SPEC.md section 2")]
pub enum PayloadType {
    /// Contract text, signed by every party.
    Contract,
    /// A proposal, signed by the enclave.
    Proposal,
    /// A grant's signed part, by the granting party.
    Grant,
    /// A request's announcement, by the requester.
    Request,
    /// A receipt, by the enclave.
    Receipt,
    /// A stop, by any party.
    Stop,
    /// A statement of an operator, or of the party that says where the host stands.
    Statement,
    /// An order to restore a sealed store, by its owners.
    Restore,
    /// Shares of a party's keys, by that party.
    RecoverySet,
    /// One of them given back, by who kept it.
    RecoveryShare,
}

impl PayloadType {
    /// Its media type, as the envelope names it.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Contract => "application/vnd.sealroom.contract.v1+toml",
            Self::Proposal => "application/vnd.sealroom.proposal.v1+json",
            Self::Grant => "application/vnd.sealroom.grant.v1+json",
            Self::Request => "application/vnd.sealroom.request.v1+json",
            Self::Receipt => "application/vnd.sealroom.receipt.v1+json",
            Self::Stop => "application/vnd.sealroom.stop.v1+json",
            Self::Statement => "application/vnd.sealroom.statement.v1+json",
            Self::Restore => "application/vnd.sealroom.restore.v1+json",
            Self::RecoverySet => "application/vnd.sealroom.recovery-set.v1+json",
            Self::RecoveryShare => "application/vnd.sealroom.recovery-share.v1+json",
        }
    }
}

/// Why an envelope, or a signature in it, does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// The envelope's own JSON.
    #[error("envelope: {0}")]
    Canonical(#[from] CanonicalError),
    /// Another kind of payload than expected.
    #[error("expected an envelope of {expected}")]
    PayloadType {
        /// The media type that belongs here.
        expected: &'static str,
    },
    /// Signatures out of order, twice by one key, or too many.
    #[error("expected at most {SIGNATURE_LIMIT} signatures, sorted by key, one a key")]
    Signatures,
    /// A key id that is not 64 lowercase hexadecimal digits or a signature that is not 64 bytes.
    #[error("expected a key id of 64 lowercase hexadecimal digits and a signature of 64 bytes")]
    SignatureForm,
    /// No signature by this key.
    #[error("no signature by {key}")]
    Missing {
        /// The key whose signature is missing.
        key: SigningPublicKey,
    },
    /// A signature that does not hold.
    #[error("the signature by {key} does not hold over this payload")]
    Bad {
        /// The key it names.
        key: SigningPublicKey,
    },
    /// A signature by a key that has no business here.
    #[error("a signature by a key that is not one of those expected: {key_id}")]
    Foreign {
        /// The key id it names.
        key_id: String,
    },
}

/// A payload and its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    #[serde(with = "base64_bytes")]
    payload: Vec<u8>,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeSignature {
    keyid: String,
    #[serde(with = "base64_bytes")]
    sig: Vec<u8>,
}

impl Envelope {
    /// A payload that nobody has signed yet.
    #[must_use]
    pub fn unsigned(payload_type: PayloadType, payload: Vec<u8>) -> Self {
        Self { payload, payload_type: payload_type.media_type().into(), signatures: Vec::new() }
    }

    /// Signs the payload with one key, replacing an earlier signature by it.
    pub fn sign(&mut self, secret: &SigningSecret) {
        let keyid = hex::encode(secret.public().as_bytes());
        let sig = secret.sign(&pre_authentication(&self.payload_type, &self.payload)).to_vec();
        self.signatures.retain(|signature| signature.keyid != keyid);
        self.signatures.push(EnvelopeSignature { keyid, sig });
        self.signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
    }

    /// A payload signed by one key.
    #[must_use]
    pub fn signed(payload_type: PayloadType, payload: Vec<u8>, secret: &SigningSecret) -> Self {
        let mut envelope = Self::unsigned(payload_type, payload);
        envelope.sign(secret);
        envelope
    }

    /// Adds the signatures of another envelope of the same payload.
    ///
    /// # Errors
    /// [`EnvelopeError::PayloadType`] when payload or type differ.
    pub fn merge(&mut self, other: &Self, payload_type: PayloadType) -> Result<(), EnvelopeError> {
        if self.payload != other.payload || self.payload_type != other.payload_type {
            return Err(EnvelopeError::PayloadType { expected: payload_type.media_type() });
        }
        for signature in &other.signatures {
            if self.signatures.iter().all(|known| known.keyid != signature.keyid) {
                self.signatures.push(signature.clone());
            }
        }
        self.signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        Ok(())
    }

    /// The envelope that these bytes spell. No signature is verified yet.
    ///
    /// # Errors
    /// [`EnvelopeError`] unless the bytes are the canonical form of an envelope of this type.
    pub fn decode(bytes: &[u8], payload_type: PayloadType) -> Result<Self, EnvelopeError> {
        let envelope: Self = canonical::decode(bytes, ENVELOPE_LIMIT)?;
        if envelope.payload_type != payload_type.media_type() {
            return Err(EnvelopeError::PayloadType { expected: payload_type.media_type() });
        }
        let sorted = envelope.signatures.is_sorted_by(|a, b| a.keyid < b.keyid);
        if !sorted || envelope.signatures.len() > SIGNATURE_LIMIT {
            return Err(EnvelopeError::Signatures);
        }
        let well_formed = |signature: &EnvelopeSignature| {
            signature.sig.len() == 64
                && signature.keyid.len() == 64
                && signature.keyid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !envelope.signatures.iter().all(well_formed) {
            return Err(EnvelopeError::SignatureForm);
        }
        Ok(envelope)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        canonical::encode(self)
    }

    /// The payload, whoever signed it: an allegation until [`verify_all`](Self::verify_all).
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signature by `key`, if there is one; not verified.
    #[must_use]
    pub fn is_signed_by(&self, key: &SigningPublicKey) -> bool {
        let keyid = hex::encode(key.as_bytes());
        self.signatures.iter().any(|signature| signature.keyid == keyid)
    }

    /// Verifies that exactly these keys signed the payload: none missing, none foreign.
    ///
    /// # Errors
    /// [`EnvelopeError::Missing`], [`EnvelopeError::Bad`] or [`EnvelopeError::Foreign`], in this order.
    pub fn verify_all(&self, keys: &[SigningPublicKey]) -> Result<&[u8], EnvelopeError> {
        for key in keys {
            self.verify_one(key)?;
        }
        let ids: Vec<String> = keys.iter().map(|key| hex::encode(key.as_bytes())).collect();
        match self.signatures.iter().find(|signature| !ids.contains(&signature.keyid)) {
            Some(foreign) => Err(EnvelopeError::Foreign { key_id: foreign.keyid.clone() }),
            None => Ok(&self.payload),
        }
    }

    /// Verifies that `key` signed the payload, whoever else did.
    ///
    /// # Errors
    /// [`EnvelopeError::Missing`] or [`EnvelopeError::Bad`].
    pub fn verify_one(&self, key: &SigningPublicKey) -> Result<&[u8], EnvelopeError> {
        let keyid = hex::encode(key.as_bytes());
        let Some(signature) = self.signatures.iter().find(|signature| signature.keyid == keyid) else {
            return Err(EnvelopeError::Missing { key: *key });
        };
        let bytes: &[u8; 64] = signature.sig.as_slice().try_into().map_err(|_| EnvelopeError::SignatureForm)?;
        key.verify(&pre_authentication(&self.payload_type, &self.payload), bytes)
            .map_err(|_| EnvelopeError::Bad { key: *key })?;
        Ok(&self.payload)
    }
}

/// DSSE's PAE: what is really signed.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SigningSecret {
        SigningSecret::from_seed(&[byte; 32])
    }

    #[test]
    fn each_missing_swapped_or_foreign_signature_is_its_own_error() {
        let (a, b, c) = (key(1), key(2), key(3));
        let mut envelope = Envelope::signed(PayloadType::Contract, b"text".to_vec(), &a);
        assert_eq!(envelope.verify_all(&[a.public(), b.public()]), Err(EnvelopeError::Missing { key: b.public() }));
        envelope.sign(&b);
        assert_eq!(envelope.verify_all(&[a.public(), b.public()]), Ok(b"text".as_slice()));
        envelope.sign(&c);
        let key_id = hex::encode(c.public().as_bytes());
        assert_eq!(envelope.verify_all(&[a.public(), b.public()]), Err(EnvelopeError::Foreign { key_id }));
        let mut swapped = envelope.clone();
        let first = swapped.signatures[0].sig.clone();
        swapped.signatures[0].sig = core::mem::replace(&mut swapped.signatures[1].sig, first);
        assert!(matches!(swapped.verify_all(&[a.public()]), Err(EnvelopeError::Bad { .. })));
        let mut twice = envelope;
        twice.signatures.push(twice.signatures[2].clone());
        assert_eq!(Envelope::decode(&twice.encode(), PayloadType::Contract), Err(EnvelopeError::Signatures));
    }

    #[test]
    fn a_signature_for_one_purpose_is_none_for_another() {
        let a = key(1);
        let envelope = Envelope::signed(PayloadType::Grant, b"{}".to_vec(), &a);
        let bytes = envelope.encode();
        let expected = PayloadType::Stop.media_type();
        assert_eq!(Envelope::decode(&bytes, PayloadType::Stop), Err(EnvelopeError::PayloadType { expected }));
        let mut renamed = envelope;
        renamed.payload_type = expected.into();
        assert_eq!(renamed.verify_one(&a.public()), Err(EnvelopeError::Bad { key: a.public() }));
        assert_eq!(Envelope::decode(&bytes, PayloadType::Grant).unwrap().encode(), bytes);
    }
}
