//! The manifest of an object: all that is public of it but its ciphertext. `spec/objects.md`, section 4.
//!
//! What always holds: having a [`Manifest`] means that its parts fit together (lengths, limits, one digest a group) and
//! that its bytes are the only ones that decode to it. It does not mean that anyone vouches for it: until its id was
//! compared with one that is trusted, all of it is an allegation.

use super::ObjectError;
use super::layout::{DIGEST_LENGTH, Layout, MAX_HEADER_LENGTH, MAX_MANIFEST_LENGTH, PREFIX_LENGTH};
use crate::hash::labelled_sha256;
use crate::id::ObjectId;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

const MAGIC: &[u8; 8] = b"SEALOBJ1";
const ID_LABEL: &str = "sealroom/1 object id";

/// Header, prefix, length and list of an object.
#[derive(Clone, PartialEq, Eq)]
pub struct Manifest {
    header: Vec<u8>,
    prefix: [u8; PREFIX_LENGTH],
    layout: Layout,
    list: Vec<u8>,
}

impl Manifest {
    /// The manifest of what a writer wrote.
    pub(super) fn of_parts(
        header: Vec<u8>,
        prefix: [u8; PREFIX_LENGTH],
        body_length: u64,
        list: Vec<u8>,
    ) -> Result<Self, ObjectError> {
        check_header(&header)?;
        let layout = Layout::of_body(body_length)?;
        let expected = list_length(layout)?;
        if list.len() != expected {
            return Err(ObjectError::ListLength { expected, found: list.len() });
        }
        Ok(Self { header, prefix, layout, list })
    }

    /// Decodes a manifest from bytes that anyone may have made.
    ///
    /// # Errors
    /// In this order: [`ObjectError::ManifestTooLong`], [`ObjectError::Magic`], [`ObjectError::HeaderTooLong`],
    /// [`ObjectError::ManifestTruncated`], [`ObjectError::BodyTooLong`], [`ObjectError::BodyLength`],
    /// [`ObjectError::ListLength`] (also for trailing bytes).
    pub fn decode(bytes: &[u8]) -> Result<Self, ObjectError> {
        let found = bytes.len();
        if found > MAX_MANIFEST_LENGTH {
            return Err(ObjectError::ManifestTooLong { limit: MAX_MANIFEST_LENGTH, found });
        }
        let truncated = ObjectError::ManifestTruncated { found };
        let rest = bytes.strip_prefix(MAGIC).ok_or(ObjectError::Magic)?;
        let (length, rest) = rest.split_first_chunk().ok_or(truncated.clone())?;
        let header_length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if header_length > MAX_HEADER_LENGTH {
            return Err(ObjectError::HeaderTooLong { limit: MAX_HEADER_LENGTH, found: header_length });
        }
        let (header, rest) = rest.split_at_checked(header_length).ok_or(truncated.clone())?;
        let (prefix, rest) = rest.split_first_chunk().ok_or(truncated.clone())?;
        let (body_length, list) = rest.split_first_chunk().ok_or(truncated)?;
        // The list is compared with what the length demands before it is copied.
        let layout = Layout::of_body(u64::from_le_bytes(*body_length))?;
        let expected = list_length(layout)?;
        if list.len() != expected {
            return Err(ObjectError::ListLength { expected, found: list.len() });
        }
        Ok(Self { header: header.to_vec(), prefix: *prefix, layout, list: list.to_vec() })
    }

    /// The bytes of this manifest: magic, LP(header), prefix, body length, list.
    ///
    /// # Panics
    /// Never: a manifest's header is at most 64 KiB.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 4 + self.header.len() + PREFIX_LENGTH + 8 + self.list.len());
        bytes.extend_from_slice(MAGIC);
        let header_length = u32::try_from(self.header.len()).expect("a header is at most 64 KiB");
        bytes.extend_from_slice(&header_length.to_le_bytes());
        bytes.extend_from_slice(&self.header);
        bytes.extend_from_slice(&self.prefix);
        bytes.extend_from_slice(&self.layout.body_length().to_le_bytes());
        bytes.extend_from_slice(&self.list);
        bytes
    }

    /// The id of the object. It covers every field, so one id has one manifest.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        let body_length = self.layout.body_length().to_le_bytes();
        ObjectId::from_bytes(labelled_sha256(ID_LABEL, &[&self.header, &self.prefix, &body_length, &self.list]))
    }

    /// The header. Whoever made the manifest chose it.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Salt and commitment, which the body begins with.
    #[must_use]
    pub const fn prefix(&self) -> &[u8; PREFIX_LENGTH] {
        &self.prefix
    }

    /// Bytes of the body, the 56 of its prefix included: the size of the blob that is stored.
    #[must_use]
    pub const fn body_length(&self) -> u64 {
        self.layout.body_length()
    }

    /// Bytes of the plaintext.
    #[must_use]
    pub const fn plaintext_length(&self) -> u64 {
        self.layout.plaintext_length()
    }

    /// Groups of the body, at least one.
    #[must_use]
    pub const fn group_count(&self) -> u64 {
        self.layout.group_count()
    }

    /// Where group `index` lies in the body.
    ///
    /// # Errors
    /// [`ObjectError::NoSuchGroup`].
    pub fn group_range(&self, index: u64) -> Result<Range<u64>, ObjectError> {
        self.layout.group_range(index)
    }

    /// Verifies, without a key, that a body begins with the salt and commitment of this manifest.
    ///
    /// A [`Reader`](super::Reader) does not read these bytes of the body: it takes them from the manifest.
    ///
    /// # Errors
    /// [`ObjectError::Prefix`].
    pub fn verify_prefix(&self, first_bytes: &[u8]) -> Result<(), ObjectError> {
        if first_bytes == self.prefix { Ok(()) } else { Err(ObjectError::Prefix) }
    }

    /// Verifies, without a key, that `ciphertext` is group `index` of this object.
    ///
    /// # Errors
    /// [`ObjectError::NoSuchGroup`], [`ObjectError::GroupLength`], [`ObjectError::GroupDigest`].
    pub fn verify_group(&self, index: u64, ciphertext: &[u8]) -> Result<(), ObjectError> {
        let range = self.layout.group_range(index)?;
        let expected = range.end - range.start;
        if u64::try_from(ciphertext.len()) != Ok(expected) {
            return Err(ObjectError::GroupLength { index, expected, found: ciphertext.len() });
        }
        // Both digests are public, so the comparison need not take constant time.
        if self.digest(index) != Some(blake3::hash(ciphertext).as_bytes()) {
            return Err(ObjectError::GroupDigest { index });
        }
        Ok(())
    }

    fn digest(&self, index: u64) -> Option<&[u8; DIGEST_LENGTH]> {
        let start = usize::try_from(index).ok()?.checked_mul(DIGEST_LENGTH)?;
        self.list.get(start..)?.first_chunk()
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("id", &self.id()).field("body_length", &self.body_length()).finish()
    }
}

/// Refuses a header over the limit.
pub(super) const fn check_header(header: &[u8]) -> Result<(), ObjectError> {
    if header.len() > MAX_HEADER_LENGTH {
        return Err(ObjectError::HeaderTooLong { limit: MAX_HEADER_LENGTH, found: header.len() });
    }
    Ok(())
}

/// Bytes of list that a body demands: at most 64 MiB, because the layout is under its limit.
fn list_length(layout: Layout) -> Result<usize, ObjectError> {
    usize::try_from(layout.group_count())
        .ok()
        .and_then(|groups| groups.checked_mul(DIGEST_LENGTH))
        .ok_or(ObjectError::BodyLength { found: layout.body_length() })
}
