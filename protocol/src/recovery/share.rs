//! One share: a value and a blind, its commitment, and how it travels encrypted.
//!
//! What always holds: a [`Share`] is zeroised when dropped, and is neither cloned, compared nor printed; it decrypts only as
//! the share of one set, one number and one key. `spec/recovery.md`, sections 1 to 3.

use super::error::RecoveryError;
use super::shamir::{Bytes, empty};
use crate::encryption::{decrypt, encrypt_to};
use crate::hash::{labelled_sha256, length_prefixed};
use crate::id::{RecoverySetId, ShareCommitment};
use crate::identity::{EncryptionPublicKey, EncryptionSecret, KeyError, SigningPublicKey};
use alloc::vec::Vec;
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of the secret: an ed25519 seed and an X-Wing seed.
pub(super) const SECRET_LENGTH: usize = 64;
/// Bytes of value and blind.
const PLAIN_LENGTH: usize = SECRET_LENGTH + 32;

/// What share it is, which is public and which its ciphertexts and its commitment are bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) set: &'a RecoverySetId,
    pub(super) owner: &'a SigningPublicKey,
    pub(super) threshold: u8,
    pub(super) helpers: u8,
    pub(super) index: u8,
}

/// A share's value and blind, side by side.
pub(super) struct Share(Bytes<PLAIN_LENGTH>);

impl Share {
    /// A share of this value, with a fresh blind.
    pub(super) fn new(value: &[u8; SECRET_LENGTH], rng: &mut dyn CryptoRng) -> Self {
        let mut plain: Bytes<PLAIN_LENGTH> = empty();
        let (head, blind) = plain.split_at_mut(SECRET_LENGTH);
        head.copy_from_slice(value);
        rng.fill_bytes(blind);
        Self(plain)
    }

    fn from_plaintext(plaintext: &Zeroizing<Vec<u8>>) -> Option<Self> {
        let mut plain: Bytes<PLAIN_LENGTH> = empty();
        if plaintext.len() != PLAIN_LENGTH {
            return None;
        }
        plain.copy_from_slice(plaintext);
        Some(Self(plain))
    }

    /// Its value.
    pub(super) fn value(&self) -> &[u8; SECRET_LENGTH] {
        self.0.first_chunk().expect("a share is longer than its value")
    }

    /// What the owner publishes of it.
    pub(super) fn commitment(&self, place: Place<'_>) -> ShareCommitment {
        let numbers = [[place.threshold], [place.helpers], [place.index]];
        let [threshold, helpers, index] = &numbers;
        let (value, blind) = self.0.split_at(SECRET_LENGTH);
        let fields: [&[u8]; 7] =
            [place.set.as_bytes(), place.owner.as_bytes(), threshold, helpers, index, value, blind];
        ShareCommitment::from_bytes(labelled_sha256("sealroom/1 recovery commitment", &fields))
    }

    /// Whether it is the share that the owner committed to.
    pub(super) fn is_committed(&self, place: Place<'_>, commitment: &ShareCommitment) -> bool {
        self.commitment(place).as_bytes().ct_eq(commitment.as_bytes()).into()
    }

    /// Encrypted to its helper, as it stands in the set.
    pub(super) fn encrypt_for_helper(
        &self,
        place: Place<'_>,
        owner: &EncryptionPublicKey,
        helper: (&SigningPublicKey, &EncryptionPublicKey),
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, KeyError> {
        encrypt_to(helper.1, LABEL_SET, &in_set(place, owner, helper.0), self.0.as_slice(), rng)
    }

    /// Decrypts a share of a set as its helper.
    pub(super) fn decrypt_as_helper(
        place: Place<'_>,
        owner: &EncryptionPublicKey,
        helper: (&SigningPublicKey, &EncryptionSecret),
        ciphertext: &[u8],
    ) -> Result<Self, RecoveryError> {
        let decrypted = decrypt(helper.1, LABEL_SET, &in_set(place, owner, helper.0), ciphertext);
        let share = decrypted.ok().and_then(|plaintext| Self::from_plaintext(&plaintext));
        share.ok_or(RecoveryError::Decryption { index: place.index })
    }

    /// Encrypted to who gets it back.
    pub(super) fn encrypt_for_receiver(
        &self,
        place: Place<'_>,
        helper: &SigningPublicKey,
        receiver: &EncryptionPublicKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, KeyError> {
        encrypt_to(receiver, LABEL_GIVEN, &given(place, helper, receiver), self.0.as_slice(), rng)
    }

    /// Decrypts a share that was given, as the receiver.
    pub(super) fn decrypt_as_receiver(
        place: Place<'_>,
        helper: &SigningPublicKey,
        receiver: &EncryptionSecret,
        ciphertext: &[u8],
    ) -> Result<Self, RecoveryError> {
        let decrypted = decrypt(receiver, LABEL_GIVEN, &given(place, helper, &receiver.public()), ciphertext);
        let share = decrypted.ok().and_then(|plaintext| Self::from_plaintext(&plaintext));
        share.ok_or(RecoveryError::Decryption { index: place.index })
    }
}

/// HPKE label of a share in a set.
const LABEL_SET: &str = "sealroom/1 recovery share";
/// HPKE label of a share that is given back.
const LABEL_GIVEN: &str = "sealroom/1 recovery share given";

fn in_set(place: Place<'_>, owner: &EncryptionPublicKey, helper: &SigningPublicKey) -> Vec<u8> {
    let numbers = [[place.threshold], [place.helpers], [place.index]];
    let [threshold, helpers, index] = &numbers;
    let keys: [&[u8]; 4] = [place.set.as_bytes(), place.owner.as_bytes(), owner.as_bytes(), threshold];
    let rest: [&[u8]; 3] = [helpers, index, helper.as_bytes()];
    length_prefixed(LABEL_SET, &[keys.as_slice(), rest.as_slice()].concat())
}

fn given(place: Place<'_>, helper: &SigningPublicKey, receiver: &EncryptionPublicKey) -> Vec<u8> {
    let (set, owner) = (place.set.as_bytes(), place.owner.as_bytes());
    length_prefixed(LABEL_GIVEN, &[set, owner, &[place.index], helper.as_bytes(), receiver.as_bytes()])
}
