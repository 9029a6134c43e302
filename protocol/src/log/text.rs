//! What the log's line formats share: numbers, base64, lines.

use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The largest number in any of the formats: 2^63 - 1 (C2SP tlog-cosignature, "Format").
const NUMBER_LIMIT: u64 = (1 << 63) - 1;

/// A decimal number without leading zeros.
pub(super) fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = digits && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|number| canonical && *number <= NUMBER_LIMIT)
}

/// Standard base64, in its one spelling.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Whether a name can stand in a signature line and in a verifier key.
pub(super) fn is_name(name: &str) -> bool {
    let forbidden = |character: char| character.is_whitespace() || character.is_control() || character == '+';
    !name.is_empty() && !name.contains(forbidden)
}

/// The text, if it has no control character but line feeds.
pub(super) fn plain(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok().filter(|text| text.bytes().all(|byte| byte >= b' ' || byte == b'\n'))
}

/// The first line without its line feed, and what follows.
pub(super) fn line(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("9223372036854775807"), Some(NUMBER_LIMIT));
        for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "9223372036854775808", "99999999999999999999", "1_0", "٣"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(from_base64("AA=="), Some([0].to_vec()));
        for text in ["AA", "AB==", "AA=", "AA==\n", "A-==", " AA=="] {
            assert_eq!(from_base64(text), None, "{text}");
        }
    }
}
