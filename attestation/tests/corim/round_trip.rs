//! A policy's values as a manifest, and from there into a policy with the same decisions and other values: the same blocks.

use sealroom_attestation::{Corim, CorimExport, CorimExportError, CorimProfile, Policy};
use serde_json::json;

use crate::policies::{Numbers, PLATFORMS, block, one, policy};

pub(crate) const NOW: u64 = 1_790_000_000;

pub(crate) fn plain<'a>() -> CorimExport<'a> {
    CorimExport { id: "a manifest", profile: None, blocks: &[], leave_out: &[] }
}

pub(crate) fn by(profile: CorimProfile) -> CorimExport<'static> {
    CorimExport { profile: Some(profile), ..plain() }
}

fn imported(bytes: &[u8], into: &Policy) -> Policy {
    let corim = Corim::dangerous_unverified(bytes, NOW).unwrap();
    corim.import(into, None).unwrap_or_else(|error| panic!("{error}\n{}", into.to_toml())).policy
}

/// The same policy with other values in every place that has some: what it skips, it skips.
fn scrambled(of: &Policy, seed: u64) -> Policy {
    let mut json = of.to_json();
    let mut numbers = Numbers::new(seed);
    scramble(&mut json["accept"], &mut numbers);
    Policy::from_json(&json.to_string()).unwrap_or_else(|error| panic!("{error}\n{json:#}"))
}

fn scramble(value: &mut serde_json::Value, numbers: &mut Numbers) {
    // Decisions stay; they are what a manifest does not say.
    const DECISIONS: [&str; 6] =
        ["trust_anchor", "platform", "platform_key", "instance_id", "component_type", "report_versions"];
    match value {
        serde_json::Value::Object(map) => map
            .iter_mut()
            .filter(|(key, _)| !DECISIONS.contains(&key.as_str()))
            .for_each(|(_, value)| scramble(value, numbers)),
        serde_json::Value::Array(values) => values.iter_mut().for_each(|value| scramble(value, numbers)),
        serde_json::Value::String(text) => {
            let (name, digits) = text.split_once(':').unwrap_or(("", text));
            if digits.len() >= 10 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                let new = numbers.hex(digits.len() / 2);
                *text = if name.is_empty() { new } else { format!("{name}:{new}") };
            }
        }
        _ => {}
    }
}

#[test]
fn what_is_exported_is_imported_as_the_same_blocks() {
    for platform in PLATFORMS.into_iter().filter(|platform| *platform != "arm-cca") {
        for seed in 0..60 {
            let original = one(platform, seed);
            let exported =
                original.to_corim(&plain()).unwrap_or_else(|error| panic!("{error}\n{}", original.to_toml()));
            let other = scrambled(&original, seed + 1000);
            assert_ne!(other, original);
            assert_eq!(imported(&exported.bytes, &other), original, "{platform}, seed {seed}");
        }
    }
}

#[test]
fn a_realm_and_the_platform_below_it_are_two_manifests_that_make_one_block() {
    for seed in 0..60 {
        let original = one("arm-cca", seed);
        let platform = original.to_corim(&by(CorimProfile::ArmCcaPlatform)).unwrap();
        let realm = original.to_corim(&by(CorimProfile::ArmCcaRealm)).unwrap();
        let other = scrambled(&original, seed + 1000);
        assert_eq!(imported(&realm.bytes, &imported(&platform.bytes, &other)), original, "seed {seed}");
        assert_ne!(imported(&realm.bytes, &other), original, "the platform is not in the realm's manifest");
    }
}

#[test]
fn amds_profile_says_all_but_firmware_levels_and_the_abi() {
    let leave_out = ["minimum_firmware", "minimum_launch_firmware", "minimum_guest_abi", "mitigations", "maximum_vmpl"];
    let how = CorimExport { leave_out: &leave_out, ..by(CorimProfile::AmdSevSnp) };
    for seed in 0..60 {
        let original = one("amd-sev-snp", seed);
        let exported = original.to_corim(&how).unwrap_or_else(|error| panic!("{error}\n{}", original.to_toml()));
        let mut other = scrambled(&original, seed + 1000).to_json();
        // What is left out stays as the one who imports has it.
        for field in leave_out {
            other["accept"]["amd-sev-snp"][0][field] = original.to_json()["accept"]["amd-sev-snp"][0][field].clone();
        }
        let other = Policy::from_json(&other.to_string()).unwrap();
        assert_eq!(imported(&exported.bytes, &other), original, "seed {seed}");
    }
}

#[test]
fn several_blocks_of_several_platforms_each_find_their_own_by_name() {
    let mut numbers = Numbers::new(7);
    let blocks: Vec<_> = ["amd-sev-snp", "amd-sev-snp", "intel-tdx", "aws-nitro"]
        .into_iter()
        .enumerate()
        .map(|(index, platform)| (platform, block(platform, &format!("release {index}"), &mut numbers)))
        .collect();
    let original = policy(&blocks);
    let exported = original.to_corim(&plain()).unwrap();
    assert_eq!(imported(&exported.bytes, &scrambled(&original, 5)), original);
    let first = CorimExport { blocks: &["release 1"], ..plain() };
    let imported = imported(&original.to_corim(&first).unwrap().bytes, &scrambled(&original, 5));
    let same = |name: &str| {
        imported.blocks().iter().find(|block| block.name() == name)
            == original.blocks().iter().find(|block| block.name() == name)
    };
    assert!(same("release 1") && !same("release 0") && !same("release 2"));
}

#[test]
fn a_manifest_that_says_nothing_of_a_field_leaves_it_as_it_was() {
    let original = one("amd-sev-snp", 3);
    let how = CorimExport { leave_out: &["host_data", "minimum_firmware", "images"], ..plain() };
    let mut other = original.to_json();
    other["accept"]["amd-sev-snp"][0]["host_data"] = json!(["ab".repeat(32)]);
    other["accept"]["amd-sev-snp"][0]["measurements"] = json!([format!("sha384:{}", "cd".repeat(48))]);
    let other = Policy::from_json(&other.to_string()).unwrap();
    let exported = original.to_corim(&how).unwrap();
    let imported = imported(&exported.bytes, &other).to_json();
    let field = |policy: &serde_json::Value, field: &str| policy["accept"]["amd-sev-snp"][0][field].clone();
    assert_eq!(field(&imported, "host_data"), json!(["ab".repeat(32)]));
    assert_eq!(field(&imported, "measurements"), field(&original.to_json(), "measurements"));
    assert!(
        exported.not_said[0].1.contains(&"host_data".to_owned()) || field(&original.to_json(), "host_data").is_object()
    );
}

#[test]
fn what_a_profile_can_not_say_stops_the_export_by_name() {
    let mut json = one("amd-sev-snp", 1).to_json();
    let block = &mut json["accept"]["amd-sev-snp"][0];
    block["minimum_firmware"] = json!({ "fmc": 0, "bootloader": 4, "tee": 0, "snp": 22, "microcode": 213 });
    block["maximum_vmpl"] = json!(0);
    block["mitigations"] = json!({ "skip": "left open" });
    block["minimum_guest_abi"] = json!({ "skip": "left open" });
    block["minimum_launch_firmware"] = json!({ "skip": "left open" });
    let policy = Policy::from_json(&json.to_string()).unwrap();
    let error = policy.to_corim(&by(CorimProfile::AmdSevSnp)).unwrap_err();
    let CorimExportError::Field { block, field, .. } = error else { panic!("{error}") };
    assert_eq!((block.as_str(), field.as_str()), ("release 1", "minimum_firmware"));
    let left_out = CorimExport { leave_out: &["minimum_firmware"], ..by(CorimProfile::AmdSevSnp) };
    let exported = policy.to_corim(&left_out).unwrap();
    assert!(exported.not_said[0].1.contains(&"minimum_firmware".to_owned()), "{:?}", exported.not_said);
    json["accept"]["amd-sev-snp"][0]["maximum_vmpl"] = json!(1);
    let policy = Policy::from_json(&json.to_string()).unwrap();
    let error = policy.to_corim(&left_out).unwrap_err();
    let CorimExportError::Field { field, .. } = error else { panic!("{error}") };
    assert_eq!(field, "maximum_vmpl");
}

/// No vocabulary has events of a log; what a manifest does not say of them stays in the policy that it is imported into.
#[test]
fn the_events_of_a_log_stop_the_export_until_they_are_left_out_by_name() {
    let mut json = one("intel-tdx", 1).to_json();
    let event =
        json!({ "name": "kernel", "register": 1, "digests": [format!("sha384:{}", "ab".repeat(48))], "only": true });
    let log = json!({ "registers": [0, 1], "events": [event] });
    json["accept"]["intel-tdx"][0]["event_log"].clone_from(&log);
    let policy = Policy::from_json(&json.to_string()).unwrap();
    let error = policy.to_corim(&plain()).unwrap_err();
    let CorimExportError::Field { block, field, .. } = error else { panic!("{error}") };
    assert_eq!((block.as_str(), field.as_str()), ("release 1", "event_log"));
    let exported = policy.to_corim(&CorimExport { leave_out: &["event_log"], ..plain() }).unwrap();
    assert!(exported.not_said[0].1.contains(&"event_log".to_owned()), "{:?}", exported.not_said);
    assert_eq!(imported(&exported.bytes, &policy).to_json()["accept"]["intel-tdx"][0]["event_log"], log);
}

#[test]
fn an_export_that_means_nothing_is_refused_by_name() {
    let policy = one("intel-tdx", 1);
    let error = policy.to_corim(&CorimExport { id: " ", ..plain() }).unwrap_err();
    assert_eq!(error, CorimExportError::Identifier);
    let error = policy.to_corim(&CorimExport { blocks: &["release 2"], ..plain() }).unwrap_err();
    assert_eq!(error, CorimExportError::NoSuchBlock { name: "release 2".into(), named: vec!["release 1".into()] });
    let error = policy.to_corim(&CorimExport { leave_out: &["measurement"], ..plain() }).unwrap_err();
    assert_eq!(error, CorimExportError::NoSuchField { field: "measurement".into() });
    let error = policy.to_corim(&CorimExport { leave_out: &["trust_anchor"], ..plain() }).unwrap_err();
    assert_eq!(error, CorimExportError::NoSuchField { field: "trust_anchor".into() }, "it is never in a manifest");
    let error = policy.to_corim(&by(CorimProfile::ArmCcaRealm)).unwrap_err();
    let CorimExportError::Platform { block, expected, .. } = error else { panic!("{error}") };
    assert_eq!(
        (block.as_str(), expected.as_str()),
        ("release 1", "arm-cca (or, for this platform, another profile: sealroom)")
    );
    let error = one("arm-cca", 1).to_corim(&plain()).unwrap_err();
    let CorimExportError::Platform { expected, .. } = error else { panic!("{error}") };
    assert!(expected.ends_with("another profile: arm-cca-platform, arm-cca-realm)"), "{expected}");
}

#[test]
fn a_block_of_too_many_states_is_not_exported() {
    let mut json = one("amd-sev-snp", 1).to_json();
    let many =
        |bytes: usize, count: u8| (0..count).map(|value| format!("{value:02x}").repeat(bytes)).collect::<Vec<_>>();
    json["accept"]["amd-sev-snp"][0]["host_data"] = json!(many(32, 17));
    json["accept"]["amd-sev-snp"][0]["id_key_digests"] = json!(many(48, 16));
    let policy = Policy::from_json(&json.to_string()).unwrap();
    assert_eq!(policy.to_corim(&plain()), Err(CorimExportError::States { block: "release 1".into(), limit: 256 }));
}

/// A field that comes to a platform has to be put into its vocabulary, or among the decisions; else exporting it stops.
#[test]
fn every_field_of_a_block_is_said_or_is_a_decision() {
    for platform in PLATFORMS.into_iter().filter(|platform| *platform != "arm-cca") {
        for seed in 0..60 {
            let policy = one(platform, seed);
            let exported = policy.to_corim(&plain()).unwrap();
            let block = &policy.to_json()["accept"][platform][0];
            let said = Corim::dangerous_unverified(&exported.bytes, NOW).unwrap().import(&policy, None).unwrap();
            for (field, value) in block.as_object().unwrap() {
                let known = said.blocks[0].fields.contains(field)
                    || exported.not_said[0].1.contains(field)
                    || ["name", "trust_anchor"].contains(&field.as_str());
                let skipped = value.get("skip").is_some()
                    || (field == "runtime_registers" && value.as_array().unwrap().iter().all(|rule| rule.is_object()));
                assert!(known || skipped, "{platform}: {field}");
            }
        }
    }
}
