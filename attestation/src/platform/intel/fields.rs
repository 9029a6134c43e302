//! Takes fields off the front of a quote, and names the one that is missing.

use super::quote::QuoteError;
use crate::reader::Reader;

/// What is left of a quote, or of a part of one.
pub(super) struct Fields<'a> {
    reader: Reader<'a>,
    /// Where what is read ends in the Evidence.
    end: usize,
}

impl<'a> Fields<'a> {
    /// `start` is where the bytes stand in the Evidence.
    pub(super) fn new(bytes: &'a [u8], start: usize) -> Self {
        Self { reader: Reader::new(bytes), end: start + bytes.len() }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// Offset of the next byte in the Evidence.
    pub(super) fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest().len())
    }

    pub(super) fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], QuoteError> {
        let rest = self.rest();
        let taken = rest.get(..length);
        let truncated = QuoteError::Truncated { field, expected: length, found: rest.len() };
        taken.zip(self.reader.skip(length)).map(|(taken, ())| taken).ok_or(truncated)
    }

    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], QuoteError> {
        let found = self.rest().len();
        self.reader.bytes().ok_or(QuoteError::Truncated { field, expected: N, found })
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<u16, QuoteError> {
        self.array(field).map(u16::from_le_bytes)
    }

    /// A 32-bit length. What does not fit into memory does not fit into what is left either.
    pub(super) fn length(&mut self, field: &'static str) -> Result<usize, QuoteError> {
        self.array(field).map(|bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX))
    }

    pub(super) fn certification(&mut self, field: &'static str, expected: u16) -> Result<&'a [u8], QuoteError> {
        let found = self.number("type of the certification data")?;
        if found != expected {
            return Err(QuoteError::CertificationType { expected, found });
        }
        let length = self.length("length of the certification data")?;
        self.take(field, length)
    }

    pub(super) fn end(&self, field: &'static str) -> Result<(), QuoteError> {
        if self.rest().is_empty() { Ok(()) } else { Err(QuoteError::Trailing { field, offset: self.offset() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_lies_is_refused_by_the_field_and_reads_nothing() {
        let mut fields = Fields::new(&[5, 0, 0xff, 0xff, 0xff, 0xff, 1, 2], 100);
        let expected = usize::try_from(u32::MAX).unwrap();
        assert_eq!(fields.certification("chain", 5), Err(QuoteError::Truncated { field: "chain", expected, found: 2 }));
        assert_eq!(fields.offset(), 106);
        assert_eq!(fields.end("chain"), Err(QuoteError::Trailing { field: "chain", offset: 106 }));
    }
}
