//! What an accept block leaves open of the code that runs: registers and measurements that it does not judge,
//! whether it skips them or does not name them.
//!
//! What always holds: there is one rule. A policy is warned of what an attestation result does not affirm.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::platform::azure::Report;
use crate::platform::cca::{EXTENSIBLE, ExtensibleMeasurement};
use crate::platform::events::EventRules;
use crate::platform::tdx;
use crate::platform::tpm::QuoteRules;
use crate::policy::{Accept, Rule};

/// By the makers' names, such as `RTMR1`; none where all that the platform measures is judged.
pub(crate) fn code_left_out(block: &Accept) -> Vec<String> {
    match block {
        Accept::Tdx(block) => run_time_registers(block),
        Accept::Nitro(block) => one("PCR1 and PCR2", skipped(&block.registers)),
        Accept::Cca(block) => extensible_measurements(&block.extensible_measurements),
        Accept::Tpm(block) => registers(&block.quote),
        Accept::Azure(block) => {
            let mut open = match &block.report {
                Report::Tdx(report) => run_time_registers(report),
                // Its one measurement is always judged.
                Report::Snp(_) => Vec::new(),
            };
            open.extend(registers(&block.quote));
            open
        }
        Accept::Gpu(block) => {
            let open = block.measurements.iter().filter(|measurement| skipped(&measurement.values));
            open.map(|measurement| format!("measurement {}", measurement.index)).collect()
        }
        // One measurement of all that was loaded, which is always judged.
        Accept::Snp(_) | Accept::Sgx(_) => Vec::new(),
    }
}

fn skipped<T>(rule: &Rule<T>) -> bool {
    matches!(rule, Rule::Skip { .. })
}

fn one(what: &str, left_out: bool) -> Vec<String> {
    if left_out { Vec::from([what.to_owned()]) } else { Vec::new() }
}

/// MRTD is the virtual firmware alone. A register is judged by its value, or by the events of the log that is replayed to it.
fn run_time_registers(block: &tdx::Accept) -> Vec<String> {
    let open = (0..4).zip(&block.runtime_registers).filter(|(_, rule)| skipped(rule));
    let open = open.filter(|(index, _)| !judged_by_events(&block.event_log, *index));
    open.map(|(index, _)| format!("RTMR{index}")).collect()
}

/// The registers of a TPM that measure code until the operating system has it: the platform's firmware, its option ROMs and other
/// drivers, boot loader and kernel (TCG PC Client Platform Firmware Profile, section 3.3.4).
const CODE: [u8; 3] = [0, 2, 4];

/// The same of a TPM, where a register that is not even quoted is judged by nobody.
fn registers(rules: &QuoteRules) -> Vec<String> {
    let quoted = |index: u8| rules.registers.iter().find(|register| register.index == index);
    let open = |index: u8| match quoted(index) {
        Some(register) => skipped(&register.values) && !judged_by_events(&rules.event_log, index),
        None => CODE.contains(&index),
    };
    (0..=u8::MAX).filter(|index| open(*index)).map(|index| format!("PCR{index}")).collect()
}

/// The same of a realm: all of its measurements, or those that the policy does not name.
fn extensible_measurements(rule: &Rule<Vec<ExtensibleMeasurement>>) -> Vec<String> {
    match rule {
        Rule::Skip { .. } => one("the realm's extensible measurements", true),
        Rule::Require(named) => {
            let open = (0..EXTENSIBLE).filter(|index| !named.iter().any(|measurement| measurement.index == *index));
            open.map(|index| format!("REM{index}")).collect()
        }
    }
}

/// Whether nothing is in the register but events that the policy names. A log that is merely replayed judges nothing: whatever
/// was loaded, its own true log replays.
fn judged_by_events(log: &Rule<EventRules>, register: u8) -> bool {
    match log {
        Rule::Require(rules) => rules.judges_all_of(register),
        Rule::Skip { .. } => false,
    }
}
