//! Steps 5 to 9: is a genuine, fresh document good enough for one accept block? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Accept, ChallengeField, Claims, Document, Register, checks};
use crate::check::{CheckDefinition, common};
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::policy::Rule;
use crate::text::{Hex, any_of, joined, utc};

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(document: &Document, block: &Accept, now: u64, ledger: &mut Ledger) {
    let claims = document.claims();
    // Step 5.
    judge_rule(&checks::TIMESTAMP, &block.timestamp, ledger, |age| {
        let made = claims.timestamp_ms / 1000;
        let holds = made <= now.saturating_add(age.skew_seconds) && now <= made.saturating_add(age.maximum_seconds);
        let expected = format!(
            "made within {} seconds before {} (clocks may differ by {} seconds)",
            age.maximum_seconds,
            utc(now),
            age.skew_seconds
        );
        (holds, expected, format!("made {}", utc(made)))
    });
    // Step 8.
    judge_rule(&common::MACHINE, &block.machines, ledger, |machines| {
        let instance = claims.instance();
        (machines.iter().any(|machine| machine == instance), any_of(machines), instance.to_string())
    });
    judge_code(document, block, ledger);
    // Step 9.
    let free = |field| block.challenge_field != field;
    judge_field(&checks::USER_DATA, &block.user_data, &claims.user_data, free(ChallengeField::UserData), ledger);
    judge_field(&checks::NONCE, &block.nonce, &claims.nonce, free(ChallengeField::Nonce), ledger);
    judge_field(&checks::PUBLIC_KEY, &block.public_key, &claims.public_key, true, ledger);
}

/// Steps 6 and 7. In debug mode the registers say nothing of what runs.
fn judge_code(document: &Document, block: &Accept, ledger: &mut Ledger) {
    const EXPECTED: &str = "PCR0, PCR1 and PCR2 not zero";
    let claims = document.claims();
    if claims.debug() {
        ledger.fail(&checks::DEBUG, EXPECTED, "one that is zero or missing: debug mode");
        ledger.not_judged(&checks::MEASUREMENT, &checks::DEBUG);
        match &block.registers {
            Rule::Skip { reason } => ledger.skip(&checks::REGISTERS, reason),
            Rule::Require(_) => ledger.not_judged(&checks::REGISTERS, &checks::DEBUG),
        }
        return;
    }
    ledger.pass(&checks::DEBUG, EXPECTED, EXPECTED);
    let measurement = document.measurement();
    let holds = block.measurements.contains(&measurement);
    ledger.judge(&checks::MEASUREMENT, holds, any_of(&block.measurements), measurement.to_string());
    judge_rule(&checks::REGISTERS, &block.registers, ledger, |registers| judge_registers(claims, registers));
}

fn judge_registers(claims: &Claims, registers: &[Register]) -> (bool, String, String) {
    let words = |register: &Register| {
        let values = any_of(register.values.iter().map(|value| Hex(value)));
        format!("PCR{} {values}", register.index)
    };
    let wrong: Vec<&Register> = registers
        .iter()
        .filter(|register| !claims.pcr(register.index).is_some_and(|value| register.values.contains(value)))
        .collect();
    let found = |register: &&Register| match claims.pcr(register.index) {
        Some(value) => format!("PCR{} {}", register.index, Hex(value)),
        None => format!("no PCR{}", register.index),
    };
    if wrong.is_empty() {
        let all = joined(registers.iter().map(words), ", ");
        return (true, all.clone(), all);
    }
    (false, joined(wrong.iter().copied().map(words), ", "), joined(wrong.iter().map(found), ", "))
}

/// In full, never a prefix. `free` is false where the challenge stands there: then the policy skips it.
fn judge_field(
    check: &'static CheckDefinition,
    rule: &Rule<Vec<Vec<u8>>>,
    found: &Option<Vec<u8>>,
    free: bool,
    ledger: &mut Ledger,
) {
    judge_rule(check, rule, ledger, |values| {
        let holds = free && found.as_ref().is_some_and(|found| values.contains(found));
        let words = found.as_ref().map_or(String::from("none"), |found| quoted(found));
        (holds, any_of(values.iter().map(|value| quoted(value))), words)
    });
}

/// Its length too, since the field may be empty.
fn quoted(bytes: &[u8]) -> String {
    format!("{} bytes {}", bytes.len(), Hex(bytes))
}
