//! One cell: reading it from its text, checking it against its column, writing it back.
//!
//! What always holds: nothing here keeps or shows a cell's content; a refusal says only of which kind it was.

use crate::contract::{Column, ColumnKind};
use alloc::string::String;
use core::fmt;

/// One value on its way out of a program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "rules match on it; a new type is a new contract version")]
pub enum Cell {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Units of 10^-scale, the scale standing in the column.
    Decimal(i64),
    /// UTF-8 text.
    Text(String),
    /// True or false.
    Boolean(bool),
}

/// Of which kind a refused cell was. Never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing, where a value is needed.
    EmptyCell,
    /// No whole number in canonical form (no sign but `-`, no leading zero, no space).
    NotInteger,
    /// No decimal number in canonical form.
    NotDecimal,
    /// A decimal number with more digits after the point than the column has.
    TooManyDigits,
    /// A number, but not in the column's range.
    OutOfRange,
    /// Neither `true` nor `false`.
    NotBoolean,
    /// Text with more bytes than the column allows.
    TooLong,
    /// Text that is not in the column's closed list.
    NotListed,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// A quote inside a cell that does not begin with one, or bytes after a closing quote.
    StrayQuote,
    /// A carriage return that ends no line, or a line that ends otherwise than the first.
    StrayCarriageReturn,
    /// A value of another type (in a program's output).
    OtherType,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyCell => "an empty cell",
            Self::NotInteger => "text that is no integer",
            Self::NotDecimal => "text that is no decimal number",
            Self::TooManyDigits => "a number with more digits after the point",
            Self::OutOfRange => "a number out of range",
            Self::NotBoolean => "text that is neither",
            Self::TooLong => "longer text",
            Self::NotListed => "text that is not listed",
            Self::NotUtf8 => "bytes that are not UTF-8",
            Self::StrayQuote => "a quote in the wrong place",
            Self::StrayCarriageReturn => "a carriage return in the wrong place",
            Self::OtherType => "a value of another type",
        })
    }
}

/// What a column allows, in words: `an integer from 50 to 700 or an empty cell`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// Type and range.
    pub kind: ColumnKind,
    /// Whether an empty cell is allowed.
    pub null: bool,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ColumnKind::Integer { minimum, maximum } => write!(f, "an integer from {minimum} to {maximum}")?,
            ColumnKind::Decimal { scale, minimum, maximum } => {
                f.write_str("a number from ")?;
                write_decimal(f, *minimum, *scale)?;
                f.write_str(" to ")?;
                write_decimal(f, *maximum, *scale)?;
                write!(f, " with at most {scale} digits after the point")?;
            }
            ColumnKind::Text { maximum_length, values } if values.is_empty() => {
                write!(f, "text of at most {maximum_length} bytes")?;
            }
            ColumnKind::Text { values, .. } => write!(f, "one of the {} values that the contract lists", values.len())?,
            ColumnKind::Boolean => f.write_str("true or false")?,
        }
        if self.null { f.write_str(" or an empty cell") } else { Ok(()) }
    }
}

/// Whether `column` may hold `cell`.
///
/// # Errors
/// [`Found`] of the first rule that `cell` breaks: null, type, range, length, list.
pub fn check_cell(column: &Column, cell: &Cell) -> Result<(), Found> {
    match (&column.kind, cell) {
        (_, Cell::Null) if column.null => Ok(()),
        (_, Cell::Null) => Err(Found::EmptyCell),
        (ColumnKind::Integer { minimum, maximum }, Cell::Integer(value))
        | (ColumnKind::Decimal { minimum, maximum, .. }, Cell::Decimal(value)) => {
            in_range(*value, *minimum, *maximum).map(|_| ())
        }
        (ColumnKind::Text { maximum_length, values }, Cell::Text(text)) => {
            check_text(text.as_bytes(), *maximum_length, values)
        }
        (ColumnKind::Boolean, Cell::Boolean(_)) => Ok(()),
        (
            ColumnKind::Integer { .. } | ColumnKind::Decimal { .. } | ColumnKind::Text { .. } | ColumnKind::Boolean,
            Cell::Integer(_) | Cell::Decimal(_) | Cell::Text(_) | Cell::Boolean(_),
        ) => Err(Found::OtherType),
    }
}

#[inline]
pub(super) const fn in_range(value: i64, minimum: i64, maximum: i64) -> Result<i64, Found> {
    if value < minimum || value > maximum { Err(Found::OutOfRange) } else { Ok(value) }
}

/// Length and list; `text` is UTF-8 already.
#[inline]
pub(super) fn check_text(text: &[u8], maximum_length: u32, values: &[String]) -> Result<(), Found> {
    if text.len() > super::batch::to_usize(maximum_length) {
        Err(Found::TooLong)
    } else if !values.is_empty() && values.binary_search_by(|value| value.as_bytes().cmp(text)).is_err() {
        Err(Found::NotListed)
    } else {
        Ok(())
    }
}

/// `true` or `false`.
pub(super) const fn parse_boolean(text: &[u8]) -> Result<bool, Found> {
    match text {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ => Err(Found::NotBoolean),
    }
}

/// A whole number in its one spelling: `0`, or an optional `-` and digits that do not begin with 0.
///
/// # Errors
/// [`Found::NotInteger`], or [`Found::OutOfRange`] beyond 64 bits.
pub fn parse_integer(text: &[u8]) -> Result<i64, Found> {
    let (negative, digits) = sign(text);
    let well_formed = match digits {
        [b'0'] => !negative,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !well_formed {
        return Err(Found::NotInteger);
    }
    accumulate(digits, negative, 0)
}

/// A decimal number in units of 10^-scale: an optional `-`, digits that do not begin with 0 unless it is the only one,
/// and perhaps a point with 1 to `scale` digits.
///
/// # Errors
/// [`Found::NotDecimal`], [`Found::TooManyDigits`], or [`Found::OutOfRange`] beyond 64 bits.
pub fn parse_decimal(text: &[u8], scale: u8) -> Result<i64, Found> {
    let (negative, digits) = sign(text);
    let (whole, fraction) = match digits.iter().position(|byte| *byte == b'.') {
        Some(point) => {
            let (whole, rest) = digits.split_at_checked(point).ok_or(Found::NotDecimal)?;
            let fraction = rest.get(1..).filter(|fraction| !fraction.is_empty()).ok_or(Found::NotDecimal)?;
            (whole, fraction)
        }
        None => (digits, &[][..]),
    };
    let whole_is_right = match whole {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if !whole_is_right || !fraction.iter().all(u8::is_ascii_digit) {
        return Err(Found::NotDecimal);
    }
    let missing = usize::from(scale).checked_sub(fraction.len()).ok_or(Found::TooManyDigits)?;
    let start = accumulate(whole, negative, 0)?;
    let mut value = accumulate(fraction, negative, start)?;
    for _ in 0..missing {
        value = value.checked_mul(10).ok_or(Found::OutOfRange)?;
    }
    Ok(value)
}

const fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    }
}

/// Appends `digits` to `value`; downwards for negative numbers, so that the smallest one fits too.
fn accumulate(digits: &[u8], negative: bool, value: i64) -> Result<i64, Found> {
    digits
        .iter()
        .try_fold(value, |value, byte| {
            let digit = i64::from(byte.wrapping_sub(b'0'));
            let shifted = value.checked_mul(10)?;
            if negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) }
        })
        .ok_or(Found::OutOfRange)
}

/// Writes `value` with exactly `scale` digits after the point.
///
/// # Errors
/// Those of the writer.
pub fn write_decimal(out: &mut dyn fmt::Write, value: i64, scale: u8) -> fmt::Result {
    let unit = 10_u64.checked_pow(u32::from(scale)).unwrap_or(u64::MAX);
    let magnitude = value.unsigned_abs();
    let minus = if value < 0 { "-" } else { "" };
    let (whole, fraction) = (magnitude / unit, magnitude % unit);
    if scale == 0 {
        write!(out, "{minus}{whole}")
    } else {
        write!(out, "{minus}{whole}.{fraction:0width$}", width = usize::from(scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_whole_number_has_one_spelling() {
        assert_eq!(parse_integer(b"0"), Ok(0));
        assert_eq!(parse_integer(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse_integer(b"9223372036854775807"), Ok(i64::MAX));
        assert_eq!(parse_integer(b"9223372036854775808"), Err(Found::OutOfRange));
        for text in ["", "-", "-0", "00", "01", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "\u{661}"] {
            assert_eq!(parse_integer(text.as_bytes()), Err(Found::NotInteger), "{text}");
        }
    }

    #[test]
    fn a_decimal_is_read_in_units_of_its_scale() {
        assert_eq!(parse_decimal(b"1.5", 2), Ok(150));
        assert_eq!(parse_decimal(b"-0.05", 2), Ok(-5));
        assert_eq!(parse_decimal(b"7", 3), Ok(7_000));
        assert_eq!(parse_decimal(b"7", 0), Ok(7));
        assert_eq!(parse_decimal(b"7.0", 0), Err(Found::TooManyDigits));
        assert_eq!(parse_decimal(b"0.123", 2), Err(Found::TooManyDigits));
        assert_eq!(parse_decimal(b"99999999999999999999", 2), Err(Found::OutOfRange));
        for text in ["", ".5", "1.", "1..2", "1.2.3", "-", "01.0", "1e2", "NaN"] {
            assert_eq!(parse_decimal(text.as_bytes(), 9), Err(Found::NotDecimal), "{text}");
        }
    }

    #[test]
    fn a_decimal_is_written_with_all_digits_of_its_scale() {
        for (value, scale, text) in [(150, 2, "1.50"), (-5, 2, "-0.05"), (0, 1, "0.0"), (7, 0, "7")] {
            let mut out = String::new();
            write_decimal(&mut out, value, scale).unwrap();
            assert_eq!(out, text);
        }
        let mut out = String::new();
        write_decimal(&mut out, i64::MIN, 9).unwrap();
        assert_eq!(out, "-9223372036.854775808");
    }

    #[test]
    fn what_a_column_expects_is_said_in_words() {
        let words = |kind, null| Expected { kind, null }.to_string();
        assert_eq!(words(ColumnKind::Integer { minimum: 50, maximum: 700 }, false), "an integer from 50 to 700");
        assert_eq!(
            words(ColumnKind::Decimal { scale: 1, minimum: -50, maximum: 100 }, true),
            "a number from -5.0 to 10.0 with at most 1 digits after the point or an empty cell"
        );
    }
}
