//! One sealed object as one blob: the object's manifest, then its ciphertext. `spec/sealed.md`, section 3.
//!
//! What always holds: the blob's name is the object's id, which covers header, salt, commitment, length and ciphertext; a
//! blob that is not the expected one is refused before anything is decrypted.

use super::bytes::{Bytes, push_prefixed};
use super::error::SealedError;
use super::header::Header;
use alloc::vec::Vec;
use core::convert::Infallible;
use rand_core::CryptoRng;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::{DataKey, Manifest, ObjectError, PREFIX_LENGTH, Reader, WriteError, Writer};
use sealroom_protocol::provider::AeadProvider;
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"SEALBLB1";
/// Most bytes of plaintext of one sealed object.
pub(super) const PLAINTEXT_LIMIT: usize = 64 << 20;
/// Most bytes of the manifest inside a blob: its header, and 32 bytes for each of 65 groups.
const MANIFEST_LIMIT: usize = 80 * 1024;
/// Bytes of the prefix, as the length of a body counts them.
const PREFIX: u64 = 56;

/// What was written.
pub(super) struct Blob {
    pub(super) id: ObjectId,
    pub(super) bytes: Vec<u8>,
}

/// Encrypts `plaintext` under a fresh salt.
pub(super) fn write(
    provider: &dyn AeadProvider,
    key: &DataKey,
    header: &[u8],
    plaintext: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<Blob, SealedError> {
    if plaintext.len() > PLAINTEXT_LIMIT {
        return Err(SealedError::TooLong { limit: PLAINTEXT_LIMIT, found: plaintext.len() });
    }
    let mut body = Vec::new();
    let mut sink = |part: &[u8]| {
        body.extend_from_slice(part);
        Ok::<(), Infallible>(())
    };
    let mut writer = Writer::new(provider, key, header, rng)?;
    writer.write(plaintext, &mut sink).map_err(written)?;
    let manifest = writer.finish(&mut sink).map_err(written)?;
    let mut bytes = MAGIC.to_vec();
    push_prefixed(&mut bytes, &manifest.encode());
    // Salt and commitment stand in the manifest; their copy at the body's beginning is left out.
    bytes.extend_from_slice(body.get(PREFIX_LENGTH..).unwrap_or_default());
    Ok(Blob { id: manifest.id(), bytes })
}

fn written(error: WriteError<Infallible>) -> SealedError {
    match error {
        WriteError::Object(error) => error.into(),
        WriteError::Sink(never) => match never {},
        _ => ObjectError::EncryptionFailed.into(),
    }
}

/// A blob in its parts: an allegation until it was compared with the id that is expected.
pub(super) struct Parts<'b> {
    manifest: Manifest,
    groups: &'b [u8],
}

impl<'b> Parts<'b> {
    pub(super) fn of(blob: &'b [u8]) -> Result<Self, SealedError> {
        let length = SealedError::Length { found: blob.len() };
        let mut bytes = Bytes::new(blob);
        if bytes.array().as_ref() != Some(MAGIC) {
            return Err(SealedError::Version);
        }
        let manifest = Manifest::decode(bytes.prefixed(MANIFEST_LIMIT).ok_or(length.clone())?)?;
        let groups = bytes.rest();
        let body = u64::try_from(groups.len()).ok().and_then(|groups| groups.checked_add(PREFIX));
        if body != Some(manifest.body_length()) {
            return Err(length);
        }
        Ok(Self { manifest, groups })
    }

    /// The parts of the expected object, and of no other.
    pub(super) fn expect(blob: &'b [u8], expected: &ObjectId) -> Result<Self, SealedError> {
        let parts = Self::of(blob)?;
        let found = parts.id();
        if found != *expected {
            return Err(ObjectError::OtherObject { expected: *expected, found }.into());
        }
        Ok(parts)
    }

    pub(super) fn id(&self) -> ObjectId {
        self.manifest.id()
    }

    pub(super) fn header(&self) -> Result<Header, SealedError> {
        Header::decode(self.manifest.header())
    }

    /// The header as it was written: the input of the key.
    pub(super) fn header_bytes(&self) -> &[u8] {
        self.manifest.header()
    }

    /// Decrypts it.
    pub(super) fn decrypt(self, provider: &dyn AeadProvider, key: &DataKey) -> Result<Zeroizing<Vec<u8>>, SealedError> {
        let limit = PLAINTEXT_LIMIT;
        let length = usize::try_from(self.manifest.plaintext_length()).unwrap_or(usize::MAX);
        if length > limit {
            return Err(SealedError::TooLong { limit, found: length });
        }
        let id = self.id();
        let mut reader = Reader::new(provider, key, &id, self.manifest)?;
        // Reserved whole, so that no part is left behind where a growing buffer was.
        let mut plaintext = Zeroizing::new(Vec::with_capacity(length));
        let mut group = Zeroizing::new(Vec::new());
        for index in 0..reader.group_count() {
            let range = reader.group_range(index)?;
            let within = |place: u64| usize::try_from(place.saturating_sub(PREFIX)).unwrap_or(usize::MAX);
            let ciphertext = self.groups.get(within(range.start)..within(range.end)).unwrap_or_default();
            reader.decrypt_group(index, ciphertext, &mut group)?;
            plaintext.extend_from_slice(&group);
        }
        Ok(plaintext)
    }
}
