//! Where chunks and groups lie in a body, and the limits of an object. `spec/objects.md`, section 2.
//!
//! What always holds: having a [`Layout`] means that the length of the body is one that a message can have, under the
//! limit. All arithmetic stays far below `u64::MAX`.

use super::ObjectError;
use core::ops::Range;

/// Bytes of plaintext in each chunk but the last, which is shorter. C2SP chunked-encryption, "Message chunking".
pub const CHUNK_LENGTH: usize = 16_384;

/// Bytes of salt and commitment, which a body begins with.
pub const PREFIX_LENGTH: usize = 56;

/// Bytes of each group of 64 encrypted chunks in a body; the last group is shorter.
pub const GROUP_LENGTH: usize = 64 * ENCRYPTED_CHUNK_LENGTH;

/// Bytes of plaintext of each group but the last, which is shorter.
pub const GROUP_PLAINTEXT_LENGTH: usize = 64 * CHUNK_LENGTH;

/// Most groups of an object.
pub const MAX_GROUPS: u64 = 1 << 21;

/// Most bytes of plaintext: 2 TiB less one, because the last chunk is short.
pub const MAX_PLAINTEXT_LENGTH: u64 = MAX_CHUNKS * CHUNK - 1;

/// Most bytes of a body, prefix included.
pub const MAX_BODY_LENGTH: u64 = PREFIX + MAX_CHUNKS * ENCRYPTED_CHUNK - 1;

/// Most bytes of a header.
pub const MAX_HEADER_LENGTH: usize = 65_536;

/// Most bytes of a manifest: magic, header and its length, prefix, body length, list.
pub const MAX_MANIFEST_LENGTH: usize = 8 + 4 + MAX_HEADER_LENGTH + PREFIX_LENGTH + 8 + (DIGEST_LENGTH << 21);

/// Bytes of a chunk with its tag.
pub(super) const ENCRYPTED_CHUNK_LENGTH: usize = CHUNK_LENGTH + TAG_LENGTH;
/// Bytes of one BLAKE3 digest in the list.
pub(super) const DIGEST_LENGTH: usize = 32;
/// Chunks of each group but the last.
pub(super) const GROUP_CHUNKS: u64 = 64;
/// Most chunks of an object.
pub(super) const MAX_CHUNKS: u64 = MAX_GROUPS * GROUP_CHUNKS;
pub(super) const TAG_LENGTH: usize = crate::provider::TAG_LENGTH;

// The same as `u64`, because a body may be longer than memory.
const PREFIX: u64 = 56;
const CHUNK: u64 = 16_384;
const ENCRYPTED_CHUNK: u64 = CHUNK + TAG;
const TAG: u64 = 16;
const GROUP: u64 = GROUP_CHUNKS * ENCRYPTED_CHUNK;

/// A length that a body can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layout {
    body_length: u64,
}

impl Layout {
    /// The layout of a body of this many bytes, prefix included.
    pub(super) const fn of_body(body_length: u64) -> Result<Self, ObjectError> {
        if body_length > MAX_BODY_LENGTH {
            return Err(ObjectError::BodyTooLong { limit: MAX_BODY_LENGTH, found: body_length });
        }
        // The last chunk has at least a tag and is never full.
        if body_length < PREFIX || (body_length - PREFIX) % ENCRYPTED_CHUNK < TAG {
            return Err(ObjectError::BodyLength { found: body_length });
        }
        Ok(Self { body_length })
    }

    pub(super) const fn body_length(self) -> u64 {
        self.body_length
    }

    /// Chunks, with the short one at the end.
    pub(super) const fn chunk_count(self) -> u64 {
        (self.body_length - PREFIX) / ENCRYPTED_CHUNK + 1
    }

    pub(super) const fn group_count(self) -> u64 {
        self.chunk_count().div_ceil(GROUP_CHUNKS)
    }

    pub(super) const fn plaintext_length(self) -> u64 {
        self.body_length - PREFIX - self.chunk_count() * TAG
    }

    /// Where group `index` lies in the body.
    pub(super) fn group_range(self, index: u64) -> Result<Range<u64>, ObjectError> {
        let count = self.group_count();
        if index >= count {
            return Err(ObjectError::NoSuchGroup { index, count });
        }
        let start = PREFIX + index * GROUP;
        Ok(start..self.body_length.min(start + GROUP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_of_both_types_agree() {
        assert_eq!(u64::try_from(PREFIX_LENGTH), Ok(PREFIX));
        assert_eq!(u64::try_from(CHUNK_LENGTH), Ok(CHUNK));
        assert_eq!(u64::try_from(ENCRYPTED_CHUNK_LENGTH), Ok(ENCRYPTED_CHUNK));
        assert_eq!(u64::try_from(GROUP_LENGTH), Ok(GROUP));
        assert_eq!(u64::try_from(TAG_LENGTH), Ok(TAG));
        assert_eq!(MAX_GROUPS, 1 << 21);
        assert_eq!(MAX_PLAINTEXT_LENGTH, 2 * 1024 * 1024 * 1024 * 1024 - 1);
    }

    #[test]
    fn only_lengths_of_messages_are_lengths_of_bodies() {
        let length_of = |body| Layout::of_body(body).map(Layout::plaintext_length);
        let refused = |found| Err(ObjectError::BodyLength { found });
        assert_eq!(length_of(0), refused(0));
        assert_eq!(length_of(55), refused(55));
        assert_eq!(length_of(56), refused(56));
        assert_eq!(length_of(71), refused(71));
        assert_eq!(length_of(72), Ok(0));
        assert_eq!(length_of(56 + 16_399), Ok(16_383));
        assert_eq!(length_of(56 + 16_400), refused(56 + 16_400));
        assert_eq!(length_of(56 + 16_415), refused(56 + 16_415));
        assert_eq!(length_of(56 + 16_416), Ok(16_384));
        assert_eq!(length_of(MAX_BODY_LENGTH), Ok(MAX_PLAINTEXT_LENGTH));
        let found = MAX_BODY_LENGTH + 1;
        assert_eq!(length_of(found), Err(ObjectError::BodyTooLong { limit: MAX_BODY_LENGTH, found }));
    }

    #[test]
    fn groups_cover_the_chunks_of_a_body_without_gap() {
        for body_length in [72, 56 + 63 * 16_400 + 16, 56 + 64 * 16_400 + 16, 56 + 200 * 16_400 + 777] {
            let layout = Layout::of_body(body_length).unwrap();
            let mut end = 56;
            for index in 0..layout.group_count() {
                let range = layout.group_range(index).unwrap();
                assert_eq!(range.start, end);
                assert!(range.end > range.start);
                end = range.end;
            }
            assert_eq!(end, body_length);
            let count = layout.group_count();
            assert_eq!(layout.group_range(count), Err(ObjectError::NoSuchGroup { index: count, count }));
        }
        assert_eq!(Layout::of_body(MAX_BODY_LENGTH).unwrap().group_count(), MAX_GROUPS);
    }
}
