//! Time as it was told. The enclave has no clock: the host's is a claim, and so is that of every signer.
//!
//! What always holds: expiry is judged by the latest time ever told, not-before by the earliest of the run at hand; so a
//! clock that is set back gains nothing.

use crate::refusal::Refusal;
use sealroom_protocol::contract::Terms;

/// The times told so far (Unix seconds).
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest: u64,
}

impl Clock {
    /// Takes a time and returns the latest told.
    pub(crate) fn told(&mut self, now: u64) -> u64 {
        self.latest = self.latest.max(now);
        self.latest
    }

    /// The latest time told.
    pub(crate) const fn latest(&self) -> u64 {
        self.latest
    }

    /// Whether the contract is in force by `now` (for not-before) and by all times told (for expiry).
    pub(crate) fn in_force(&mut self, terms: &Terms, now: u64) -> Result<(), Refusal> {
        if now < terms.not_before {
            return Err(Refusal::TooEarly { not_before: terms.not_before, now });
        }
        let latest = self.told(now);
        if latest >= terms.expires {
            return Err(Refusal::Expired { expires: terms.expires, now: latest });
        }
        Ok(())
    }
}
