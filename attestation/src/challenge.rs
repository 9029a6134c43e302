//! Freshness (RFC 9334 section 10): what we asked, and what an honest answer must hold.
//!
//! This crate does not know how report data is made; the caller computes it from the challenge, with the protocol's own
//! constructor, and hands over both.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;

use crate::check::common;
use crate::error::DecodeError;
use crate::ledger::Ledger;
use crate::text::{Hex, is_blank};

/// Fewer bytes can be guessed, or met by chance among the answers that somebody kept.
const MIN_CHALLENGE: usize = 8;
/// No platform carries as much.
const MAX_CHALLENGE: usize = 1024;

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
pub struct Binding(Kind);

#[derive(Debug)]
enum Kind {
    Key { challenge: Challenge, attested_key: [u8; 32], report_data: [u8; 64] },
    Bytes(Vec<u8>),
    Skip { reason: String },
}

/// The field of Evidence that carries a challenge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    /// The vendor's name of it.
    pub(crate) field: &'static str,
    pub(crate) bytes: &'a [u8],
    /// A field of fixed size: a shorter challenge stands in front, zeros after it. Else the lengths must be equal.
    pub(crate) fixed: bool,
}

impl Binding {
    /// `report_data` is what the protocol derives from `challenge`, `attested_key` (the enclave's ed25519 signing key) and
    /// whatever else it binds. The caller has made sure that the challenge really went into it.
    #[must_use]
    pub fn new(challenge: Challenge, attested_key: [u8; 32], report_data: [u8; 64]) -> Self {
        Self(Kind::Key { challenge, attested_key, report_data })
    }

    /// The bytes of somebody else's protocol, 8 to 1024 of them: the Evidence must hold all of them, and (where its field is
    /// longer) zeros after them. What results vouches for no key.
    ///
    /// # Errors
    /// [`DecodeError::Challenge`].
    pub fn bytes(expected: impl Into<Vec<u8>>) -> Result<Self, DecodeError> {
        let expected = expected.into();
        match expected.len() {
            MIN_CHALLENGE..=MAX_CHALLENGE => Ok(Self(Kind::Bytes(expected))),
            found => Err(DecodeError::Challenge { least: MIN_CHALLENGE, limit: MAX_CHALLENGE, found }),
        }
    }

    /// Nothing was asked, and this is why: an archive, a file someone sent. Stands in the verdict. What results vouches for
    /// no key, and says nothing of when the Evidence was made.
    ///
    /// # Errors
    /// [`DecodeError::Challenge`], where no reason is given.
    pub fn skip(reason: impl Into<String>) -> Result<Self, DecodeError> {
        let reason = reason.into();
        if is_blank(&reason) {
            return Err(DecodeError::Challenge { least: MIN_CHALLENGE, limit: MAX_CHALLENGE, found: 0 });
        }
        Ok(Self(Kind::Skip { reason }))
    }

    /// What we asked, where it was a challenge of ours.
    #[must_use]
    pub fn challenge(&self) -> Option<&Challenge> {
        match &self.0 {
            Kind::Key { challenge, .. } => Some(challenge),
            Kind::Bytes(_) | Kind::Skip { .. } => None,
        }
    }

    /// The key that the Evidence is to vouch for, where it is to vouch for one.
    #[must_use]
    pub fn attested_key(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            Kind::Key { attested_key, .. } => Some(attested_key),
            Kind::Bytes(_) | Kind::Skip { .. } => None,
        }
    }

    /// Enters the check. Compares in full, in constant time.
    pub(crate) fn judge(&self, answer: Answer<'_>, ledger: &mut Ledger) {
        let expected: &[u8] = match &self.0 {
            Kind::Key { report_data, .. } => report_data,
            Kind::Bytes(bytes) => bytes,
            Kind::Skip { reason } => return ledger.skip(&common::FRESHNESS, reason),
        };
        let (field, found) = (answer.field, answer.bytes);
        let zeros = if answer.fixed && expected.len() < found.len() { " and zeros" } else { "" };
        ledger.judge(
            &common::FRESHNESS,
            is_answered(expected, answer),
            format!("{field} {}{zeros}", Hex(expected)),
            format!("{field} {}", if found.is_empty() { String::from("empty") } else { Hex(found).to_string() }),
        );
    }
}

fn is_answered(expected: &[u8], answer: Answer<'_>) -> bool {
    match answer.bytes.split_at_checked(expected.len()) {
        Some((front, rest)) => {
            let zeros = rest.iter().fold(0, |sum, byte| sum | byte) == 0;
            bool::from(front.ct_eq(expected)) && zeros && (answer.fixed || rest.is_empty())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_the_report_data_counts() {
        let expected = [0x5a; 64];
        let answered = |bytes: &[u8; 64]| is_answered(&expected, Answer { field: "report data", bytes, fixed: true });
        assert!(answered(&expected));
        for bit in 0..512 {
            let mut other = expected;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!answered(&other), "bit {bit}");
        }
    }

    #[test]
    fn a_prefix_is_no_answer_and_zeros_follow_a_short_challenge_only_where_the_field_has_one_size() {
        let answered =
            |expected: &[u8], bytes: &[u8], fixed| is_answered(expected, Answer { field: "nonce", bytes, fixed });
        assert!(answered(&[1, 2], &[1, 2, 0, 0], true));
        assert!(!answered(&[1, 2], &[1, 2, 0, 1], true));
        assert!(!answered(&[1, 2], &[1, 2, 0, 0], false));
        assert!(answered(&[1, 2], &[1, 2], false));
        assert!(!answered(&[1, 2], &[1], false));
        assert!(!answered(&[1, 2], &[1], true));
        assert!(!answered(&[1, 2], &[], false));
    }

    #[test]
    fn an_empty_challenge_and_a_skip_without_a_reason_are_refused() {
        let refused = |found| Err::<(), _>(DecodeError::Challenge { least: 8, limit: MAX_CHALLENGE, found });
        assert_eq!(Binding::bytes([]).map(|_| ()), refused(0));
        assert_eq!(Binding::bytes([0; 7]).map(|_| ()), refused(7));
        assert!(Binding::bytes([0; 8]).is_ok());
        assert_eq!(Binding::bytes([0; 1025]).map(|_| ()), refused(1025));
        assert_eq!(Binding::skip(" ").map(|_| ()), refused(0));
        assert_eq!(Binding::skip("\u{200b}").map(|_| ()), refused(0));
    }
}
