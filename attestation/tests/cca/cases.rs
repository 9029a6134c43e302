//! What is not genuine, not fresh or not accepted: one thing changed, everything signed again, exactly the checks that must fail.

use sealroom_attestation::cca::{Component, ComponentValue, ExtensibleMeasurement, Profile};
use sealroom_attestation::{CryptoProvider, Ear, Fingerprint, Measurement, Policy, Rule, TrustAnchor};

use crate::draft::{point, public_key};
use crate::world::{ATTESTED_KEY, NOW, REPORT_DATA, World, component, cose_key};
use crate::{Case, cbor, run_with};

const CONFIG: &str = "cca.platform-config";

pub(crate) const CASES: &[Case] = &[
    // Genuine.
    ("another platform", |w| w.set_platform(256, cbor::bytes(&[1; 33])), &["cca.instance-id"]),
    ("the policy's key is not the one that is pinned", |w| w.anchor = Some(other_anchor()), &["common.trust-anchor"]),
    ("the attacker signs the platform token", |w| w.platform_signer = "other", &["cca.platform-signature"]),
    ("the realm signs the platform token", |w| w.platform_signer = "realm", &["cca.platform-signature"]),
    (
        "ES256 stands in the header of a P-384 key's message",
        |w| {
            w.platform_header = vec![0xa1, 0x01, 0x26];
            w.collect = |tokens| shorten_signature(&mut tokens[0].1);
        },
        &["cca.platform-signature"],
    ),
    ("the attacker signs the realm token", |w| w.realm_signer = "other", &["cca.realm-signature"]),
    ("the platform signs the realm token", |w| w.realm_signer = "platform", &["cca.realm-signature"]),
    (
        "the realm brings the attacker's key",
        |w| {
            w.set_realm(44237, cbor::bytes(&cose_key(&point("other"))));
            w.realm_signer = "other";
        },
        &["cca.binding"],
    ),
    (
        "the realm names another hash algorithm than the platform used",
        |w| w.set_realm(44240, cbor::text("sha-512")),
        &["cca.binding"],
    ),
    ("the platform was asked for another key", |w| w.set_platform(10, cbor::bytes(&[5; 32])), &["cca.binding"]),
    // Fresh.
    ("another challenge", |w| w.set_realm(10, cbor::bytes(&[0xd5; 64])), &["common.freshness"]),
    (
        "a challenge that begins well",
        |w| w.set_realm(10, cbor::bytes(&[&REPORT_DATA[..63], &[0]].concat())),
        &["common.freshness"],
    ),
    // The policy.
    ("a profile that the policy does not list", |w| w.accept.profiles = vec![Profile::Legacy], &["cca.profile"]),
    ("lifecycle unknown", |w| w.set_platform(2395, cbor::number(0x0000)), &["cca.lifecycle"]),
    ("lifecycle assembly and test", |w| w.set_platform(2395, cbor::number(0x1003)), &["cca.lifecycle"]),
    ("lifecycle provisioning", |w| w.set_platform(2395, cbor::number(0x2000)), &["cca.lifecycle"]),
    ("lifecycle debug of other parts", |w| w.set_platform(2395, cbor::number(0x4000)), &["cca.lifecycle"]),
    ("lifecycle recoverable debug", |w| w.set_platform(2395, cbor::number(0x5003)), &["cca.lifecycle"]),
    ("lifecycle decommissioned", |w| w.set_platform(2395, cbor::number(0x6000)), &["cca.lifecycle"]),
    ("lifecycle without a meaning", |w| w.set_platform(2395, cbor::number(0x3100)), &["cca.lifecycle"]),
    ("another implementation", |w| w.set_platform(2396, cbor::bytes(&[0x1e; 32])), &["cca.implementation-id"]),
    ("another configuration", |w| w.set_platform(2401, cbor::bytes(&[0xcf; 5])), &[CONFIG]),
    ("an empty configuration", |w| w.set_platform(2401, cbor::bytes(&[])), &[CONFIG]),
    ("another measurement of a component", |w| w.set_components(&[("RMM", 1), ("BL2", 4)]), &["cca.components"]),
    ("a component with another's measurement", |w| w.set_components(&[("RMM", 3), ("BL2", 1)]), &["cca.components"]),
    ("a component more", |w| w.set_components(&[("RMM", 1), ("BL2", 3), ("BL3", 3)]), &["cca.components"]),
    ("a component less", |w| w.set_components(&[("RMM", 1)]), &["cca.components"]),
    (
        "another signer of a component",
        |w| {
            let components = [component("RMM", &[1; 32], &[7; 32]), component("BL2", &[3; 32], &[2; 32])];
            w.set_platform(2399, cbor::array(&components));
        },
        &["cca.components"],
    ),
    ("another initial measurement", |w| w.set_realm(44238, cbor::bytes(&[0x51; 32])), &["cca.measurement"]),
    (
        "another extensible measurement",
        |w| {
            let digest = |byte: u8| cbor::bytes(&[byte; 32]);
            w.set_realm(44239, cbor::array(&[digest(0x61), digest(0x60), digest(0), digest(0)]));
        },
        &["cca.extensible-measurements"],
    ),
    ("another personalization value", |w| w.set_realm(44235, cbor::bytes(&[0x98; 64])), &["cca.personalization"]),
];

impl World {
    fn set_components(&mut self, components: &[(&str, u8)]) {
        let encode = |(name, byte): &(&str, u8)| component(name, &[*byte; 32], &[2; 32]);
        self.set_platform(2399, cbor::array(&components.iter().map(encode).collect::<Vec<_>>()));
    }
}

/// The last 96 bytes become 64, as ES256 has them, and the lengths agree.
fn shorten_signature(token: &mut Vec<u8>) {
    let head = if token[0] == 0x58 { 2 } else { 3 };
    let mut message = token[head..].to_vec();
    let length = message.len();
    message.truncate(length - 32);
    let length = message.len();
    message[length - 65] = 64;
    *token = cbor::bytes(&message);
}

fn other_anchor() -> TrustAnchor {
    TrustAnchor::vouched(Fingerprint::from_sha256([1; 32]), "another key").unwrap()
}

#[test]
fn what_is_wrong_fails_the_check_made_for_it() {
    run_with(CryptoProvider::ring(), CASES);
}

#[cfg(feature = "rustcrypto")]
#[test]
fn both_providers_refuse_the_same() {
    run_with(CryptoProvider::rustcrypto(), CASES);
}

#[test]
fn both_profiles_are_accepted_and_the_result_says_what_was_appraised() {
    for (name, world) in [("1.0.0", World::good()), ("legacy", World::legacy())] {
        let result = world.appraise().unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert_eq!(result.verdict().checks().len(), 19, "{name}");
        assert!(result.verdict().checks().iter().all(|check| check.holds()), "{name}");
        assert_eq!(*result.measurement(), Measurement::sha256([0x50; 32]), "{name}");
        assert_eq!(result.attested_key(), Some(&ATTESTED_KEY), "{name}");
        assert!(result.simulated(), "{name}");
        assert_eq!(result.machine().map(<[u8]>::len), Some(33), "{name}");
    }
}

#[test]
fn a_key_that_somebody_vouches_for_is_not_simulated() {
    let mut world = World::good();
    let fingerprint = *world.accept.trust_anchor.fingerprint();
    world.anchor = Some(TrustAnchor::vouched(fingerprint, "read out at our own site").unwrap());
    assert!(!world.appraise().unwrap().simulated());
}

#[test]
fn a_component_without_a_type_and_an_index_alone_are_judged_too() {
    let mut world = World::good();
    let unnamed = cbor::map(&[(cbor::number(2), cbor::bytes(&[8; 48])), (cbor::number(5), cbor::bytes(&[9; 64]))]);
    world.set_platform(2399, cbor::array(&[unnamed]));
    let value = ComponentValue { measurement: vec![8; 48], signer_id: vec![9; 64] };
    world.accept.components = Rule::Require(vec![Component { component_type: String::new(), values: vec![value] }]);
    let rem = ExtensibleMeasurement { index: 3, values: vec![Measurement::sha256([0; 32])] };
    world.accept.extensible_measurements = Rule::Require(vec![rem]);
    assert!(world.appraise().is_ok());
}

#[test]
fn the_platform_key_of_the_policy_decides_and_not_the_one_that_signs() {
    let mut world = World::good();
    world.accept.platform_key = public_key("other");
    let rejection = world.appraise().unwrap_err();
    assert_eq!(crate::failed(&rejection), ["common.trust-anchor", "cca.platform-signature"], "{rejection}");
}

#[test]
fn an_extensible_measurement_that_the_policy_does_not_name_is_warned_of_and_its_executables_are_not_affirmed() {
    let rem = |index: u8| {
        let value = if index < 2 { 0x60 + index } else { 0 };
        ExtensibleMeasurement { index, values: vec![Measurement::sha256([value; 32])] }
    };
    let ear = |named: &[u8]| {
        let mut world = World::good();
        world.accept.extensible_measurements = Rule::Require(named.iter().map(|index| rem(*index)).collect());
        let policy = Policy::new(vec![world.accept.clone().into()]).unwrap();
        let appraisal = world.appraise();
        assert_eq!(appraisal.as_ref().err().map(ToString::to_string), None);
        let ear = Ear::of(&appraisal, &policy, CryptoProvider::ring(), None, NOW).unwrap();
        let claims = ear.submods()["arm-cca:0"].vector();
        let executables = claims.claims().find(|(claim, _)| *claim == "executables").map(|(_, value)| value);
        let warned = policy.lint().into_iter().find(|warning| warning.id == "unmeasured-code");
        (executables, warned.map(|warning| warning.text))
    };
    assert_eq!(ear(&[0, 1, 2, 3]), (Some(2), None));
    for (named, open) in [([1, 2, 3], "REM0"), ([0, 2, 3], "REM1"), ([0, 1, 3], "REM2"), ([0, 1, 2], "REM3")] {
        let text = format!("left out: {open}; what they alone measure of the code that runs may be anything");
        assert_eq!(ear(&named), (Some(32), Some(text)));
    }
}
