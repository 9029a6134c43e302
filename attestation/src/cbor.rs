//! Strict CBOR (RFC 8949) on top of a pull parser, for formats whose shape is known: every head in its shortest form, strings
//! of definite length, no value of a kind that was not asked for. There is no recursion, so depth is bounded by the caller.
//!
//! An error is a sentence about the bytes, for the platform to put its name to.

use alloc::format;
use alloc::string::String;

use minicbor::Decoder;
use minicbor::data::Type;

pub(crate) type Result<T> = core::result::Result<T, String>;

/// Takes values off the front of a byte string.
pub(crate) struct Reader<'b> {
    decoder: Decoder<'b>,
}

/// What a value is, before it is read: for formats that let one be written in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// From 0 to 2^64 - 1.
    Unsigned,
    /// From -1 to -2^63.
    Negative,
    /// A byte string of definite length.
    Bytes,
    /// A text of definite length.
    Text,
    /// An array.
    Array,
    /// A tag and what it stands before.
    Tag,
    /// Nothing, said.
    Null,
    /// Maps, floating point, what is not needed.
    Other,
}

/// What is left of an array or a map.
pub(crate) struct Items {
    what: &'static str,
    /// None where a break ends it.
    left: Option<u64>,
    seen: u64,
    limit: u64,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { decoder: Decoder::new(bytes) }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self, what: &str) -> Result<()> {
        match self.decoder.input().len().saturating_sub(self.decoder.position()) {
            0 => Ok(()),
            more => Err(format!("{more} bytes follow {what}")),
        }
    }

    pub(crate) fn unsigned(&mut self, what: &str) -> Result<u64> {
        let start = self.decoder.position();
        let value = self.decoder.u64().map_err(|_| format!("{what} is no unsigned integer"))?;
        self.shortest(start, value, 0, what)?;
        Ok(value)
    }

    pub(crate) fn integer(&mut self, what: &str) -> Result<i64> {
        let start = self.decoder.position();
        let value = self.decoder.i64().map_err(|_| format!("{what} is no integer of 64 bits"))?;
        // RFC 8949 section 3.1: -1 - n is written as n.
        self.shortest(start, if value < 0 { !value } else { value }.unsigned_abs(), 0, what)?;
        Ok(value)
    }

    pub(crate) fn bytes(&mut self, what: &str) -> Result<&'b [u8]> {
        let start = self.decoder.position();
        let value = self.decoder.bytes().map_err(|_| format!("{what} is no byte string of definite length"))?;
        self.shortest_of(start, value.len(), what)?;
        Ok(value)
    }

    /// A byte string of so many bytes.
    pub(crate) fn sized<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let bytes = self.bytes(what)?;
        bytes.try_into().map_err(|_| format!("{what} has {} bytes, expected {N}", bytes.len()))
    }

    pub(crate) fn text(&mut self, what: &str) -> Result<&'b str> {
        let start = self.decoder.position();
        let value = self.decoder.str().map_err(|_| format!("{what} is no text of definite length"))?;
        self.shortest_of(start, value.len(), what)?;
        Ok(value)
    }

    pub(crate) fn tag(&mut self, what: &str) -> Result<u64> {
        let start = self.decoder.position();
        let value = self.decoder.tag().map_err(|_| format!("{what} has no tag"))?.as_u64();
        self.shortest(start, value, 0, what)?;
        Ok(value)
    }

    pub(crate) fn boolean(&mut self, what: &str) -> Result<bool> {
        self.decoder.bool().map_err(|_| format!("{what} is neither true nor false"))
    }

    /// The kind of value that is next, where there is one.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Some(match self.decoder.datatype().ok()? {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Kind::Unsigned,
            Type::I8 | Type::I16 | Type::I32 | Type::I64 => Kind::Negative,
            Type::Bytes => Kind::Bytes,
            Type::String => Kind::Text,
            Type::Array | Type::ArrayIndef => Kind::Array,
            Type::Tag => Kind::Tag,
            Type::Null => Kind::Null,
            _ => Kind::Other,
        })
    }

    /// Passes over a null, where one is next.
    pub(crate) fn is_null(&mut self) -> bool {
        self.next_is(Type::Null) && self.decoder.null().is_ok()
    }

    /// An array of exactly `count` items.
    pub(crate) fn array_of(&mut self, count: u64, what: &str) -> Result<()> {
        let start = self.decoder.position();
        match self.decoder.array() {
            Ok(Some(found)) if found == count => self.shortest(start, count, 0, what),
            Ok(Some(found)) => Err(format!("{what} has {found} items, expected {count}")),
            Ok(None) | Err(_) => Err(format!("{what} is no array of definite length")),
        }
    }

    /// A map of exactly `count` pairs.
    pub(crate) fn map_of(&mut self, count: u64, what: &str) -> Result<()> {
        let start = self.decoder.position();
        match self.decoder.map() {
            Ok(Some(found)) if found == count => self.shortest(start, count, 0, what),
            Ok(Some(found)) => Err(format!("{what} has {found} pairs, expected {count}")),
            Ok(None) | Err(_) => Err(format!("{what} is no map of definite length")),
        }
    }

    /// An array of at most `limit` items, with a length or with a break at its end.
    pub(crate) fn array(&mut self, limit: u64, what: &'static str) -> Result<Items> {
        let start = self.decoder.position();
        let left = self.decoder.array().map_err(|_| format!("{what} is no array"))?;
        self.items(start, left, limit, what)
    }

    /// A map of at most `limit` pairs, with a length or with a break at its end.
    pub(crate) fn map(&mut self, limit: u64, what: &'static str) -> Result<Items> {
        let start = self.decoder.position();
        let left = self.decoder.map().map_err(|_| format!("{what} is no map"))?;
        self.items(start, left, limit, what)
    }

    fn items(&self, start: usize, left: Option<u64>, limit: u64, what: &'static str) -> Result<Items> {
        if let Some(count) = left {
            self.shortest(start, count, 0, what)?;
        }
        Ok(Items { what, left, seen: 0, limit })
    }

    /// Whether another item follows; takes the break that says no.
    pub(crate) fn more(&mut self, items: &mut Items) -> Result<bool> {
        let more = match items.left {
            Some(left) => left > items.seen,
            None if self.next_is(Type::Break) => {
                self.decoder.set_position(self.decoder.position() + 1);
                false
            }
            None => true,
        };
        if more {
            items.seen += 1;
            if items.seen > items.limit {
                return Err(format!("{} has more than {} items", items.what, items.limit));
            }
        }
        Ok(more)
    }

    fn next_is(&self, kind: Type) -> bool {
        self.decoder.datatype().is_ok_and(|found| found == kind)
    }

    fn shortest_of(&self, start: usize, length: usize, what: &str) -> Result<()> {
        self.shortest(start, u64::try_from(length).unwrap_or(u64::MAX), length, what)
    }

    /// RFC 8949 section 4.2.1: the head that was read since `start` is the shortest for its argument.
    fn shortest(&self, start: usize, argument: u64, content: usize, what: &str) -> Result<()> {
        let head = match argument {
            0..=23 => 1,
            24..=0xff => 2,
            0x100..=0xffff => 3,
            0x1_0000..=0xffff_ffff => 5,
            _ => 9,
        };
        if self.decoder.position() == start.saturating_add(head).saturating_add(content) {
            Ok(())
        } else {
            Err(format!("{what} is not written in its shortest form"))
        }
    }
}

/// Puts `value` into `slot`, which must be empty: no key occurs twice.
pub(crate) fn once<T>(slot: &mut Option<T>, value: T, what: &str) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{what} occurs twice")),
    }
}

/// What must be there.
pub(crate) fn required<T>(slot: Option<T>, what: &str) -> Result<T> {
    slot.ok_or_else(|| format!("{what} is missing"))
}

/// Appends the head of major type `kind` (0 to 7), in its shortest form.
pub(crate) fn push_head(kind: u8, argument: usize, to: &mut alloc::vec::Vec<u8>) {
    push_number(kind, u64::try_from(argument).unwrap_or(u64::MAX), to);
}

/// The same, where the argument is a number that may be larger than a length: an unsigned integer (0), a negative one (1), a
/// tag (6).
pub(crate) fn push_number(kind: u8, argument: u64, to: &mut alloc::vec::Vec<u8>) {
    let kind = kind << 5;
    match argument.to_be_bytes() {
        [0, 0, 0, 0, 0, 0, 0, short @ 0..=23] => to.push(kind | short),
        [0, 0, 0, 0, 0, 0, 0, byte] => to.extend([kind | 24, byte]),
        [0, 0, 0, 0, 0, 0, rest @ ..] => {
            to.push(kind | 25);
            to.extend(rest);
        }
        [0, 0, 0, 0, rest @ ..] => {
            to.push(kind | 26);
            to.extend(rest);
        }
        all => {
            to.push(kind | 27);
            to.extend(all);
        }
    }
}

/// Appends an integer.
pub(crate) fn push_integer(value: i64, to: &mut alloc::vec::Vec<u8>) {
    let (kind, argument) = if value < 0 { (1, !value) } else { (0, value) };
    push_number(kind, argument.unsigned_abs(), to);
}

/// Appends a byte string.
pub(crate) fn push_bytes(bytes: &[u8], to: &mut alloc::vec::Vec<u8>) {
    push_head(2, bytes.len(), to);
    to.extend(bytes);
}

/// Appends a text.
pub(crate) fn push_text(text: &str, to: &mut alloc::vec::Vec<u8>) {
    push_head(3, text.len(), to);
    to.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_head_that_is_longer_than_needed_is_refused() {
        let refused = Err("x is not written in its shortest form".into());
        assert_eq!(Reader::new(&[0x17]).unsigned("x"), Ok(23));
        assert_eq!(Reader::new(&[0x18, 0x17]).unsigned("x"), refused);
        assert_eq!(Reader::new(&[0x19, 0x00, 0x18]).unsigned("x"), refused);
        assert_eq!(Reader::new(&[0x38, 0x22]).integer("x"), Ok(-35));
        assert_eq!(Reader::new(&[0x39, 0x00, 0x22]).integer("x"), Err("x is not written in its shortest form".into()));
        assert_eq!(Reader::new(&[0x58, 0x01, 0xaa]).bytes("x"), Err("x is not written in its shortest form".into()));
    }

    #[test]
    fn a_string_in_pieces_is_refused() {
        let pieces = [0x5f, 0x41, 0xaa, 0xff];
        assert_eq!(Reader::new(&pieces).bytes("x"), Err("x is no byte string of definite length".into()));
    }

    #[test]
    fn a_map_ends_with_its_length_or_its_break_and_holds_no_more_than_it_may() {
        for bytes in [&[0xa1, 0x01, 0x02][..], &[0xbf, 0x01, 0x02, 0xff]] {
            let mut reader = Reader::new(bytes);
            let mut items = reader.map(1, "x").unwrap();
            assert_eq!(reader.more(&mut items), Ok(true));
            assert_eq!((reader.unsigned("key"), reader.unsigned("value")), (Ok(1), Ok(2)));
            assert_eq!(reader.more(&mut items), Ok(false));
            assert_eq!(reader.end("x"), Ok(()));
            let mut reader = Reader::new(bytes);
            let mut items = reader.map(0, "x").unwrap();
            assert_eq!(reader.more(&mut items), Err("x has more than 0 items".into()));
        }
    }

    #[test]
    fn a_written_head_is_the_one_that_is_read() {
        for length in [0, 23, 24, 255, 256, 65_535, 65_536] {
            let mut bytes = Vec::new();
            push_head(2, length, &mut bytes);
            bytes.resize(bytes.len() + length, 7);
            assert_eq!(Reader::new(&bytes).bytes("x").unwrap().len(), length);
        }
    }
}
