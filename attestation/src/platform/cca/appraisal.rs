//! Steps 7 and 8: is a genuine, fresh token good enough for one accept block? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Accept, Component, ComponentValue, ExtensibleMeasurement, PlatformClaims, RealmClaims, Token, checks};
use crate::ledger::Ledger;
use crate::platform::block::judge_rule;
use crate::text::{Hex, any_of, joined};

/// DEN0137 section A7.2.3.2: bits 15 to 8.
const SECURED: u16 = 0x30;

/// Enters every check of [`Step::Policy`](crate::Step) into the ledger.
pub(crate) fn judge_policy(token: &Token, block: &Accept, ledger: &mut Ledger) {
    let (platform, realm) = (token.platform(), token.realm());
    let profiles = any_of(block.profiles.iter().map(|profile| profile.as_str()));
    ledger.judge(&checks::PROFILE, block.profiles.contains(&platform.profile), profiles, platform.profile.as_str());
    judge_platform(platform, block, ledger);
    // Step 8.
    let measurement = realm.initial_measurement;
    let holds = block.measurements.contains(&measurement);
    ledger.judge(&checks::MEASUREMENT, holds, any_of(&block.measurements), measurement.to_string());
    judge_rule(&checks::EXTENSIBLE_MEASUREMENTS, &block.extensible_measurements, ledger, |wanted| {
        judge_extensible(realm, wanted)
    });
    judge_rule(&checks::PERSONALIZATION, &block.personalization_values, ledger, |values| {
        let found = &realm.personalization_value;
        (values.contains(found), any_of(values.iter().map(|value| Hex(value))), Hex(found).to_string())
    });
}

/// Step 7.
fn judge_platform(platform: &PlatformClaims, block: &Accept, ledger: &mut Ledger) {
    let secured = platform.lifecycle >> 8 == SECURED;
    let found = format!("{:#06x} ({})", platform.lifecycle, platform.lifecycle_name());
    ledger.judge(&checks::LIFECYCLE, secured, "0x3000 to 0x30ff (secured)", found);
    judge_rule(&checks::IMPLEMENTATION_ID, &block.implementation_ids, ledger, |ids| {
        let found = &platform.implementation_id;
        (ids.contains(found), any_of(ids.iter().map(|id| Hex(id))), Hex(found).to_string())
    });
    judge_rule(&checks::PLATFORM_CONFIG, &block.platform_configs, ledger, |configs| {
        let words = |config: &[u8]| format!("{} bytes {}", config.len(), Hex(config));
        let holds = configs.contains(&platform.config);
        (holds, any_of(configs.iter().map(|config| words(config))), words(&platform.config))
    });
    judge_rule(&checks::COMPONENTS, &block.components, ledger, |wanted| judge_components(platform, wanted));
}

/// Each of the token's is one of the policy's, and each of the policy's is in the token.
fn judge_components(platform: &PlatformClaims, wanted: &[Component]) -> (bool, String, String) {
    let mut problems: Vec<String> = Vec::new();
    for found in &platform.components {
        let values = wanted.iter().find(|component| component.component_type == found.name());
        let known =
            |value: &ComponentValue| value.measurement == found.measurement && value.signer_id == found.signer_id;
        if !values.is_some_and(|component| component.values.iter().any(known)) {
            problems.push(found.words());
        }
    }
    for component in wanted {
        if !platform.components.iter().any(|found| found.name() == component.component_type) {
            problems.push(format!("no {}", component.component_type));
        }
    }
    let words = |component: &Component| {
        let value = |value: &ComponentValue| {
            format!("measurement {} signer {}", Hex(&value.measurement), Hex(&value.signer_id))
        };
        format!("{} {}", component.component_type, any_of(component.values.iter().map(value)))
    };
    let expected = joined(wanted.iter().map(words), ", ");
    let found = if problems.is_empty() {
        format!("{} components, all of them", platform.components.len())
    } else {
        joined(&problems, ", ")
    };
    (problems.is_empty(), expected, found)
}

fn judge_extensible(realm: &RealmClaims, wanted: &[ExtensibleMeasurement]) -> (bool, String, String) {
    let found = |index: u8| realm.extensible_measurements.get(usize::from(index));
    let holds = |wanted: &ExtensibleMeasurement| found(wanted.index).is_some_and(|found| wanted.values.contains(found));
    let expected = |wanted: &ExtensibleMeasurement| format!("REM{} {}", wanted.index, any_of(&wanted.values));
    let words = |wanted: &ExtensibleMeasurement| match found(wanted.index) {
        Some(measurement) => format!("REM{} {measurement}", wanted.index),
        None => format!("no REM{}", wanted.index),
    };
    (wanted.iter().all(holds), joined(wanted.iter().map(expected), ", "), joined(wanted.iter().map(words), ", "))
}
