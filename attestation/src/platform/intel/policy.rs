//! What a policy can demand of an Intel platform, whatever runs on it. Every field is written; there is no default.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::pck::SgxType;
use super::status::TcbStatus;
use super::written::WrittenAge;
use crate::anchor::{AnchorKind, TrustAnchor};
use crate::error::PolicyError;
pub use crate::platform::snp::Bits;
use crate::policy::{Requirement, Rule};
use crate::text::is_blank;

/// The platform's part of an accept block for TDX or SGX. A level that Intel revoked and quotes that no current TCB info and QE
/// identity stand behind are refused whatever stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct PlatformRules {
    /// Layouts of the quote, of 3 to 5. A TDX quote of version 4 tells nothing of a module that was updated under the TD.
    pub quote_versions: Vec<u16>,
    /// Whether current revocation lists of the root and of the PCK's issuer are needed.
    pub revocation: Requirement,
    /// What Intel may say of the firmware level. Anything but `UpToDate` passes with a warning.
    pub tcb_statuses: Vec<TcbStatus>,
    /// How old the level or Intel's word on it may be.
    pub tcb_age: TcbAge,
    /// Intel's advisories that must not apply, such as `INTEL-SA-00615`.
    pub rejected_advisories: Rule<Vec<String>>,
    /// How the memory of enclaves is protected.
    pub sgx_types: Rule<Vec<SgxType>>,
    /// Whether packages can be added to the platform. Only certificates of the Platform CA say it, as the two that follow.
    pub dynamic_platform: Rule<bool>,
    /// Whether the platform's keys are cached at Intel.
    pub cached_keys: Rule<bool>,
    /// Whether multithreading is on.
    pub smt: Rule<bool>,
    /// The machines that it may run on.
    pub machines: Rule<Vec<Machine>>,
}

/// How old a firmware level, or Intel's word on it, may be: one or the other. Both at once would contradict each other, since a
/// grace period accepts a level that a later evaluation found out of date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenAge", into = "WrittenAge")]
#[expect(clippy::exhaustive_enums, reason = "complete: decisions match on it")]
pub enum TcbAge {
    /// A level that is out of date passes so many seconds after its date, where `tcb_statuses` has its status.
    Grace {
        /// Seconds after tcbDate.
        seconds: u64,
    },
    /// TCB info and QE identity must come from this evaluation of Intel's or a later one (tcbEvaluationDataNumber).
    MinimumEvaluation(u32),
    /// Any age, and this is why.
    Skip {
        /// For people; stands in every verdict.
        reason: String,
    },
}

/// A machine by one of its two ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "complete: a PCK certificate has two ids")]
pub enum Machine {
    /// PPID: a processor package, for all its life.
    Package(#[serde(with = "crate::forms::hex")] [u8; 16]),
    /// Platform instance id: a set of packages, until it is registered anew.
    Instance(#[serde(with = "crate::forms::hex")] [u8; 16]),
}

impl PlatformRules {
    pub(crate) fn validate(&self, block: &Block<'_>) -> Result<(), PolicyError> {
        block.list("quote_versions", &self.quote_versions)?;
        block.list("tcb_statuses", &self.tcb_statuses)?;
        if self.tcb_statuses.contains(&TcbStatus::Revoked) {
            return Err(block.impossible("tcb_statuses", "has Revoked, which is always refused"));
        }
        if self.quote_versions.iter().any(|version| !(3..=5).contains(version)) {
            return Err(block.impossible("quote_versions", "names a version that is not 3 to 5"));
        }
        block.requirement("revocation", &self.revocation)?;
        if let TcbAge::Skip { reason } = &self.tcb_age {
            block.reason("tcb_age", reason)?;
        }
        block.rule_list("rejected_advisories", &self.rejected_advisories)?;
        if let Rule::Require(advisories) = &self.rejected_advisories
            && !advisories.iter().all(|advisory| is_advisory(advisory))
        {
            return Err(block.impossible("rejected_advisories", "has one that is not written as INTEL-SA-00000"));
        }
        block.rule_list("sgx_types", &self.sgx_types)?;
        block.rule_list("machines", &self.machines)?;
        block.rule("dynamic_platform", &self.dynamic_platform)?;
        block.rule("cached_keys", &self.cached_keys)?;
        block.rule("smt", &self.smt)
    }
}

/// One that is misspelt would reject nothing.
fn is_advisory(text: &str) -> bool {
    let number = text.strip_prefix("INTEL-SA-").or_else(|| text.strip_prefix("INTEL-DOC-"));
    number.is_some_and(|number| number.len() >= 5 && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// An accept block while it is checked, by its name.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a str,
}

impl Block<'_> {
    pub(crate) fn impossible(&self, field: &'static str, problem: &'static str) -> PolicyError {
        PolicyError::Impossible { block: self.name.to_owned(), field, problem }
    }

    /// What every block has, whatever its platform.
    pub(crate) fn validate(&self, anchor: &TrustAnchor) -> Result<(), PolicyError> {
        if is_blank(self.name) {
            return Err(self.impossible("name", "is empty"));
        }
        if matches!(anchor.kind(), AnchorKind::Vouched { .. }) {
            return Err(self.impossible(
                "trust_anchor",
                "is vouched for, where Intel has a root of its own: name that, or a simulated one",
            ));
        }
        Ok(())
    }

    pub(crate) fn list<T>(&self, field: &'static str, values: &[T]) -> Result<(), PolicyError> {
        if values.is_empty() { Err(PolicyError::EmptyList { block: self.name.to_owned(), field }) } else { Ok(()) }
    }

    pub(crate) fn rule<T>(&self, field: &'static str, rule: &Rule<T>) -> Result<(), PolicyError> {
        match rule {
            Rule::Require(_) => Ok(()),
            Rule::Skip { reason } => self.reason(field, reason),
        }
    }

    pub(crate) fn rule_list<T>(&self, field: &'static str, rule: &Rule<Vec<T>>) -> Result<(), PolicyError> {
        match rule {
            Rule::Require(values) => self.list(field, values),
            Rule::Skip { reason } => self.reason(field, reason),
        }
    }

    pub(crate) fn requirement(&self, field: &'static str, requirement: &Requirement) -> Result<(), PolicyError> {
        match requirement {
            Requirement::Required => Ok(()),
            Requirement::Skip { reason } => self.reason(field, reason),
        }
    }

    pub(crate) fn reason(&self, field: &'static str, reason: &str) -> Result<(), PolicyError> {
        if is_blank(reason) { Err(PolicyError::ReasonMissing { block: self.name.to_owned(), field }) } else { Ok(()) }
    }

    /// `known` are the bits that have a meaning, `refused` those that no policy accepts set.
    pub(crate) fn bits(&self, field: &'static str, bits: Bits, known: u64, refused: u64) -> Result<(), PolicyError> {
        if bits.set & bits.clear != 0 {
            return Err(self.impossible(field, "wants a bit both set and clear"));
        }
        if bits.set & !known != 0 {
            return Err(self.impossible(field, "wants a bit set that has no meaning"));
        }
        if bits.set & refused != 0 {
            return Err(self.impossible(field, "wants a bit set that is always refused"));
        }
        Ok(())
    }
}
