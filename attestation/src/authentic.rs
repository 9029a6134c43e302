//! Second step, Evidence to Authentic: it was signed by hardware (or a simulation of it) whose root the policy pins.

use alloc::vec::Vec;

use crate::challenge::Binding;
use crate::check::common;
use crate::crypto::CryptoProvider;
use crate::endorsements::Endorsements;
use crate::evidence::{Evidence, Format};
use crate::fresh::Fresh;
use crate::ledger::Ledger;
use crate::platform::snp;
use crate::policy::{Accept, Policy};
use crate::verdict::{Rejection, Verdict};

/// Evidence with a verified signature. Having one means: under at least one accept block of the policy, every check of
/// authenticity holds. It may still be old, or of code that nobody accepts.
#[derive(Debug)]
pub struct Authentic<'p> {
    pub(crate) evidence: Evidence,
    pub(crate) candidates: Vec<Candidate<'p>>,
    pub(crate) refused: Vec<Verdict>,
    pub(crate) evidence_sha256: [u8; 32],
}

/// An accept block that still holds, with its checks so far.
#[derive(Debug)]
pub(crate) struct Candidate<'p> {
    pub(crate) block: &'p Accept,
    pub(crate) ledger: Ledger,
    pub(crate) facts: Facts,
}

/// What authenticity established, by platform.
#[derive(Clone, Debug)]
pub(crate) enum Facts {
    Snp(snp::Genuine),
}

impl<'p> Authentic<'p> {
    pub(crate) fn judge(
        evidence: Evidence,
        policy: &'p Policy,
        endorsements: &Endorsements,
        provider: CryptoProvider,
        now: u64,
    ) -> Result<Self, Rejection> {
        let mut candidates = Vec::new();
        let mut refused = Vec::new();
        for block in policy.blocks() {
            let (ledger, facts) = match (block, evidence.format()) {
                (Accept::Snp(accept), Format::Snp(report)) => {
                    let mut ledger = Ledger::new(snp::checks::ALL);
                    ledger.pass(&common::PLATFORM, block.platform(), evidence.platform());
                    let facts = snp::authenticate(report, accept, endorsements, provider, now, &mut ledger);
                    (ledger, facts.map(Facts::Snp))
                }
            };
            match facts {
                Some(facts) if ledger.all_hold() => candidates.push(Candidate { block, ledger, facts }),
                _ => refused.push(Verdict::close(block.name(), ledger).0),
            }
        }
        if candidates.is_empty() {
            return Err(Rejection::of(refused));
        }
        let evidence_sha256 = provider.sha256(evidence.bytes());
        Ok(Self { evidence, candidates, refused, evidence_sha256 })
    }

    /// The Evidence, now known to come from a platform that the policy trusts.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// Third step: does it answer this challenge and vouch for this key?
    ///
    /// # Errors
    /// A [`Rejection`] where it does not.
    pub fn answering(self, binding: Binding) -> Result<Fresh<'p>, Rejection> {
        Fresh::judge(self, binding)
    }
}
