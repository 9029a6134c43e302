//! What Intel's JSON is made of: hexadecimal text, dates, and documents of which the signed bytes are kept as received.

use alloc::string::{String, ToString};
use core::fmt;
use core::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};
use thiserror::Error;

/// Bytes written as hexadecimal digits, exactly `N` of them. Intel writes both cases.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct HexBytes<const N: usize>(pub(super) [u8; N]);

impl<const N: usize> HexBytes<N> {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != N || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; N];
        decode(pairs, &mut bytes).then_some(Self(bytes))
    }
}

/// As long as it is. `None` for an odd length and for what is no digit.
pub(super) fn hex(text: &str) -> Option<alloc::vec::Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = alloc::vec![0; pairs.len()];
    (decode(pairs, &mut bytes) && rest.is_empty()).then_some(bytes)
}

/// Whether all were digits. A list of revoked certificates has ten thousands of them.
fn decode(pairs: &[[u8; 2]], bytes: &mut [u8]) -> bool {
    let mut all = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let [high, low] = [high, low].map(|digit| value(*digit));
        all |= high | low;
        *byte = high << 4 | (low & 0xf);
    }
    all < 16
}

/// 16 or more for what is no digit. Without a table, so that the compiler does many at once.
fn value(digit: u8) -> u8 {
    let (number, letter) = (digit.wrapping_sub(b'0'), (digit | 0x20).wrapping_sub(b'a'));
    if number < 10 {
        number
    } else if letter < 6 {
        letter + 10
    } else {
        0x80
    }
}

impl<'de, const N: usize> Deserialize<'de> for HexBytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text { expected: "hexadecimal digits of a fixed length", parse: Self::parse })
    }
}

/// `2026-02-18T10:58:51Z`, in seconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Date(pub(super) u64);

impl Date {
    fn parse(text: &str) -> Option<Self> {
        der::DateTime::from_str(text).ok().map(|date| Self(date.unix_duration().as_secs()))
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text { expected: "a date such as 2026-02-18T10:58:51Z", parse: Self::parse })
    }
}

/// Any text, which is not kept.
pub(super) struct Unread;

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text { expected: "a string", parse: |_| Some(Self) })
    }
}

/// Text of one form.
pub(super) struct Text<T> {
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(alloc::format!("expected {}", self.expected)))
    }
}

/// Intel's JSON that is not what it is said to be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CollateralError {
    /// Larger than any of Intel's.
    #[error("{what} has {found} bytes, expected at most {limit}")]
    TooLong {
        /// Which of them.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// Not JSON, a key that is missing, unknown or there twice, a value out of range.
    #[error("{what} is not the json that intel documents: {problem}; bring it as intel's service answers it")]
    Json {
        /// Which of them.
        what: &'static str,
        /// What is wrong, and where.
        problem: String,
    },
    /// A layout that this Verifier does not know.
    #[error("{what} says version {found}, expected {expected}; ask intel's service for that version")]
    Version {
        /// Which of them.
        what: &'static str,
        /// The version known.
        expected: u32,
        /// The version given.
        found: u32,
    },
    /// JSON of none of the known shapes.
    #[error("json is neither a tcb info, nor a qe identity, nor what the dcap tools combine of both")]
    Shape,
    /// A field that should hold a revocation list.
    #[error("{field} is neither a der revocation list in hexadecimal nor one in pem")]
    RevocationList {
        /// Which of them.
        field: &'static str,
    },
    /// A signature that is not 64 bytes in hexadecimal, or that is missing.
    #[error("{what} has no signature of 64 bytes in hexadecimal")]
    Signature {
        /// Of which document.
        what: &'static str,
    },
}

/// From JSON text. What is shown of it when that fails can not steer a terminal.
pub(super) fn parse<'a, T: Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, CollateralError> {
    serde_json::from_str(text).map_err(|error| {
        let problem = error.to_string().chars().take(160).flat_map(char::escape_debug).collect();
        CollateralError::Json { what, problem }
    })
}

/// A document of one version. Another version has other keys, so where it does not read, the version is what is said first.
pub(super) fn parse_version<'a, T: Versioned + Deserialize<'a>>(
    what: &'static str,
    expected: u32,
    text: &'a str,
) -> Result<T, CollateralError> {
    #[derive(Deserialize)]
    struct VersionAlone {
        version: u32,
    }
    let parsed: Result<T, _> = parse(what, text);
    let found = match &parsed {
        Ok(document) => document.version(),
        Err(_) => parse::<VersionAlone>(what, text)?.version,
    };
    if found == expected { parsed } else { Err(CollateralError::Version { what, expected, found }) }
}

/// A document that names its version.
pub(super) trait Versioned {
    fn version(&self) -> u32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_has_an_exact_length() {
        assert_eq!(HexBytes::<2>::parse("00fF").map(|bytes| bytes.0), Some([0, 255]));
        for text in ["00f", "00ff0", "00ff00", "", "0x00", "00fg", "+1-1", "é"] {
            assert!(HexBytes::<2>::parse(text).is_none(), "{text}");
        }
        assert_eq!(hex("0a0"), None);
        assert_eq!(hex("0A0b"), Some(alloc::vec![10, 11]));
    }

    #[test]
    fn a_date_has_one_form_only() {
        assert_eq!(Date::parse("2026-02-18T10:58:51Z").map(|date| date.0), Some(1_771_412_331));
        for text in ["2026-02-18", "2026-02-18T10:58:51", "2026-02-18T10:58:51+00:00", "2026-02-30T10:58:51Z", ""] {
            assert!(Date::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_error_shows_nothing_that_steers_a_terminal() {
        let error = parse::<HexBytes<1>>("tcb info", "\"\\u001b[2J\"").err().unwrap().to_string();
        assert!(error.chars().all(|letter| !letter.is_control()), "{error:?}");
    }
}
