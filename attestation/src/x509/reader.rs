//! Reads DER that lies in memory.
//!
//! `der`'s own reader keeps books for errors that say where they are, at a cost above that of decoding; here an error says that there
//! is one. What always holds: nothing is read past the end of the whole, or of what encloses it, and nothing that is enclosed is left
//! over. How deep it goes is up to the types that are decoded, none of which holds itself.

use der::{Decode, EncodingRules, ErrorKind, Length, Reader};

/// All of `der` as one value.
pub(crate) fn decode<'a, T: Decode<'a, Error = der::Error>>(der: &'a [u8]) -> der::Result<T> {
    match decode_first(der)? {
        (value, []) => Ok(value),
        (_, _) => Err(ErrorKind::Failed.into()),
    }
}

/// The first value in `der`, and what follows it.
pub(crate) fn decode_first<'a, T: Decode<'a, Error = der::Error>>(der: &'a [u8]) -> der::Result<(T, &'a [u8])> {
    let mut reader = BytesReader::new(der);
    let value = T::decode(&mut reader)?;
    Ok((value, reader.rest()))
}

/// See the top of this file.
#[derive(Clone, Debug)]
pub(crate) struct BytesReader<'a> {
    /// Up to the end of what is being read.
    bytes: &'a [u8],
    position: usize,
}

impl<'a> BytesReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Where what begins here ends, if that is not past the end.
    fn end(&self, length: Length) -> der::Result<usize> {
        let end = self.position.checked_add(length.try_into()?);
        end.filter(|end| *end <= self.bytes.len()).ok_or(ErrorKind::Failed.into())
    }
}

/// Only of bytes whose number was compared with a limit before; a length beyond a `u32` could not be written in DER here anyway.
fn length(bytes: usize) -> Length {
    Length::try_from(bytes).unwrap_or(Length::MAX)
}

impl<'a> Reader<'a> for BytesReader<'a> {
    const CAN_READ_SLICE: bool = true;

    fn encoding_rules(&self) -> EncodingRules {
        EncodingRules::Der
    }

    fn input_len(&self) -> Length {
        length(self.bytes.len())
    }

    fn position(&self) -> Length {
        length(self.position)
    }

    fn is_finished(&self) -> bool {
        self.position >= self.bytes.len()
    }

    fn read_nested<T, F, E>(&mut self, len: Length, read: F) -> Result<T, E>
    where
        E: From<der::Error>,
        F: FnOnce(&mut Self) -> Result<T, E>,
    {
        let all = self.bytes;
        self.bytes = all.get(..self.end(len)?).unwrap_or_default();
        let value = read(self)?;
        let left_over = !self.is_finished();
        self.bytes = all;
        if left_over { Err(der::Error::from(ErrorKind::Failed).into()) } else { Ok(value) }
    }

    fn read_slice(&mut self, len: Length) -> der::Result<&'a [u8]> {
        let end = self.end(len)?;
        let slice = self.bytes.get(self.position..end).unwrap_or_default();
        self.position = end;
        Ok(slice)
    }

    fn read_byte(&mut self) -> der::Result<u8> {
        let byte = self.rest().first().ok_or(ErrorKind::Failed)?;
        self.position += 1;
        Ok(*byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use der::asn1::OctetStringRef;

    fn octets(der: &[u8]) -> Option<&[u8]> {
        decode::<&OctetStringRef>(der).ok().map(|octets| octets.as_bytes())
    }

    #[test]
    fn a_value_is_read_to_its_end_and_nothing_may_follow_it() {
        assert_eq!(octets(&[4, 2, 1, 2]), Some([1, 2].as_slice()));
        for der in
            [[].as_slice(), &[4], &[4, 2, 1], &[4, 2, 1, 2, 3], &[4, 0x81, 2, 1, 2], &[4, 0x84, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(octets(der), None, "{der:?}");
        }
        let (first, rest) = decode_first::<u8>(&[2, 1, 7, 9]).unwrap();
        assert_eq!((first, rest), (7, [9].as_slice()));
    }

    #[test]
    fn what_is_enclosed_ends_where_it_says() {
        assert_eq!(decode::<Vec<u8>>(&[0x30, 6, 2, 1, 7, 2, 1, 8]), Ok([7, 8].to_vec()));
        for der in [[0x30, 4, 2, 1, 7, 2, 1, 8], [0x30, 6, 2, 1, 7, 2, 2, 8], [0x30, 7, 2, 1, 7, 2, 1, 8]] {
            assert!(decode::<Vec<u8>>(&der).is_err(), "{der:?}");
        }
    }
}
