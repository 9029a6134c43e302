//! Whole appraisals of every platform but SEV-SNP (which `attestation.rs` has): Evidence and Endorsements that anyone may have
//! written, under the policy of a good world and under one that pins whatever the Evidence says.
//!
//! The good worlds are in `fixture/*.world`: those of the Verifier's own tests, written down once. Their keys are gone.

use super::shown::{plain, shown};
use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Platform, Policy, Rejection,
    TrustAnchor, VerifiedSignatures, Verifier,
};
use std::sync::LazyLock;

/// Name and parts of each.
pub(super) const FIXTURES: [(&str, &[u8]); 10] = [
    ("tdx-4", include_bytes!("../fixture/tdx-4.world")),
    ("tdx-1.5", include_bytes!("../fixture/tdx-1.5.world")),
    ("sgx", include_bytes!("../fixture/sgx.world")),
    ("nitro", include_bytes!("../fixture/nitro.world")),
    ("cca", include_bytes!("../fixture/cca.world")),
    ("cca-legacy", include_bytes!("../fixture/cca-legacy.world")),
    ("gpu", include_bytes!("../fixture/gpu.world")),
    ("tpm", include_bytes!("../fixture/tpm.world")),
    ("azure", include_bytes!("../fixture/azure.world")),
    ("tdx-log", include_bytes!("../fixture/tdx-log.world")),
];

/// One good world.
pub(super) struct World {
    pub(super) policy_text: String,
    pub(super) policy: Policy,
    pub(super) now: u64,
    challenge: Vec<u8>,
    pub(super) evidence: Vec<u8>,
    pub(super) endorsements: Vec<Vec<u8>>,
}

/// All of them, in the order of [`FIXTURES`].
pub(super) static WORLDS: LazyLock<Vec<World>> = LazyLock::new(|| {
    FIXTURES.iter().map(|(_, bytes)| World::read(bytes).expect("a world that was written down reads")).collect()
});

/// Each with its length, two bytes, before it. A length that is too much takes what is there.
pub(super) fn parts(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let (part, after) = rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()));
        parts.push(part);
        bytes = after;
    }
    parts
}

impl World {
    fn read(bytes: &[u8]) -> Option<Self> {
        let parts = parts(bytes);
        let [policy, now, challenge, evidence, endorsements @ ..] = parts.as_slice() else { return None };
        let policy_text = String::from_utf8(policy.to_vec()).ok()?;
        Some(Self {
            policy: Policy::from_toml(&policy_text).ok()?,
            policy_text,
            now: u64::from_be_bytes((*now).try_into().ok()?),
            challenge: challenge.to_vec(),
            evidence: evidence.to_vec(),
            endorsements: endorsements.iter().map(|part| part.to_vec()).collect(),
        })
    }

    pub(super) fn anchor(&self) -> &TrustAnchor {
        self.policy.blocks().first().expect("a world's policy has a block").trust_anchor()
    }

    /// Under its own policy, what it holds.
    pub(super) fn appraise_itself(&self) -> Result<AttestationResult, Rejection> {
        let endorsements = Endorsements::decode_all(self.endorsements.iter().map(Vec::as_slice))?;
        self.appraise(Evidence::decode(&self.evidence)?, &endorsements, &self.policy)
    }

    /// Once cold and twice with a memory of signatures: all three must say the same.
    fn appraise(
        &self,
        evidence: Evidence,
        endorsements: &Endorsements,
        policy: &Policy,
    ) -> Result<AttestationResult, Rejection> {
        let verifier = Verifier::new(CryptoProvider::ring(), policy);
        let binding = || Binding::bytes(self.challenge.as_slice()).expect("a challenge of our own");
        let cold = verifier.appraise(evidence.clone(), endorsements, binding(), self.now);
        let mut memory = VerifiedSignatures::new(8);
        for _ in 0..2 {
            let again = verifier.appraise_remembering(&mut memory, evidence.clone(), endorsements, binding(), self.now);
            assert_eq!(statuses(&cold), statuses(&again), "a memory of signatures changes no verdict");
        }
        cold
    }
}

/// Every check with how it ended.
fn statuses(appraisal: &Result<AttestationResult, Rejection>) -> Vec<String> {
    let verdict = match appraisal {
        Ok(result) => result.verdict(),
        Err(rejection) => rejection.verdict(),
    };
    verdict.checks().iter().map(ToString::to_string).collect()
}

/// The first byte chooses a world; after it Evidence and Endorsements. What is accepted is what the world's hardware said, and
/// every check of it holds; what is refused says why, in words that steer no terminal.
pub(crate) fn verifier(bytes: &[u8]) -> bool {
    let Some((which, rest)) = bytes.split_first() else { return false };
    let world = WORLDS.get(usize::from(*which) % WORLDS.len()).expect("a world of each number");
    let parts = parts(rest);
    let Some((evidence, endorsements)) = parts.split_first() else { return false };
    let Some(evidence) = shown(Evidence::decode(evidence)) else { return false };
    let Some(endorsements) = shown(Endorsements::decode_all(endorsements.iter().copied())) else { return false };
    // A policy that demands whatever the Evidence says leaves nothing to refuse it but what is signed.
    let pinning = Accept::pinning(&evidence, world.anchor().clone(), "pinned");
    if let Some(pinning) = shown(Policy::new(vec![pinning])) {
        let appraisal = world.appraise(evidence.clone(), &endorsements, &pinning);
        holds(world, &appraisal);
    }
    let appraisal = world.appraise(evidence, &endorsements, &world.policy);
    holds(world, &appraisal);
    appraisal.is_ok()
}

fn holds(world: &World, appraisal: &Result<AttestationResult, Rejection>) {
    match appraisal {
        Ok(result) => {
            assert!(result.verdict().checks().iter().all(sealroom_attestation::Check::holds));
            let good = Evidence::decode(&world.evidence).expect("a world's Evidence");
            assert_eq!(*result.measurement(), good.unverified_measurement());
            assert_eq!(result.platform(), good.platform());
            assert_eq!(result.trust_anchor(), world.anchor());
        }
        Err(rejection) => {
            assert!(rejection.verdict().failed().count() > 0, "a refusal names what failed");
            rejection.to_string().lines().for_each(plain);
        }
    }
}

/// Evidence of one of these platforms: all of `evidence`, and what it needs, what pins it, and what is strange about that.
fn of_platform(bytes: &[u8], platforms: &[Platform]) -> bool {
    if !Evidence::sniff(bytes).is_some_and(|platform| platforms.contains(&platform)) {
        return false;
    }
    if !super::attestation::evidence(bytes) {
        return false;
    }
    let evidence = Evidence::decode(bytes).expect("it was decoded a moment ago");
    evidence.needed().iter().for_each(|needed| plain(&needed.to_string()));
    let anchor = WORLDS.first().expect("a world").anchor().clone();
    if let Some(policy) = shown(Policy::new(vec![Accept::pinning(&evidence, anchor, "pinned")])) {
        super::formats::keeps_its_meaning(&policy);
    }
    true
}

/// TDX and SGX.
pub(crate) fn quote(bytes: &[u8]) -> bool {
    of_platform(bytes, &[Platform::IntelTdx, Platform::IntelSgx])
}

/// AWS Nitro.
pub(crate) fn nitro_document(bytes: &[u8]) -> bool {
    of_platform(bytes, &[Platform::AwsNitro])
}

/// Arm CCA.
pub(crate) fn cca_token(bytes: &[u8]) -> bool {
    of_platform(bytes, &[Platform::ArmCca])
}

/// NVIDIA GPUs.
pub(crate) fn gpu_report(bytes: &[u8]) -> bool {
    of_platform(bytes, &[Platform::NvidiaGpu])
}

/// A TPM's, alone and at Azure.
pub(crate) fn tpm_quote(bytes: &[u8]) -> bool {
    of_platform(bytes, &[Platform::Tpm, Platform::AzureSnp, Platform::AzureTdx])
}
