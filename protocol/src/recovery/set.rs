//! The set: one public file with a share for each helper, signed by the owner of the keys. Splitting, giving, joining.
//!
//! What always holds: having a [`RecoverySet`] means that its form is right and that the signing key it names signed it;
//! what it gives on is what the owner committed to. `spec/recovery.md`, sections 2 to 4.

use super::error::RecoveryError;
use super::given::{GivenShare, Payload as Given};
use super::share::{Place, SECRET_LENGTH, Share};
use super::{HELPERS_LIMIT, SET_LIMIT, SHARE_LENGTH, shamir};
use crate::canonical::{self, base64_bytes};
use crate::dsse::{Envelope, PayloadType};
use crate::id::{RecoverySetId, ShareCommitment};
use crate::identity::{EncryptionPublicKey, EncryptionSecret, SigningPublicKey, SigningSecret, fingerprint};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

/// Whose keys are split.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "the parts of a key file")]
pub struct Owner<'a> {
    /// The party's name.
    pub name: &'a str,
    /// What it signs with.
    pub signing: &'a SigningSecret,
    /// What it decrypts with.
    pub encryption: &'a EncryptionSecret,
}

/// Who keeps a share: the public half of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Helper {
    /// The helper's name: 1 to 64 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// What it signs with.
    pub signing_key: SigningPublicKey,
    /// What is encrypted to it.
    pub encryption_key: EncryptionPublicKey,
}

impl Helper {
    /// A helper with these keys.
    #[must_use]
    pub fn new(name: &str, signing_key: SigningPublicKey, encryption_key: EncryptionPublicKey) -> Self {
        Self { name: name.into(), signing_key, encryption_key }
    }
}

/// The keys that k shares gave back.
#[non_exhaustive]
pub struct RecoveredKeys {
    /// What the owner signs with.
    pub signing: SigningSecret,
    /// What it decrypts with.
    pub encryption: EncryptionSecret,
}

impl fmt::Debug for RecoveredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveredKeys")
    }
}

/// A share as it stands in a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct HeldShare {
    /// Its number, from 1.
    pub index: u8,
    /// Its helper's name.
    pub helper: String,
    /// What the helper signs with.
    pub signing_key: SigningPublicKey,
    /// What it is encrypted to.
    pub encryption_key: EncryptionPublicKey,
    /// What the owner commits to.
    pub commitment: ShareCommitment,
    /// Value and blind, encrypted: [`SHARE_LENGTH`] bytes.
    #[serde(with = "base64_bytes")]
    pub ciphertext: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    set: RecoverySetId,
    name: String,
    signing_key: SigningPublicKey,
    encryption_key: EncryptionPublicKey,
    threshold: u8,
    shares: Vec<HeldShare>,
}

/// A party's keys in shares, one for each helper. It is public: no share opens for anyone but its helper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverySet {
    envelope: Envelope,
    payload: Payload,
}

impl RecoverySet {
    /// Splits the owner's keys so that any `threshold` of these helpers can give them back, and fewer have nothing.
    ///
    /// # Errors
    /// [`RecoveryError::Name`], [`RecoveryError::Threshold`], [`RecoveryError::Repeated`], [`RecoveryError::Owner`],
    /// [`RecoveryError::Key`].
    pub fn split(
        owner: Owner<'_>,
        helpers: &[Helper],
        threshold: u8,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, RecoveryError> {
        let (signing_key, encryption_key) = (owner.signing.public(), owner.encryption.public());
        let count = checked_numbers(threshold, helpers.len())?;
        let mut id = [0; 32];
        rng.fill_bytes(&mut id);
        let set = RecoverySetId::from_bytes(id);
        let mut secret: shamir::Bytes<SECRET_LENGTH> = shamir::empty();
        let seeds = owner.signing.expose_seed().iter().chain(owner.encryption.expose_secret());
        secret.iter_mut().zip(seeds).for_each(|(byte, seed)| *byte = *seed);
        let values = shamir::split(&secret, threshold, count, rng);
        let mut shares = Vec::with_capacity(helpers.len());
        for ((helper, value), index) in helpers.iter().zip(&values).zip(1..) {
            let place = Place { set: &set, owner: &signing_key, threshold, helpers: count, index };
            let share = Share::new(value, rng);
            let to = (&helper.signing_key, &helper.encryption_key);
            shares.push(HeldShare {
                index,
                helper: helper.name.clone(),
                signing_key: helper.signing_key,
                encryption_key: helper.encryption_key.clone(),
                commitment: share.commitment(place),
                ciphertext: share.encrypt_for_helper(place, &encryption_key, to, rng)?,
            });
        }
        let payload = Payload { set, name: owner.name.into(), signing_key, encryption_key, threshold, shares };
        payload.check()?;
        let envelope = Envelope::signed(PayloadType::RecoverySet, canonical::encode(&payload), owner.signing);
        Ok(Self { envelope, payload })
    }

    /// Decodes a set and verifies its owner's signature. Whether the owner is who its name says is for people to compare.
    ///
    /// # Errors
    /// [`RecoveryError`], in the order of `spec/recovery.md`, section 2.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecoveryError> {
        if bytes.len() > SET_LIMIT {
            return Err(RecoveryError::TooLong { limit: SET_LIMIT, found: bytes.len() });
        }
        let envelope = Envelope::decode(bytes, PayloadType::RecoverySet)?;
        let payload: Payload = canonical::decode(envelope.payload(), SET_LIMIT)?;
        payload.check()?;
        envelope.verify_all(&[payload.signing_key])?;
        Ok(Self { envelope, payload })
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }

    /// The owner's name, by its own word.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.payload.name
    }

    /// What the owner signs with.
    #[must_use]
    pub const fn signing_key(&self) -> &SigningPublicKey {
        &self.payload.signing_key
    }

    /// What people compare by voice: the owner's.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.payload.signing_key, &self.payload.encryption_key)
    }

    /// How many shares it takes.
    #[must_use]
    pub const fn threshold(&self) -> u8 {
        self.payload.threshold
    }

    /// The shares, numbered from 1.
    #[must_use]
    pub fn shares(&self) -> &[HeldShare] {
        &self.payload.shares
    }

    /// The share of the helper with this signing key.
    ///
    /// # Errors
    /// [`RecoveryError::NoHelper`].
    pub fn share_of(&self, helper: &SigningPublicKey) -> Result<&HeldShare, RecoveryError> {
        self.payload.shares.iter().find(|share| share.signing_key == *helper).ok_or(RecoveryError::NoHelper)
    }

    /// As its helper, gives a share to `receiver`. Whoever gets `threshold` of them has the owner's keys.
    ///
    /// # Errors
    /// [`RecoveryError::NoHelper`], [`RecoveryError::Decryption`], [`RecoveryError::Commitment`], [`RecoveryError::Key`].
    pub fn give(
        &self,
        signing: &SigningSecret,
        encryption: &EncryptionSecret,
        receiver: &EncryptionPublicKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<GivenShare, RecoveryError> {
        let held = self.share_of(&signing.public())?;
        let place = self.payload.place(held.index);
        let helper = (&held.signing_key, encryption);
        let share = Share::decrypt_as_helper(place, &self.payload.encryption_key, helper, &held.ciphertext)?;
        if !share.is_committed(place, &held.commitment) {
            return Err(RecoveryError::Commitment { index: held.index, helper: held.helper.clone() });
        }
        let given = Given {
            set: self.payload.set,
            owner: self.payload.signing_key,
            index: held.index,
            receiver: receiver.clone(),
            ciphertext: share.encrypt_for_receiver(place, &held.signing_key, receiver, rng)?,
        };
        Ok(GivenShare::sign(given, signing))
    }

    /// As the receiver, joins shares into the owner's keys. Every share is verified, also those above the number needed.
    ///
    /// # Errors
    /// [`RecoveryError`], in the order of `spec/recovery.md`, section 4; a wrong share is named.
    pub fn join(&self, receiver: &EncryptionSecret, given: &[GivenShare]) -> Result<RecoveredKeys, RecoveryError> {
        let to = receiver.public();
        let mut shares: Vec<(u8, Share)> = Vec::with_capacity(given.len());
        for given in given {
            let Given { set, owner, index, receiver: named, ciphertext } = given.payload();
            let index = *index;
            if *set != self.payload.set || *owner != self.payload.signing_key {
                return Err(RecoveryError::OtherSet { index });
            }
            if *named != to {
                return Err(RecoveryError::OtherReceiver { index });
            }
            let held = self.payload.shares.iter().find(|held| held.index == index);
            let helpers = self.payload.count();
            let held = held.ok_or(RecoveryError::Index { helpers, found: index })?;
            if shares.iter().any(|(known, _)| *known == index) {
                return Err(RecoveryError::Twice { index });
            }
            given.verify(&held.signing_key)?;
            let place = self.payload.place(index);
            let share = Share::decrypt_as_receiver(place, &held.signing_key, receiver, ciphertext)?;
            if !share.is_committed(place, &held.commitment) {
                return Err(RecoveryError::Commitment { index, helper: held.helper.clone() });
            }
            shares.push((index, share));
        }
        if shares.len() < usize::from(self.payload.threshold) {
            return Err(RecoveryError::TooFew { needed: self.payload.threshold, found: shares.len() });
        }
        let values: Vec<(u8, &[u8; SECRET_LENGTH])> =
            shares.iter().take(self.payload.threshold.into()).map(|(index, share)| (*index, share.value())).collect();
        let secret = shamir::join(&values);
        let (signing, encryption) = secret.split_first_chunk::<32>().ok_or(RecoveryError::Keys)?;
        let encryption = encryption.first_chunk::<32>().ok_or(RecoveryError::Keys)?;
        let (signing, encryption) = (SigningSecret::from_seed(signing), EncryptionSecret::from_seed(encryption));
        if signing.public() != self.payload.signing_key || encryption.public() != self.payload.encryption_key {
            return Err(RecoveryError::Keys);
        }
        Ok(RecoveredKeys { signing, encryption })
    }
}

impl Payload {
    /// All that can be wrong with it but the signature.
    fn check(&self) -> Result<(), RecoveryError> {
        if !is_name(&self.name) || !self.shares.iter().all(|share| is_name(&share.helper)) {
            return Err(RecoveryError::Name);
        }
        checked_numbers(self.threshold, self.shares.len())?;
        for (position, (share, expected)) in self.shares.iter().zip(1..).enumerate() {
            if share.index != expected {
                return Err(RecoveryError::ShareOrder { expected, found: share.index });
            }
            let same = |signing: &SigningPublicKey, encryption: &EncryptionPublicKey| {
                *signing == share.signing_key || *encryption == share.encryption_key
            };
            let mut before = self.shares.iter().take(position);
            if before.any(|other| same(&other.signing_key, &other.encryption_key)) {
                return Err(RecoveryError::Repeated { helper: share.helper.clone() });
            }
            if same(&self.signing_key, &self.encryption_key) {
                return Err(RecoveryError::Owner { helper: share.helper.clone() });
            }
            let found = share.ciphertext.len();
            if found != SHARE_LENGTH {
                return Err(RecoveryError::Length { index: expected, found });
            }
        }
        Ok(())
    }

    fn count(&self) -> u8 {
        u8::try_from(self.shares.len()).unwrap_or(u8::MAX)
    }

    fn place(&self, index: u8) -> Place<'_> {
        let (threshold, helpers) = (self.threshold, self.count());
        Place { set: &self.set, owner: &self.signing_key, threshold, helpers, index }
    }
}

/// How many helpers there are, if so many can be and so many of them can be needed.
fn checked_numbers(threshold: u8, helpers: usize) -> Result<u8, RecoveryError> {
    let wrong = RecoveryError::Threshold { threshold: threshold.into(), helpers };
    let count = u8::try_from(helpers).ok().filter(|_| helpers <= HELPERS_LIMIT);
    count.filter(|count| (2..=*count).contains(&threshold)).ok_or(wrong)
}

/// 1 to 64 of `a-z 0-9 -`, beginning with a letter: so a name can be shown.
fn is_name(name: &str) -> bool {
    let belongs = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    name.len() <= 64 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(belongs)
}
