//! The list of checks while it is being filled. Whatever was not entered by the end is not judged, never passed.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;

use crate::check::{Check, CheckDefinition, Status, common};

#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    closed_list: &'static [&'static CheckDefinition],
    entries: Vec<Check>,
}

impl Ledger {
    pub(crate) fn new(closed_list: &'static [&'static CheckDefinition]) -> Self {
        Self { closed_list, entries: Vec::with_capacity(closed_list.len()) }
    }

    pub(crate) fn pass(&mut self, check: &'static CheckDefinition, expected: impl Display, found: impl Display) {
        self.enter(check, Status::Pass, expected.to_string(), found.to_string());
    }

    /// Holds, and a person should know why it is not simply passed.
    pub(crate) fn warn(&mut self, check: &'static CheckDefinition, expected: impl Display, found: impl Display) {
        self.enter(check, Status::Warn, expected.to_string(), found.to_string());
    }

    pub(crate) fn fail(&mut self, check: &'static CheckDefinition, expected: impl Display, found: impl Display) {
        self.enter(check, Status::Fail, expected.to_string(), found.to_string());
    }

    /// Fails because an Endorsement is missing, or not current at the time given.
    pub(crate) fn undecided(&mut self, check: &'static CheckDefinition, expected: impl Display, found: impl Display) {
        self.entries.push(Check::undecided(check, expected.to_string(), found.to_string()));
    }

    pub(crate) fn skip(&mut self, check: &'static CheckDefinition, reason: &str) {
        self.enter(check, Status::Skipped { reason: reason.to_owned() }, String::new(), String::new());
    }

    /// `because` is a check that was entered before and does not hold.
    pub(crate) fn not_judged(&mut self, check: &'static CheckDefinition, because: &'static CheckDefinition) {
        self.enter(check, Status::NotJudged { because: because.id }, String::new(), String::new());
    }

    /// Passes or fails as `holds` says, in the same words.
    pub(crate) fn judge(
        &mut self,
        check: &'static CheckDefinition,
        holds: bool,
        expected: impl Display,
        found: impl Display,
    ) {
        if holds { self.pass(check, expected, found) } else { self.fail(check, expected, found) }
    }

    fn enter(&mut self, check: &'static CheckDefinition, status: Status, expected: String, found: String) {
        self.entries.push(Check::new(check, status, expected, found));
    }

    /// Whether all that was entered so far holds.
    pub(crate) fn all_hold(&self) -> bool {
        self.entries.iter().all(Check::holds)
    }

    /// The whole closed list in its order, and whether all of it holds. A check that was never entered is not judged; one
    /// that was entered twice counts with its worst; one outside the list is added, so that it can not be lost.
    pub(crate) fn close(self) -> (Vec<Check>, bool) {
        let first_failure = self.entries.iter().find(|check| *check.status() == Status::Fail).map(Check::id);
        let mut places: Vec<Option<Check>> = Vec::new();
        places.resize_with(self.closed_list.len(), || None);
        let mut outside = Vec::new();
        for entry in self.entries {
            // Each has one place, found by comparing some fifty words: cheaper than a map of them.
            let place = self.closed_list.iter().position(|definition| definition.id == entry.id());
            match place.and_then(|place| places.get_mut(place)) {
                Some(Some(known)) if severity(&entry) <= severity(known) => {}
                Some(known) => *known = Some(entry),
                None => outside.push(entry),
            }
        }
        let because = first_failure.unwrap_or(common::CLOSED_LIST.id);
        let not_judged =
            |definition| Check::new(definition, Status::NotJudged { because }, String::new(), String::new());
        let in_order = self.closed_list.iter().zip(places);
        let mut checks: Vec<Check> =
            in_order.map(|(definition, entry)| entry.unwrap_or_else(|| not_judged(definition))).collect();
        checks.extend(outside);
        let all = checks.iter().all(Check::holds);
        (checks, all)
    }
}

/// Of several entries of one check the most severe counts, and of equal ones the first.
fn severity(check: &Check) -> u8 {
    match check.status() {
        Status::Fail | Status::NotJudged { .. } => 2,
        Status::Warn => 1,
        Status::Pass | Status::Skipped { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::check_definition;

    static LIST: [&CheckDefinition; 3] = [&common::EVIDENCE_SIZE, &common::TIME, &common::FRESHNESS];

    #[test]
    fn a_check_that_did_not_run_does_not_hold() {
        let mut ledger = Ledger::new(&LIST);
        ledger.pass(&common::EVIDENCE_SIZE, "1", "1");
        ledger.pass(&common::TIME, "1", "1");
        let (checks, all) = ledger.close();
        assert!(!all);
        assert_eq!(checks.len(), 3);
        assert_eq!(*checks[2].status(), Status::NotJudged { because: "common.closed-list" });
        assert_eq!(check_definition("common.closed-list"), Some(&common::CLOSED_LIST), "it can be explained");
    }

    #[test]
    fn a_check_that_passed_and_failed_has_failed() {
        let mut ledger = Ledger::new(&LIST);
        ledger.pass(&common::TIME, "a", "a");
        ledger.fail(&common::TIME, "a", "b");
        let (checks, all) = ledger.close();
        assert!(!all);
        assert_eq!(*checks[1].status(), Status::Fail);
        assert_eq!(*checks[0].status(), Status::NotJudged { because: "common.time" });
    }

    #[test]
    fn a_skipped_check_holds_and_keeps_its_reason() {
        let mut ledger = Ledger::new(&LIST);
        ledger.pass(&common::EVIDENCE_SIZE, "1", "1");
        ledger.skip(&common::TIME, "an archive");
        ledger.pass(&common::FRESHNESS, "1", "1");
        let (checks, all) = ledger.close();
        assert!(all);
        assert_eq!(*checks[1].status(), Status::Skipped { reason: String::from("an archive") });
    }
}
