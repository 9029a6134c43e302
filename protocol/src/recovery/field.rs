//! GF(2⁸) with the polynomial of FIPS 197: what shares are computed in.
//!
//! What always holds: no table is looked up and no branch taken by an operand, so time says nothing of it. Addition is
//! exclusive or. `spec/recovery.md`, section 1.

use subtle::{Choice, ConditionallySelectable};

/// x⁸ + x⁴ + x³ + x + 1, without its highest term (FIPS 197, section 4.2).
const REDUCTION: u8 = 0x1b;

/// The product. `subtle` keeps the compiler from making branches of the eight choices.
pub(super) fn multiply(left: u8, right: u8) -> u8 {
    let (mut product, mut shifted, mut bits) = (0_u8, left, right);
    for _ in 0..8 {
        product ^= chosen(shifted, bits & 1);
        let carry = chosen(REDUCTION, shifted >> 7);
        shifted = (shifted << 1) ^ carry;
        bits >>= 1;
    }
    product
}

/// The inverse; of zero, which has none, zero. It is the 254th power.
pub(super) fn invert(value: u8) -> u8 {
    // 254 = 2 + 4 + … + 128.
    let (mut square, mut product) = (value, 1);
    for _ in 0..7 {
        square = multiply(square, square);
        product = multiply(product, square);
    }
    product
}

/// `value` if `bit` is 1, 0 if it is 0.
fn chosen(value: u8, bit: u8) -> u8 {
    u8::conditional_select(&0, &value, Choice::from(bit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// As one does it on paper: the product of two polynomials, then what is left of it after division.
    fn slow(left: u8, right: u8) -> u8 {
        let mut product = 0_u16;
        for bit in (0..8).filter(|bit| right & (1 << bit) != 0) {
            product ^= u16::from(left) << bit;
        }
        for bit in (8..16).rev() {
            if product & (1 << bit) != 0 {
                product ^= 0x11b << (bit - 8);
            }
        }
        u8::try_from(product).unwrap()
    }

    #[test]
    fn every_product_of_two_bytes_is_that_of_the_slow_way() {
        for left in 0..=255 {
            for right in 0..=255 {
                assert_eq!(multiply(left, right), slow(left, right), "{left} times {right}");
            }
        }
        // FIPS 197, section 4.2: {57} times {83} is {c1}, and {57} times {13} is {fe}.
        assert_eq!((multiply(0x57, 0x83), multiply(0x57, 0x13)), (0xc1, 0xfe));
    }

    #[test]
    fn every_byte_but_zero_times_its_inverse_is_one_and_no_other_byte_is() {
        assert_eq!(invert(0), 0);
        for value in 1..=255 {
            let ones: Vec<u8> = (0..=255).filter(|other| slow(value, *other) == 1).collect();
            assert_eq!(ones, [invert(value)], "the inverse of {value}");
        }
    }
}
