//! A TDX quote against one accept block: authenticity with its module's claims, then steps 13 to 18. Every check runs.

use alloc::format;
use alloc::string::{String, ToString};

use super::report::Quote;
use super::{Accept, ModuleVersion, attributes, checks};
use crate::crypto::{Crypto, CryptoProvider};
use crate::endorsements::Endorsements;
use crate::event_log::{Algorithm, Digest, EventLog, Register};
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::platform::events::Events;
use crate::platform::intel::appraisal::{bit_names, judge_bits, judge_bytes, judge_platform};
use crate::platform::intel::authenticity::{self, Genuine};
use crate::platform::intel::states;
use crate::text::any_of;

static EVENTS: Events =
    Events { log: &checks::EVENT_LOG, events: &checks::EVENTS, word: "RTMR", register: Register::Rtmr };

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger.
pub(crate) fn authenticate(
    evidence: &Quote,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    const CONTAINER: &str = "a quote alone, or strictly with its log";
    ledger.pass(&checks::CONTAINER, CONTAINER, CONTAINER);
    let module = evidence.module();
    let (anchor, rules) = (&block.trust_anchor, &block.platform);
    authenticity::authenticate(&evidence.quote, Some(&module), anchor, rules, endorsements, crypto, now, ledger)
}

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger. `log` is what came with the quote.
pub(crate) fn judge_policy(
    evidence: &Quote,
    log: Option<&EventLog>,
    genuine: &Genuine,
    block: &Accept,
    provider: CryptoProvider,
    now: u64,
    ledger: &mut Ledger,
) {
    judge_platform(&evidence.quote, genuine, &block.platform, now, ledger);
    let report = &evidence.report;
    judge_module(evidence, block, ledger);
    // Step 15.
    let untrusted = report.attributes & attributes::UNTRUSTED;
    let found = bit_names(untrusted, &attributes::NAMES);
    ledger.judge(&checks::DEBUG, untrusted == 0, "none of the bits of debugging and profiling", found);
    let mut wanted = block.attributes;
    if wanted.set & attributes::MIGRATABLE == 0 {
        wanted.clear |= attributes::MIGRATABLE;
    }
    judge_bits(
        &checks::ATTRIBUTES,
        report.attributes & !attributes::UNTRUSTED,
        wanted,
        attributes::KNOWN,
        &attributes::NAMES,
        ledger,
    );
    let mut xfam = block.xfam;
    xfam.set |= states::ALWAYS;
    judge_bits(&checks::XFAM, report.xfam, xfam, attributes::XFAM_KNOWN, &states::NAMES, ledger);
    // Step 17.
    let measurement = evidence.measurement();
    ledger.judge(
        &checks::MEASUREMENT,
        block.measurements.contains(&measurement),
        any_of(&block.measurements),
        measurement.to_string(),
    );
    // Step 18.
    let registers = checks::RUNTIME_REGISTERS.into_iter().zip(&block.runtime_registers);
    for ((check, rule), found) in registers.zip(&report.runtime_registers) {
        judge_bytes(check, rule, Some(found), ledger);
    }
    let quoted = |index| {
        let value = report.runtime_registers.get(usize::from(index))?;
        Digest::new(Algorithm::Sha384, value)
    };
    EVENTS.judge(&block.event_log, log, quoted, provider, ledger);
    judge_bytes(&checks::CONFIG_ID, &block.config_ids, Some(&report.config_id), ledger);
    judge_bytes(&checks::OWNER, &block.owners, Some(&report.owner), ledger);
    judge_bytes(&checks::OWNER_CONFIG, &block.owner_configs, Some(&report.owner_config), ledger);
    judge_bytes(&checks::SERVICE_TD, &block.service_tds, report.service_td.as_ref(), ledger);
}

fn judge_module(evidence: &Quote, block: &Accept, ledger: &mut Ledger) {
    let report = &evidence.report;
    let [svn, major, ..] = report.tee_tcb_svn_2.unwrap_or(report.tee_tcb_svn);
    let found = ModuleVersion { major, svn };
    judge_rule(&checks::MODULE_VERSION, &block.minimum_module, ledger, |minimum| {
        let holds = major > minimum.major || (major == minimum.major && svn >= minimum.svn);
        (holds, format!("at least {minimum}"), found.to_string())
    });
    judge_bytes(&checks::SEAM_MEASUREMENT, &block.seam_measurements, Some(&report.seam_measurement), ledger);
}

/// For people: what the TD's module is.
pub(super) fn module_words(svn: &[u8; 16]) -> String {
    let [module_svn, major, ..] = *svn;
    ModuleVersion { major, svn: module_svn }.to_string()
}
