//! An AEAD that remembers every key and nonce it encrypted under, and says when a pair came twice. What other processes
//! encrypted it is shown as ciphertext.
//!
//! What always holds: the bytes are those of the real implementation. Of a ciphertext it needs no key: HPKE's encapsulated key
//! stands for key and nonce, since both follow from it, and so do salt and commitment of an object, since they and the keys and
//! nonces of all of its chunks follow from data key, salt and header together (`spec/objects.md`, section 3).

use core::fmt;
use sealroom_protocol::encryption::ENCAPSULATED_KEY_LENGTH;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::object::PREFIX_LENGTH;
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
    /// Salt and commitment of an object to its chunks, as far as they were seen.
    bodies: BTreeMap<[u8; PREFIX_LENGTH], Vec<u8>>,
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

    /// How many different objects it was shown.
    #[must_use]
    pub fn objects(&self) -> usize {
        self.seen().bodies.len()
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

    /// Looks at the body of an object, whole or cut off where a process was killed: the same one may come again, as much of it as
    /// there is; another one under its salt and commitment may not.
    pub fn body(&self, body: &[u8]) {
        let Some((prefix, chunks)) = body.split_first_chunk::<PREFIX_LENGTH>() else { return };
        let mut seen = self.seen();
        let known = seen.bodies.entry(*prefix).or_default();
        let same = known.starts_with(chunks) || chunks.starts_with(known);
        if known.len() < chunks.len() {
            *known = chunks.to_vec();
        }
        if !same {
            seen.repeated = Some("one key and salt encrypted two objects");
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
    use core::convert::Infallible;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use sealroom_protocol::object::{DataKey, Writer};

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

    /// What a generator that repeats itself makes of two contents.
    fn object(content: &[u8]) -> Vec<u8> {
        let key = DataKey::fill_with(|bytes| bytes.fill(1));
        let mut body = Vec::new();
        let mut sink = |part: &[u8]| {
            body.extend_from_slice(part);
            Ok::<(), Infallible>(())
        };
        let mut writer = Writer::new(fastest(), &key, b"header", &mut ChaCha20Rng::from_seed([2; 32])).unwrap();
        writer.write(content, &mut sink).unwrap();
        writer.finish(&mut sink).unwrap();
        body
    }

    #[test]
    fn a_second_object_under_one_key_and_salt_is_said_by_its_ciphertext_alone() {
        let recorder = Recorder::default();
        let first = object(&[3; 40_000]);
        for length in [10, PREFIX_LENGTH, 20_000, first.len(), 30_000] {
            recorder.body(first.get(..length).unwrap());
        }
        assert_eq!(
            (recorder.objects(), recorder.repeated()),
            (1, None),
            "one object, of which a part was seen at first"
        );
        let mut longer = [3; 40_001];
        for content in [&longer[..20_000], &longer] {
            let recorder = Recorder::default();
            recorder.body(&first);
            recorder.body(&object(content));
            assert_eq!(recorder.repeated(), Some("one key and salt encrypted two objects"), "one begins as the other");
        }
        longer[39_999] = 4;
        recorder.body(&object(&longer[..40_000]));
        assert_eq!(recorder.repeated(), Some("one key and salt encrypted two objects"));
    }
}
