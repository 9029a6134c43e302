//! How an appraisal ended, in one word that scripts can rely on.

use crate::check::{Step, common};
use crate::result::AttestationResult;
use crate::verdict::Rejection;

/// The end of an appraisal. Where several things are wrong the gravest counts: malformed, then not authentic, then undecided,
/// then refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "complete: whoever acts on it must act on each")]
pub enum Outcome {
    /// Every check holds.
    Accepted,
    /// Every check holds, some because the policy accepts what others would not.
    AcceptedWithWarnings,
    /// The Evidence is no Evidence of a known platform, or breaks its format.
    Malformed,
    /// It could not be decided: an Endorsement is missing, or not current.
    Undecided,
    /// A signature, a chain or the answer to the challenge does not hold.
    NotAuthentic,
    /// Genuine (or of a platform that the policy does not name), and not what the policy accepts.
    Refused,
}

impl Outcome {
    /// Such as `not-authentic`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::AcceptedWithWarnings => "accepted-with-warnings",
            Self::Malformed => "malformed",
            Self::Undecided => "undecided",
            Self::NotAuthentic => "not-authentic",
            Self::Refused => "refused",
        }
    }

    /// Of what an appraisal returned.
    #[must_use]
    pub fn of(appraisal: &Result<AttestationResult, Rejection>) -> Self {
        match appraisal {
            Ok(result) if result.verdict().warnings().next().is_some() => Self::AcceptedWithWarnings,
            Ok(_) => Self::Accepted,
            Err(rejection) => rejection.outcome(),
        }
    }
}

impl Rejection {
    /// Why there is no result, in one word, by the verdict of the closest accept block.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let failed = || self.verdict().failed();
        let authenticity = |step: Step| matches!(step, Step::Authentic | Step::Fresh);
        if failed().any(|check| check.definition().step == Step::Evidence) {
            return Outcome::Malformed;
        }
        // Another platform than the policy's was not judged at all; nothing is known against it.
        if failed().any(|check| check.id() == common::PLATFORM.id) {
            return Outcome::Refused;
        }
        if failed().any(|check| authenticity(check.definition().step) && !check.is_undecided()) {
            return Outcome::NotAuthentic;
        }
        if failed().any(|check| check.is_undecided()) {
            return Outcome::Undecided;
        }
        Outcome::Refused
    }
}
