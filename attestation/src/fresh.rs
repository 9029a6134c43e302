//! Third step, Authentic to Fresh (RFC 9334 section 10): it answers our challenge, and the key we were shown is the enclave's.

use alloc::vec::Vec;

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
        let platform = authentic.evidence.platform();
        let (fresh, stale): (Vec<_>, Vec<_>) =
            authentic.candidates.into_iter().partition(|candidate| candidate.ledger.all_hold());
        let stale =
            stale.into_iter().map(|candidate| Verdict::close(platform, candidate.block.name(), candidate.ledger).0);
        authentic.refused.extend(stale);
        if fresh.is_empty() {
            return Err(Rejection::of(authentic.refused));
        }
        authentic.candidates = fresh;
        Ok(Self { authentic, binding })
    }

    /// Last step: is it good enough for one accept block of the policy?
    ///
    /// # Errors
    /// A [`Rejection`] where no block holds in full.
    pub fn accept(self) -> Result<AttestationResult, Rejection> {
        AttestationResult::judge(self)
    }
}
