//! Last step, Fresh to AttestationResult (RFC 9334 section 8.4): all checks hold. Holding one is the proof.

use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::TrustAnchor;
use crate::authentic::Facts;
use crate::evidence::Format;
use crate::fresh::Fresh;
use crate::measurement::Measurement;
use crate::platform::{Platform, azure, cca, gpu, nitro, sgx, snp, tdx, tpm};
use crate::policy::Accept;
use crate::verdict::{Rejection, Verdict};

/// An accepted appraisal. Having one means: every check of one accept block holds for Evidence of this measurement on this
/// platform; and where it has an [`AttestationResult::attested_key`], an enclave that answered our challenge holds its secret half.
///
/// Only an appraisal makes one,
///
/// ```compile_fail
/// fn forge(genuine: sealroom_attestation::AttestationResult) -> sealroom_attestation::AttestationResult {
///     sealroom_attestation::AttestationResult { attested_key: Some([0; 32]), ..genuine }
/// }
/// ```
///
/// and nothing in one can be changed:
///
/// ```compile_fail
/// fn swap(mut genuine: sealroom_attestation::AttestationResult) -> sealroom_attestation::AttestationResult {
///     genuine.attested_key = Some([0; 32]);
///     genuine
/// }
/// ```
#[derive(Debug)]
pub struct AttestationResult {
    verdict: Verdict,
    platform: Platform,
    trust_anchor: TrustAnchor,
    attested_key: Option<[u8; 32]>,
    challenge: Option<[u8; 32]>,
    measurement: Measurement,
    evidence_sha256: [u8; 32],
    appraised_at: u64,
    established: Established,
}

/// What authenticity established, whatever the platform.
#[derive(Clone, Debug)]
pub(crate) struct Established {
    /// Seconds since 1970.
    pub(crate) valid_until: u64,
    /// Id of the machine, where the platform shows one that its maker vouches for.
    pub(crate) machine: Option<Vec<u8>>,
    /// In words.
    pub(crate) hardware: String,
}

impl AttestationResult {
    pub(crate) fn judge(fresh: Fresh<'_>) -> Result<Self, Rejection> {
        let Fresh { authentic, binding } = fresh;
        let platform = authentic.evidence.platform();
        let mut refused = authentic.refused;
        for mut candidate in authentic.candidates {
            match (candidate.block, &candidate.facts, authentic.evidence.format()) {
                (Accept::Snp(block), Facts::Snp(genuine), Format::Snp(report)) => {
                    snp::judge_policy(report.claims(), genuine, block, &mut candidate.ledger);
                }
                (Accept::Tdx(block), Facts::Tdx(genuine), Format::Tdx(evidence)) => {
                    let (quote, log) = (evidence.quote(), evidence.log());
                    let (provider, now) = (authentic.provider, authentic.now);
                    tdx::judge_policy(quote, log, genuine, block, provider, now, &mut candidate.ledger);
                }
                (Accept::Sgx(block), Facts::Sgx(genuine), Format::Sgx(quote)) => {
                    sgx::judge_policy(quote, genuine, block, authentic.now, &mut candidate.ledger);
                }
                (Accept::Nitro(block), Facts::Nitro(_), Format::Nitro(document)) => {
                    nitro::judge_policy(document, block, authentic.now, &mut candidate.ledger);
                }
                (Accept::Cca(block), Facts::Cca(_), Format::Cca(token)) => {
                    cca::judge_policy(token, block, &mut candidate.ledger);
                }
                (Accept::Gpu(block), Facts::Gpu(genuine), Format::Gpu(report)) => {
                    gpu::judge_policy(report, genuine, block, &mut candidate.ledger);
                }
                (Accept::Tpm(block), Facts::Tpm(genuine), Format::Tpm(quote)) => {
                    tpm::judge_policy(quote, genuine, block, authentic.provider, &mut candidate.ledger);
                }
                (Accept::Azure(block), Facts::Azure(genuine), Format::Azure(vm)) => {
                    let (provider, now) = (authentic.provider, authentic.now);
                    azure::judge_policy(vm, genuine, block, provider, now, &mut candidate.ledger);
                }
                // A block of another platform is no candidate; if it were, nothing of its list would be judged.
                _ => {}
            }
            let (verdict, all_hold) = Verdict::close(platform, candidate.block.name(), candidate.ledger);
            if all_hold {
                return Ok(Self {
                    verdict,
                    platform,
                    trust_anchor: candidate.block.trust_anchor().clone(),
                    attested_key: binding.attested_key().copied(),
                    challenge: binding.challenge().map(|challenge| *challenge.as_bytes()),
                    measurement: authentic.evidence.unverified_measurement(),
                    evidence_sha256: authentic.evidence_sha256,
                    appraised_at: authentic.now,
                    established: candidate.facts.established(),
                });
            }
            refused.push(verdict);
        }
        Err(Rejection::of(refused))
    }

    /// The enclave's ed25519 signing key that the Evidence vouches for; `None` where the appraisal asked about none
    /// ([`Binding::bytes`](crate::Binding::bytes), [`Binding::skip`](crate::Binding::skip)).
    #[must_use]
    pub fn attested_key(&self) -> Option<&[u8; 32]> {
        self.attested_key.as_ref()
    }

    /// What runs in the enclave.
    #[must_use]
    pub fn measurement(&self) -> &Measurement {
        &self.measurement
    }

    /// Which platform it runs on.
    #[must_use]
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Whether that platform is a simulation, which protects nothing.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.trust_anchor.simulated()
    }

    /// The root that the chain ends in, as the policy pins it.
    #[must_use]
    pub fn trust_anchor(&self) -> &TrustAnchor {
        &self.trust_anchor
    }

    /// The challenge that was answered, where it was one of ours.
    #[must_use]
    pub fn challenge(&self) -> Option<&[u8; 32]> {
        self.challenge.as_ref()
    }

    /// The time that it was judged at, in seconds since 1970, as the caller gave it.
    #[must_use]
    pub fn appraised_at_unix_seconds(&self) -> u64 {
        self.appraised_at
    }

    /// SHA-256 of the Evidence as received, for records.
    #[must_use]
    pub fn evidence_sha256(&self) -> &[u8; 32] {
        &self.evidence_sha256
    }

    /// Until when it may be relied on, in seconds since 1970: the first end of an Endorsement used.
    #[must_use]
    pub fn valid_until_unix_seconds(&self) -> u64 {
        self.established.valid_until
    }

    /// Id of the machine, where the platform shows one (SEV-SNP: 64 bytes).
    #[must_use]
    pub fn machine(&self) -> Option<&[u8]> {
        self.established.machine.as_deref()
    }

    /// The hardware and its firmware level in words, such as `Milan, bootloader 3, tee 0, snp 8, microcode 115`.
    #[must_use]
    pub fn hardware(&self) -> &str {
        &self.established.hardware
    }

    /// Every check, all of which hold.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}
