//! What a policy can demand of an event log, whoever keeps it: a TPM's log and a trust domain's are of one form and one rule.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::PolicyError;
use crate::event_log::Algorithm;
use crate::measurement::Measurement;
use crate::platform::block::Block;
use crate::text::is_blank;

const FIELD: &str = "event_log";

/// What a replayed event log must show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: what is replayed and what it must show")]
pub struct EventRules {
    /// The registers whose replay must give their quoted value. Registers that are extended after the log ends (PCR 10 by IMA,
    /// RTMR3 by an application, as a rule) can not be among them.
    pub registers: Vec<u8>,
    /// What must be among their events. May be empty: then the replay alone is demanded, and of what was measured nothing.
    pub events: Vec<EventRule>,
}

/// Events that must have been measured into a register. By digest alone: nothing else of an event is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a register and its events")]
pub struct EventRule {
    /// What the events are, for people.
    pub name: String,
    /// A replayed register.
    pub register: u8,
    /// Digests in the algorithm of the bank; of a trust domain SHA-384. At least one of them was measured.
    pub digests: Vec<Measurement>,
    /// Whether nothing else may have been measured into the register.
    pub only: bool,
}

impl EventRules {
    /// Of registers that are quoted, in their one bank.
    pub(crate) fn validate(
        &self,
        block: &Block<'_>,
        is_quoted: impl Fn(u8) -> bool,
        bank: Algorithm,
    ) -> Result<(), PolicyError> {
        let impossible = |problem| Err(block.impossible(FIELD, problem));
        block.list(FIELD, &self.registers)?;
        if !self.registers.is_sorted_by(|one, next| one < next) {
            return impossible("replays registers that are not in ascending order, each once");
        }
        if !self.registers.iter().all(|index| is_quoted(*index)) {
            return impossible("replays a register that is not quoted");
        }
        for rule in &self.events {
            block.list(FIELD, &rule.digests)?;
            if rule.digests.iter().any(|digest| digest.algorithm() != bank.as_str()) {
                return impossible("have a value of another algorithm than the bank's");
            }
            if is_blank(&rule.name) {
                return impossible("has events without a name");
            }
            if !self.registers.contains(&rule.register) {
                return impossible("has events in a register that it does not replay");
            }
        }
        if self.events.iter().any(|rule| self.events.iter().any(|other| rule.excludes(other))) {
            return impossible("wants nothing but some events in a register, and another one in it as well");
        }
        Ok(())
    }

    /// Whether everything that was measured into this register is one of the policy's events. A replay alone says that the log
    /// is true, and not that anybody agreed to what it says; an event that must be there leaves open what is beside it.
    pub(crate) fn judges_all_of(&self, register: u8) -> bool {
        self.events.iter().any(|rule| rule.only && rule.register == register)
    }
}

impl EventRule {
    /// No log can meet both.
    fn excludes(&self, other: &Self) -> bool {
        let common = || other.digests.iter().any(|digest| self.digests.contains(digest));
        self.only && self.register == other.register && !common()
    }
}
