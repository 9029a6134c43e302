//! Decrypts groups of an object, in any order.
//!
//! What always holds: having a [`Reader`] means that the manifest is that of the expected object and that the key is its
//! key. Every read, also the second of one place, is checked against the list before it is decrypted. After a failed
//! decryption the reader says nothing more. `spec/objects.md`, section 6.

use super::cipher::{COMMITMENT_LENGTH, Cipher, SALT_LENGTH};
use super::layout::{CHUNK_LENGTH, ENCRYPTED_CHUNK_LENGTH, GROUP_CHUNKS, TAG_LENGTH};
use super::{DataKey, Manifest, ObjectError};
use crate::id::ObjectId;
use crate::provider::AeadProvider;
use alloc::vec::Vec;
use core::ops::Range;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// Reads one object, group by group.
#[derive(Debug)]
pub struct Reader {
    cipher: Cipher,
    manifest: Manifest,
    poisoned: bool,
}

impl Reader {
    /// A reader of the object `expected`, whose manifest and key these are.
    ///
    /// `expected` must come from where it can be trusted: a proposal, a contract, a receipt, one's own memory.
    /// [`Manifest::id`] of the same bytes proves nothing.
    ///
    /// # Errors
    /// [`ObjectError::OtherObject`], then [`ObjectError::Commitment`] (compared in constant time).
    pub fn new(
        provider: &dyn AeadProvider,
        key: &DataKey,
        expected: &ObjectId,
        manifest: Manifest,
    ) -> Result<Self, ObjectError> {
        let found = manifest.id();
        if found != *expected {
            return Err(ObjectError::OtherObject { expected: *expected, found });
        }
        let cipher = Cipher::new(provider, key, salt_of(&manifest)?, manifest.header())
            .map_err(|_| ObjectError::DecryptionFailed)?;
        Self::with_cipher(cipher, manifest)
    }

    /// The same, where the caller derived the keys from the salt of this manifest.
    pub(super) fn with_cipher(cipher: Cipher, manifest: Manifest) -> Result<Self, ObjectError> {
        let commitment = manifest.prefix().last_chunk::<COMMITMENT_LENGTH>().ok_or(ObjectError::Commitment)?;
        if !bool::from(cipher.commitment().ct_eq(commitment)) {
            return Err(ObjectError::Commitment);
        }
        Ok(Self { cipher, manifest, poisoned: false })
    }

    /// The manifest, which is that of the expected object.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The header, which the key's owner wrote.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        self.manifest.header()
    }

    /// Bytes of the plaintext. The expected id covers it.
    #[must_use]
    pub const fn plaintext_length(&self) -> u64 {
        self.manifest.plaintext_length()
    }

    /// Groups of the body, at least one.
    #[must_use]
    pub const fn group_count(&self) -> u64 {
        self.manifest.group_count()
    }

    /// Where group `index` lies in the body.
    ///
    /// # Errors
    /// [`ObjectError::NoSuchGroup`].
    pub fn group_range(&self, index: u64) -> Result<Range<u64>, ObjectError> {
        self.manifest.group_range(index)
    }

    /// Decrypts group `index` into `plaintext`, which is made exactly as long; give the same one again to reuse it.
    ///
    /// `ciphertext` must be a copy that nobody else can write: it is read twice.
    ///
    /// # Errors
    /// [`ObjectError::NoSuchGroup`], [`ObjectError::GroupLength`], [`ObjectError::GroupDigest`]: anyone can see these
    /// without a key, and another copy of the group may be tried. [`ObjectError::DecryptionFailed`], also on every later
    /// call. On any error `plaintext` is wiped and empty.
    pub fn decrypt_group(&mut self, index: u64, ciphertext: &[u8], plaintext: &mut Vec<u8>) -> Result<(), ObjectError> {
        let result = self.verify(index, ciphertext).and_then(|first| {
            let result = self.decrypt_chunks(first, ciphertext, plaintext);
            self.poisoned = result.is_err();
            result
        });
        if result.is_err() {
            plaintext.zeroize();
        }
        result
    }

    /// Decrypts group `index` where it lies, chunk by chunk, and shows each to `visit` before the next: nothing is moved,
    /// and what reads the plaintext finds it in the nearest cache. The digest of the whole group is checked before the
    /// first chunk is shown. Afterwards `group` holds plaintext: whose it is wipes it.
    ///
    /// # Errors
    /// As [`Reader::decrypt_group`], or what `visit` says. No chunk is shown after either, and `group` is wiped.
    pub fn decrypt_group_by_chunks<E: From<ObjectError>>(
        &mut self,
        index: u64,
        group: &mut [u8],
        mut visit: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let result = self.verify(index, group).map_err(E::from).and_then(|first| {
            (first..).zip(group.chunks_mut(ENCRYPTED_CHUNK_LENGTH)).try_for_each(|(number, chunk)| {
                let length = self.cipher.decrypt_within(number, chunk, 0);
                self.poisoned = length.is_err();
                visit(chunk.get(..length?).unwrap_or_default())
            })
        });
        if result.is_err() {
            group.zeroize();
        }
        result
    }

    /// Decrypts group `index` where it lies. The plaintext is the returned start of `group`; what is behind it is not
    /// plaintext of this object in order, and may hold parts of it.
    ///
    /// # Errors
    /// As [`Reader::decrypt_group`]. On any error `group` is wiped.
    pub fn decrypt_group_in_place<'group>(
        &mut self,
        index: u64,
        group: &'group mut [u8],
    ) -> Result<&'group mut [u8], ObjectError> {
        let result = self.verify(index, group).and_then(|first| {
            let result = self.decrypt_chunks_in_place(first, group);
            self.poisoned = result.is_err();
            result
        });
        match result {
            Ok(length) => group.get_mut(..length).ok_or(ObjectError::DecryptionFailed),
            Err(error) => {
                group.zeroize();
                Err(error)
            }
        }
    }

    /// All that is checked before the first byte is decrypted. Gives the number of the group's first chunk.
    fn verify(&self, index: u64, ciphertext: &[u8]) -> Result<u64, ObjectError> {
        if self.poisoned {
            return Err(ObjectError::DecryptionFailed);
        }
        self.manifest.verify_group(index, ciphertext)?;
        Ok(index * GROUP_CHUNKS)
    }

    fn decrypt_chunks(&self, first: u64, ciphertext: &[u8], plaintext: &mut Vec<u8>) -> Result<(), ObjectError> {
        let chunks = ciphertext.len().div_ceil(ENCRYPTED_CHUNK_LENGTH);
        if plaintext.capacity() < ciphertext.len() {
            // Growing moves a buffer, and what the old place held would stay there.
            plaintext.zeroize();
            plaintext.reserve_exact(ciphertext.len());
        }
        plaintext.resize(ciphertext.len().saturating_sub(chunks * TAG_LENGTH), 0);
        let mut rest = plaintext.as_mut_slice();
        // Not a zip with the chunks of the plaintext: a last chunk without plaintext must be verified as well.
        for (number, chunk) in (first..).zip(ciphertext.chunks(ENCRYPTED_CHUNK_LENGTH)) {
            let length = chunk.len().checked_sub(TAG_LENGTH).ok_or(ObjectError::DecryptionFailed)?;
            let (destination, after) = rest.split_at_mut_checked(length).ok_or(ObjectError::DecryptionFailed)?;
            self.cipher.decrypt(number, chunk, destination)?;
            rest = after;
        }
        Ok(())
    }

    fn decrypt_chunks_in_place(&self, first: u64, group: &mut [u8]) -> Result<usize, ObjectError> {
        let mut decrypted = 0;
        // Before chunk i of the group, i tags were skipped: its ciphertext lies i·16 bytes behind where its plaintext goes.
        for (number, position) in (first..).zip(0..group.len().div_ceil(ENCRYPTED_CHUNK_LENGTH)) {
            let start = position * CHUNK_LENGTH;
            let offset = position * TAG_LENGTH;
            let end = group.len().min(start + offset + ENCRYPTED_CHUNK_LENGTH);
            let chunk = group.get_mut(start..end).ok_or(ObjectError::DecryptionFailed)?;
            decrypted += self.cipher.decrypt_within(number, chunk, offset)?;
        }
        Ok(decrypted)
    }
}

fn salt_of(manifest: &Manifest) -> Result<&[u8; SALT_LENGTH], ObjectError> {
    manifest.prefix().first_chunk().ok_or(ObjectError::Commitment)
}
