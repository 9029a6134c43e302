//! Second step, Evidence to Authentic: it was signed by hardware (or a simulation of it) whose root the policy pins.

use alloc::vec::Vec;

use crate::challenge::Binding;
use crate::check::common;
use crate::crypto::{Crypto, CryptoProvider};
use crate::endorsements::Endorsements;
use crate::evidence::{Evidence, Format};
use crate::fresh::Fresh;
use crate::ledger::Ledger;
use crate::platform::{azure, cca, gpu, intel, nitro, sgx, snp, tdx, tpm};
use crate::policy::{Accept, Policy};
use crate::result::Established;
use crate::verdict::{Rejection, Verdict};

/// Evidence with a verified signature. Having one means: under at least one accept block of the policy, every check of
/// authenticity holds. It may still be old, or of code that nobody accepts.
#[derive(Debug)]
pub struct Authentic<'p> {
    pub(crate) evidence: Evidence,
    pub(crate) candidates: Vec<Candidate<'p>>,
    pub(crate) refused: Vec<Verdict>,
    pub(crate) evidence_sha256: [u8; 32],
    pub(crate) provider: CryptoProvider,
    pub(crate) now: u64,
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
    Tdx(intel::Genuine),
    Sgx(intel::Genuine),
    Nitro(nitro::Genuine),
    Tpm(tpm::Genuine),
    Azure(azure::Genuine),
    Cca(cca::Genuine),
    Gpu(gpu::Genuine),
}

impl Facts {
    /// What every platform's say alike.
    pub(crate) fn established(&self) -> Established {
        match self {
            Self::Snp(genuine) => genuine.established(),
            Self::Tdx(genuine) | Self::Sgx(genuine) => genuine.established(),
            Self::Nitro(genuine) => genuine.established(),
            Self::Tpm(genuine) => genuine.established(),
            Self::Azure(genuine) => genuine.established(),
            Self::Cca(genuine) => genuine.established(),
            Self::Gpu(genuine) => genuine.established(),
        }
    }
}

impl<'p> Authentic<'p> {
    pub(crate) fn judge(
        evidence: Evidence,
        policy: &'p Policy,
        endorsements: &Endorsements,
        crypto: &Crypto<'_>,
        now: u64,
    ) -> Result<Self, Rejection> {
        let mut candidates = Vec::new();
        let mut refused = Vec::new();
        let platform = evidence.platform();
        for block in policy.blocks() {
            let mut ledger = Ledger::new(platform.checks());
            ledger.judge(&common::PLATFORM, block.platform() == platform, block.platform().as_str(), platform.as_str());
            let facts = match (block, evidence.format()) {
                (Accept::Snp(accept), Format::Snp(report)) => {
                    snp::authenticate(report, accept, endorsements, crypto, now, &mut ledger).map(Facts::Snp)
                }
                (Accept::Tdx(accept), Format::Tdx(brought)) => {
                    tdx::authenticate(brought.quote(), accept, endorsements, crypto, now, &mut ledger).map(Facts::Tdx)
                }
                (Accept::Sgx(accept), Format::Sgx(quote)) => {
                    sgx::authenticate(quote, accept, endorsements, crypto, now, &mut ledger).map(Facts::Sgx)
                }
                (Accept::Nitro(accept), Format::Nitro(document)) => {
                    nitro::authenticate(document, accept, crypto, now, &mut ledger).map(Facts::Nitro)
                }
                (Accept::Cca(accept), Format::Cca(token)) => {
                    cca::authenticate(token, accept, crypto, &mut ledger).map(Facts::Cca)
                }
                (Accept::Gpu(accept), Format::Gpu(report)) => {
                    gpu::authenticate(report, accept, endorsements, crypto, now, &mut ledger).map(Facts::Gpu)
                }
                (Accept::Tpm(accept), Format::Tpm(quote)) => {
                    tpm::authenticate(quote, accept, endorsements, crypto, now, &mut ledger).map(Facts::Tpm)
                }
                (Accept::Azure(accept), Format::Azure(vm)) => {
                    azure::authenticate(vm, accept, endorsements, crypto, now, &mut ledger).map(Facts::Azure)
                }
                _ => None,
            };
            match facts {
                Some(facts) if ledger.all_hold() => candidates.push(Candidate { block, ledger, facts }),
                _ => refused.push(Verdict::close(platform, block.name(), ledger).0),
            }
        }
        if candidates.is_empty() {
            return Err(Rejection::of(refused));
        }
        let evidence_sha256 = crypto.sha256(evidence.bytes());
        Ok(Self { evidence, candidates, refused, evidence_sha256, provider: crypto.provider(), now })
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
