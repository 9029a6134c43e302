//! AES-256-GCM as a value: who encrypts names the implementation, and all implementations give the same bytes.
//!
//! What always holds: a key schedule is made once and used for all chunks of one object; a nonce is chosen by
//! `object::Writer` and `object::Reader` alone; associated data is always empty. `spec/objects.md`, section 3.
//!
//! [`RustCrypto`] is always there, also where there is no operating system. The features `ring` and `aws-lc-rs` add
//! `Ring` and `AwsLcRs`; no feature takes one away.

use alloc::boxed::Box;
use core::fmt::Debug;

#[cfg(feature = "aws-lc-rs")]
mod aws_lc_rs;
#[cfg(feature = "ring")]
mod ring;
mod rust_crypto;

#[cfg(feature = "aws-lc-rs")]
pub use self::aws_lc_rs::AwsLcRs;
#[cfg(feature = "ring")]
pub use self::ring::Ring;
pub use self::rust_crypto::RustCrypto;

/// Bytes of an AES-256 key.
pub const KEY_LENGTH: usize = 32;

/// Bytes of an AES-GCM nonce.
pub const NONCE_LENGTH: usize = 12;

/// Bytes of an AES-GCM tag.
pub const TAG_LENGTH: usize = 16;

/// The provider refused: a tag did not match, or a buffer has another length than the call demands.
///
/// It has no fields, because a peer could learn from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the AEAD refused")]
#[expect(clippy::exhaustive_structs, reason = "whoever implements a provider elsewhere must be able to make it")]
pub struct AeadRefused;

/// An implementation of AES-256-GCM.
pub trait AeadProvider: Debug + Send + Sync {
    /// The name of the implementation, for logs and tables.
    fn name(&self) -> &'static str;

    /// The key schedule of `key`, for all chunks of one object.
    ///
    /// # Errors
    /// [`AeadRefused`], where the implementation cannot set up the key.
    fn schedule(&self, key: &[u8; KEY_LENGTH]) -> Result<Box<dyn AeadKey>, AeadRefused>;
}

/// The key schedule of one key. Associated data is always empty.
pub trait AeadKey: Send + Sync {
    /// Encrypts `plaintext` into `destination`, which is [`TAG_LENGTH`] longer: ciphertext, then tag.
    ///
    /// # Errors
    /// [`AeadRefused`], when `destination` has another length. Never use a nonce twice with one key.
    fn encrypt(&self, nonce: &[u8; NONCE_LENGTH], plaintext: &[u8], destination: &mut [u8]) -> Result<(), AeadRefused>;

    /// Encrypts all but the last [`TAG_LENGTH`] bytes of `buffer` where they lie, and puts the tag behind them.
    ///
    /// # Errors
    /// [`AeadRefused`], when there is no room for a tag. Never use a nonce twice with one key.
    fn encrypt_in_place(&self, nonce: &[u8; NONCE_LENGTH], buffer: &mut [u8]) -> Result<(), AeadRefused>;

    /// Decrypts `ciphertext` (with its tag) into `destination`, which is [`TAG_LENGTH`] shorter.
    ///
    /// # Errors
    /// [`AeadRefused`], when the tag does not match or `destination` has another length. Then `destination` holds
    /// bytes that nobody may use.
    fn decrypt(&self, nonce: &[u8; NONCE_LENGTH], ciphertext: &[u8], destination: &mut [u8])
    -> Result<(), AeadRefused>;

    /// Decrypts `buffer[offset..]` (ciphertext and tag) to the start of `buffer`, and says how long the plaintext is.
    ///
    /// # Errors
    /// [`AeadRefused`], when the tag does not match or there is no room for one. Then `buffer` holds bytes that nobody
    /// may use.
    fn decrypt_within(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        buffer: &mut [u8],
        offset: usize,
    ) -> Result<usize, AeadRefused>;
}

/// The fastest implementation that was compiled in: aws-lc-rs, else ring, else RustCrypto. [`AeadProvider::name`] says which.
#[must_use]
pub fn fastest() -> &'static dyn AeadProvider {
    all().last().copied().unwrap_or(&RustCrypto)
}

/// All implementations that were compiled in, the fastest last.
#[must_use]
pub const fn all() -> &'static [&'static dyn AeadProvider] {
    &[
        &RustCrypto,
        #[cfg(feature = "ring")]
        &Ring,
        #[cfg(feature = "aws-lc-rs")]
        &AwsLcRs,
    ]
}

/// Splits `ciphertext` before its tag.
fn split_tag(ciphertext: &[u8]) -> Result<(&[u8], &[u8; TAG_LENGTH]), AeadRefused> {
    ciphertext.split_last_chunk().ok_or(AeadRefused)
}

/// Splits `destination` before the room for a tag, where what is before it has exactly `length` bytes.
fn split_destination(destination: &mut [u8], length: usize) -> Result<(&mut [u8], &mut [u8; TAG_LENGTH]), AeadRefused> {
    let (body, tag) = destination.split_last_chunk_mut().ok_or(AeadRefused)?;
    if body.len() == length { Ok((body, tag)) } else { Err(AeadRefused) }
}
