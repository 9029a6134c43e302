//! A share that its helper gives back: signed by the helper, encrypted to who receives it.
//!
//! What always holds: it names set, owner, number and receiver; whose signature it must have stands in the set, so until a
//! set joins it, all that it says is an allegation. `spec/recovery.md`, section 3.

use super::error::RecoveryError;
use super::{GIVEN_LIMIT, HELPERS_LIMIT, SHARE_LENGTH};
use crate::canonical::{self, base64_bytes};
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::id::RecoverySetId;
use crate::identity::{EncryptionPublicKey, SigningPublicKey, SigningSecret};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    pub(super) set: RecoverySetId,
    pub(super) owner: SigningPublicKey,
    pub(super) index: u8,
    pub(super) receiver: EncryptionPublicKey,
    #[serde(with = "base64_bytes")]
    pub(super) ciphertext: Vec<u8>,
}

/// A share that was given back, in its envelope, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenShare {
    envelope: Envelope,
    payload: Payload,
}

impl GivenShare {
    pub(super) fn sign(payload: Payload, helper: &SigningSecret) -> Self {
        let bytes = canonical::encode(&payload);
        Self { envelope: Envelope::signed(PayloadType::RecoveryShare, bytes, helper), payload }
    }

    /// Decodes it; no signature is verified.
    ///
    /// # Errors
    /// [`RecoveryError::TooLong`], [`RecoveryError::Envelope`], [`RecoveryError::Payload`], [`RecoveryError::Index`],
    /// [`RecoveryError::Length`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RecoveryError> {
        if bytes.len() > GIVEN_LIMIT {
            return Err(RecoveryError::TooLong { limit: GIVEN_LIMIT, found: bytes.len() });
        }
        let envelope = Envelope::decode(bytes, PayloadType::RecoveryShare)?;
        let payload: Payload = canonical::decode(envelope.payload(), GIVEN_LIMIT)?;
        let (index, found) = (payload.index, payload.ciphertext.len());
        let helpers = u8::try_from(HELPERS_LIMIT).unwrap_or(u8::MAX);
        if !(1..=helpers).contains(&index) {
            return Err(RecoveryError::Index { helpers, found: index });
        }
        if found != SHARE_LENGTH {
            return Err(RecoveryError::Length { index, found });
        }
        Ok(Self { envelope, payload })
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }

    /// Which share it says it is.
    #[must_use]
    pub const fn index(&self) -> u8 {
        self.payload.index
    }

    /// Whom it says it was given to.
    #[must_use]
    pub const fn receiver(&self) -> &EncryptionPublicKey {
        &self.payload.receiver
    }

    pub(super) const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Verifies that its helper signed it, and nobody else.
    pub(super) fn verify(&self, helper: &SigningPublicKey) -> Result<(), EnvelopeError> {
        self.envelope.verify_all(&[*helper]).map(|_| ())
    }
}
