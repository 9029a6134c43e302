//! Keys and nonces of one message: C2SP chunked-encryption, "Key derivation" and "AEAD usage", with AES-256-GCM and
//! SHA-512 (the instantiation that its page calls Cobblestone-256).
//!
//! What always holds: chunk key, base nonce and commitment come from input key, salt and context together; the nonce of
//! a chunk is a function of its number; nothing of it is stored.

use super::{DataKey, ObjectError};
use crate::hash::length_prefixed;
use crate::provider::{AeadKey, AeadProvider, AeadRefused, KEY_LENGTH, NONCE_LENGTH};
use alloc::boxed::Box;
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

pub(super) const SALT_LENGTH: usize = 24;
pub(super) const COMMITMENT_LENGTH: usize = 32;

const HASH_LENGTH: usize = 64;
const NAME: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
const CONTEXT_LABEL: &str = "sealroom/1 object";

/// Encrypts and decrypts the chunks of one message.
pub(super) struct Cipher {
    schedule: Box<dyn AeadKey>,
    base_nonce: Zeroizing<[u8; NONCE_LENGTH]>,
    commitment: [u8; COMMITMENT_LENGTH],
}

impl Cipher {
    /// Derives the keys of the message with this salt and header.
    pub(super) fn new(
        provider: &dyn AeadProvider,
        key: &DataKey,
        salt: &[u8; SALT_LENGTH],
        header: &[u8],
    ) -> Result<Self, AeadRefused> {
        Self::with_context(provider, key, salt, &length_prefixed(CONTEXT_LABEL, &[header]))
    }

    /// The same for any context, as C2SP defines it.
    pub(super) fn with_context(
        provider: &dyn AeadProvider,
        key: &DataKey,
        salt: &[u8; SALT_LENGTH],
        context: &[u8],
    ) -> Result<Self, AeadRefused> {
        let output = expand(key, salt, context);
        // key ‖ base nonce ‖ commitment = the first 76 bytes.
        let (chunk_key, rest) = output.split_first_chunk::<KEY_LENGTH>().ok_or(AeadRefused)?;
        let (base_nonce, rest) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(AeadRefused)?;
        let commitment = rest.first_chunk::<COMMITMENT_LENGTH>().ok_or(AeadRefused)?;
        Ok(Self {
            schedule: provider.schedule(chunk_key)?,
            base_nonce: Zeroizing::new(*base_nonce),
            commitment: *commitment,
        })
    }

    /// The key commitment, which is public.
    pub(super) const fn commitment(&self) -> &[u8; COMMITMENT_LENGTH] {
        &self.commitment
    }

    /// Encrypts chunk `number` into `destination`, which is one tag longer.
    pub(super) fn encrypt(&self, number: u64, plaintext: &[u8], destination: &mut [u8]) -> Result<(), ObjectError> {
        self.schedule
            .encrypt(&self.nonce(number), plaintext, destination)
            .map_err(|AeadRefused| ObjectError::EncryptionFailed)
    }

    /// Encrypts chunk `number` where it lies; the last bytes of `buffer` are room for the tag.
    pub(super) fn encrypt_in_place(&self, number: u64, buffer: &mut [u8]) -> Result<(), ObjectError> {
        self.schedule.encrypt_in_place(&self.nonce(number), buffer).map_err(|AeadRefused| ObjectError::EncryptionFailed)
    }

    /// Decrypts chunk `number` into `destination`, which is one tag shorter.
    pub(super) fn decrypt(&self, number: u64, ciphertext: &[u8], destination: &mut [u8]) -> Result<(), ObjectError> {
        self.schedule
            .decrypt(&self.nonce(number), ciphertext, destination)
            .map_err(|AeadRefused| ObjectError::DecryptionFailed)
    }

    /// Decrypts chunk `number` at `buffer[offset..]` to the start of `buffer`, and says how long it is.
    pub(super) fn decrypt_within(&self, number: u64, buffer: &mut [u8], offset: usize) -> Result<usize, ObjectError> {
        self.schedule
            .decrypt_within(&self.nonce(number), buffer, offset)
            .map_err(|AeadRefused| ObjectError::DecryptionFailed)
    }

    /// The base nonce XOR the number of the chunk, big-endian, as wide as the nonce.
    fn nonce(&self, number: u64) -> [u8; NONCE_LENGTH] {
        let mut nonce = *self.base_nonce;
        for (byte, part) in nonce.iter_mut().skip(NONCE_LENGTH - 8).zip(number.to_be_bytes()) {
            *byte ^= part;
        }
        nonce
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher")
    }
}

/// HKDF-Expand with SHA-512 (RFC 5869, section 2.3): two blocks, of which the first 76 bytes are used.
///
/// The `hkdf` crate refuses an input key that is shorter than the hash, and this one is 32 bytes by definition.
fn expand(key: &DataKey, salt: &[u8; SALT_LENGTH], context: &[u8]) -> Box<Zeroizing<[u8; 2 * HASH_LENGTH]>> {
    let mut output = Box::new(Zeroizing::new([0; 2 * HASH_LENGTH]));
    let (first, second) = output.split_at_mut(HASH_LENGTH);
    block(key, &[], salt, context, 1, first);
    block(key, first, salt, context, 2, second);
    output
}

fn block(key: &DataKey, previous: &[u8], salt: &[u8; SALT_LENGTH], context: &[u8], counter: u8, output: &mut [u8]) {
    let mac = Hmac::<Sha512>::new_from_slice(key.expose_secret()).expect("HMAC takes a key of any length");
    let mut bytes = mac
        .chain_update(previous)
        .chain_update(NAME)
        .chain_update(salt)
        .chain_update(context)
        .chain_update([counter])
        .finalize()
        .into_bytes();
    output.copy_from_slice(&bytes);
    bytes.as_mut_slice().zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::RustCrypto;

    #[test]
    fn the_number_of_a_chunk_changes_the_end_of_its_nonce() {
        let key = DataKey::fill_with(|bytes| bytes.fill(7));
        let cipher = Cipher::new(&RustCrypto, &key, &[9; SALT_LENGTH], b"header").unwrap();
        let base = cipher.nonce(0);
        assert_eq!(base, *cipher.base_nonce);
        let mut expected = base;
        expected[11] ^= 0x56;
        expected[10] ^= 0x34;
        expected[9] ^= 0x12;
        expected[7] ^= 0x2f;
        assert_eq!(cipher.nonce(0x2f_0012_3456), expected);
    }
}
