//! An order to restore a sealed store: what its owners sign when an old state is to become the newest again.
//!
//! What always holds: having a [`Restore`] from [`SignedRestore::verify`] means that enough distinct owners signed exactly
//! this step, and that nobody else did. It names the state that it leaves, so it can be carried out once. `spec/sealed.md`,
//! section 7.

use crate::canonical::{self, CanonicalError};
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::id::{ObjectId, StoreId};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Longest order with its signatures, in bytes.
pub const RESTORE_LIMIT: usize = 32 * 1024;

/// Longest reason, in bytes.
const REASON_LIMIT: usize = 1024;

/// Why an order to restore does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// More bytes than an order may have.
    #[error("an order to restore has at most {limit} bytes, found {found}; make a new one with a shorter reason")]
    TooLong {
        /// Most bytes.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// The envelope's form, or a signature in it that does not hold.
    #[error("order to restore: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The payload is not the canonical form of an order.
    #[error("order to restore: {0}")]
    Payload(#[from] CanonicalError),
    /// Fewer owners signed than the store asks for.
    #[error("expected the signatures of {needed} owners, found {found}; let more owners sign the same order")]
    Owners {
        /// Owners that must sign.
        needed: usize,
        /// Owners that signed.
        found: usize,
    },
    /// Someone signed who is no owner of the store.
    #[error("expected signatures of the store's owners only, found one by another key; remove it")]
    Stranger,
}

/// The step that the owners allow: from the newest state to a new one with the content of an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Restore {
    /// The store.
    pub store: StoreId,
    /// Version that is the newest now.
    pub from_version: u64,
    /// Its digest.
    pub from: ObjectId,
    /// Version whose content is to be the newest again.
    pub to_version: u64,
    /// Its digest.
    pub to: ObjectId,
    /// In words, for whoever reads the store's log of restores: at most 1,024 bytes.
    pub reason: String,
}

impl Restore {
    /// Its canonical bytes, which the owners sign.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        canonical::encode(self)
    }
}

/// An order in its envelope, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRestore {
    envelope: Envelope,
    restore: Restore,
}

impl SignedRestore {
    /// Signs an order as its first owner.
    #[must_use]
    pub fn sign(restore: Restore, secret: &SigningSecret) -> Self {
        Self { envelope: Envelope::signed(PayloadType::Restore, restore.encode(), secret), restore }
    }

    /// Adds another owner's signature.
    pub fn add(&mut self, secret: &SigningSecret) {
        self.envelope.sign(secret);
    }

    /// Decodes it; no signature is verified.
    ///
    /// # Errors
    /// [`RestoreError::TooLong`], [`RestoreError::Envelope`], [`RestoreError::Payload`] (also for a long reason).
    pub fn decode(bytes: &[u8]) -> Result<Self, RestoreError> {
        if bytes.len() > RESTORE_LIMIT {
            return Err(RestoreError::TooLong { limit: RESTORE_LIMIT, found: bytes.len() });
        }
        let envelope = Envelope::decode(bytes, PayloadType::Restore)?;
        let restore: Restore = canonical::decode(envelope.payload(), RESTORE_LIMIT)?;
        if restore.reason.len() > REASON_LIMIT {
            return Err(CanonicalError::TooLong { limit: REASON_LIMIT, found: restore.reason.len() }.into());
        }
        Ok(Self { envelope, restore })
    }

    /// What it says, once at least `needed` of these owners signed it and nobody else did.
    ///
    /// # Errors
    /// [`RestoreError::Owners`], [`RestoreError::Envelope`] for a signature that does not hold, [`RestoreError::Stranger`].
    pub fn verify(&self, owners: &[SigningPublicKey], needed: usize) -> Result<&Restore, RestoreError> {
        // An envelope never has two signatures by one key, and the keys of a store are distinct.
        let signed: Vec<SigningPublicKey> =
            owners.iter().filter(|owner| self.envelope.is_signed_by(owner)).copied().collect();
        if signed.len() < needed || signed.is_empty() {
            return Err(RestoreError::Owners { needed, found: signed.len() });
        }
        match self.envelope.verify_all(&signed) {
            Ok(_) => Ok(&self.restore),
            Err(EnvelopeError::Foreign { .. }) => Err(RestoreError::Stranger),
            Err(error) => Err(error.into()),
        }
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Restore {
        &self.restore
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(byte: u8) -> SigningSecret {
        SigningSecret::from_seed(&[byte; 32])
    }

    fn order() -> Restore {
        Restore {
            store: StoreId::from_bytes([1; 32]),
            from_version: 9,
            from: ObjectId::from_bytes([9; 32]),
            to_version: 4,
            to: ObjectId::from_bytes([4; 32]),
            reason: "the disk of 3 May burnt".into(),
        }
    }

    #[test]
    fn an_order_holds_with_enough_owners_and_no_stranger() {
        let owners = [owner(1).public(), owner(2).public(), owner(3).public()];
        let mut signed = SignedRestore::sign(order(), &owner(1));
        assert_eq!(signed.verify(&owners, 2), Err(RestoreError::Owners { needed: 2, found: 1 }));
        signed.add(&owner(1));
        assert_eq!(signed.verify(&owners, 2), Err(RestoreError::Owners { needed: 2, found: 1 }));
        signed.add(&owner(3));
        assert_eq!(signed.verify(&owners, 2), Ok(&order()));
        assert_eq!(SignedRestore::decode(&signed.encode()), Ok(signed.clone()));
        signed.add(&owner(4));
        assert_eq!(signed.verify(&owners, 2), Err(RestoreError::Stranger));
    }

    #[test]
    fn a_store_without_owners_is_restored_by_nobody() {
        let signed = SignedRestore::sign(order(), &owner(1));
        assert_eq!(signed.verify(&[], 0), Err(RestoreError::Owners { needed: 0, found: 0 }));
    }

    #[test]
    fn a_signature_over_another_order_does_not_hold() {
        let owners = [owner(1).public()];
        let text = String::from_utf8(SignedRestore::sign(order(), &owner(1)).encode()).unwrap();
        let other = Restore { to_version: 5, ..order() };
        let other_text = String::from_utf8(SignedRestore::sign(other, &owner(1)).encode()).unwrap();
        let signatures = text.split_once("\"signatures\"").unwrap().1;
        let payload = other_text.split_once("\"signatures\"").unwrap().0;
        let spliced = alloc::format!("{payload}\"signatures\"{signatures}");
        let spliced = SignedRestore::decode(spliced.as_bytes()).unwrap();
        let bad = EnvelopeError::Bad { key: owner(1).public() };
        assert_eq!(spliced.verify(&owners, 1), Err(RestoreError::Envelope(bad)));
    }

    #[test]
    fn a_long_order_is_refused_before_it_is_read() {
        let long = Restore { reason: "x".repeat(REASON_LIMIT + 1), ..order() };
        let found = REASON_LIMIT + 1;
        let expected = RestoreError::Payload(CanonicalError::TooLong { limit: REASON_LIMIT, found });
        assert_eq!(SignedRestore::decode(&SignedRestore::sign(long, &owner(1)).encode()), Err(expected));
        let bytes = alloc::vec![b' '; RESTORE_LIMIT + 1];
        let expected = RestoreError::TooLong { limit: RESTORE_LIMIT, found: RESTORE_LIMIT + 1 };
        assert_eq!(SignedRestore::decode(&bytes), Err(expected));
    }
}
