//! EAT Attestation Results (draft-ietf-rats-ear-04): a verdict in the form that other relying parties read, signed by the
//! Verifier, as JWT or CWT.
//!
//! What always holds: only an appraisal makes a result to be signed; a claim that no check speaks of is absent, never zero by
//! accident; `affirming` takes a maker's root built in here, so neither simulated Evidence nor an anchor that somebody
//! vouches for becomes it; what comes in is believed only after its signature, profile, dates and status hold, and until an end
//! that it or its reader names.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use thiserror::Error;

use crate::check::Check;
use crate::crypto::CryptoProvider;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::result::AttestationResult;
use crate::text::{printable, utc};
use crate::unmeasured::code_left_out;
use crate::verdict::Rejection;

mod cwt;
mod expected;
mod jwt;
mod signing;
mod trust;
mod unique;

pub use expected::EarExpected;
pub use signing::{EarAlgorithm, EarKey};
pub use trust::{Tier, TrustVector};

/// The profile of the draft that this follows.
pub(crate) const PROFILE: &str = "tag:ietf.org,2026:rats/ear#04";
/// Larger results are not read.
const MAX_BYTES: usize = 256 * 1024;
const MAX_SUBMODS: usize = 16;
/// A result is relied on for a week at most, in seconds; some platforms' Endorsements never end.
const LIFETIME: u64 = 7 * 24 * 3600;

/// An attestation result for other relying parties. Made by an appraisal, or read from a signed token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ear {
    issued_at: u64,
    expires_at: Option<u64>,
    developer: String,
    build: String,
    nonce: Option<Vec<u8>>,
    submods: BTreeMap<String, Submod>,
}

/// What is said of one Attester.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submod {
    status: Tier,
    vector: TrustVector,
    policies: Vec<String>,
    /// Checks as `[id, status]`; empty in the results of others.
    checks: Vec<(String, String)>,
    evidence_sha256: Option<[u8; 32]>,
}

/// Why a token is not believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EarError {
    /// The key that was given is none that results are signed with.
    #[error("expected the SubjectPublicKeyInfo of a key of Ed25519, P-256 or P-384, found something else")]
    Key,
    /// Not the form of a token.
    #[error("not an attestation result: {problem}")]
    Form {
        /// What was expected, what was found.
        problem: String,
    },
    /// The signature does not verify under the key given.
    #[error("the attestation result is not signed by the key given; ask the verifier for its key")]
    Signature,
    /// Signed in another way than the key is for. A token never chooses how it is verified.
    #[error("the attestation result says it is signed with {found}, the key given is for {expected}")]
    Algorithm {
        /// What the key is for.
        expected: &'static str,
        /// What the token says.
        found: String,
    },
    /// Of another profile.
    #[error("the attestation result is of profile \"{found}\", expected \"{PROFILE}\"")]
    Profile {
        /// The profile given.
        found: String,
    },
    /// Not now.
    #[error("the attestation result is from {} to {}, not at {}", utc(*.issued_at), utc(*.expires_at), utc(*.now))]
    Time {
        /// When it was made, in seconds since 1970.
        issued_at: u64,
        /// When it ends: by itself, or by the greatest age that its reader takes.
        expires_at: u64,
        /// The time given.
        now: u64,
    },
    /// Neither it nor its reader says when it ends.
    #[error(
        "the attestation result is from {} and says no end; say how old it may be, or ask the verifier for one that has an end",
        utc(*.issued_at)
    )]
    NoEnd {
        /// When it was made, in seconds since 1970.
        issued_at: u64,
    },
    /// It answers something else.
    #[error("the attestation result does not carry the nonce that was asked for")]
    Nonce,
    /// A status that is better than what its claims, or the checks that it lists as failed, say.
    #[error("submodule \"{submod}\" says {status}, its claims and checks say {claims}")]
    Status {
        /// Its name.
        submod: String,
        /// What it says of itself.
        status: &'static str,
        /// The worst of its claims and checks.
        claims: &'static str,
    },
}

impl Ear {
    /// Of what [`Verifier::appraise`](crate::Verifier::appraise) returned under `policy` at `now_unix_seconds`. An accepted one
    /// ends when the first of its Endorsements does, and each within a week. `policy` is the one that judged it. `nonce` is the relying party's own, where it sent one (8 to 64 bytes).
    ///
    /// # Errors
    /// [`EarError::Form`] where the nonce has another length.
    pub fn of(
        appraisal: &Result<AttestationResult, Rejection>,
        policy: &Policy,
        provider: CryptoProvider,
        nonce: Option<Vec<u8>>,
        now_unix_seconds: u64,
    ) -> Result<Self, EarError> {
        if let Some(nonce) = nonce.as_ref().filter(|nonce| !(8..=64).contains(&nonce.len())) {
            return Err(form(alloc::format!("a nonce of {} bytes, expected 8 to 64", nonce.len())));
        }
        let (verdict, result) = match appraisal {
            Ok(result) => (result.verdict(), Some(result)),
            Err(rejection) => (rejection.verdict(), None),
        };
        let judged_by = policy
            .blocks()
            .iter()
            .find(|block| block.name() == verdict.accept_block() && Some(block.platform()) == verdict.platform());
        let left_out = judged_by.is_some_and(|block| !code_left_out(block).is_empty());
        let vector = TrustVector::of(verdict, result, left_out);
        let status = match Outcome::of(appraisal) {
            Outcome::Accepted | Outcome::AcceptedWithWarnings => vector.worst(),
            // Nothing is known; the vector alone could look like a failure of what was found.
            Outcome::Undecided => Tier::None,
            Outcome::Malformed | Outcome::NotAuthentic | Outcome::Refused => Tier::Contraindicated,
        };
        let label = verdict.platform().map_or("unknown", crate::platform::Platform::as_str);
        let submod = Submod {
            status,
            vector: if status == Tier::None { TrustVector::empty() } else { vector },
            policies: Vec::from([policy.hash(provider).to_string()]),
            checks: verdict.checks().iter().map(entry).collect(),
            evidence_sha256: result.map(|result| *result.evidence_sha256()),
        };
        let latest = now_unix_seconds.saturating_add(LIFETIME);
        Ok(Self {
            issued_at: now_unix_seconds,
            expires_at: Some(result.map_or(latest, |result| result.valid_until_unix_seconds().min(latest))),
            developer: env!("CARGO_PKG_REPOSITORY").to_string(),
            build: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_string(),
            nonce,
            submods: BTreeMap::from([(alloc::format!("{label}:0"), submod)]),
        })
    }

    /// What is said of each Attester, by its label: here the platform's name and an index.
    #[must_use]
    pub fn submods(&self) -> &BTreeMap<String, Submod> {
        &self.submods
    }

    /// When it was made, in seconds since 1970.
    #[must_use]
    pub fn issued_at_unix_seconds(&self) -> u64 {
        self.issued_at
    }

    /// When it ends, where it says so.
    #[must_use]
    pub fn expires_at_unix_seconds(&self) -> Option<u64> {
        self.expires_at
    }

    /// Who appraised: developer and build, in their own words.
    #[must_use]
    pub fn verifier(&self) -> (&str, &str) {
        (&self.developer, &self.build)
    }

    /// The worst status of all; [`Tier::None`] where there is nothing.
    #[must_use]
    pub fn status(&self) -> Tier {
        let worst = self.submods.values().map(|submod| submod.status).max_by_key(|tier| tier.badness());
        worst.unwrap_or(Tier::None)
    }

    /// What was read holds together and is meant for now.
    fn believed(self, expected: &EarExpected<'_>) -> Result<Self, EarError> {
        expected.holds(&self)?;
        if self.submods.is_empty() || self.submods.len() > MAX_SUBMODS {
            return Err(form(alloc::format!("{} submodules, expected 1 to {MAX_SUBMODS}", self.submods.len())));
        }
        for (name, submod) in &self.submods {
            let status = submod.status;
            let failed =
                submod.checks.iter().any(|(_, status)| !["pass", "warn", "skipped"].contains(&status.as_str()));
            // Where nothing is known, checks may have failed for want of an Endorsement.
            let refuted = failed && status != Tier::None;
            let claims = if refuted { Tier::Contraindicated } else { submod.vector.worst() };
            let worse = claims.badness() > status.badness();
            // A claim of 0 says nothing; but something must be said where the whole is affirmed.
            let unfounded = status == Tier::Affirming && !submod.vector.affirms();
            if unfounded || (worse && claims != Tier::None) {
                let (status, claims) = (status.as_str(), claims.as_str());
                return Err(EarError::Status { submod: printable(name), status, claims });
            }
        }
        Ok(self)
    }
}

impl Submod {
    /// The overall word.
    #[must_use]
    pub fn status(&self) -> Tier {
        self.status
    }

    /// What is said claim by claim.
    #[must_use]
    pub fn vector(&self) -> &TrustVector {
        &self.vector
    }

    /// The policies it was judged by: here `sha256:` and the policy's hash.
    #[must_use]
    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// Every check by id and status, where the Verifier was this one.
    #[must_use]
    pub fn checks(&self) -> &[(String, String)] {
        &self.checks
    }

    /// SHA-256 of the Evidence, where the Verifier was this one and accepted it.
    #[must_use]
    pub fn evidence_sha256(&self) -> Option<&[u8; 32]> {
        self.evidence_sha256.as_ref()
    }
}

fn entry(check: &Check) -> (String, String) {
    (check.id().to_string(), check.status().as_str().to_string())
}

pub(crate) fn form(problem: impl Into<String>) -> EarError {
    EarError::Form { problem: printable(&problem.into()) }
}
