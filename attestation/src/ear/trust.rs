//! Trustworthiness claims and tiers of AR4SI (draft-ietf-rats-ar4si section 2.3), and how checks become them.

use alloc::collections::BTreeMap;

use crate::anchor::AnchorKind;
use crate::check::{Status, Step, TrustClaim, common};
use crate::platform::Platform;
use crate::result::AttestationResult;
use crate::verdict::Verdict;

/// Approved: recognised, as expected, no known weakness.
const APPROVED: i8 = 2;
/// AR4SI's first value of the warning tier.
const WARNING: i8 = 32;
/// AR4SI's first value of the contraindicated tier.
const CONTRAINDICATED: i8 = 96;
/// An instance that the policy does not name.
const UNRECOGNIZED: i8 = 97;
/// Cryptographic validation of the Evidence failed (reserved for all claims).
const CRYPTO_FAILED: i8 = 99;

/// How far an Attester, or one claim of it, is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "complete: AR4SI has four tiers")]
pub enum Tier {
    /// Nothing is known.
    None,
    /// As it should be.
    Affirming,
    /// With reservations.
    Warning,
    /// Not to be trusted.
    Contraindicated,
}

impl Tier {
    /// Such as `affirming`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Affirming => "affirming",
            Self::Warning => "warning",
            Self::Contraindicated => "contraindicated",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Affirming, Self::Warning, Self::Contraindicated]
            .into_iter()
            .find(|tier| tier.as_str() == word)
    }

    pub(super) fn code(self) -> i8 {
        match self {
            Self::None => 0,
            Self::Affirming => APPROVED,
            Self::Warning => WARNING,
            Self::Contraindicated => CONTRAINDICATED,
        }
    }

    pub(super) fn from_code(code: i64) -> Option<Self> {
        [Self::None, Self::Affirming, Self::Warning, Self::Contraindicated]
            .into_iter()
            .find(|tier| i64::from(tier.code()) == code)
    }

    /// Of a claim's value: -1 to 1 say nothing, 2 to 31 affirm, 32 to 95 warn, 96 and above and those below -1 mirrored.
    fn of_value(value: i8) -> Self {
        match value {
            -1..=1 => Self::None,
            2..=31 | -32..=-2 => Self::Affirming,
            32..=95 | -96..=-33 => Self::Warning,
            _ => Self::Contraindicated,
        }
    }

    /// AR4SI section 2.3.2: nothing known is worse than affirming and better than a warning.
    pub(super) fn badness(self) -> u8 {
        match self {
            Self::Affirming => 0,
            Self::None => 1,
            Self::Warning => 2,
            Self::Contraindicated => 3,
        }
    }
}

/// The claims' names with their keys in CBOR.
pub(super) const CLAIMS: [(&str, i64); 8] = [
    ("instance-identity", 0),
    ("configuration", 1),
    ("executables", 2),
    ("file-system", 3),
    ("hardware", 4),
    ("runtime-opaque", 5),
    ("storage-opaque", 6),
    ("sourced-data", 7),
];

/// A value for each claim that something is said of; the others are absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustVector(BTreeMap<&'static str, i8>);

impl TrustVector {
    pub(super) fn empty() -> Self {
        Self(BTreeMap::new())
    }

    /// From the checks of a verdict: a claim is as bad as the worst check that speaks of it. `code_left_out` is whether the
    /// policy leaves some of the code that runs unjudged, which a check that holds for the rest does not show.
    pub(super) fn of(verdict: &Verdict, accepted: Option<&AttestationResult>, code_left_out: bool) -> Self {
        let mut vector = Self::empty();
        for check in verdict.checks() {
            let claim = check.definition().claim;
            let value = match check.status() {
                Status::Pass => Some(APPROVED),
                Status::Warn => Some(WARNING),
                Status::Fail if claim == TrustClaim::InstanceIdentity => match check.definition().step {
                    Step::Policy => Some(UNRECOGNIZED),
                    Step::Evidence | Step::Authentic | Step::Fresh => Some(CRYPTO_FAILED),
                },
                Status::Fail => Some(CONTRAINDICATED),
                // What nobody asked, and a key that may have been taken back, are reservations that others must see.
                Status::Skipped { .. } if [common::FRESHNESS.id, common::REVOCATION.id].contains(&check.id()) => {
                    Some(WARNING)
                }
                // Not appraised: it says nothing, and does not make a claim that nothing else speaks of.
                Status::Skipped { .. } | Status::NotJudged { .. } => None,
            };
            if let Some(value) = value {
                vector.lower(claim.as_str(), value);
            }
        }
        if code_left_out {
            vector.lower(TrustClaim::Executables.as_str(), WARNING);
        }
        let Some(result) = accepted else { return vector };
        match result.trust_anchor().kind() {
            AnchorKind::Vendor(_) => {}
            AnchorKind::Vouched { .. } => vector.lower(TrustClaim::InstanceIdentity.as_str(), WARNING),
            AnchorKind::Simulated => vector.lower(TrustClaim::RuntimeOpaque.as_str(), CONTRAINDICATED),
        }
        // Memory that the owner of the machine can not read, where the platform has that at all.
        if matches!(result.trust_anchor().kind(), AnchorKind::Vendor(_)) {
            match result.platform() {
                // Isolated by a hypervisor, whose owner is trusted (AR4SI: 32, isolated only).
                Platform::AwsNitro => vector.lower(TrustClaim::RuntimeOpaque.as_str(), WARNING),
                Platform::AmdSevSnp
                | Platform::IntelTdx
                | Platform::IntelSgx
                | Platform::AzureSnp
                | Platform::AzureTdx => {
                    vector.lower(TrustClaim::RuntimeOpaque.as_str(), APPROVED);
                }
                // A vTPM's quote and a GPU's report say nothing of the guest's memory; Arm has no maker's root here.
                Platform::Tpm | Platform::ArmCca | Platform::NvidiaGpu => {}
            }
        }
        vector
    }

    /// A worse value replaces a better one.
    fn lower(&mut self, claim: &'static str, value: i8) {
        let worse = |known: &i8| Tier::of_value(value).badness() > Tier::of_value(*known).badness();
        if self.0.get(claim).is_none_or(worse) {
            self.0.insert(claim, value);
        }
    }

    /// One value more, as read; `None` where there is no such claim, or it was there already.
    pub(super) fn insert(&mut self, name: &str, value: i8) -> Option<()> {
        let (name, _) = CLAIMS.into_iter().find(|(known, _)| *known == name)?;
        self.0.insert(name, value).is_none().then_some(())
    }

    /// Claim by claim, by AR4SI's names.
    pub fn claims(&self) -> impl Iterator<Item = (&'static str, i8)> {
        self.0.iter().map(|(name, value)| (*name, *value))
    }

    /// Whether some claim is affirmed.
    pub(super) fn affirms(&self) -> bool {
        self.0.values().any(|value| Tier::of_value(*value) == Tier::Affirming)
    }

    /// The worst tier of all; [`Tier::None`] where nothing is said.
    #[must_use]
    pub fn worst(&self) -> Tier {
        self.0.values().map(|value| Tier::of_value(*value)).max_by_key(|tier| tier.badness()).unwrap_or(Tier::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_tiers_of_ar4si() {
        for (value, tier) in [
            (0, Tier::None),
            (1, Tier::None),
            (-1, Tier::None),
            (2, Tier::Affirming),
            (31, Tier::Affirming),
            (32, Tier::Warning),
            (95, Tier::Warning),
            (96, Tier::Contraindicated),
            (127, Tier::Contraindicated),
            (-2, Tier::Affirming),
            (-32, Tier::Affirming),
            (-33, Tier::Warning),
            (-96, Tier::Warning),
            (-97, Tier::Contraindicated),
            (-128, Tier::Contraindicated),
        ] {
            assert_eq!(Tier::of_value(value), tier, "{value}");
        }
    }
}
