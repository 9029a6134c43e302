//! Encrypts an object as its plaintext comes in.
//!
//! What always holds: the salt is fresh; one group is held in memory; the chunking depends on the plaintext alone, not on
//! how it was cut into calls; after a failure nothing more is written. `spec/objects.md`, section 5.

use super::cipher::{Cipher, SALT_LENGTH};
use super::layout::{CHUNK_LENGTH, GROUP_LENGTH, MAX_CHUNKS, MAX_PLAINTEXT_LENGTH, PREFIX_LENGTH, TAG_LENGTH};
use super::manifest::check_header;
use super::{DataKey, Manifest, ObjectError, WriteError};
use crate::provider::AeadProvider;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

/// Writes one object. The body goes to a sink; [`Writer::finish`] gives the manifest.
///
/// The sink gets the 56 bytes of the prefix first, then exactly one group a call.
///
/// ```
/// use sealroom_protocol::object::{DataKey, Reader, Writer};
/// use sealroom_protocol::provider;
/// # use core::convert::Infallible;
/// # struct Counter(u64);
/// # impl rand_core::TryRng for Counter {
/// #     type Error = Infallible;
/// #     fn try_next_u32(&mut self) -> Result<u32, Infallible> { self.0 += 1; Ok(self.0 as u32) }
/// #     fn try_next_u64(&mut self) -> Result<u64, Infallible> { self.0 += 1; Ok(self.0) }
/// #     fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> { bytes.fill(self.0 as u8); Ok(()) }
/// # }
/// # impl rand_core::TryCryptoRng for Counter {}
/// # let mut rng = Counter(1);
/// let key = DataKey::generate(&mut rng);
/// let mut body = Vec::new();
/// let mut sink = |bytes: &[u8]| -> Result<(), Infallible> { body.extend_from_slice(bytes); Ok(()) };
/// let mut writer = Writer::new(provider::fastest(), &key, b"header", &mut rng)?;
/// writer.write(b"rows ", &mut sink)?;
/// writer.write(b"and rows", &mut sink)?;
/// let manifest = writer.finish(&mut sink)?;
///
/// let id = manifest.id();
/// let mut reader = Reader::new(provider::fastest(), &key, &id, manifest)?;
/// let mut plaintext = Vec::new();
/// reader.decrypt_group(0, &body[56..], &mut plaintext)?;
/// assert_eq!(plaintext, b"rows and rows");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub struct Writer {
    cipher: Cipher,
    header: Vec<u8>,
    prefix: [u8; PREFIX_LENGTH],
    /// Plaintext of a chunk that is not full yet.
    pending: Zeroizing<Vec<u8>>,
    /// Ciphertext of a group that is not full yet, in the first `filled` bytes.
    group: Vec<u8>,
    filled: usize,
    next_chunk: u64,
    list: Vec<u8>,
    body_length: u64,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Writing,
    Stopped,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("next_chunk", &self.next_chunk)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Writer {
    /// Begins an object with this header, with a salt from `rng`. Give each object a key of its own.
    ///
    /// # Errors
    /// [`ObjectError::HeaderTooLong`], [`ObjectError::EncryptionFailed`].
    pub fn new(
        provider: &dyn AeadProvider,
        key: &DataKey,
        header: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, ObjectError> {
        check_header(header)?;
        let mut salt = [0; SALT_LENGTH];
        rng.fill_bytes(&mut salt);
        let cipher = Cipher::new(provider, key, &salt, header).map_err(|_| ObjectError::EncryptionFailed)?;
        Ok(Self::with_cipher(cipher, &salt, header))
    }

    /// The same, where the caller derived the keys from this salt.
    pub(super) fn with_cipher(cipher: Cipher, salt: &[u8; SALT_LENGTH], header: &[u8]) -> Self {
        let mut prefix = [0; PREFIX_LENGTH];
        let parts = salt.iter().chain(cipher.commitment());
        prefix.iter_mut().zip(parts).for_each(|(byte, part)| *byte = *part);
        Self {
            cipher,
            header: header.to_vec(),
            prefix,
            pending: Zeroizing::new(Vec::with_capacity(CHUNK_LENGTH)),
            group: vec![0; GROUP_LENGTH],
            filled: 0,
            next_chunk: 0,
            list: Vec::new(),
            body_length: 0,
            state: State::Fresh,
        }
    }

    /// Encrypts more plaintext. Groups that became full go to `sink`.
    ///
    /// # Errors
    /// [`WriteError::Sink`] with the sink's own error; [`ObjectError::PlaintextTooLong`],
    /// [`ObjectError::EncryptionFailed`]. After any of them the object cannot be finished, and every further call is
    /// [`ObjectError::WriterStopped`].
    pub fn write<E>(
        &mut self,
        plaintext: &[u8],
        sink: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), WriteError<E>> {
        self.begin(sink)?;
        let mut rest = plaintext;
        while !rest.is_empty() {
            if self.pending.is_empty()
                && let Some((chunk, after)) = rest.split_first_chunk::<CHUNK_LENGTH>()
            {
                self.encrypt_full(chunk)?;
                rest = after;
            } else {
                let wanted = rest.len().min(CHUNK_LENGTH - self.pending.len());
                let (part, after) = rest.split_at(wanted);
                self.pending.extend_from_slice(part);
                rest = after;
                if self.pending.len() == CHUNK_LENGTH {
                    // Its place stays, so plaintext is never left behind in a buffer that grew.
                    let mut chunk = core::mem::take(&mut self.pending);
                    self.encrypt_full(&chunk)?;
                    chunk.clear();
                    self.pending = chunk;
                }
            }
            if self.filled == GROUP_LENGTH {
                self.flush(sink)?;
            }
        }
        self.state = State::Writing;
        Ok(())
    }

    /// Encrypts the short last chunk, gives the last group to `sink`, and tells what the object is.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn finish<E>(mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<Manifest, WriteError<E>> {
        self.begin(sink)?;
        let last = core::mem::take(&mut self.pending);
        self.encrypt_chunk(&last)?;
        self.flush(sink)?;
        Ok(Manifest::of_parts(self.header, self.prefix, self.body_length, self.list)?)
    }

    /// Gives out the prefix once, and leaves the state at stopped until the caller's work is done.
    fn begin<E>(&mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), WriteError<E>> {
        match core::mem::replace(&mut self.state, State::Stopped) {
            State::Stopped => Err(ObjectError::WriterStopped.into()),
            State::Writing => Ok(()),
            State::Fresh => {
                let prefix = self.prefix;
                self.give(&prefix, sink)
            }
        }
    }

    /// A full chunk is never the last one, so it must leave room for one more.
    fn encrypt_full(&mut self, chunk: &[u8]) -> Result<(), ObjectError> {
        if self.next_chunk + 1 >= MAX_CHUNKS {
            return Err(ObjectError::PlaintextTooLong { limit: MAX_PLAINTEXT_LENGTH });
        }
        self.encrypt_chunk(chunk)
    }

    fn encrypt_chunk(&mut self, chunk: &[u8]) -> Result<(), ObjectError> {
        let end = self.filled + chunk.len() + TAG_LENGTH;
        let destination = self.group.get_mut(self.filled..end).ok_or(ObjectError::EncryptionFailed)?;
        if let Err(error) = self.cipher.encrypt(self.next_chunk, chunk, destination) {
            // A provider that works in place may have left plaintext there.
            destination.zeroize();
            return Err(error);
        }
        self.filled = end;
        self.next_chunk += 1;
        Ok(())
    }

    /// Adds the digest of the group to the list and gives the group to the sink.
    fn flush<E>(&mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), WriteError<E>> {
        let group = core::mem::take(&mut self.group);
        let ciphertext = group.get(..self.filled).ok_or(ObjectError::EncryptionFailed)?;
        self.list.extend_from_slice(blake3::hash(ciphertext).as_bytes());
        let given = self.give(ciphertext, sink);
        self.group = group;
        self.filled = 0;
        given
    }

    fn give<E>(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), WriteError<E>> {
        let length = u64::try_from(bytes.len()).map_err(|_| ObjectError::EncryptionFailed)?;
        sink(bytes).map_err(WriteError::Sink)?;
        self.body_length += length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::RustCrypto;
    use core::convert::Infallible;

    /// A writer without randomness: these tests compare no ciphertext.
    fn writer() -> Writer {
        let key = DataKey::fill_with(|bytes| bytes.fill(1));
        let salt = [2; SALT_LENGTH];
        Writer::with_cipher(Cipher::new(&RustCrypto, &key, &salt, b"").unwrap(), &salt, b"")
    }

    #[test]
    fn a_plaintext_ends_one_byte_before_the_limit_of_chunks() {
        let mut taken = 0;
        let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
            taken += bytes.len();
            Ok(())
        };
        // As if all but the last two chunks had been written.
        let mut writer = writer();
        writer.next_chunk = MAX_CHUNKS - 2;
        writer.write(&[0; CHUNK_LENGTH + CHUNK_LENGTH - 1], &mut sink).unwrap();
        let refused = writer.write(&[0], &mut sink);
        assert_eq!(refused, Err(WriteError::Object(ObjectError::PlaintextTooLong { limit: MAX_PLAINTEXT_LENGTH })));
        assert_eq!(writer.write(&[], &mut sink), Err(WriteError::Object(ObjectError::WriterStopped)));
        assert_eq!(writer.finish(&mut sink), Err(WriteError::Object(ObjectError::WriterStopped)));
        assert_eq!(taken, PREFIX_LENGTH);
    }

    #[test]
    fn a_writer_whose_sink_failed_stays_stopped() {
        // The sink takes the prefix and, of the two groups, the first.
        for good_calls in 0..3 {
            let mut calls = 0;
            let mut sink = |_: &[u8]| {
                calls += 1;
                if calls > good_calls { Err("disk full") } else { Ok(()) }
            };
            let mut writer = writer();
            assert_eq!(writer.write(&vec![0; 2 * 64 * CHUNK_LENGTH], &mut sink), Err(WriteError::Sink("disk full")));
            assert_eq!(writer.write(&[1], &mut sink), Err(WriteError::Object(ObjectError::WriterStopped)));
            assert_eq!(writer.finish(&mut sink), Err(WriteError::Object(ObjectError::WriterStopped)));
            assert_eq!(calls, good_calls + 1);
        }
    }

    #[test]
    fn an_object_whose_last_group_was_not_taken_has_no_manifest() {
        let mut sink = |bytes: &[u8]| if bytes.len() == PREFIX_LENGTH { Ok(()) } else { Err("disk full") };
        let mut writer = writer();
        writer.write(b"rows", &mut sink).unwrap();
        assert_eq!(writer.finish(&mut sink), Err(WriteError::Sink("disk full")));
    }

    #[test]
    fn a_writer_shows_no_plaintext_and_no_key() {
        let mut writer = writer();
        writer.write(&[0xa5; 100], &mut |_| Ok::<(), Infallible>(())).unwrap();
        let shown = alloc::format!("{writer:?}");
        assert!(!shown.contains("165"), "{shown}");
        assert!(!shown.contains("a5"), "{shown}");
    }
}
