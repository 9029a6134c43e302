//! Shamir's secret sharing over GF(2⁸): splitting bytes so that any k of n shares give them back and fewer say nothing.
//!
//! What always holds: every coefficient but the secret is drawn as it comes, the highest one too, so fewer than k shares
//! are as likely under one secret as under any other. Share numbers begin at 1; they are public, all else is secret.
//! `spec/recovery.md`, section 1.

use super::field::{invert, multiply};
use alloc::boxed::Box;
use alloc::vec::Vec;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A secret of so many bytes, or a share's value.
pub(super) type Bytes<const LENGTH: usize> = Box<Zeroizing<[u8; LENGTH]>>;

/// All zero, to be filled where it lies.
pub(super) fn empty<const LENGTH: usize>() -> Bytes<LENGTH> {
    Box::new(Zeroizing::new([0; LENGTH]))
}

/// The values of shares 1 to `count`, in this order. Both numbers are the caller's to check.
pub(super) fn split<const LENGTH: usize>(
    secret: &[u8; LENGTH],
    threshold: u8,
    count: u8,
    rng: &mut dyn CryptoRng,
) -> Vec<Bytes<LENGTH>> {
    let mut coefficients: Vec<Bytes<LENGTH>> = Vec::with_capacity(threshold.into());
    for _ in 1..threshold {
        let mut coefficient = empty();
        rng.fill_bytes(coefficient.as_mut_slice());
        coefficients.push(coefficient);
    }
    (1..=count).map(|index| value_at(index, secret, &coefficients)).collect()
}

/// The polynomials at one place, by Horner's rule from the highest coefficient down.
fn value_at<const LENGTH: usize>(index: u8, secret: &[u8; LENGTH], coefficients: &[Bytes<LENGTH>]) -> Bytes<LENGTH> {
    let mut value = empty();
    for coefficient in coefficients.iter().rev().map(|bytes| &***bytes).chain([secret]) {
        for (byte, term) in value.iter_mut().zip(coefficient) {
            *byte = multiply(*byte, index) ^ term;
        }
    }
    value
}

/// The secret that these shares give: Lagrange's polynomials at 0. That there are enough, with different numbers from 1 on,
/// is the caller's to check.
pub(super) fn join<const LENGTH: usize>(shares: &[(u8, &[u8; LENGTH])]) -> Bytes<LENGTH> {
    let mut secret = empty();
    for (index, value) in shares {
        let others = shares.iter().map(|(other, _)| *other).filter(|other| other != index);
        let weight = others.fold(1, |weight, other| multiply(weight, multiply(other, invert(other ^ index))));
        for (byte, share) in secret.iter_mut().zip(value.iter()) {
            *byte ^= multiply(weight, *share);
        }
    }
    secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;

    /// Gives exactly these bytes, over and over.
    struct Replayed(Vec<u8>, usize);

    impl rand_core::TryRng for Replayed {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("only bytes are asked for")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("only bytes are asked for")
        }

        fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
            for byte in destination {
                *byte = self.0[self.1 % self.0.len()];
                self.1 += 1;
            }
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Replayed {}

    fn of(secret: u8, coefficients: &[u8], count: u8) -> Vec<u8> {
        let threshold = u8::try_from(coefficients.len() + 1).unwrap();
        let shares = split(&[secret], threshold, count, &mut Replayed(coefficients.to_vec(), 0));
        shares.iter().map(|share| share[0]).collect()
    }

    /// Every choice of `size` of the numbers 1 to `count`.
    fn choices(size: usize, count: u8) -> Vec<Vec<u8>> {
        (0..1_u32 << count)
            .filter(|set| set.count_ones() == u32::try_from(size).unwrap())
            .map(|set| (1..=count).filter(|index| set & (1 << (index - 1)) != 0).collect())
            .collect()
    }

    #[test]
    fn every_choice_of_k_shares_gives_the_secret_back() {
        let secret: [u8; 4] = [0, 1, 0x80, 0xff];
        for count in 2..=7_u8 {
            for threshold in 2..=count {
                let noise: Vec<u8> = (0..97_u8).map(|byte| multiply(byte.wrapping_add(count), 0x4b)).collect();
                let shares = split(&secret, threshold, count, &mut Replayed(noise, 0));
                for size in threshold..=count {
                    for chosen in choices(size.into(), count) {
                        let shares: Vec<(u8, &[u8; 4])> =
                            chosen.iter().map(|index| (*index, &**shares[usize::from(index - 1)])).collect();
                        assert_eq!(**join(&shares), secret, "{chosen:?}, {threshold} of {count}");
                        // In whatever order they come.
                        let backwards: Vec<_> = shares.into_iter().rev().collect();
                        assert_eq!(**join(&backwards), secret, "{chosen:?} backwards");
                    }
                }
            }
        }
    }

    #[test]
    fn every_secret_byte_comes_back_under_every_coefficient() {
        for secret in 0..=255 {
            for coefficient in 0..=255 {
                let shares = of(secret, &[coefficient], 3);
                for (left, right) in [(1, 2), (1, 3), (2, 3)] {
                    let given = [(left, &[shares[usize::from(left - 1)]]), (right, &[shares[usize::from(right - 1)]])];
                    assert_eq!(join(&given)[0], secret);
                }
            }
        }
    }

    #[test]
    fn k_minus_one_shares_say_nothing_whatever_they_are() {
        // 2 of 3: over all coefficients each share takes each value exactly once, under every secret.
        for secret in 0..=255 {
            let mut seen = [[0_u8; 256]; 3];
            for coefficient in 0..=255 {
                for (seen, value) in seen.iter_mut().zip(of(secret, &[coefficient], 3)) {
                    seen[usize::from(value)] += 1;
                }
            }
            assert!(seen.iter().flatten().all(|times| *times == 1), "secret {secret}");
        }
        // 3 of 3: each two shares take each pair of values exactly once. The highest coefficient may be zero.
        for secret in [0, 1, 0x53, 0x80, 0xff] {
            let mut seen = alloc::vec![[0_u8; 3]; 1 << 16];
            for first in 0..=255 {
                for second in 0..=255 {
                    let shares = of(secret, &[first, second], 3);
                    for (pair, (left, right)) in [(0, 1), (0, 2), (1, 2)].into_iter().enumerate() {
                        seen[usize::from(shares[left]) << 8 | usize::from(shares[right])][pair] += 1;
                    }
                }
            }
            assert!(seen.iter().flatten().all(|times| *times == 1), "secret {secret}");
        }
    }

    #[test]
    fn coefficients_are_used_as_they_were_drawn_and_zero_is_one_of_them() {
        assert_eq!(of(0x2a, &[0, 0], 4), [0x2a; 4]);
        assert_eq!(of(0, &[1, 0], 4), [1, 2, 3, 4]);
        assert_eq!(of(0, &[0, 1], 4), [1, 4, 5, 16]);
    }
}
