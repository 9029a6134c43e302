//! The whole answer: every check of the closed list. An accepted one stands in an [`AttestationResult`](crate::AttestationResult),
//! a refused one in a [`Rejection`].

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::check::{Check, Status, Step, common};
use crate::error::DecodeError;
use crate::ledger::Ledger;
use crate::platform::Platform;

/// Every check of one accept block, in the order of appraisal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    platform: Option<Platform>,
    accept_block: String,
    checks: Vec<Check>,
}

impl Verdict {
    /// Closes the ledger; the second is whether everything holds.
    pub(crate) fn close(platform: Platform, accept_block: &str, ledger: Ledger) -> (Self, bool) {
        let (checks, all_hold) = ledger.close();
        (Self { platform: Some(platform), accept_block: accept_block.to_owned(), checks }, all_hold)
    }

    /// The platform whose list of checks this is; `None` for bytes that are no known platform's.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// Name of the policy's accept block that it was judged by; empty where it did not come to that.
    #[must_use]
    pub fn accept_block(&self) -> &str {
        &self.accept_block
    }

    /// All checks.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks that failed; not those that were not judged.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| *check.status() == Status::Fail)
    }

    /// The checks that hold because the policy accepts what others would not.
    pub fn warnings(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| *check.status() == Status::Warn)
    }

    /// How many hold: passed, or skipped by the policy.
    #[must_use]
    pub fn held(&self) -> usize {
        self.checks.iter().filter(|check| check.holds()).count()
    }

    fn first_step_failed(&self) -> Step {
        self.failed().next().map_or(Step::Evidence, |check| check.definition().step)
    }

    /// Larger is closer to acceptance: first the step reached, then the fewest failures.
    fn closeness(&self) -> (u8, core::cmp::Reverse<usize>) {
        let of_another_platform = self.failed().any(|check| check.id() == common::PLATFORM.id);
        let step = match self.first_step_failed() {
            _ if of_another_platform => 0,
            Step::Evidence => 0,
            Step::Authentic => 1,
            Step::Fresh => 2,
            Step::Policy => 3,
        };
        (step, core::cmp::Reverse(self.failed().count()))
    }
}

/// Why there is no [`AttestationResult`](crate::AttestationResult).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    closest: Verdict,
    others: Vec<Verdict>,
}

impl Rejection {
    /// From at least one refused verdict; of none there is nothing to say but that no check ran.
    pub(crate) fn of(mut verdicts: Vec<Verdict>) -> Self {
        let closest = verdicts
            .iter()
            .enumerate()
            .max_by_key(|(index, verdict)| (verdict.closeness(), core::cmp::Reverse(*index)));
        let closest = match closest.map(|(index, _)| index) {
            Some(index) => verdicts.remove(index),
            None => Self::undecoded(None, Ledger::new(common::UNDECODED)),
        };
        Self { closest, others: verdicts }
    }

    fn undecoded(platform: Option<Platform>, ledger: Ledger) -> Verdict {
        Verdict { platform, accept_block: String::new(), checks: ledger.close().0 }
    }

    /// The verdict of the accept block that came closest: furthest along, then with the fewest failures.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.closest
    }

    /// The verdicts of the policy's other accept blocks; those for another platform fail `common.platform`.
    #[must_use]
    pub fn other_verdicts(&self) -> &[Verdict] {
        &self.others
    }

    /// The step that was not passed. At [`Step::Fresh`] and [`Step::Policy`] the Evidence is genuine, and yet refused.
    #[must_use]
    pub fn step(&self) -> Step {
        self.closest.first_step_failed()
    }
}

/// Bytes that do not decode: the check that trips over them failed, no other was judged.
impl From<DecodeError> for Rejection {
    fn from(error: DecodeError) -> Self {
        let mut ledger = Ledger::new(error.platform().map_or(&[], Platform::checks));
        ledger.fail(error.check(), "bytes that decode strictly", error.to_string());
        Self::of(alloc::vec![Self::undecoded(error.platform(), ledger)])
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")?;
        for (index, check) in self.closest.failed().enumerate() {
            let separator = if index == 0 { ": " } else { "; " };
            write!(f, "{separator}{} expected {}, found {}", check.id(), check.expected(), check.found())?;
        }
        Ok(())
    }
}

impl core::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_block_for_another_platform_is_never_the_closest() {
        let close = |name, ledger| Verdict::close(Platform::AmdSevSnp, name, ledger).0;
        let mut other = Ledger::new(Platform::AmdSevSnp.checks());
        other.fail(&common::PLATFORM, "aws-nitro", "amd-sev-snp");
        let mut right = Ledger::new(Platform::AmdSevSnp.checks());
        right.pass(&common::PLATFORM, "amd-sev-snp", "amd-sev-snp");
        right.undecided(&common::ENDORSEMENTS, "a chain", "none");
        right.undecided(&common::REVOCATION, "a list", "none");
        let rejection = Rejection::of(alloc::vec![close("other", other), close("right", right)]);
        assert_eq!(rejection.verdict().accept_block(), "right");
        assert_eq!(rejection.outcome(), Outcome::Undecided);
    }
}
