//! Exact division, rounded once.
//!
//! What always holds: nothing here is a floating point number; a quotient that does not fit is a failure, never a guess.

use sealroom_enclave_core::program::ProgramFailure;

/// `numerator / denominator` in units of 10^-`digits`, to the nearest unit, the even one of two.
///
/// # Errors
/// [`ProgramFailure::Overflow`] when a number on the way needs more than 128 bits, the answer more than 64, or the
/// denominator is not positive.
pub(super) fn divide(numerator: i128, denominator: i128, digits: u8) -> Result<i64, ProgramFailure> {
    let unit = power_of_ten(digits)?;
    let scaled = numerator.checked_mul(unit).ok_or(ProgramFailure::Overflow)?;
    if denominator <= 0 {
        return Err(ProgramFailure::Overflow);
    }
    let below = scaled.checked_div_euclid(denominator).ok_or(ProgramFailure::Overflow)?;
    let rest = scaled.checked_rem_euclid(denominator).ok_or(ProgramFailure::Overflow)?;
    // rest < denominator, so comparing with what is left of it cannot overflow.
    let up = match rest.cmp(&denominator.saturating_sub(rest)) {
        core::cmp::Ordering::Less => false,
        core::cmp::Ordering::Equal => below.rem_euclid(2) == 1,
        core::cmp::Ordering::Greater => true,
    };
    let nearest = if up { below.checked_add(1) } else { Some(below) };
    nearest.and_then(|value| i64::try_from(value).ok()).ok_or(ProgramFailure::Overflow)
}

/// 10^`digits`.
///
/// # Errors
/// [`ProgramFailure::Overflow`] beyond 128 bits.
pub(super) fn power_of_ten(digits: u8) -> Result<i128, ProgramFailure> {
    10_i128.checked_pow(u32::from(digits)).ok_or(ProgramFailure::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotient_is_rounded_once_to_the_nearest_and_the_even_of_two() {
        for (numerator, denominator, digits, expected) in [
            (1, 3, 2, 33),
            (2, 3, 2, 67),
            (1, 2, 0, 0),
            (3, 2, 0, 2),
            (5, 2, 0, 2),
            (-1, 2, 0, 0),
            (-3, 2, 0, -2),
            (-2, 3, 2, -67),
            (-1634, 1369, 2, -119),
            (7, 1, 9, 7_000_000_000),
            (0, 5, 4, 0),
        ] {
            assert_eq!(divide(numerator, denominator, digits), Ok(expected), "{numerator}/{denominator}");
        }
    }

    #[test]
    fn what_does_not_fit_is_a_failure() {
        assert_eq!(divide(i128::MAX, 1, 1), Err(ProgramFailure::Overflow));
        assert_eq!(divide(i128::from(i64::MAX) + 1, 1, 0), Err(ProgramFailure::Overflow));
        assert_eq!(divide(1, 0, 0), Err(ProgramFailure::Overflow));
        assert_eq!(divide(i128::MAX, i128::MAX, 0), Ok(1));
    }
}
