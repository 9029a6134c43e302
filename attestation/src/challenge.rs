//! Freshness (RFC 9334 section 10): what we asked, and what an honest answer must hold.
//!
//! This crate does not know how report data is made; the caller computes it from the challenge, with the protocol's own
//! constructor, and hands over both.

use core::fmt;

use subtle::ConstantTimeEq;

use crate::text::Hex;

/// 32 random bytes that one appraisal answers. Used once: it is consumed by the [`Binding`], and can not be copied.
///
/// ```compile_fail
/// use sealroom_attestation::Challenge;
/// let challenge = Challenge::from_random([7; 32]);
/// let twice = challenge.clone();
/// ```
pub struct Challenge([u8; 32]);

impl Challenge {
    /// Takes 32 bytes fresh from the operating system's generator. Bytes that an enclave could foresee prove nothing.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to send. They are public.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({})", Hex(&self.0))
    }
}

/// Why a key belongs to Evidence: the report data that an enclave with this key makes for this challenge.
///
/// ```compile_fail
/// use sealroom_attestation::{Binding, Challenge};
/// let challenge = Challenge::from_random([7; 32]);
/// let one = Binding::new(challenge, [0; 32], [0; 64]);
/// let two = Binding::new(challenge, [1; 32], [1; 64]); // a challenge is answered once
/// ```
#[derive(Debug)]
pub struct Binding {
    challenge: Challenge,
    attested_key: [u8; 32],
    report_data: [u8; 64],
}

impl Binding {
    /// `report_data` is what the protocol derives from `challenge`, `attested_key` (the enclave's ed25519 signing key) and
    /// whatever else it binds. The caller has made sure that the challenge really went into it.
    #[must_use]
    pub fn new(challenge: Challenge, attested_key: [u8; 32], report_data: [u8; 64]) -> Self {
        Self { challenge, attested_key, report_data }
    }

    /// What we asked.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    /// The key that the Evidence is to vouch for.
    #[must_use]
    pub fn attested_key(&self) -> &[u8; 32] {
        &self.attested_key
    }

    /// What the Evidence must hold, all 64 bytes.
    #[must_use]
    pub fn report_data(&self) -> &[u8; 64] {
        &self.report_data
    }

    /// Full length, in constant time.
    pub(crate) fn is_answered_by(&self, report_data: &[u8; 64]) -> bool {
        self.report_data.ct_eq(report_data).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_the_report_data_counts() {
        let expected = [0x5a; 64];
        let binding = Binding::new(Challenge::from_random([1; 32]), [2; 32], expected);
        assert!(binding.is_answered_by(&expected));
        for bit in 0..512 {
            let mut other = expected;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!binding.is_answered_by(&other), "bit {bit}");
        }
    }
}
