//! One check: its fixed id, what it means, and how it ended. The list of a platform is closed: it is in the answer whole.
//!
//! Ids are for machines and stay; the texts are for people and may be improved. `docs/appraisal-checks.md` is made from them.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use crate::platform::Platform;

/// The step of an appraisal that a check belongs to. A step is entered only when all checks of the one before it hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: one for each type of the path")]
pub enum Step {
    /// Bytes to [`Evidence`](crate::Evidence): the format alone.
    Evidence,
    /// To [`Authentic`](crate::Authentic): signed by hardware whose maker the policy names.
    Authentic,
    /// To [`Fresh`](crate::Fresh): made for this challenge, and bound to this key.
    Fresh,
    /// To [`AttestationResult`](crate::AttestationResult): good enough for the policy.
    Policy,
}

impl Step {
    /// One word for the step, as in `docs/appraisal-checks.md`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Authentic => "authentic",
            Self::Fresh => "fresh",
            Self::Policy => "policy",
        }
    }
}

/// What a check says about the Attester, in the words of AR4SI (draft-ietf-rats-ar4si, trustworthiness claims).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "complete: the claims of AR4SI that checks here speak of")]
pub enum TrustClaim {
    /// Which device or enclave it is, and that its maker vouches for it.
    InstanceIdentity,
    /// How it was set up.
    Configuration,
    /// What code runs in it.
    Executables,
    /// The level of hardware and firmware below it.
    Hardware,
    /// That nobody outside can read its memory.
    RuntimeOpaque,
    /// That the answer belongs to what was asked.
    SourcedData,
}

impl TrustClaim {
    /// The claim's name in AR4SI, such as `instance-identity`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InstanceIdentity => "instance-identity",
            Self::Configuration => "configuration",
            Self::Executables => "executables",
            Self::Hardware => "hardware",
            Self::RuntimeOpaque => "runtime-opaque",
            Self::SourcedData => "sourced-data",
        }
    }
}

/// What a check is, whatever it finds.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckDefinition {
    /// Fixed id: `common.…` for every platform, else the platform's prefix.
    pub id: &'static str,
    /// Where in the appraisal it stands.
    pub step: Step,
    /// What it says about the Attester.
    pub claim: TrustClaim,
    /// What holds when it passes, in one sentence.
    pub meaning: &'static str,
    /// The attack or accident that it stops.
    pub stops: &'static str,
    /// What a person does about a failure.
    pub hint: &'static str,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: whoever shows a verdict must show all of them")]
pub enum Status {
    /// It holds.
    Pass,
    /// It holds, because the policy accepts what others would not: a person should know.
    Warn,
    /// It does not hold.
    Fail,
    /// It could not be judged, because the check with this id failed. Counts as not holding.
    NotJudged {
        /// Id of the check that failed before.
        because: &'static str,
    },
    /// The policy leaves it out, for the reason written there.
    Skipped {
        /// The policy's words, or that it asks for nothing.
        reason: String,
    },
}

impl Status {
    /// One fixed word: `pass`, `warn`, `fail`, `not-judged` or `skipped`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotJudged { .. } => "not-judged",
            Self::Skipped { .. } => "skipped",
        }
    }
}

/// What a check says to people. Fixed words are not copied.
pub(crate) type Words = Cow<'static, str>;

/// One line of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    definition: &'static CheckDefinition,
    status: Status,
    expected: Words,
    found: Words,
    undecided: bool,
}

impl Check {
    pub(crate) fn new(definition: &'static CheckDefinition, status: Status, expected: Words, found: Words) -> Self {
        Self { definition, status, expected, found, undecided: false }
    }

    /// Fails for want of something current to judge by, not for what was found.
    pub(crate) fn undecided(definition: &'static CheckDefinition, expected: Words, found: Words) -> Self {
        Self { definition, status: Status::Fail, expected, found, undecided: true }
    }

    /// One that was skipped or not judged.
    pub(crate) fn without_words(definition: &'static CheckDefinition, status: Status) -> Self {
        Self::new(definition, status, Cow::Borrowed(""), Cow::Borrowed(""))
    }

    /// The fixed id, such as `snp.measurement`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.definition.id
    }

    /// What the check is.
    #[must_use]
    pub fn definition(&self) -> &'static CheckDefinition {
        self.definition
    }

    /// How it ended.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// What would have held, or did. Empty where the check was not judged or skipped.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What was there: public fields only. Empty where the check was not judged or skipped.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What to do when it fails.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.definition.hint
    }

    /// Whether it failed for want of an Endorsement that is there and current: another try with a fresh one may pass. It does
    /// not hold all the same.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.undecided
    }

    /// Whether it holds: passed, or skipped by the policy. A check that was not judged does not.
    #[must_use]
    pub fn holds(&self) -> bool {
        match self.status {
            Status::Pass | Status::Warn | Status::Skipped { .. } => true,
            Status::Fail | Status::NotJudged { .. } => false,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            Status::Pass => write!(f, "pass {} ({})", self.id(), self.found),
            Status::Warn => write!(f, "WARN {} accepted by the policy: {}", self.id(), self.found),
            Status::Fail => {
                write!(f, "FAIL {} expected {}, found {}: {}", self.id(), self.expected, self.found, self.hint())
            }
            Status::NotJudged { because } => write!(f, "not judged {} because {because} failed", self.id()),
            Status::Skipped { reason } => write!(f, "skipped {} by the policy: {reason}", self.id()),
        }
    }
}

/// Every check of every platform, each once, platform by platform in the order of appraisal.
pub fn check_definitions() -> impl Iterator<Item = &'static CheckDefinition> {
    let lists =
        || [common::UNDECODED, common::WHOLE].into_iter().chain(Platform::ALL.into_iter().map(Platform::checks));
    lists().enumerate().flat_map(move |(index, list)| {
        let earlier = move |check: &CheckDefinition| lists().take(index).flatten().any(|known| known.id == check.id);
        list.iter().copied().filter(move |check| !earlier(check))
    })
}

/// The check with this id, or `None` where there is none.
#[must_use]
pub fn check_definition(id: &str) -> Option<&'static CheckDefinition> {
    check_definitions().find(|definition| definition.id == id)
}

/// Checks that every platform has, whatever its vendor.
pub(crate) mod common {
    use super::{CheckDefinition, Step, TrustClaim};

    pub(crate) static EVIDENCE_KIND: CheckDefinition = CheckDefinition {
        id: "common.evidence-kind",
        step: Step::Evidence,
        claim: TrustClaim::InstanceIdentity,
        meaning: "The bytes begin like Evidence of a platform that is known.",
        stops: "Bytes read by the format of another platform.",
        hint: "bring the Evidence as the platform made it; this may be another file, or Evidence of a platform that is not known here",
    };
    /// Stands in no list: it is why a check was not judged that no step of an appraisal entered.
    pub(crate) static CLOSED_LIST: CheckDefinition = CheckDefinition {
        id: "common.closed-list",
        step: Step::Evidence,
        claim: TrustClaim::InstanceIdentity,
        meaning: "Every check of the platform's list was made, or another one that failed says why not.",
        stops: "A check that is left out, and taken for one that holds.",
        hint: "this is a fault of the Verifier, not of the Evidence: report it, with the Evidence and the policy",
    };
    pub(crate) static WHOLE: &[&CheckDefinition] = &[&CLOSED_LIST];
    /// The closed list for bytes of no known platform.
    pub(crate) static UNDECODED: &[&CheckDefinition] = &[&EVIDENCE_KIND];

    pub(crate) static EVIDENCE_SIZE: CheckDefinition = CheckDefinition {
        id: "common.evidence-size",
        step: Step::Evidence,
        claim: TrustClaim::InstanceIdentity,
        meaning: "The Evidence has the exact length of its format, and nothing follows it.",
        stops: "Bytes that one reader sees and another does not; input that costs more to read than it is worth.",
        hint: "bring the Evidence as the platform made it, in binary: no hex, no base64, no wrapper around it",
    };
    pub(crate) static PLATFORM: CheckDefinition = CheckDefinition {
        id: "common.platform",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "The policy accepts enclaves of the platform that made the Evidence.",
        stops: "Evidence of a platform that nobody agreed to.",
        hint: "start the enclave on a platform that the policy names, or have the parties accept this one too",
    };
    pub(crate) static ENDORSEMENTS: CheckDefinition = CheckDefinition {
        id: "common.endorsements",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "Every certificate between the signing key and the root was brought, and decodes strictly.",
        stops: "A verdict on a chain that has holes.",
        hint: "fetch the missing Endorsements from the platform's maker, or ask the host for them",
    };
    pub(crate) static TRUST_ANCHOR: CheckDefinition = CheckDefinition {
        id: "common.trust-anchor",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "The root is, byte for byte, the one that the policy pins by the SHA-256 of its certificate.",
        stops: "A root that the attacker made and sent along; a simulated platform where real hardware was agreed.",
        hint: "the Evidence comes from a platform of another maker or line, or from a simulated one: name its root in the policy only if you trust it",
    };
    pub(crate) static CHAIN_SIGNATURES: CheckDefinition = CheckDefinition {
        id: "common.chain-signatures",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "Each certificate is signed by the next one, over the bytes received.",
        stops: "A leaf that the platform's maker never issued.",
        hint: "the certificates do not belong together or were altered: fetch them again, all for one machine",
    };
    pub(crate) static TIME: CheckDefinition = CheckDefinition {
        id: "common.time",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "Every certificate of the chain is valid at the time given: not before <= now <= not after.",
        stops: "A key that its issuer no longer stands for.",
        hint: "fetch current Endorsements; for an archive, appraise at the time when the Evidence was made",
    };
    pub(crate) static REVOCATION: CheckDefinition = CheckDefinition {
        id: "common.revocation",
        step: Step::Authentic,
        claim: TrustClaim::InstanceIdentity,
        meaning: "Each revocation list that the platform's maker keeps for the chain is signed by its issuer, current at the time given, and lists no certificate of the chain.",
        stops: "A key that its issuer took back.",
        hint: "bring the current revocation list of the platform's maker; if a certificate is on it, do not use the machine",
    };
    pub(crate) static FRESHNESS: CheckDefinition = CheckDefinition {
        id: "common.freshness",
        step: Step::Fresh,
        claim: TrustClaim::SourcedData,
        meaning: "The report data equals the digest of what we asked about: our challenge and the enclave's key are in it.",
        stops: "Old Evidence replayed; Evidence of another enclave, room or key relayed.",
        hint: "ask again with a new challenge; if it fails again, the host shows Evidence of another enclave, contract or key",
    };
    pub(crate) static MACHINE: CheckDefinition = CheckDefinition {
        id: "common.machine",
        step: Step::Policy,
        claim: TrustClaim::InstanceIdentity,
        meaning: "The Evidence comes from one of the machines that the policy pins.",
        stops: "A key taken out of a chip elsewhere, which still signs well.",
        hint: "start the enclave on a pinned machine, or have the parties add this one",
    };
}
