//! Third step, Authentic to Fresh (RFC 9334 section 10): it answers our challenge, and the key we were shown is the enclave's.

use crate::authentic::Authentic;
use crate::challenge::Binding;
use crate::result::AttestationResult;
use crate::verdict::{Rejection, Verdict};

/// Authentic Evidence that answers our challenge. Having one means: its report data is the one that only Evidence made for
/// this [`Binding`] has. The code in the enclave may still be code that nobody accepts.
#[derive(Debug)]
pub struct Fresh<'p> {
    pub(crate) authentic: Authentic<'p>,
    pub(crate) binding: Binding,
}

impl<'p> Fresh<'p> {
    pub(crate) fn judge(mut authentic: Authentic<'p>, binding: Binding) -> Result<Self, Rejection> {
        for candidate in &mut authentic.candidates {
            binding.judge(authentic.evidence.answer(candidate.block), &mut candidate.ledger);
        }
        if authentic.candidates.iter().all(|candidate| candidate.ledger.all_hold()) {
            return Ok(Self { authentic, binding });
        }
        let platform = authentic.evidence.platform();
        let stale = authentic
            .candidates
            .into_iter()
            .map(|candidate| Verdict::close(platform, candidate.block.name(), candidate.ledger).0);
        Err(Rejection::of(stale.chain(authentic.refused).collect()))
    }

    /// Last step: is it good enough for one accept block of the policy?
    ///
    /// # Errors
    /// A [`Rejection`] where no block holds in full.
    pub fn accept(self) -> Result<AttestationResult, Rejection> {
        AttestationResult::judge(self)
    }
}
