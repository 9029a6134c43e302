//! Signatures that were verified before, so that an appraisal under a known chain costs one signature check.
//!
//! Whether a signature verifies depends on key, message and signature alone, never on the time, so remembering it is
//! sound: it is found again by a SHA-256 over all three. Dates, revocation lists and the policy are judged anew each time;
//! only the arithmetic is saved.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::{BadSignature, CryptoProvider, PublicKey, SignatureKind};

/// Signatures on Endorsements that verified before. Bounded: the oldest is forgotten first.
#[derive(Clone, Debug)]
pub struct VerifiedSignatures {
    limit: usize,
    oldest_first: VecDeque<[u8; 32]>,
    known: BTreeSet<[u8; 32]>,
}

impl VerifiedSignatures {
    /// None yet; at most `limit` of them, about 100 bytes each. One chain has two to five.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, oldest_first: VecDeque::new(), known: BTreeSet::new() }
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn remember(&mut self, digest: [u8; 32]) {
        if self.limit == 0 || !self.known.insert(digest) {
            return;
        }
        self.oldest_first.push_back(digest);
        if self.oldest_first.len() > self.limit
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// What a step of an appraisal computes with.
#[derive(Debug)]
pub(crate) struct Crypto<'a> {
    provider: CryptoProvider,
    verified: Option<RefCell<&'a mut VerifiedSignatures>>,
}

impl<'a> Crypto<'a> {
    pub(crate) fn new(provider: CryptoProvider) -> Self {
        Self { provider, verified: None }
    }

    pub(crate) fn remembering(provider: CryptoProvider, verified: &'a mut VerifiedSignatures) -> Self {
        Self { provider, verified: Some(RefCell::new(verified)) }
    }

    pub(crate) fn provider(&self) -> CryptoProvider {
        self.provider
    }

    pub(crate) fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        self.provider.sha256(bytes)
    }

    pub(crate) fn sha384(&self, bytes: &[u8]) -> [u8; 48] {
        self.provider.sha384(bytes)
    }

    pub(crate) fn sha512(&self, bytes: &[u8]) -> [u8; 64] {
        self.provider.sha512(bytes)
    }

    /// A signature that is made once, such as Evidence's own.
    pub(crate) fn verify(
        &self,
        key: &PublicKey,
        kind: SignatureKind,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        self.provider.verify(key, kind, message, signature)
    }

    /// A signature on an Endorsement, which many appraisals meet: verified unless it was before.
    pub(crate) fn verify_endorsed(
        &self,
        key: &PublicKey,
        kind: SignatureKind,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        // Nobody else holds the cell here; if somebody did, the signature would be verified, which is never wrong.
        let Some(mut verified) = self.verified.as_ref().and_then(|cell| cell.try_borrow_mut().ok()) else {
            return self.verify(key, kind, message, signature);
        };
        let digest = self.sha256(&unambiguous(key, kind, message, signature));
        if verified.known.contains(&digest) {
            return Ok(());
        }
        self.verify(key, kind, message, signature)?;
        verified.remember(digest);
        Ok(())
    }
}

/// Every part with its length before it, so that no two lists of parts give the same bytes.
fn unambiguous(key: &PublicKey, kind: SignatureKind, message: &[u8], signature: &[u8]) -> Vec<u8> {
    let empty: &[u8] = &[];
    let (key_kind, parts): (u8, [&[u8]; 2]) = match key {
        PublicKey::Rsa { modulus, exponent } => (1, [modulus, exponent]),
        PublicKey::P256(point) => (2, [point.as_slice(), empty]),
        PublicKey::P384(point) => (3, [point.as_slice(), empty]),
        PublicKey::Ed25519(key) => (4, [key, empty]),
        PublicKey::Other => (0, [empty, empty]),
    };
    let [first, second] = parts;
    let mut bytes = Vec::with_capacity(message.len() + signature.len() + first.len() + 64);
    bytes.extend([kind.code(), key_kind]);
    for part in [first, second, signature, message] {
        bytes.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend(part);
    }
    bytes
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is a test's failure report")]

    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{Ed25519KeyPair, KeyPair};

    fn signed() -> (PublicKey, [u8; 4], Vec<u8>) {
        let key = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap().as_ref());
        let key = key.unwrap();
        let public = PublicKey::Ed25519(key.public_key().as_ref().try_into().unwrap());
        (public, *b"text", key.sign(b"text").as_ref().to_vec())
    }

    fn check(
        memory: &mut VerifiedSignatures,
        key: &PublicKey,
        text: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        Crypto::remembering(CryptoProvider::ring(), memory).verify_endorsed(
            key,
            SignatureKind::Ed25519,
            text,
            signature,
        )
    }

    #[test]
    fn only_what_verified_is_remembered_and_any_other_byte_is_verified_anew() {
        let (key, text, signature) = signed();
        let mut memory = VerifiedSignatures::new(8);
        assert_eq!(check(&mut memory, &key, b"other", &signature), Err(BadSignature));
        assert!(memory.is_empty());
        for _ in 0..2 {
            assert_eq!(check(&mut memory, &key, &text, &signature), Ok(()));
            assert_eq!(memory.len(), 1);
        }
        let mut other = signature.clone();
        other[5] ^= 1;
        assert_eq!(check(&mut memory, &key, &text, &other), Err(BadSignature));
        assert_eq!(check(&mut memory, &signed().0, &text, &signature), Err(BadSignature));
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn the_oldest_is_forgotten_at_the_limit() {
        let mut memory = VerifiedSignatures::new(2);
        for _ in 0..5 {
            let (key, text, signature) = signed();
            assert_eq!(check(&mut memory, &key, &text, &signature), Ok(()));
        }
        assert_eq!((memory.len(), memory.oldest_first.len()), (2, 2));
        let mut none = VerifiedSignatures::new(0);
        let (key, text, signature) = signed();
        assert_eq!(check(&mut none, &key, &text, &signature), Ok(()));
        assert!(none.is_empty());
    }
}
