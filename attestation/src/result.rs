//! Last step, Fresh to AttestationResult (RFC 9334 section 8.4): all checks hold. Holding one is the proof.

use alloc::string::String;

use crate::anchor::Fingerprint;
use crate::authentic::Facts;
use crate::evidence::Format;
use crate::fresh::Fresh;
use crate::measurement::Measurement;
use crate::platform::{Platform, snp};
use crate::policy::Accept;
use crate::verdict::{Rejection, Verdict};

/// An accepted appraisal. Having one means: an enclave with this measurement, on this platform, holds the secret half of
/// [`AttestationResult::attested_key`], answered our challenge, and every check of one accept block holds.
///
/// Only an appraisal makes one,
///
/// ```compile_fail
/// fn forge(genuine: sealroom_attestation::AttestationResult) -> sealroom_attestation::AttestationResult {
///     sealroom_attestation::AttestationResult { attested_key: [0; 32], ..genuine }
/// }
/// ```
///
/// and nothing in one can be changed:
///
/// ```compile_fail
/// fn swap(mut genuine: sealroom_attestation::AttestationResult) -> sealroom_attestation::AttestationResult {
///     genuine.attested_key = [0; 32];
///     genuine
/// }
/// ```
#[derive(Debug)]
pub struct AttestationResult {
    verdict: Verdict,
    platform: Platform,
    trust_anchor: Fingerprint,
    simulated: bool,
    attested_key: [u8; 32],
    challenge: [u8; 32],
    measurement: Measurement,
    evidence_sha256: [u8; 32],
    facts: Facts,
}

impl AttestationResult {
    pub(crate) fn judge(fresh: Fresh<'_>) -> Result<Self, Rejection> {
        let Fresh { authentic, binding } = fresh;
        let mut refused = authentic.refused;
        for mut candidate in authentic.candidates {
            let anchor = match (candidate.block, &candidate.facts, authentic.evidence.format()) {
                (Accept::Snp(block), Facts::Snp(genuine), Format::Snp(report)) => {
                    snp::judge_policy(report.claims(), genuine, block, &mut candidate.ledger);
                    block.trust_anchor
                }
            };
            let (verdict, all_hold) = Verdict::close(candidate.block.name(), candidate.ledger);
            if all_hold {
                return Ok(Self {
                    verdict,
                    platform: authentic.evidence.platform(),
                    trust_anchor: *anchor.fingerprint(),
                    simulated: anchor.simulated(),
                    attested_key: *binding.attested_key(),
                    challenge: *binding.challenge().as_bytes(),
                    measurement: authentic.evidence.unverified_measurement(),
                    evidence_sha256: authentic.evidence_sha256,
                    facts: candidate.facts,
                });
            }
            refused.push(verdict);
        }
        Err(Rejection::of(refused))
    }

    /// The enclave's ed25519 signing key that the Evidence vouches for.
    #[must_use]
    pub fn attested_key(&self) -> &[u8; 32] {
        &self.attested_key
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

    /// Whether that platform is a simulation, which protects nothing: true for every root but the vendors' built in here.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.simulated
    }

    /// The root that the chain ends in, as the policy pins it.
    #[must_use]
    pub fn trust_anchor(&self) -> &Fingerprint {
        &self.trust_anchor
    }

    /// The challenge that was answered.
    #[must_use]
    pub fn challenge(&self) -> &[u8; 32] {
        &self.challenge
    }

    /// SHA-256 of the Evidence as received, for records.
    #[must_use]
    pub fn evidence_sha256(&self) -> &[u8; 32] {
        &self.evidence_sha256
    }

    /// Until when it may be relied on, in seconds since 1970: the first end of a certificate or revocation list used.
    #[must_use]
    pub fn valid_until_unix_seconds(&self) -> u64 {
        match &self.facts {
            Facts::Snp(genuine) => genuine.valid_until,
        }
    }

    /// Id of the machine: 64 bytes, where the platform shows it.
    #[must_use]
    pub fn machine(&self) -> Option<&[u8; 64]> {
        match &self.facts {
            Facts::Snp(genuine) => genuine.machine.as_ref(),
        }
    }

    /// The processor line and firmware level in words, such as `Milan, bootloader 3, tee 0, snp 8, microcode 115`.
    #[must_use]
    pub fn hardware(&self) -> String {
        match &self.facts {
            Facts::Snp(genuine) => alloc::format!("{}, {}", genuine.product, genuine.reported),
        }
    }

    /// Every check, all of which hold.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}
