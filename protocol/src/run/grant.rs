//! The grant: one party's yes to one proposal, with the keys of its objects.
//!
//! What always holds: the ciphertext opens only for the contract, proposal, party and grant id in its associated data,
//! and the signed part names its digest; so it can be neither forwarded nor signed again by another.

use super::{SignedError, decode_signed};
use crate::canonical;
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::encryption::{self, DecryptionFailed};
use crate::hash::{length_prefixed, sha256};
use crate::id::{ContractId, GrantId, ObjectId, ProposalId};
use crate::identity::{EncryptionPublicKey, EncryptionSecret, KeyError, SigningPublicKey, SigningSecret};
use crate::object::DataKey;
use alloc::string::String;
use alloc::vec::Vec;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// HPKE label of a grant.
const LABEL: &str = "sealroom/1 grant";
/// One object id and one key.
const ENTRY_LENGTH: usize = 64;
/// A party grants at most its 64 datasets and a request.
const ENTRY_LIMIT: usize = 65;

/// The signed part of a grant: everything but the keys. The host and auditors can check all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Grant {
    /// The contract.
    pub contract: ContractId,
    /// The proposal that is granted.
    pub proposal: ProposalId,
    /// The granting party's name in the contract.
    pub party: String,
    /// A fresh random name of this grant.
    pub grant: GrantId,
    /// The run number, as in the proposal.
    pub run: u64,
    /// How many runs this party counts as granted and not given back, this one included.
    pub count: u64,
    /// The party's clock (Unix seconds).
    pub clock: u64,
    /// First second at which this grant is void.
    pub expires: u64,
    /// SHA-256 of the ciphertext, in hexadecimal digits.
    pub ciphertext: String,
}

/// A grant's signed part in its envelope, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedGrant {
    envelope: Envelope,
    grant: Grant,
}

/// The keys inside a grant: one a granted object.
#[derive(Debug)]
pub struct GrantKeys(Vec<(ObjectId, DataKey)>);

/// Why the keys of a grant are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantKeysError {
    /// The ciphertext is not the one whose digest was signed.
    #[error("the ciphertext is not the one that the grant's signature covers")]
    Digest,
    /// It does not open for this contract, proposal, party and grant id.
    #[error(transparent)]
    Decryption(#[from] DecryptionFailed),
    /// Not a list of at most 65 objects, each once, in ascending order.
    #[error("the granted keys are not a list of different objects in order")]
    Form,
}

impl Grant {
    fn associated_data(contract: &ContractId, proposal: &ProposalId, party: &str, grant: &GrantId) -> Vec<u8> {
        length_prefixed(LABEL, &[contract.as_bytes(), proposal.as_bytes(), party.as_bytes(), grant.as_bytes()])
    }

    /// Encrypts `keys` to the run's key for exactly this contract, proposal, party and grant id. The returned bytes go
    /// to the enclave; their digest goes into [`Grant::ciphertext`] by [`SignedGrant::sign`].
    ///
    /// Call it through the crate `sealroom`, where only an accepted enclave's key gets here.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] when the run key cannot be encrypted to.
    pub fn encrypt_keys(
        contract: &ContractId,
        proposal: &ProposalId,
        party: &str,
        grant: &GrantId,
        run_key: &EncryptionPublicKey,
        keys: &[(ObjectId, &DataKey)],
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, KeyError> {
        let mut sorted: Vec<&(ObjectId, &DataKey)> = keys.iter().collect();
        sorted.sort_by_key(|(object, _)| *object);
        let mut plaintext = Zeroizing::new(Vec::with_capacity(sorted.len().saturating_mul(ENTRY_LENGTH)));
        for (object, key) in sorted {
            plaintext.extend_from_slice(object.as_bytes());
            plaintext.extend_from_slice(key.expose_secret());
        }
        let associated_data = Self::associated_data(contract, proposal, party, grant);
        encryption::encrypt_to(run_key, LABEL, &associated_data, &plaintext, rng)
    }

    /// Decrypts the keys with the run's secret.
    ///
    /// # Errors
    /// [`GrantKeysError`], in the order of the checks.
    pub fn decrypt_keys(&self, run_secret: &EncryptionSecret, ciphertext: &[u8]) -> Result<GrantKeys, GrantKeysError> {
        if hex::encode(sha256(ciphertext)) != self.ciphertext {
            return Err(GrantKeysError::Digest);
        }
        let associated_data = Self::associated_data(&self.contract, &self.proposal, &self.party, &self.grant);
        let plaintext = encryption::decrypt(run_secret, LABEL, &associated_data, ciphertext)?;
        let (entries, rest) = plaintext.as_chunks::<ENTRY_LENGTH>();
        if !rest.is_empty() || entries.len() > ENTRY_LIMIT {
            return Err(GrantKeysError::Form);
        }
        let mut keys: Vec<(ObjectId, DataKey)> = Vec::with_capacity(entries.len());
        for entry in entries {
            let (object, key) = entry.split_first_chunk::<32>().ok_or(GrantKeysError::Form)?;
            let object = ObjectId::from_bytes(*object);
            let key = DataKey::try_fill_with(|bytes| {
                *bytes = *key.as_array().ok_or(GrantKeysError::Form)?;
                Ok::<(), GrantKeysError>(())
            })?;
            if keys.last().is_some_and(|(last, _)| *last >= object) {
                return Err(GrantKeysError::Form);
            }
            keys.push((object, key));
        }
        Ok(GrantKeys(keys))
    }
}

impl GrantKeys {
    /// The objects, in ascending order.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectId> {
        self.0.iter().map(|(object, _)| object)
    }

    /// The keys, by value: each is used once.
    #[must_use]
    pub fn into_keys(self) -> Vec<(ObjectId, DataKey)> {
        self.0
    }
}

impl SignedGrant {
    /// Signs the signed part.
    #[must_use]
    pub fn sign(grant: Grant, party: &SigningSecret) -> Self {
        let envelope = Envelope::signed(PayloadType::Grant, canonical::encode(&grant), party);
        Self { envelope, grant }
    }

    /// Decodes a grant; no signature is verified.
    ///
    /// # Errors
    /// [`SignedError`] naming what is wrong with the form.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
        let (envelope, grant) = decode_signed(bytes, PayloadType::Grant)?;
        Ok(Self { envelope, grant })
    }

    /// The grant, once it is known to be signed by this party's key from the contract.
    ///
    /// # Errors
    /// [`EnvelopeError`] when it is not signed by exactly this key.
    pub fn verify(&self, party: &SigningPublicKey) -> Result<&Grant, EnvelopeError> {
        self.envelope.verify_all(&[*party])?;
        Ok(&self.grant)
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Grant {
        &self.grant
    }

    /// The envelope, as a receipt carries it.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }
}
