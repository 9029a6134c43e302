//! Appraising a room: is it an enclave that the contract accepts, and does it answer us?
//!
//! What always holds: having an [`AppraisedRoom`] means that its Evidence answers a challenge that we drew for this call, that
//! every check of one accept block of the contract holds, and that the key it was appraised with is bound to this contract by
//! the hardware. It is the only value that a grant can be made from.

use crate::evidence::EvidenceBundle;
use crate::policy::{Refused, Stricter, policy_of};
use core::fmt;
use rand_core::CryptoRng;
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, Check, CryptoProvider, DecodeError, Endorsements, Evidence, Platform,
    PolicyError, Rejection, Verifier,
};
use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::identity::SigningPublicKey;

/// How one check of an appraisal ended, for people and `--json`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomCheck {
    /// Fixed id: `room.…` for what the SDK checks, else the Verifier's.
    pub id: &'static str,
    /// `pass`, `fail`, `not-judged` or `skipped`.
    pub status: &'static str,
    /// What would have held, or did.
    pub expected: String,
    /// What was there; where it was skipped or not judged, why.
    pub found: String,
    /// What to do when it fails.
    pub hint: &'static str,
}

impl RoomCheck {
    /// Whether it passed (perhaps with a warning), or the policy skips it with a reason.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.status, "pass" | "warn" | "skipped")
    }

    pub(crate) fn of(check: &Check) -> Self {
        use sealroom_attestation::Status;
        let found = match check.status() {
            Status::Pass | Status::Warn | Status::Fail => check.found().to_owned(),
            Status::NotJudged { because } => format!("not judged, because {because} failed"),
            Status::Skipped { reason } => reason.clone(),
        };
        Self {
            id: check.id(),
            status: check.status().as_str(),
            expected: check.expected().to_owned(),
            found,
            hint: check.hint(),
        }
    }
}

impl fmt::Display for RoomCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            "fail" => write!(f, "FAIL {} expected {}, found {}: {}", self.id, self.expected, self.found, self.hint),
            status => write!(f, "{status} {} ({})", self.id, self.found),
        }
    }
}

/// A room whose enclave is one that the contract accepts.
///
/// Nothing else can make a grant, and nothing but an appraisal makes it:
///
/// ```compile_fail
/// fn forge(contract: sealroom::Contract, key: sealroom::SigningPublicKey) -> sealroom::AppraisedRoom {
///     sealroom::AppraisedRoom { contract, enclave_key: key }
/// }
/// ```
/// ```compile_fail
/// fn twice(room: sealroom::AppraisedRoom) -> sealroom::AppraisedRoom {
///     room.clone()
/// }
/// ```
#[derive(Debug)]
pub struct AppraisedRoom {
    contract: Contract,
    enclave_key: SigningPublicKey,
    attestation: AttestationResult,
    evidence: EvidenceBundle,
    room_checks: Vec<RoomCheck>,
}

/// Why a room was not accepted. No key left this machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppraisalError {
    /// The contract's terms are no policy that could be applied.
    #[error("the contract's terms for enclaves: {0}")]
    Policy(#[from] PolicyError),
    /// Some check does not hold.
    #[error("{0}")]
    Refused(Box<Refusal>),
}

/// Every check of a refused appraisal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// All checks, in the order in which they were made.
    pub checks: Vec<RoomCheck>,
    /// Whether the Evidence is genuine and answers us: what failed then is what the contract, or this party, demands.
    pub genuine: bool,
    /// Whether the report data in the Evidence is the one that answers our challenge, whatever else does not hold. Where its
    /// signature does not hold, anyone may have written it.
    pub answers: bool,
}

impl Refusal {
    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &RoomCheck> {
        self.checks.iter().filter(|check| check.status == "fail")
    }

    /// How many checks hold.
    #[must_use]
    pub fn held(&self) -> usize {
        self.checks.iter().filter(|check| check.holds()).count()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the enclave is refused")?;
        for (index, check) in self.failed().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{} expected {}, found {}", check.id, check.expected, check.found)?;
        }
        Ok(())
    }
}

impl AppraisedRoom {
    /// The contract that it runs.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The enclave's signing key, as the hardware binds it.
    #[must_use]
    pub const fn enclave_key(&self) -> &SigningPublicKey {
        &self.enclave_key
    }

    /// The Verifier's result.
    #[must_use]
    pub const fn attestation(&self) -> &AttestationResult {
        &self.attestation
    }

    /// Whether the platform is a simulated one, which protects nothing.
    #[must_use]
    pub fn simulated(&self) -> bool {
        self.attestation.simulated()
    }

    /// What was appraised, to keep for who appraises again.
    #[must_use]
    pub const fn evidence(&self) -> &EvidenceBundle {
        &self.evidence
    }

    /// Every check that was made: all of them hold.
    #[must_use]
    pub fn checks(&self) -> Vec<RoomCheck> {
        let verified = self.attestation.verdict().checks().iter().map(RoomCheck::of);
        self.room_checks.iter().cloned().chain(verified).collect()
    }
}

/// A fresh challenge: 32 bytes that nobody could foresee, for one appraisal.
#[must_use]
pub fn draw_challenge(rng: &mut dyn CryptoRng) -> Challenge {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    Challenge::from_random(bytes)
}

/// Appraises Evidence that a host brought as the answer to `challenge`, under the contract's own terms and what this party
/// demands beyond them. `now` (Unix seconds) is the time that certificates are judged at.
///
/// # Errors
/// [`AppraisalError::Policy`], [`AppraisalError::Refused`] with every check.
pub fn appraise(
    contract: &Contract,
    evidence: EvidenceBundle,
    challenge: Challenge,
    stricter: &Stricter,
    now: u64,
) -> Result<AppraisedRoom, AppraisalError> {
    let (attestation, room_checks) = judge(contract, &evidence, challenge, stricter, now)?;
    let evidence = EvidenceBundle { appraised: now, ..evidence };
    Ok(AppraisedRoom {
        contract: contract.clone(),
        enclave_key: evidence.enclave_key,
        attestation,
        evidence,
        room_checks,
    })
}

/// The appraisal itself.
pub(crate) fn judge(
    contract: &Contract,
    bundle: &EvidenceBundle,
    challenge: Challenge,
    stricter: &Stricter,
    now: u64,
) -> Result<(AttestationResult, Vec<RoomCheck>), AppraisalError> {
    let refused = |checks, genuine, answers| AppraisalError::Refused(Box::new(Refusal { checks, genuine, answers }));
    let list = ChallengeList::from_sorted(bundle.challenges.clone());
    let asked = challenge_check(&list, &challenge);
    let list = match list {
        Ok(list) if asked.holds() => list,
        Ok(_) | Err(_) => return Err(refused(vec![asked], false, false)),
    };
    let mut room_checks = vec![asked];
    let policy = match policy_of(contract, bundle, stricter, now)? {
        Ok((policy, checks)) => {
            room_checks.extend(checks);
            policy
        }
        Err(Refused(checks)) => {
            room_checks.extend(checks);
            return Err(refused(room_checks, false, false));
        }
    };
    let report_data = room_report_data(&contract.id(), &bundle.enclave_key, &list);
    let binding = Binding::new(challenge, *bundle.enclave_key.as_bytes(), report_data);
    let verify = || -> Result<AttestationResult, Rejection> {
        let evidence = Evidence::decode(&bundle.evidence)?;
        let endorsements = endorsements(bundle)?;
        Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, now)
    };
    match verify() {
        Ok(attestation) => Ok((attestation, room_checks)),
        Err(rejection) => {
            use sealroom_attestation::Step;
            let genuine = match rejection.step() {
                Step::Policy => true,
                Step::Evidence | Step::Authentic | Step::Fresh => false,
            };
            room_checks.extend(rejection.verdict().checks().iter().map(RoomCheck::of));
            Err(refused(room_checks, genuine, answers(bundle, &report_data)))
        }
    }
}

/// Whether the Evidence says what only an answer to our challenge says. Not verified here. Of a kind of Evidence that is not
/// listed nothing is known.
fn answers(bundle: &EvidenceBundle, report_data: &[u8; 64]) -> bool {
    let Ok(evidence) = Evidence::decode(&bundle.evidence) else { return false };
    match evidence.platform() {
        Platform::AmdSevSnp => {
            evidence.unverified_snp_claims().is_some_and(|claims| claims.report_data == *report_data)
        }
        _ => false,
    }
}

fn endorsements(bundle: &EvidenceBundle) -> Result<Endorsements, DecodeError> {
    Endorsements::decode_all(bundle.endorsements.iter().map(Vec::as_slice))
}

fn challenge_check(
    list: &Result<ChallengeList, sealroom_protocol::binding::ChallengeListError>,
    challenge: &Challenge,
) -> RoomCheck {
    let (holds, found) = match list {
        Ok(list) => {
            let length = list.as_slice().len();
            (list.contains(challenge.as_bytes()), format!("{length} challenges answered"))
        }
        Err(error) => (false, error.to_string()),
    };
    RoomCheck {
        id: "room.challenge",
        status: if holds { "pass" } else { "fail" },
        expected: format!("a sorted list that has our challenge {}", hex::encode(challenge.as_bytes())),
        found,
        hint: "ask again; if it fails again, the host answers for somebody else, or shows old Evidence",
    }
}

#[cfg(test)]
mod tests;
