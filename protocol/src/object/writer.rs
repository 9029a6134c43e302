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
use zeroize::Zeroizing;

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
    /// The group that is being filled: `filled` bytes of ciphertext, then `pending` bytes of plaintext of the next chunk,
    /// which is encrypted where it lies. Wiped when dropped, because of these.
    group: Zeroizing<Vec<u8>>,
    filled: usize,
    pending: usize,
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
            group: Zeroizing::new(vec![0; GROUP_LENGTH]),
            filled: 0,
            pending: 0,
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
            if self.pending == 0
                && let Some((chunk, after)) = rest.split_first_chunk::<CHUNK_LENGTH>()
            {
                self.encrypt_from(chunk)?;
                rest = after;
            } else {
                let wanted = rest.len().min(CHUNK_LENGTH - self.pending);
                let (part, after) = rest.split_at(wanted);
                self.room()
                    .ok_or(ObjectError::EncryptionFailed)?
                    .iter_mut()
                    .zip(part)
                    .for_each(|(to, from)| *to = *from);
                self.pending += wanted;
                rest = after;
                self.encrypt_if_full()?;
            }
            self.flush_if_full(sink)?;
        }
        self.state = State::Writing;
        Ok(())
    }

    /// Where the next plaintext may be put without a copy; at least one byte, unless the writer stopped.
    ///
    /// Read a file into it, for example, then call [`Writer::advance`].
    pub fn space(&mut self) -> &mut [u8] {
        self.room().unwrap_or_default()
    }

    /// Says that `length` bytes of plaintext were put at the start of [`Writer::space`].
    ///
    /// # Errors
    /// As [`Writer::write`]; [`ObjectError::MoreThanSpace`], when there was no such space.
    pub fn advance<E>(
        &mut self,
        length: usize,
        sink: &mut dyn FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), WriteError<E>> {
        self.begin(sink)?;
        let space = CHUNK_LENGTH - self.pending;
        if length > space {
            return Err(ObjectError::MoreThanSpace { space, found: length }.into());
        }
        self.pending += length;
        self.encrypt_if_full()?;
        self.flush_if_full(sink)?;
        self.state = State::Writing;
        Ok(())
    }

    /// Encrypts the short last chunk, gives the last group to `sink`, and tells what the object is.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn finish<E>(mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<Manifest, WriteError<E>> {
        self.begin(sink)?;
        self.encrypt_pending()?;
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

    /// What is left of the chunk that is being filled.
    fn room(&mut self) -> Option<&mut [u8]> {
        self.group.get_mut(self.filled + self.pending..self.filled + CHUNK_LENGTH)
    }

    /// Encrypts a full chunk from where it lies to its place in the group.
    fn encrypt_from(&mut self, chunk: &[u8; CHUNK_LENGTH]) -> Result<(), ObjectError> {
        self.check_room_for_another()?;
        let end = self.filled + CHUNK_LENGTH + TAG_LENGTH;
        let destination = self.group.get_mut(self.filled..end).ok_or(ObjectError::EncryptionFailed)?;
        self.cipher.encrypt(self.next_chunk, chunk, destination)?;
        self.filled = end;
        self.next_chunk += 1;
        Ok(())
    }

    fn encrypt_if_full(&mut self) -> Result<(), ObjectError> {
        if self.pending < CHUNK_LENGTH {
            return Ok(());
        }
        self.check_room_for_another()?;
        self.encrypt_pending()
    }

    /// A full chunk is never the last one, so it must leave room for one more.
    const fn check_room_for_another(&self) -> Result<(), ObjectError> {
        if self.next_chunk + 1 >= MAX_CHUNKS {
            return Err(ObjectError::PlaintextTooLong { limit: MAX_PLAINTEXT_LENGTH });
        }
        Ok(())
    }

    fn encrypt_pending(&mut self) -> Result<(), ObjectError> {
        let end = self.filled + self.pending + TAG_LENGTH;
        let buffer = self.group.get_mut(self.filled..end).ok_or(ObjectError::EncryptionFailed)?;
        self.cipher.encrypt_in_place(self.next_chunk, buffer)?;
        self.filled = end;
        self.pending = 0;
        self.next_chunk += 1;
        Ok(())
    }

    fn flush_if_full<E>(&mut self, sink: &mut dyn FnMut(&[u8]) -> Result<(), E>) -> Result<(), WriteError<E>> {
        if self.filled == GROUP_LENGTH { self.flush(sink) } else { Ok(()) }
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
