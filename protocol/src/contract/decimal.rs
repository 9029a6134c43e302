//! Decimal numbers as text, read exactly into whole units of 10^-scale.
//!
//! What always holds: [`text`] writes every `i64`, and [`parse`] reads it back.

use alloc::format;
use alloc::string::String;

/// The number that `text` is, in units of 10^-`scale`: an optional `-`, digits without leading zeros, and where there is
/// a point, one to `scale` digits after it. Nothing is rounded.
#[must_use]
pub fn parse_decimal(text: &str, scale: u8) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_fits = fraction.is_none_or(|fraction| all_digits(fraction) && fraction.len() <= usize::from(scale));
    if !all_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) || !fraction_fits {
        return None;
    }
    let fraction = fraction.unwrap_or("");
    let missing = u32::from(scale).checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let mut units: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        units = units.checked_mul(10)?.checked_add(i128::from(digit.checked_sub(b'0')?))?;
    }
    let units = units.checked_mul(10_i128.checked_pow(missing)?)?;
    i64::try_from(if negative { units.checked_neg()? } else { units }).ok()
}

/// The text of a number in units of 10^-`scale`, with exactly `scale` digits after the point.
#[must_use]
pub fn decimal_text(units: i64, scale: u8) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let width = usize::from(scale);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = width.saturating_add(1));
    let (whole, fraction) = digits.split_at_checked(digits.len().saturating_sub(width)).unwrap_or((&digits, ""));
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_exactly_or_not_at_all() {
        assert_eq!(parse_decimal("6.2", 1), Some(62));
        assert_eq!(parse_decimal("6.2", 3), Some(6200));
        assert_eq!(parse_decimal("-0.5", 1), Some(-5));
        assert_eq!(parse_decimal("7", 2), Some(700));
        assert_eq!(parse_decimal("-9223372036854775.808", 3), Some(i64::MIN));
        for text in ["6.25", "", "-", ".5", "5.", "05", "+5", "1e3", "1_0", "9223372036854775808", " 1", "--1", "1.-1"]
        {
            assert_eq!(parse_decimal(text, 1), None, "{text}");
        }
        for units in [0, 1, -1, 62, -62, 1_000_000, i64::MAX, i64::MIN] {
            for scale in 0..=9 {
                assert_eq!(parse_decimal(&decimal_text(units, scale), scale), Some(units));
            }
        }
        assert_eq!(decimal_text(-5, 2), "-0.05");
    }
}
