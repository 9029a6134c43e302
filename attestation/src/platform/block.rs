//! What the accept blocks of several platforms are checked and judged by in the same way.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::{AnchorKind, TrustAnchor};
use crate::check::{CheckDefinition, Words};
use crate::error::PolicyError;
use crate::ledger::Ledger;
use crate::policy::Rule;
use crate::text::is_blank;

/// An accept block while it is checked, by its name.
pub(crate) struct Block<'a> {
    pub(crate) name: &'a str,
}

impl Block<'_> {
    pub(crate) fn impossible(&self, field: &'static str, problem: &'static str) -> PolicyError {
        PolicyError::Impossible { block: self.name.to_owned(), field, problem }
    }

    /// Every block has a name that people can tell it by.
    pub(crate) fn named(&self) -> Result<(), PolicyError> {
        if is_blank(self.name) { Err(self.impossible("name", "is empty")) } else { Ok(()) }
    }

    /// For platforms whose maker has a root of its own: nobody's word replaces it.
    pub(crate) fn not_vouched(&self, anchor: &TrustAnchor) -> Result<(), PolicyError> {
        match anchor.kind() {
            AnchorKind::Vendor(_) | AnchorKind::Simulated => Ok(()),
            AnchorKind::Vouched { .. } => Err(self.impossible(
                "trust_anchor",
                "is vouched for, where the platform's maker has a root of its own: name that, or a simulated one",
            )),
        }
    }

    pub(crate) fn list<T>(&self, field: &'static str, values: &[T]) -> Result<(), PolicyError> {
        if values.is_empty() { Err(PolicyError::EmptyList { block: self.name.to_owned(), field }) } else { Ok(()) }
    }

    pub(crate) fn rule<T>(&self, field: &'static str, rule: &Rule<T>) -> Result<(), PolicyError> {
        match rule {
            Rule::Skip { reason } if is_blank(reason) => {
                Err(PolicyError::ReasonMissing { block: self.name.to_owned(), field })
            }
            Rule::Require(_) | Rule::Skip { .. } => Ok(()),
        }
    }

    pub(crate) fn rule_list<T>(&self, field: &'static str, rule: &Rule<Vec<T>>) -> Result<(), PolicyError> {
        match rule {
            Rule::Require(values) => self.list(field, values),
            Rule::Skip { .. } => self.rule(field, rule),
        }
    }
}

/// Skips as the policy says, or judges by `judge`: whether it holds, expected, found.
pub(crate) fn judge_rule<T, E: Into<Words>>(
    check: &'static CheckDefinition,
    rule: &Rule<T>,
    ledger: &mut Ledger,
    judge: impl FnOnce(&T) -> (bool, E, String),
) {
    match rule {
        Rule::Skip { reason } => ledger.skip(check, reason),
        Rule::Require(value) => {
            let (holds, expected, found) = judge(value);
            ledger.judge(check, holds, expected, found);
        }
    }
}
