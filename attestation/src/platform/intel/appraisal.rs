//! Steps 13 and 14, shared by TDX and SGX: is the platform good enough for one accept block? And how a rule becomes a check.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::authenticity::Genuine;
use super::checks;
use super::policy::{Bits, Machine, PlatformRules, TcbAge};
use super::quote::Quote;
use super::status::{TcbStatus, printable};
use crate::check::{CheckDefinition, Words, common};
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::policy::Rule;
use crate::text::{Hex, any_of, joined, utc};

/// Enters every check of [`Step::Policy`](crate::Step) that the TEEs share into the ledger.
pub(crate) fn judge_platform(quote: &Quote, genuine: &Genuine, rules: &PlatformRules, now: u64, ledger: &mut Ledger) {
    let versions = any_of(&rules.quote_versions);
    ledger.judge(
        &checks::VERSION_ACCEPTED,
        rules.quote_versions.contains(&quote.version),
        versions,
        quote.version.to_string(),
    );
    judge_machine(genuine, rules, ledger);
    judge_status(genuine, rules, now, ledger);
    judge_rule(&checks::ADVISORIES, &rules.rejected_advisories, ledger, |rejected| {
        let hits = genuine.evaluation.advisories.iter().filter(|advisory| rejected.contains(advisory));
        let hits = joined(hits.map(|advisory| printable(advisory)), ", ");
        let (holds, found) = if hits.is_empty() { (true, String::from("none of them")) } else { (false, hits) };
        (holds, format!("not {}", any_of(rejected)), found)
    });
    judge_rule(&checks::SGX_TYPE, &rules.sgx_types, ledger, |types| {
        let found = genuine.platform.sgx_type;
        (types.contains(&found), any_of(types.iter().map(|kind| kind.as_str())), found.as_str().to_string())
    });
    let registration = genuine.platform.registration;
    let mut judge_flag = |check, rule: &Rule<bool>, found: Option<bool>| {
        judge_rule(check, rule, ledger, |wanted| {
            let found_words = found.map_or("not said by this certificate", yes_or_no);
            (found == Some(*wanted), yes_or_no(*wanted), String::from(found_words))
        });
    };
    judge_flag(&checks::DYNAMIC_PLATFORM, &rules.dynamic_platform, registration.map(|flags| flags.dynamic_platform));
    judge_flag(&checks::CACHED_KEYS, &rules.cached_keys, registration.map(|flags| flags.cached_keys));
    judge_flag(&checks::SMT, &rules.smt, registration.map(|flags| flags.smt));
}

fn yes_or_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

fn judge_machine(genuine: &Genuine, rules: &PlatformRules, ledger: &mut Ledger) {
    let (package, instance) = (genuine.platform.ppid, genuine.platform.registration.map(|flags| flags.instance_id));
    judge_rule(&common::MACHINE, &rules.machines, ledger, |machines| {
        let holds = machines.iter().any(|machine| match machine {
            Machine::Package(id) => *id == package,
            Machine::Instance(id) => Some(*id) == instance,
        });
        let words = |machine: &Machine| match machine {
            Machine::Package(id) => format!("package {}", Hex(id)),
            Machine::Instance(id) => format!("instance {}", Hex(id)),
        };
        let found = [Some(Machine::Package(package)), instance.map(Machine::Instance)];
        (holds, any_of(machines.iter().map(words)), joined(found.iter().flatten().map(words), ", "))
    });
}

/// Step 13.
fn judge_status(genuine: &Genuine, rules: &PlatformRules, now: u64, ledger: &mut Ledger) {
    let evaluation = &genuine.evaluation;
    let expected = any_of(&rules.tcb_statuses);
    let advisories = joined(evaluation.advisories.iter().map(|advisory| printable(advisory)), ", ");
    let advisories = if advisories.is_empty() { String::new() } else { format!(" ({advisories})") };
    let found = format!("{}{advisories}: {}", evaluation.status, evaluation.words);
    match (rules.tcb_statuses.contains(&evaluation.status), evaluation.status) {
        (false, _) => ledger.fail(&checks::TCB_STATUS, expected, found),
        (true, TcbStatus::UpToDate) => ledger.pass(&checks::TCB_STATUS, expected, found),
        (true, _) => ledger.warn(&checks::TCB_STATUS, expected, found),
    }
    match &rules.tcb_age {
        TcbAge::Skip { reason } => ledger.skip(&checks::TCB_AGE, reason),
        TcbAge::MinimumEvaluation(minimum) => {
            let number = genuine.evaluation_number;
            ledger.judge(
                &checks::TCB_AGE,
                number >= *minimum,
                format!("evaluation {minimum} or later"),
                number.to_string(),
            );
        }
        TcbAge::Grace { seconds } => {
            let until = evaluation.date.saturating_add(*seconds);
            let holds = !evaluation.status.is_out_of_date() || now <= until;
            let found = format!("{}, dated {}", evaluation.status, utc(evaluation.date));
            ledger.judge(&checks::TCB_AGE, holds, format!("up to date, or accepted until {}", utc(until)), found);
        }
    }
}

/// One of the values, byte for byte. `None` where this Evidence has no such field.
pub(crate) fn judge_bytes<const N: usize>(
    check: &'static CheckDefinition,
    rule: &Rule<Vec<[u8; N]>>,
    found: Option<&[u8; N]>,
    ledger: &mut Ledger,
) {
    judge_rule(check, rule, ledger, |values| {
        let holds = found.is_some_and(|found| values.contains(found));
        let words = found.map_or(String::from("not in this quote"), |found| Hex(found).to_string());
        (holds, any_of(values.iter().map(|value| Hex(value))), words)
    });
}

/// Whether the bits are as wanted, and none is set that has no meaning.
pub(crate) fn judge_bits(
    check: &'static CheckDefinition,
    bits: u64,
    wanted: Bits,
    known: u64,
    names: &[(u64, &'static str)],
    ledger: &mut Ledger,
) {
    let holds = bits & wanted.set == wanted.set && bits & wanted.clear == 0 && bits & !known == 0;
    let expected = format!(
        "set: {}; not set: {}; no other unknown bit",
        bit_names(wanted.set, names),
        bit_names(wanted.clear, names)
    );
    ledger.judge(check, holds, expected, format!("{bits:#x} ({})", bit_names(bits, names)));
}

/// Names of the bits that are set, numbers of those without a name; "none" where none is.
pub(crate) fn bit_names(bits: u64, names: &[(u64, &'static str)]) -> String {
    let named = names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| Words::from(*name));
    let without_name = bits & !names.iter().fold(0, |all, (bit, _)| all | bit);
    let numbered =
        (0..u64::BITS).filter(|bit| without_name >> bit & 1 == 1).map(|bit| Words::from(format!("bit {bit}")));
    let set = joined(named.chain(numbered), ", ");
    if set.is_empty() { String::from("none") } else { set }
}
