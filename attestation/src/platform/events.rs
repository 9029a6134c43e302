//! An event log under a policy: first its replay must give what a genuine quote says, then its events are judged. One code for
//! the registers of a TPM and of a trust domain.
//!
//! What always holds: of a log whose replay gives other values nothing is read; of its events the digests alone are, since
//! nothing else of an event is measured. A log that is demanded and is not there fails.

mod policy;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::check::CheckDefinition;
use crate::crypto::CryptoProvider;
use crate::event_log::{Digest, EventLog, Register, ReplayedLog, ReportedRegister};
use crate::ledger::Ledger;
use crate::measurement::Measurement;
use crate::policy::Rule;
use crate::text::joined;

pub use policy::{EventRule, EventRules};

/// Whose log it is.
pub(crate) struct Events {
    /// The check of the replay.
    pub(crate) log: &'static CheckDefinition,
    /// The check of what it shows.
    pub(crate) events: &'static CheckDefinition,
    /// What registers are called in words.
    pub(crate) word: &'static str,
    /// The register of a number.
    pub(crate) register: fn(u8) -> Register,
}

impl Events {
    /// Enters both checks into the ledger. The values are known to be the quoted ones.
    pub(crate) fn judge(
        &self,
        rule: &Rule<EventRules>,
        log: Option<&EventLog>,
        quoted: impl Fn(u8) -> Option<Digest>,
        provider: CryptoProvider,
        ledger: &mut Ledger,
    ) {
        let rules = match rule {
            Rule::Require(rules) => rules,
            Rule::Skip { reason } => {
                ledger.skip(self.log, reason);
                return ledger.skip(self.events, reason);
            }
        };
        let numbers = joined(&rules.registers, ",");
        let expected = format!("a log whose replay gives the quoted values of {} {numbers}", self.word);
        match self.replay(rules, log, quoted, provider) {
            Ok(log) => {
                ledger.pass(self.log, expected, format!("a log of {} events in them", log.events().count()));
                self.judge_events(&log, rules, ledger);
            }
            Err(problem) => {
                ledger.fail(self.log, expected, problem);
                ledger.not_judged(self.events, self.log);
            }
        }
    }

    fn replay<'a>(
        &self,
        rules: &EventRules,
        log: Option<&'a EventLog>,
        quoted: impl Fn(u8) -> Option<Digest>,
        provider: CryptoProvider,
    ) -> Result<ReplayedLog<'a>, String> {
        let log = log.ok_or_else(|| String::from("no event log"))?;
        let reported = |index: &u8| {
            let register = (self.register)(*index);
            let value = quoted(*index).ok_or_else(|| format!("{register} is not quoted"))?;
            Ok(ReportedRegister { register, value })
        };
        let reported: Vec<_> = rules.registers.iter().map(reported).collect::<Result<_, String>>()?;
        log.verify(provider, &reported).map_err(|error| error.to_string())
    }

    fn judge_events(&self, log: &ReplayedLog<'_>, rules: &EventRules, ledger: &mut Ledger) {
        if rules.events.is_empty() {
            return ledger.skip(self.events, "the policy names no event: the replay alone is demanded");
        }
        let problems: Vec<String> = rules.events.iter().flat_map(|rule| self.problems(log, rule)).collect();
        let words = |rule: &EventRule| {
            let only = if rule.only { ", nothing else" } else { "" };
            format!("{} in {}{only}", rule.name, (self.register)(rule.register))
        };
        let expected = joined(rules.events.iter().map(words), "; ");
        let found = if problems.is_empty() { expected.clone() } else { joined(&problems, "; ") };
        ledger.judge(self.events, problems.is_empty(), expected, found);
    }

    fn problems(&self, log: &ReplayedLog<'_>, rule: &EventRule) -> Vec<String> {
        let register = (self.register)(rule.register);
        let wanted = |digest: &Digest| rule.digests.iter().any(|one| is(digest, one));
        let events: Vec<_> = log.events().filter(|event| event.register() == register).collect();
        let mut problems = Vec::new();
        if !events.iter().any(|event| wanted(event.digest())) {
            problems.push(format!("{} not in {register}", rule.name));
        }
        if let Some(other) = events.iter().find(|event| rule.only && !wanted(event.digest())) {
            problems.push(format!("event {} in {register} is {}", other.index(), other.digest()));
        }
        problems
    }
}

/// Whether a register's value is this one of a policy's.
pub(crate) fn is(value: &Digest, measurement: &Measurement) -> bool {
    value.algorithm().as_str() == measurement.algorithm() && value.as_bytes() == measurement.as_bytes()
}
