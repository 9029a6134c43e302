//! What the reader of an attestation result asks of it beside its Verifier's key.
//!
//! What always holds: nothing is believed for ever. A result that says no end is read only where its reader says how old it may be.

use super::{Ear, EarError};

/// The moment that a result is meant for, the nonce that it answers, and how old it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarExpected<'a> {
    now: u64,
    nonce: Option<&'a [u8]>,
    maximum_age: Option<u64>,
}

impl<'a> EarExpected<'a> {
    /// Read at this time, in seconds since 1970: it was made before, and has not ended. Without a nonce it may be an earlier one.
    #[must_use]
    pub const fn at(now_unix_seconds: u64) -> Self {
        Self { now: now_unix_seconds, nonce: None, maximum_age: None }
    }

    /// It carries this nonce, which its reader sent.
    #[must_use]
    pub const fn nonce(self, nonce: &'a [u8]) -> Self {
        Self { nonce: Some(nonce), ..self }
    }

    /// It was made less than this long ago, in seconds, whatever end it says; needed where it says none.
    #[must_use]
    pub const fn maximum_age(self, seconds: u64) -> Self {
        Self { maximum_age: Some(seconds), ..self }
    }

    pub(super) fn holds(&self, ear: &Ear) -> Result<(), EarError> {
        let (issued_at, now) = (ear.issued_at, self.now);
        let aged = self.maximum_age.map(|seconds| issued_at.saturating_add(seconds));
        let ends = ear.expires_at.into_iter().chain(aged).min();
        let expires_at = ends.ok_or(EarError::NoEnd { issued_at })?;
        if now < issued_at || expires_at <= now {
            return Err(EarError::Time { issued_at, expires_at, now });
        }
        if self.nonce.is_some() && self.nonce != ear.nonce.as_deref() {
            return Err(EarError::Nonce);
        }
        Ok(())
    }
}
