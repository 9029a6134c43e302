//! Steps 5 to 7: are the registers, the log, the clock and the firmware what the policy wants? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::authenticity::Genuine;
use super::policy::{Accept, EventRule, EventRules, QuoteRules};
use super::quote::{Quote, list};
use super::{Evidence, checks};
use crate::check::common;
use crate::crypto::{Crypto, CryptoProvider};
use crate::event_log::{self, Digest, ReplayedLog, ReportedRegister};
use crate::ledger::Ledger;
use crate::measurement::Measurement;
use crate::platform::block::judge_rule;
use crate::policy::{Requirement, Rule};
use crate::text::{Hex, any_of, joined};

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(
    evidence: &Evidence,
    genuine: &Genuine,
    block: &Accept,
    provider: CryptoProvider,
    ledger: &mut Ledger,
) {
    judge_rule(&common::MACHINE, &block.machines, ledger, |machines| {
        let holds = machines.contains(&genuine.key_sha256);
        (holds, any_of(machines.iter().map(|key| Hex(key))), Hex(&genuine.key_sha256).to_string())
    });
    judge_quote(&evidence.quote, &block.quote, provider, ledger);
}

/// The part that every quote has, Azure's too. The values are known to be the quoted ones.
pub(crate) fn judge_quote(quote: &Quote, rules: &QuoteRules, provider: CryptoProvider, ledger: &mut Ledger) {
    let required: Vec<u8> = rules.registers.iter().map(|register| register.index).collect();
    let selected: Vec<u8> = quote.values.iter().map(|(index, _)| *index).collect();
    let exact = quote.bank == rules.bank && selected == required;
    let expected = format!("{} {}, no other", rules.bank, list(&required));
    ledger.judge(&checks::PCR_SELECTION, exact, expected, quote.selection_words());
    if exact {
        judge_values(quote, rules, ledger);
    } else {
        ledger.not_judged(&checks::PCR_VALUES, &checks::PCR_SELECTION);
    }
    judge_log(quote, rules, exact, provider, ledger);

    let safe = if quote.attest.safe { "safe" } else { "not safe" };
    match &rules.safe_clock {
        Requirement::Skip { reason } => ledger.skip(&checks::CLOCK, reason),
        Requirement::Required => ledger.judge(&checks::CLOCK, quote.attest.safe, "safe", safe),
    }
    judge_rule(&checks::BOOT, &rules.boots, ledger, |boots| {
        let words = |resets, restarts| format!("{resets} resets and {restarts} restarts");
        let (resets, restarts) = (quote.attest.reset_count, quote.attest.restart_count);
        let holds = boots.iter().any(|boot| (boot.resets, boot.restarts) == (resets, restarts));
        (holds, any_of(boots.iter().map(|boot| words(boot.resets, boot.restarts))), words(resets, restarts))
    });
    judge_rule(&checks::FIRMWARE, &rules.firmware_versions, ledger, |versions| {
        let found = quote.attest.firmware_version;
        let holds = versions.contains(&found);
        (holds, any_of(versions.iter().map(|version| format!("{version:#018x}"))), format!("{found:#018x}"))
    });
}

fn is(value: &Digest, measurement: &Measurement) -> bool {
    value.algorithm().as_str() == measurement.algorithm() && value.as_bytes() == measurement.as_bytes()
}

fn judge_values(quote: &Quote, rules: &QuoteRules, ledger: &mut Ledger) {
    let mut expected = Vec::new();
    let mut found = Vec::new();
    let mut skipped = Vec::new();
    let mut holds = true;
    for register in &rules.registers {
        let index = register.index;
        match &register.values {
            Rule::Skip { reason } => skipped.push(format!("PCR {index} skipped by the policy: {reason}")),
            Rule::Require(values) => {
                let value = quote.value(index);
                let good = value.is_some_and(|value| values.iter().any(|one| is(value, one)));
                holds &= good;
                expected.push(format!("PCR {index} {}", any_of(values)));
                // Those that hold are in what was expected; people look for the others.
                if !good {
                    found.push(format!(
                        "PCR {index} {}",
                        value.map_or_else(|| String::from("absent"), Digest::to_string)
                    ));
                }
            }
        }
    }
    if expected.is_empty() {
        return ledger.skip(&checks::PCR_VALUES, &joined(skipped, "; "));
    }
    let found = if holds { format!("{} as expected", expected.len()) } else { joined(found, "; ") };
    let found = joined([found].into_iter().chain(skipped), "; ");
    ledger.judge(&checks::PCR_VALUES, holds, joined(expected, "; "), found);
}

fn judge_log(quote: &Quote, rules: &QuoteRules, exact: bool, provider: CryptoProvider, ledger: &mut Ledger) {
    let event_rules = match &rules.event_log {
        Rule::Require(event_rules) => event_rules,
        Rule::Skip { reason } => {
            ledger.skip(&checks::EVENT_LOG, reason);
            return ledger.skip(&checks::EVENTS, reason);
        }
    };
    if !exact {
        ledger.not_judged(&checks::EVENT_LOG, &checks::PCR_SELECTION);
        return ledger.not_judged(&checks::EVENTS, &checks::PCR_SELECTION);
    }
    let expected = format!("a log whose replay gives the quoted values of {}", list(&event_rules.registers));
    match replay(quote, event_rules, provider) {
        Ok(log) => {
            ledger.pass(&checks::EVENT_LOG, expected, format!("a log of {} events in them", log.events().count()));
            judge_events(&log, event_rules, ledger);
        }
        Err(problem) => {
            ledger.fail(&checks::EVENT_LOG, expected, problem);
            ledger.not_judged(&checks::EVENTS, &checks::EVENT_LOG);
        }
    }
}

/// Step 6.
fn replay<'a>(quote: &'a Quote, rules: &EventRules, provider: CryptoProvider) -> Result<ReplayedLog<'a>, String> {
    let log = quote.log.as_ref().ok_or_else(|| String::from("no event log"))?;
    let quoted = rules.registers.iter().filter_map(|index| {
        let value = *quote.value(*index)?;
        Some(ReportedRegister { register: event_log::Register::Pcr(*index), value })
    });
    log.verify(provider, &quoted.collect::<Vec<_>>()).map_err(|error| error.to_string())
}

fn judge_events(log: &ReplayedLog<'_>, rules: &EventRules, ledger: &mut Ledger) {
    let problems: Vec<String> = rules.events.iter().flat_map(|rule| problems(log, rule)).collect();
    let expected = match rules.events.as_slice() {
        [] => String::from("nothing beyond the replay"),
        events => joined(
            events.iter().map(|rule| {
                let only = if rule.only { ", nothing else" } else { "" };
                format!("{} in PCR {}{only}", rule.name, rule.register)
            }),
            "; ",
        ),
    };
    let found = if problems.is_empty() { expected.clone() } else { joined(&problems, "; ") };
    ledger.judge(&checks::EVENTS, problems.is_empty(), expected, found);
}

fn problems(log: &ReplayedLog<'_>, rule: &EventRule) -> Vec<String> {
    let register = event_log::Register::Pcr(rule.register);
    let wanted = |digest: &Digest| rule.digests.iter().any(|one| is(digest, one));
    let events: Vec<_> = log.events().filter(|event| event.register() == register).collect();
    let mut problems = Vec::new();
    if !events.iter().any(|event| wanted(event.digest())) {
        problems.push(format!("{} not in PCR {}", rule.name, rule.register));
    }
    if let Some(other) = events.iter().find(|event| rule.only && !wanted(event.digest())) {
        problems.push(format!("event {} in PCR {} is {}", other.index(), rule.register, other.digest()));
    }
    problems
}

/// Every check of step 3 and 5 that stands on the key alone.
pub(crate) fn judge_genuine(quote: &Quote, key: &crate::crypto::PublicKey, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    quote.judge_signature(key, crypto, ledger);
    quote.judge_values(crypto, ledger);
}
