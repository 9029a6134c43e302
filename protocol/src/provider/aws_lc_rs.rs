//! AES-256-GCM of `aws-lc-rs`: the fastest on machines with wide vector AES.
//!
//! What always holds: nothing beyond `aws-lc-rs`'s own promises; it wipes a key schedule when dropped.

use super::{AeadKey, AeadProvider, AeadRefused, KEY_LENGTH, NONCE_LENGTH, TAG_LENGTH, split_destination, split_tag};
use alloc::boxed::Box;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// The `aws-lc-rs` crate.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a provider is a value without state")]
pub struct AwsLcRs;

struct Key(LessSafeKey);

impl AeadProvider for AwsLcRs {
    fn name(&self) -> &'static str {
        "aws-lc-rs"
    }

    fn schedule(&self, key: &[u8; KEY_LENGTH]) -> Result<Box<dyn AeadKey>, AeadRefused> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| AeadRefused)?;
        Ok(Box::new(Key(LessSafeKey::new(key))))
    }
}

impl AeadKey for Key {
    fn encrypt(&self, nonce: &[u8; NONCE_LENGTH], plaintext: &[u8], destination: &mut [u8]) -> Result<(), AeadRefused> {
        let (body, tag) = split_destination(destination, plaintext.len())?;
        self.0
            .seal_out_of_place_scatter(Nonce::assume_unique_for_key(*nonce), Aad::empty(), plaintext, body, &[], tag)
            .map_err(|_| AeadRefused)
    }

    fn encrypt_in_place(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut [u8]) -> Result<(), AeadRefused> {
        let (body, tag) = buffer.split_last_chunk_mut::<TAG_LENGTH>().ok_or(AeadRefused)?;
        let made = self
            .0
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(*nonce), Aad::empty(), body)
            .map_err(|_| AeadRefused)?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }

    fn decrypt(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        ciphertext: &[u8],
        destination: &mut [u8],
    ) -> Result<(), AeadRefused> {
        let (body, tag) = split_tag(ciphertext)?;
        if body.len() != destination.len() {
            return Err(AeadRefused);
        }
        self.0
            .open_separate_gather(Nonce::assume_unique_for_key(*nonce), Aad::empty(), body, tag, destination)
            .map_err(|_| AeadRefused)
    }

    fn decrypt_within(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        buffer: &mut [u8],
        offset: usize,
    ) -> Result<usize, AeadRefused> {
        if buffer.len() < offset {
            return Err(AeadRefused);
        }
        self.0
            .open_within(Nonce::assume_unique_for_key(*nonce), Aad::empty(), buffer, offset..)
            .map(|plaintext| plaintext.len())
            .map_err(|_| AeadRefused)
    }
}
