//! Steps 7 and 8: is a genuine, fresh report good enough for one accept block? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::authenticity::Genuine;
use super::{Accept, Claims, IndexedMeasurement, Report, checks};
use crate::check::common;
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::policy::Rule;
use crate::text::{Hex, any_of, joined};

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(report: &Report, genuine: &Genuine, block: &Accept, ledger: &mut Ledger) {
    let claims = report.claims();
    // Step 7.
    let chip = genuine.chip.as_deref().unwrap_or("none named");
    ledger.judge(&checks::CHIP, block.chips.iter().any(|known| known == chip), any_of(&block.chips), chip.to_string());
    judge_rule(&common::MACHINE, &block.machines, ledger, |machines| {
        let expected = any_of(machines.iter().map(|serial| Hex(serial)));
        (machines.contains(&genuine.machine), expected, Hex(&genuine.machine).to_string())
    });
    for (check, rule, found) in [
        (&checks::DRIVER, &block.driver_versions, &claims.driver_version),
        (&checks::VBIOS, &block.vbios_versions, &claims.vbios_version),
    ] {
        judge_rule(check, rule, ledger, |versions| (versions.contains(found), any_of(versions), found.clone()));
    }
    judge_rule(&checks::FIRMWARE_ID, &block.firmware_ids, ledger, |ids| {
        let found = report.measurement();
        (ids.contains(&found), any_of(ids), found.to_string())
    });
    judge_measurements(claims, &block.measurements, ledger);
}

/// Step 8: each that the policy demands agrees, and each that is in use stands in the policy.
fn judge_measurements(claims: &Claims, wanted: &[IndexedMeasurement], ledger: &mut Ledger) {
    let mut problems: Vec<String> = Vec::new();
    let mut expected: Vec<String> = Vec::new();
    for IndexedMeasurement { index, values } in wanted {
        let Rule::Require(values) = values else {
            continue;
        };
        expected.push(format!("{index} {}", any_of(values.iter().map(|value| Hex(value)))));
        match claims.measurement(*index) {
            Some(found) if values.contains(found) => {}
            Some(found) => problems.push(format!("{index} {}", Hex(found))),
            None => problems.push(format!("no measurement {index}")),
        }
    }
    let in_use = claims.measurements.iter().filter(|(_, value)| *value != [0; 48]);
    let unlisted = in_use.filter(|(index, _)| !wanted.iter().any(|wanted| wanted.index == *index));
    problems.extend(unlisted.map(|(index, value)| format!("{index} {}, which the policy does not name", Hex(value))));

    let skipped = wanted.iter().filter_map(|wanted| Some((wanted.index, wanted.values.skip_reason()?)));
    let skipped = joined(skipped.map(|(index, reason)| format!("{index} ({reason})")), ", ");
    let skipped = if skipped.is_empty() { skipped } else { format!("; not judged: {skipped}") };
    let found = if problems.is_empty() {
        format!("{} measurements as wanted{skipped}", expected.len())
    } else {
        format!("{}{skipped}", joined(&problems, ", "))
    };
    ledger.judge(&checks::MEASUREMENTS, problems.is_empty(), joined(&expected, ", "), found);
}
