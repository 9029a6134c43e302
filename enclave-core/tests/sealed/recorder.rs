//! An AEAD that remembers every key and nonce it encrypted under, and refuses to see a pair twice.

use sealroom_protocol::provider::{AeadKey, AeadProvider, AeadRefused, KEY_LENGTH, NONCE_LENGTH, RustCrypto};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

type Pair = ([u8; KEY_LENGTH], [u8; NONCE_LENGTH]);

#[derive(Debug, Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<BTreeSet<Pair>>>);

impl Recorder {
    /// How many pairs it saw.
    pub(crate) fn pairs(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl AeadProvider for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn schedule(&self, key: &[u8; KEY_LENGTH]) -> Result<Box<dyn AeadKey>, AeadRefused> {
        Ok(Box::new(RecordedKey { key: *key, inner: RustCrypto.schedule(key)?, seen: self.clone() }))
    }
}

struct RecordedKey {
    key: [u8; KEY_LENGTH],
    inner: Box<dyn AeadKey>,
    seen: Recorder,
}

impl RecordedKey {
    fn record(&self, nonce: &[u8; NONCE_LENGTH]) {
        let new = self.seen.0.lock().unwrap().insert((self.key, *nonce));
        assert!(new, "one key and nonce encrypted twice");
    }
}

impl AeadKey for RecordedKey {
    fn encrypt(&self, nonce: &[u8; NONCE_LENGTH], plaintext: &[u8], destination: &mut [u8]) -> Result<(), AeadRefused> {
        self.record(nonce);
        self.inner.encrypt(nonce, plaintext, destination)
    }

    fn encrypt_in_place(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut [u8]) -> Result<(), AeadRefused> {
        self.record(nonce);
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

#[test]
#[should_panic(expected = "one key and nonce encrypted twice")]
fn the_recorder_sees_a_pair_that_comes_twice() {
    let key = Recorder::default().schedule(&[1; 32]).unwrap();
    key.encrypt(&[2; 12], b"a", &mut [0; 17]).unwrap();
    key.encrypt(&[2; 12], b"b", &mut [0; 17]).unwrap();
}
