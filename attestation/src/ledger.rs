//! The list of checks while it is being filled. Whatever was not entered by the end is not judged, never passed.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::check::{Check, CheckDefinition, Status, Words, common};

#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    closed_list: &'static [&'static CheckDefinition],
    /// What was entered, in the order of the list. Of several entries of one check the worst.
    places: Vec<Option<Check>>,
    /// Checks that are not on the list.
    outside: Vec<Check>,
    first_failure: Option<&'static str>,
    /// Where the next entry belongs, unless the steps go back.
    next: usize,
}

impl Ledger {
    pub(crate) fn new(closed_list: &'static [&'static CheckDefinition]) -> Self {
        let mut places = Vec::new();
        places.resize_with(closed_list.len(), || None);
        Self { closed_list, places, outside: Vec::new(), first_failure: None, next: 0 }
    }

    pub(crate) fn pass(
        &mut self,
        check: &'static CheckDefinition,
        expected: impl Into<Words>,
        found: impl Into<Words>,
    ) {
        self.enter(Check::new(check, Status::Pass, expected.into(), found.into()));
    }

    /// Holds, and a person should know why it is not simply passed.
    pub(crate) fn warn(
        &mut self,
        check: &'static CheckDefinition,
        expected: impl Into<Words>,
        found: impl Into<Words>,
    ) {
        self.enter(Check::new(check, Status::Warn, expected.into(), found.into()));
    }

    pub(crate) fn fail(
        &mut self,
        check: &'static CheckDefinition,
        expected: impl Into<Words>,
        found: impl Into<Words>,
    ) {
        self.enter(Check::new(check, Status::Fail, expected.into(), found.into()));
    }

    /// Fails because an Endorsement is missing, or not current at the time given.
    pub(crate) fn undecided(
        &mut self,
        check: &'static CheckDefinition,
        expected: impl Into<Words>,
        found: impl Into<Words>,
    ) {
        self.enter(Check::undecided(check, expected.into(), found.into()));
    }

    pub(crate) fn skip(&mut self, check: &'static CheckDefinition, reason: &str) {
        self.enter(Check::without_words(check, Status::Skipped { reason: reason.to_owned() }));
    }

    /// `because` is a check that was entered before and does not hold.
    pub(crate) fn not_judged(&mut self, check: &'static CheckDefinition, because: &'static CheckDefinition) {
        self.enter(Check::without_words(check, Status::NotJudged { because: because.id }));
    }

    /// Passes or fails as `holds` says, in the same words.
    pub(crate) fn judge(
        &mut self,
        check: &'static CheckDefinition,
        holds: bool,
        expected: impl Into<Words>,
        found: impl Into<Words>,
    ) {
        if holds { self.pass(check, expected, found) } else { self.fail(check, expected, found) }
    }

    /// A check that was entered before counts with its worst entry; one outside the list is kept, so that it can not be lost.
    fn enter(&mut self, check: Check) {
        if *check.status() == Status::Fail {
            self.first_failure.get_or_insert(check.id());
        }
        // Steps go through the list almost in its order, so looking behind the last entry first finds most places at once.
        let is_place = |place: &usize| self.closed_list.get(*place).is_some_and(|known| known.id == check.id());
        let place = (self.next..self.closed_list.len()).chain(0..self.next).find(is_place);
        match place.and_then(|place| Some((place, self.places.get_mut(place)?))) {
            Some((place, known)) => {
                self.next = place + 1;
                if known.as_ref().is_none_or(|known| severity(&check) > severity(known)) {
                    *known = Some(check);
                }
            }
            None => self.outside.push(check),
        }
    }

    /// Whether all that was entered so far holds.
    pub(crate) fn all_hold(&self) -> bool {
        self.places.iter().flatten().chain(&self.outside).all(Check::holds)
    }

    /// The whole closed list in its order, then what is not on it, and whether all of it holds. A check that was never entered
    /// is not judged.
    pub(crate) fn close(self) -> (Vec<Check>, bool) {
        let because = self.first_failure.unwrap_or(common::CLOSED_LIST.id);
        let not_judged = |definition| Check::without_words(definition, Status::NotJudged { because });
        let in_order = self.closed_list.iter().zip(self.places);
        let mut checks: Vec<Check> =
            in_order.map(|(definition, entry)| entry.unwrap_or_else(|| not_judged(definition))).collect();
        checks.extend(self.outside);
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
    use alloc::string::String;

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
