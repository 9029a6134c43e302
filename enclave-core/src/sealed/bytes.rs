//! Reads the fixed layouts of sealed storage: little-endian numbers, bounded fields, nothing left over.
//!
//! What always holds: nothing is copied or allocated before its length was compared with its limit and with what is there.

use alloc::vec::Vec;

/// What is left to read.
pub(super) struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn short(&mut self) -> Option<usize> {
        self.array().map(u16::from_le_bytes).map(usize::from)
    }

    pub(super) fn word(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A field behind its length in four bytes: at most `limit` bytes.
    pub(super) fn prefixed(&mut self, limit: usize) -> Option<&'b [u8]> {
        let length = usize::try_from(self.word()?).ok().filter(|length| *length <= limit)?;
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'b [u8] {
        self.0
    }

    /// That nothing is left.
    pub(super) fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends `LP(field)`: its length as a little-endian `u32`, then itself.
///
/// # Panics
/// Never: every field is limited far below 4 GiB before it comes here.
pub(super) fn push_prefixed(bytes: &mut Vec<u8>, field: &[u8]) {
    let length = u32::try_from(field.len()).expect("fields of sealed storage are limited far below 4 GiB");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_over_its_limit_or_longer_than_what_is_there_is_none() {
        let mut bytes = Vec::new();
        push_prefixed(&mut bytes, b"abc");
        assert_eq!(Bytes::new(&bytes).prefixed(3), Some(b"abc".as_slice()));
        assert_eq!(Bytes::new(&bytes).prefixed(2), None);
        assert_eq!(Bytes::new(&bytes[..6]).prefixed(3), None);
        assert_eq!(Bytes::new(&[0xff; 4]).prefixed(usize::MAX), None);
    }

    #[test]
    fn what_is_left_over_is_an_error_at_the_end() {
        let mut bytes = Bytes::new(&[7, 1, 0, 9]);
        assert_eq!((bytes.byte(), bytes.short()), (Some(7), Some(1)));
        assert_eq!(bytes.end(), None);
    }
}
