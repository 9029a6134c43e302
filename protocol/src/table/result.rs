//! The plaintext of a result: what was released, what output rules decided, padding. `spec/tables.md`, section 4.
//!
//! What always holds: one [`ResultPlaintext`] has one encoding, and [`decode`] accepts no other. What the rules decided
//! because of data stands in here, where only recipients read it, and nowhere else.

use crate::canonical::{self, CanonicalError};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The smallest size class, in bytes.
pub const SMALLEST_CLASS: usize = 4_096;

/// The longest outcome there can be, in bytes of JSON; it has two numbers and one word.
const OUTCOME_LIMIT: usize = 128;

/// What output rules made of a program's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a new field is a new version of the format")]
pub struct Outcome {
    /// How many rows stand in the table.
    pub rows: u64,
    /// How many rows were suppressed because too few contributed.
    pub suppressed: u64,
    /// Why the whole table was withheld, where it was; `rows` is 0 then, and the table has only its line of names.
    pub withheld: Option<Withheld>,
}

/// Why a whole table was withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "a new reason is a new version of the format")]
pub enum Withheld {
    /// More rows than the contract's quota.
    Rows,
    /// More bytes of CSV than the contract's quota.
    Bytes,
    /// A row that the contract's columns do not allow.
    Schema,
    /// The program reached a limit of the contract, or a number became too large to be exact.
    Limit,
}

/// A result as its recipients read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a new field is a new version of the format")]
pub struct ResultPlaintext {
    /// What the rules decided.
    pub outcome: Outcome,
    /// The table, as canonical CSV with its line of names.
    pub csv: String,
}

/// Why bytes are no result's plaintext.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResultPlaintextError {
    /// The bytes stop inside a field.
    #[error("the result's plaintext stops inside its {field}")]
    Truncated {
        /// Which field: `outcome` or `table`.
        field: &'static str,
    },
    /// The outcome is not canonical.
    #[error("the result's outcome: {0}")]
    Outcome(#[from] CanonicalError),
    /// The table is not UTF-8.
    #[error("the result's table is not UTF-8")]
    NotUtf8,
    /// The size is not the class of what stands inside.
    #[error("the result's plaintext has {found} bytes, expected {expected}, its size class")]
    Size {
        /// The size class, in bytes.
        expected: usize,
        /// The size found, in bytes.
        found: usize,
    },
    /// Padding that is not zero.
    #[error("the result's padding is not zero")]
    Padding,
}

/// The size class of `length` bytes: the least of 4096, 6144, 8192, 12288, … (2^n and 3 * 2^(n-1)) that is not smaller.
#[must_use]
pub const fn size_class(length: usize) -> usize {
    if length <= SMALLEST_CLASS {
        return SMALLEST_CLASS;
    }
    let power = length.next_power_of_two();
    let between = (power / 4).saturating_mul(3);
    if length <= between { between } else { power }
}

/// The bytes of a result: LP(outcome) ‖ LP(table) ‖ zeros up to the size class. None for a table of 4 GiB and more.
#[must_use]
pub fn encode(result: &ResultPlaintext) -> Option<Vec<u8>> {
    let outcome = canonical::encode(&result.outcome);
    let length = outcome.len().checked_add(result.csv.len())?.checked_add(8)?;
    let mut bytes = Vec::with_capacity(size_class(length));
    for field in [outcome.as_slice(), result.csv.as_bytes()] {
        bytes.extend_from_slice(&u32::try_from(field.len()).ok()?.to_le_bytes());
        bytes.extend_from_slice(field);
    }
    bytes.resize(size_class(length), 0);
    Some(bytes)
}

/// The result that `bytes` are.
///
/// # Errors
/// [`ResultPlaintextError`] of the first rule that they break.
pub fn decode(bytes: &[u8]) -> Result<ResultPlaintext, ResultPlaintextError> {
    let (outcome, rest) = field(bytes, "outcome")?;
    let (csv, padding) = field(rest, "table")?;
    let outcome = canonical::decode(outcome, OUTCOME_LIMIT)?;
    let csv = core::str::from_utf8(csv).map_err(|_| ResultPlaintextError::NotUtf8)?;
    let expected = size_class(bytes.len().saturating_sub(padding.len()));
    if bytes.len() != expected {
        return Err(ResultPlaintextError::Size { expected, found: bytes.len() });
    }
    if padding.iter().any(|byte| *byte != 0) {
        return Err(ResultPlaintextError::Padding);
    }
    Ok(ResultPlaintext { outcome, csv: csv.into() })
}

fn field<'a>(bytes: &'a [u8], field: &'static str) -> Result<(&'a [u8], &'a [u8]), ResultPlaintextError> {
    let truncated = ResultPlaintextError::Truncated { field };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Err(truncated) };
    usize::try_from(u32::from_le_bytes(*length)).ok().and_then(|length| rest.split_at_checked(length)).ok_or(truncated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result() -> ResultPlaintext {
        ResultPlaintext { outcome: Outcome { rows: 1, suppressed: 2, withheld: None }, csv: "n\n7\n".into() }
    }

    #[test]
    fn sizes_come_in_classes_half_an_octave_apart() {
        for (length, class) in
            [(0, 4096), (4096, 4096), (4097, 6144), (6144, 6144), (6145, 8192), (8193, 12288), (100_000, 131_072)]
        {
            assert_eq!(size_class(length), class, "{length}");
        }
    }

    #[test]
    fn a_result_comes_back_as_it_was() {
        let bytes = encode(&result()).unwrap();
        assert_eq!(bytes.len(), 4096);
        assert!(bytes[4..].starts_with(br#"{"rows":1,"suppressed":2,"withheld":null}"#));
        assert_eq!(decode(&bytes), Ok(result()));
        let withheld = ResultPlaintext {
            outcome: Outcome { rows: 0, suppressed: 0, withheld: Some(Withheld::Bytes) },
            csv: "n\n".repeat(4000),
        };
        let bytes = encode(&withheld).unwrap();
        assert_eq!(bytes.len(), 8192);
        assert_eq!(decode(&bytes), Ok(withheld));
    }

    #[test]
    fn no_other_bytes_are_that_result() {
        let good = encode(&result()).unwrap();
        let mut padded = good.clone();
        *padded.last_mut().unwrap() = 1;
        assert_eq!(decode(&padded), Err(ResultPlaintextError::Padding));
        let mut longer = good.clone();
        longer.resize(6144, 0);
        assert_eq!(decode(&longer), Err(ResultPlaintextError::Size { expected: 4096, found: 6144 }));
        assert_eq!(decode(&good[..4095]), Err(ResultPlaintextError::Size { expected: 4096, found: 4095 }));
        assert_eq!(decode(&good[..20]), Err(ResultPlaintextError::Truncated { field: "outcome" }));
        assert_eq!(decode(&good[..50]), Err(ResultPlaintextError::Truncated { field: "table" }));
        let mut spaced = good.clone();
        let at = good.iter().position(|byte| *byte == b'1').unwrap();
        spaced[at] = b' ';
        assert!(matches!(decode(&spaced), Err(ResultPlaintextError::Outcome(_))));
        let mut garbled = good;
        let at = garbled.windows(4).position(|window| window == b"n\n7\n").unwrap();
        garbled[at] = 0xff;
        assert_eq!(decode(&garbled), Err(ResultPlaintextError::NotUtf8));
    }
}
