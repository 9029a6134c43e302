//! Finding the end of a cell, eight bytes at a time.
//!
//! What always holds: no function here reads beyond its slice, and each gives the same answer as a loop over single
//! bytes would (tests compare the two).

/// Each byte 1.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Where an unquoted cell ends, and whether a byte before that is not ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CellEnd {
    /// Bytes before the first comma, quote, line feed or carriage return.
    pub(super) length: usize,
    /// Whether all of them are ASCII, so that they need no UTF-8 check.
    pub(super) ascii: bool,
}

/// Finds the first comma, quote, line feed or carriage return; none when there is none.
#[inline]
pub(super) fn cell_end(rest: &[u8]) -> Option<CellEnd> {
    let mut seen = 0_u64;
    let mut at = 0_usize;
    let (words, _) = rest.as_chunks::<8>();
    for bytes in words {
        let word = u64::from_le_bytes(*bytes);
        let hits = equal_to(word, b',') | equal_to(word, b'\n') | equal_to(word, b'"') | equal_to(word, b'\r');
        if hits == 0 {
            seen |= word;
            at = at.saturating_add(8);
            continue;
        }
        // The lowest hit is exact: a borrow in `equal_to` only runs upwards from a true hit.
        let bits = hits.trailing_zeros() & !7;
        seen |= word & !u64::MAX.unbounded_shl(bits);
        return Some(CellEnd { length: at.saturating_add(to_bytes(bits)), ascii: seen & HIGH_BITS == 0 });
    }
    let tail = rest.get(at..).unwrap_or_default();
    let length = tail.iter().position(|byte| matches!(byte, b',' | b'\n' | b'"' | b'\r'))?;
    let ascii = seen & HIGH_BITS == 0 && tail.iter().take(length).all(u8::is_ascii);
    Some(CellEnd { length: at.saturating_add(length), ascii })
}

/// A run of digits at the start of `rest`: its value and length, when it is 1 to 16 digits long and some byte follows.
///
/// None says nothing but that the slow way must be taken.
#[inline]
pub(super) fn digits(rest: &[u8]) -> Option<(u64, usize)> {
    let first = word(rest)?;
    let count = leading_digits(first);
    let value = value_of(first, count);
    if count < 8 {
        return (count > 0).then(|| (value, to_bytes(count << 3)));
    }
    let second = word(rest.get(8..)?)?;
    let more = leading_digits(second);
    let value = value.wrapping_mul(power_of_ten(more)).wrapping_add(value_of(second, more));
    (more < 8).then(|| (value, to_bytes(more << 3).saturating_add(8)))
}

/// 10^`exponent`, for exponents up to 9.
#[inline]
pub(super) const fn power_of_ten(exponent: u32) -> u64 {
    match exponent {
        0 => 1,
        1 => 10,
        2 => 100,
        3 => 1_000,
        4 => 10_000,
        5 => 100_000,
        6 => 1_000_000,
        7 => 10_000_000,
        8 => 100_000_000,
        _ => 1_000_000_000,
    }
}

#[inline]
fn word(rest: &[u8]) -> Option<u64> {
    rest.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The high bit of each byte that equals `byte` (exact up to the lowest one).
#[inline]
const fn equal_to(word: u64, byte: u8) -> u64 {
    let difference = word ^ ONES.wrapping_mul(u64::from_le_bytes([byte, 0, 0, 0, 0, 0, 0, 0]));
    difference.wrapping_sub(ONES) & !difference & HIGH_BITS
}

/// How many of the word's bytes, from the first, are ASCII digits: 0 to 8.
#[inline]
const fn leading_digits(word: u64) -> u32 {
    let values = word ^ 0x3030_3030_3030_3030;
    // A digit's value plus 0x76 stays below 0x80; the lowest byte that does not is exact.
    let others = (values.wrapping_add(0x7676_7676_7676_7676) | values) & HIGH_BITS;
    others.trailing_zeros() >> 3
}

/// The number that the word's first `count` digits make.
#[inline]
const fn value_of(word: u64, count: u32) -> u64 {
    // Digits move to the end of the word, zeros come before them.
    let shift = 64_u32.wrapping_sub(count << 3);
    let values = (word ^ 0x3030_3030_3030_3030).unbounded_shl(shift);
    // Pairs, then fours, then all eight, side by side in one word.
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8);
    let low = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let high = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    low.wrapping_add(high) >> 32
}

/// Bits to bytes. Lossless: at most 8.
#[inline]
fn to_bytes(bits: u32) -> usize {
    super::batch::to_usize(bits >> 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn digits_of_every_length_are_read_exactly() {
        for length in 1..=15_usize {
            for last in [b',', b'\n', b'x', b'-', 0xff, b'/', b':'] {
                let text: Vec<u8> = (0..length).map(|i| b'0' + u8::try_from((i * 7 + 1) % 10).unwrap()).collect();
                let expected = core::str::from_utf8(&text).unwrap().parse::<u64>().unwrap();
                let mut with_tail = text.clone();
                with_tail.extend([last; 16]);
                assert_eq!(digits(&with_tail), Some((expected, length)), "{length}");
            }
        }
        assert_eq!(digits(b"1234567890123456,......."), None);
        assert_eq!(digits(b",1234567"), None);
        assert_eq!(digits(b"12,"), None, "less than a word is left: the slow way");
    }

    proptest! {
        #[test]
        fn the_end_of_a_cell_is_what_a_loop_over_bytes_finds(bytes in prop::collection::vec(
            prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(b'\r'), Just(b'-'), Just(b'!'), Just(b'#'), any::<u8>(), 97_u8..123],
            0..40,
        )) {
            let length = bytes.iter().position(|byte| b",\n\"\r".contains(byte));
            let expected = length.map(|length| CellEnd { length, ascii: bytes[..length].is_ascii() });
            prop_assert_eq!(cell_end(&bytes), expected, "{}", format!("{bytes:?}"));
        }

        #[test]
        fn digits_are_what_a_loop_over_bytes_finds(bytes in prop::collection::vec(
            prop_oneof![4 => 48_u8..58, 1 => any::<u8>()], 16..40,
        )) {
            let length = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let expected = (1..16).contains(&length)
                .then(|| (core::str::from_utf8(&bytes[..length]).unwrap().parse::<u64>().unwrap(), length));
            prop_assert_eq!(digits(&bytes), expected);
        }
    }
}
