//! Steps 5 to 7: are the registers, the log, the clock and the firmware what the policy wants? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::authenticity::Genuine;
use super::policy::{Accept, QuoteRules};
use super::quote::{Quote, list};
use super::{Evidence, checks};
use crate::check::common;
use crate::crypto::{Crypto, CryptoProvider};
use crate::event_log::{Digest, Register};
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::platform::events::{Events, is};
use crate::policy::{Requirement, Rule};
use crate::text::{Hex, any_of, joined};

static EVENTS: Events =
    Events { log: &checks::EVENT_LOG, events: &checks::EVENTS, word: "PCR", register: Register::Pcr };

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

/// Step 6.
fn judge_log(quote: &Quote, rules: &QuoteRules, exact: bool, provider: CryptoProvider, ledger: &mut Ledger) {
    if !exact && matches!(rules.event_log, Rule::Require(_)) {
        ledger.not_judged(&checks::EVENT_LOG, &checks::PCR_SELECTION);
        return ledger.not_judged(&checks::EVENTS, &checks::PCR_SELECTION);
    }
    let quoted = |index| quote.value(index).copied();
    EVENTS.judge(&rules.event_log, quote.log.as_ref(), quoted, provider, ledger);
}

/// Every check of step 3 and 5 that stands on the key alone.
pub(crate) fn judge_genuine(quote: &Quote, key: &crate::crypto::PublicKey, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    quote.judge_signature(key, crypto, ledger);
    quote.judge_values(crypto, ledger);
}
