//! The request: the arguments that a requester chooses, encrypted, and announced to every data party who must see them
//! before it grants.
//!
//! What always holds: data parties and enclave open one object id, whose key is committed to; nobody is shown another
//! request than the one that runs.

use super::{SignedError, decode_signed};
use crate::canonical::{self, base64_bytes};
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::hash::length_prefixed;
use crate::id::{ContractId, ObjectId, RequestId};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Tells every data party of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Announcement {
    /// The contract.
    pub contract: ContractId,
    /// Who asks, by name in the contract.
    pub requester: String,
    /// The request's fresh id.
    pub request: RequestId,
    /// The object that holds the arguments.
    pub object: ObjectId,
    /// The object's key for every data party, in the contract's order.
    pub keys: Vec<RequestKey>,
}

/// A request's key for one data party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct RequestKey {
    /// The data party's name.
    pub party: String,
    /// HPKE ciphertext of the 32-byte key, label [`RequestKey::LABEL`].
    #[serde(with = "base64_bytes")]
    pub key: Vec<u8>,
}

impl RequestKey {
    /// HPKE label.
    pub const LABEL: &'static str = "sealroom/1 request key";

    /// What the ciphertext belongs to.
    #[must_use]
    pub fn associated_data(contract: &ContractId, request: &RequestId, object: &ObjectId, party: &str) -> Vec<u8> {
        length_prefixed(Self::LABEL, &[contract.as_bytes(), request.as_bytes(), object.as_bytes(), party.as_bytes()])
    }
}

/// An announcement in its envelope, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedAnnouncement {
    envelope: Envelope,
    announcement: Announcement,
}

impl SignedAnnouncement {
    /// Signs an announcement.
    #[must_use]
    pub fn sign(announcement: Announcement, requester: &SigningSecret) -> Self {
        let envelope = Envelope::signed(PayloadType::Request, canonical::encode(&announcement), requester);
        Self { envelope, announcement }
    }

    /// Decodes an announcement; no signature is verified.
    ///
    /// # Errors
    /// [`SignedError`] naming what is wrong with the form.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
        let (envelope, announcement) = decode_signed(bytes, PayloadType::Request)?;
        Ok(Self { envelope, announcement })
    }

    /// The announcement, once it is known to be signed by the requester's key from the contract.
    ///
    /// # Errors
    /// [`EnvelopeError`] when it is not signed by exactly this key.
    pub fn verify(&self, requester: &SigningPublicKey) -> Result<&Announcement, EnvelopeError> {
        self.envelope.verify_all(&[*requester])?;
        Ok(&self.announcement)
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Announcement {
        &self.announcement
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }
}
