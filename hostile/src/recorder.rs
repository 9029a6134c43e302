//! An AEAD that remembers every key and nonce it encrypted under, and says when a pair came twice.
//!
//! What always holds: the bytes are those of the real implementation. HPKE draws its own keys; there the encapsulated key
//! stands for key and nonce, since both follow from it.

use core::fmt;
use sealroom_protocol::encryption::ENCAPSULATED_KEY_LENGTH;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::provider::{AeadKey, AeadProvider, AeadRefused, KEY_LENGTH, NONCE_LENGTH, fastest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// See the top of this file. Clones share what they saw.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    pairs: BTreeSet<([u8; KEY_LENGTH], [u8; NONCE_LENGTH])>,
    /// Digest of an encapsulated key to that of the whole ciphertext.
    encapsulated: BTreeMap<[u8; 32], [u8; 32]>,
    repeated: Option<&'static str>,
}

impl Recorder {
    /// Forgets everything: another schedule begins.
    pub fn clear(&self) {
        *self.seen() = Seen::default();
    }

    /// How many different pairs it saw, those of HPKE among them.
    #[must_use]
    pub fn pairs(&self) -> usize {
        let seen = self.seen();
        seen.pairs.len().saturating_add(seen.encapsulated.len())
    }

    /// What came twice, if anything did.
    #[must_use]
    pub fn repeated(&self) -> Option<&'static str> {
        self.seen().repeated
    }

    /// Looks at an HPKE ciphertext: the same one may come again, another one under its encapsulated key may not.
    pub fn hpke(&self, ciphertext: &[u8]) {
        let Some((encapsulated, _)) = ciphertext.split_at_checked(ENCAPSULATED_KEY_LENGTH) else { return };
        let whole = sha256(ciphertext);
        let mut seen = self.seen();
        if *seen.encapsulated.entry(sha256(encapsulated)).or_insert(whole) != whole {
            seen.repeated = Some("one HPKE key encrypted twice");
        }
    }

    fn record(&self, key: &[u8; KEY_LENGTH], nonce: &[u8; NONCE_LENGTH]) {
        let mut seen = self.seen();
        if !seen.pairs.insert((*key, *nonce)) {
            seen.repeated = Some("one key and nonce encrypted twice");
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder")
    }
}

impl AeadProvider for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn schedule(&self, key: &[u8; KEY_LENGTH]) -> Result<Box<dyn AeadKey>, AeadRefused> {
        Ok(Box::new(RecordedKey { key: *key, inner: fastest().schedule(key)?, seen: self.clone() }))
    }
}

struct RecordedKey {
    key: [u8; KEY_LENGTH],
    inner: Box<dyn AeadKey>,
    seen: Recorder,
}

impl AeadKey for RecordedKey {
    fn encrypt(&self, nonce: &[u8; NONCE_LENGTH], plaintext: &[u8], destination: &mut [u8]) -> Result<(), AeadRefused> {
        self.seen.record(&self.key, nonce);
        self.inner.encrypt(nonce, plaintext, destination)
    }

    fn encrypt_in_place(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut [u8]) -> Result<(), AeadRefused> {
        self.seen.record(&self.key, nonce);
        self.inner.encrypt_in_place(nonce, buffer)
    }

    fn decrypt(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        ciphertext: &[u8],
        destination: &mut [u8],
    ) -> Result<(), AeadRefused> {
        self.inner.decrypt(nonce, ciphertext, destination)
    }

    fn decrypt_within(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        buffer: &mut [u8],
        offset: usize,
    ) -> Result<usize, AeadRefused> {
        self.inner.decrypt_within(nonce, buffer, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_or_an_encapsulated_key_that_comes_twice_is_said() {
        let recorder = Recorder::default();
        let key = recorder.schedule(&[1; 32]).unwrap();
        key.encrypt(&[2; 12], b"a", &mut [0; 17]).unwrap();
        key.encrypt(&[3; 12], b"a", &mut [0; 17]).unwrap();
        assert_eq!((recorder.pairs(), recorder.repeated()), (2, None));
        recorder.schedule(&[1; 32]).unwrap().encrypt(&[2; 12], b"b", &mut [0; 17]).unwrap();
        assert_eq!(recorder.repeated(), Some("one key and nonce encrypted twice"));
        recorder.clear();
        let mut ciphertext = vec![7; ENCAPSULATED_KEY_LENGTH + 20];
        recorder.hpke(&ciphertext);
        recorder.hpke(&ciphertext);
        assert_eq!(recorder.repeated(), None, "a grant that is shown again is no second one");
        ciphertext.push(0);
        recorder.hpke(&ciphertext);
        assert_eq!(recorder.repeated(), Some("one HPKE key encrypted twice"));
    }
}
