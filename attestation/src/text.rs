//! How values are written for people: lower-case hex, lists joined by "or", dates in UTC.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Display, Write as _};

/// Lower-case hexadecimal.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const AT_ONCE: usize = 32; // a verdict has thousands of digits, and each call costs more than they do
        let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
        self.0.chunks(AT_ONCE).try_for_each(|bytes| {
            let mut digits = [[0; 2]; AT_ONCE];
            for (pair, byte) in digits.iter_mut().zip(bytes) {
                *pair = [digit(byte >> 4), digit(byte & 0xf)];
            }
            let written = digits.get(..bytes.len()).map(<[[u8; 2]]>::as_flattened).unwrap_or_default();
            f.write_str(core::str::from_utf8(written).map_err(|_| fmt::Error)?)
        })
    }
}

impl From<Hex<'_>> for Cow<'static, str> {
    fn from(hex: Hex<'_>) -> Self {
        let mut text = String::with_capacity(hex.0.len().saturating_mul(2));
        // Writing to a String does not fail.
        write!(text, "{hex}").unwrap_or_default();
        Self::Owned(text)
    }
}

/// Exactly `N` bytes of lower-case hexadecimal; nothing else is read as a number.
pub(crate) fn from_hex<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

/// Whether a person would see nothing: no text, or only white space, control characters and those that Unicode has to steer
/// others and that show nothing themselves (general category Cf, fillers, variation selectors).
pub(crate) fn is_blank(text: &str) -> bool {
    let shows_nothing = |one: char| {
        one.is_whitespace()
            || one.is_control()
            || matches!(one,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().all(shows_nothing)
}

/// The items with " or " between them.
pub(crate) fn any_of<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, " or ")
}

/// The items with `separator` between them.
pub(crate) fn joined<T: Display>(items: impl IntoIterator<Item = T>, separator: &str) -> String {
    const ROOM: usize = 64; // a list is made in pieces, and each growth costs more than they do
    let mut text = String::new();
    for item in items {
        if text.is_empty() {
            text.reserve(ROOM);
        } else {
            text.push_str(separator);
        }
        // Writing to a String does not fail.
        write!(text, "{item}").unwrap_or_default();
    }
    text
}

/// A text that holds words of a stranger, such as an unknown key: what could steer a terminal or turn the direction of writing is
/// escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.extend(character.escape_unicode());
            }
            _ if character.is_control() => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out
}

/// Seconds since 1970 as `2026-09-01T10:12:07Z`.
pub(crate) fn utc(unix_seconds: u64) -> String {
    let Ok(date) = der::DateTime::from_unix_duration(core::time::Duration::from_secs(unix_seconds)) else {
        return alloc::format!("{unix_seconds} seconds since 1970");
    };
    let [century, year] = [date.year() / 100, date.year() % 100].map(|part| u8::try_from(part).unwrap_or_default());
    let parts = [
        (century, ""),
        (year, "-"),
        (date.month(), "-"),
        (date.day(), "T"),
        (date.hour(), ":"),
        (date.minutes(), ":"),
        (date.seconds(), "Z"),
    ];
    // A verdict has dozens, and `{:02}` costs more than two digits do.
    let mut text = String::with_capacity("2026-09-01T10:12:07Z".len());
    for (number, after) in parts {
        text.extend([number / 10, number % 10].map(|digit| char::from(b'0' + digit)));
        text.push_str(after);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_utc() {
        assert_eq!(utc(1_756_721_527), "2025-09-01T10:12:07Z");
        for time in [0, 68_169_599, 951_782_400, 4_102_444_800, 253_402_300_799] {
            let date = der::DateTime::from_unix_duration(core::time::Duration::from_secs(time)).unwrap();
            assert_eq!(utc(time), alloc::format!("{date}"));
        }
        assert_eq!(utc(u64::MAX), "18446744073709551615 seconds since 1970");
    }

    #[test]
    fn bytes_are_written_in_order_whatever_their_number() {
        let bytes: alloc::vec::Vec<u8> = (0..=u8::MAX).collect();
        for length in [0, 1, 31, 32, 33, 256] {
            let bytes = bytes.get(..length).unwrap();
            let one_by_one: String = bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect();
            assert_eq!(alloc::format!("{}", Hex(bytes)), one_by_one);
        }
    }

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in ["", " ", "\u{200b}", "\u{feff}\n\u{2060}", "\u{202e}\u{ad}", "\u{e0020}", "\u{3164}", "\u{fe0f}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["x", "\u{200b}x", "é", "."] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        assert_eq!(printable("h\u{7f}st \u{1b}[2J \u{202e}é"), "h\\u{7f}st \\u{1b}[2J \\u{202e}é");
    }

    #[test]
    fn a_list_is_joined_by_or() {
        assert_eq!(any_of([1, 2]), "1 or 2");
        assert_eq!(any_of::<u8>([]), "");
    }
}
