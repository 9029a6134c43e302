//! Text from a log, made fit for a terminal: printable ASCII stays, everything else is escaped, and it is cut at a length.

use alloc::string::String;
use core::fmt::Write as _;

/// Longer text is cut.
const MAX_CHARACTERS: usize = 512;

/// Bytes that are said to be ASCII.
pub(super) fn ascii(bytes: &[u8]) -> String {
    printable(bytes.iter().copied().map(char::from))
}

/// Bytes that are said to be UTF-16, little-endian; an odd byte at the end is left out.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    printable(char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)))
}

/// Text in either form, as boot loaders log it. Without the NUL at its end.
pub(super) fn either(bytes: &[u8]) -> String {
    let (pairs, odd) = bytes.as_chunks::<2>();
    // Text of ASCII characters in UTF-16 has every second byte zero, which ASCII never has.
    if odd.is_empty() && !pairs.is_empty() && pairs.iter().all(|[_, high]| *high == 0) {
        let without_end = bytes.strip_suffix(&[0, 0]).unwrap_or(bytes);
        return utf16(without_end);
    }
    ascii(bytes.strip_suffix(&[0]).unwrap_or(bytes))
}

fn printable(characters: impl Iterator<Item = char>) -> String {
    let mut text = String::new();
    for (count, character) in characters.enumerate() {
        if count == MAX_CHARACTERS {
            text.push_str("...");
            break;
        }
        match character {
            ' '..='~' => text.push(character),
            // Writing to a String does not fail.
            _ => write!(text, "{}", character.escape_unicode()).unwrap_or_default(),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_printable_ascii_comes_out() {
        let all: alloc::vec::Vec<u8> = (0..=u8::MAX).collect();
        for text in [ascii(&all), utf16(&all), either(&all), utf16("\u{202e}\u{1b}[2J\u{9b}".as_bytes())] {
            assert!(text.chars().all(|character| (' '..='~').contains(&character)), "{text}");
        }
        assert_eq!(ascii(b"a\x1b[2Jb"), "a\\u{1b}[2Jb");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(ascii(&[b'a'; 513]), "a".repeat(512) + "...");
        assert_eq!(ascii(&[b'a'; 512]), "a".repeat(512));
    }

    #[test]
    fn both_forms_of_text_are_told_apart() {
        assert_eq!(either(b".\0l\0i\0n\0u\0x\0\0\0"), ".linux");
        assert_eq!(either(b"MokList\0"), "MokList");
        assert_eq!(either(b""), "");
    }
}
