//! Length-prefixed, labelled hashing: every id and every associated data of ours is made here.
//!
//! What always holds: an input begins with a label that says its purpose, and each field is preceded by its length,
//! so no two different lists of fields give the same bytes. `SPEC.md`, section 1.

use alloc::vec::Vec;
use sha2::{Digest, Sha256, Sha512};

/// A field or label longer than this cannot be prefixed: its length is a `u32`.
const FIELD_LIMIT: usize = 0xffff_ffff;

/// `LP(label) ‖ LP(field)…`, where `LP(x)` is the length of `x` as a little-endian `u32`, then `x`.
///
/// # Panics
/// Never for a field under 4 GiB, and every format of ours limits its fields far below that.
#[must_use]
pub fn length_prefixed(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let total = fields.iter().map(|field| field.len().saturating_add(4)).sum::<usize>();
    let mut bytes = Vec::with_capacity(total.saturating_add(label.len()).saturating_add(4));
    for part in core::iter::once(label.as_bytes()).chain(fields.iter().copied()) {
        bytes.extend_from_slice(&length_of(part));
        bytes.extend_from_slice(part);
    }
    bytes
}

/// SHA-256 over [`length_prefixed`] bytes.
#[must_use]
pub fn labelled_sha256(label: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in core::iter::once(label.as_bytes()).chain(fields.iter().copied()) {
        hash.update(length_of(part));
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-512 over [`length_prefixed`] bytes.
#[must_use]
pub fn labelled_sha512(label: &str, fields: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for part in core::iter::once(label.as_bytes()).chain(fields.iter().copied()) {
        hash.update(length_of(part));
        hash.update(part);
    }
    hash.finalize().into()
}

/// Plain SHA-256, for the contract text alone: anyone checks a contract's id with `sha256sum`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn length_of(part: &[u8]) -> [u8; 4] {
    debug_assert!(part.len() <= FIELD_LIMIT);
    u32::try_from(part.len()).expect("fields of our formats are limited far below 4 GiB").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_byte_between_fields_changes_the_hash() {
        assert_ne!(labelled_sha256("label", &[b"ab", b"c"]), labelled_sha256("label", &[b"a", b"bc"]));
        assert_ne!(labelled_sha256("labela", &[b"b"]), labelled_sha256("label", &[b"ab"]));
        assert_eq!(labelled_sha256("label", &[b"ab", b"c"]), sha256(&length_prefixed("label", &[b"ab", b"c"])));
    }
}
