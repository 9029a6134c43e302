//! AES-256-GCM of RustCrypto's `aes-gcm`: builds everywhere, also without an operating system.
//!
//! What always holds: the key schedule is wiped when dropped (the crate's `zeroize` feature).

use super::{AeadKey, AeadProvider, AeadRefused, KEY_LENGTH, NONCE_LENGTH, split_destination, split_tag};
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::{Aes256Gcm, KeyInit};
use alloc::boxed::Box;

/// The `aes-gcm` crate.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a provider is a value without state")]
pub struct RustCrypto;

struct Key(Aes256Gcm);

impl AeadProvider for RustCrypto {
    fn name(&self) -> &'static str {
        "RustCrypto"
    }

    fn schedule(&self, key: &[u8; KEY_LENGTH]) -> Result<Box<dyn AeadKey>, AeadRefused> {
        Ok(Box::new(Key(Aes256Gcm::new(key.into()))))
    }
}

impl AeadKey for Key {
    fn encrypt(&self, nonce: &[u8; NONCE_LENGTH], plaintext: &[u8], destination: &mut [u8]) -> Result<(), AeadRefused> {
        let (body, tag) = split_destination(destination, plaintext.len())?;
        let chunk = InOutBuf::new(plaintext, body).map_err(|_| AeadRefused)?;
        let made = self.0.encrypt_inout_detached(nonce.into(), b"", chunk).map_err(|_| AeadRefused)?;
        *tag = made.into();
        Ok(())
    }

    fn encrypt_in_place(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut [u8]) -> Result<(), AeadRefused> {
        let (body, tag) = buffer.split_last_chunk_mut().ok_or(AeadRefused)?;
        let made = self.0.encrypt_inout_detached(nonce.into(), b"", body.into()).map_err(|_| AeadRefused)?;
        *tag = made.into();
        Ok(())
    }

    fn decrypt(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        ciphertext: &[u8],
        destination: &mut [u8],
    ) -> Result<(), AeadRefused> {
        let (body, tag) = split_tag(ciphertext)?;
        let chunk = InOutBuf::new(body, destination).map_err(|_| AeadRefused)?;
        self.0.decrypt_inout_detached(nonce.into(), b"", chunk, tag.into()).map_err(|_| AeadRefused)
    }

    fn decrypt_within(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        buffer: &mut [u8],
        offset: usize,
    ) -> Result<usize, AeadRefused> {
        let chunk = buffer.get_mut(offset..).ok_or(AeadRefused)?;
        let (body, tag) = chunk.split_last_chunk_mut().ok_or(AeadRefused)?;
        let length = body.len();
        self.0
            .decrypt_inout_detached(nonce.into(), b"", (&mut *body).into(), (&*tag).into())
            .map_err(|_| AeadRefused)?;
        buffer.copy_within(offset..offset + length, 0);
        Ok(length)
    }
}
