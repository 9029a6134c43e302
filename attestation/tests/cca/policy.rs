//! Policies that could not mean what was written, and how they stand in text.

use sealroom_attestation::cca::{Accept, Component, ExtensibleMeasurement};
use sealroom_attestation::snp::{self, Bits, SigningKey};
use sealroom_attestation::{
    Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, PolicyError, Requirement, Rule,
    TrustAnchor, Verifier, vendor_roots,
};

use crate::failed;
use crate::world::World;

fn refused(change: fn(&mut Accept)) -> PolicyError {
    let mut accept = World::good().accept;
    change(&mut accept);
    Policy::new(vec![accept.into()]).unwrap_err()
}

fn impossible(field: &'static str, problem: &'static str) -> PolicyError {
    PolicyError::Impossible { block: "test".to_owned(), field, problem }
}

fn components(accept: &mut Accept) -> &mut Vec<Component> {
    match &mut accept.components {
        Rule::Require(components) => components,
        Rule::Skip { .. } => panic!("the world's policy names components"),
    }
}

fn extensible(accept: &mut Accept) -> &mut Vec<ExtensibleMeasurement> {
    match &mut accept.extensible_measurements {
        Rule::Require(measurements) => measurements,
        Rule::Skip { .. } => panic!("the world's policy names extensible measurements"),
    }
}

#[test]
fn a_policy_that_can_not_be_meant_is_refused() {
    assert_eq!(
        refused(|a| a.name = String::new()),
        PolicyError::Impossible { block: String::new(), field: "name", problem: "is empty" }
    );
    let another = "is another maker's root: name the platform's key, vouched for or simulated";
    let vendor = |a: &mut Accept| {
        a.trust_anchor = TrustAnchor::new(vendor_roots().next().unwrap().fingerprint, false).unwrap();
    };
    assert_eq!(refused(vendor), impossible("trust_anchor", another));
    let key = "is no SubjectPublicKeyInfo of a P-256 or P-384 key (P-521 is not verified here)";
    assert_eq!(refused(|a| a.platform_key.clear()), impossible("platform_key", key));
    assert_eq!(refused(|a| a.platform_key.truncate(100)), impossible("platform_key", key));
    assert_eq!(refused(|a| a.instance_id[0] = 2), impossible("instance_id", "does not begin with 01"));
    assert_eq!(refused(|a| components(a)[1].component_type = "BL2".into()), impossible("components", "name one twice"));
    let digest = "have a digest that is not of 32, 48 or 64 bytes";
    assert_eq!(refused(|a| components(a)[0].values[0].signer_id = vec![1; 33]), impossible("components", digest));
    let bounds = "name one that is not 0 to 3";
    assert_eq!(refused(|a| extensible(a)[0].index = 4), impossible("extensible_measurements", bounds));
    assert_eq!(refused(|a| extensible(a)[0].index = 1), impossible("extensible_measurements", "name one twice"));
}

#[test]
fn an_empty_list_and_a_skip_without_a_reason_are_refused() {
    let empty = |field| PolicyError::EmptyList { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.profiles.clear()), empty("profiles"));
    assert_eq!(refused(|a| a.measurements.clear()), empty("measurements"));
    assert_eq!(refused(|a| components(a).clear()), empty("components"));
    assert_eq!(refused(|a| components(a)[0].values.clear()), empty("components"));
    assert_eq!(refused(|a| extensible(a).clear()), empty("extensible_measurements"));
    assert_eq!(refused(|a| extensible(a)[0].values.clear()), empty("extensible_measurements"));
    let silent = |field| PolicyError::ReasonMissing { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.implementation_ids = Rule::skip("")), silent("implementation_ids"));
    assert_eq!(refused(|a| a.platform_configs = Rule::skip("")), silent("platform_configs"));
    assert_eq!(refused(|a| a.components = Rule::skip("")), silent("components"));
    assert_eq!(refused(|a| a.extensible_measurements = Rule::skip("")), silent("extensible_measurements"));
    assert_eq!(refused(|a| a.personalization_values = Rule::skip("")), silent("personalization_values"));
}

#[test]
fn a_policy_for_another_platform_accepts_no_token() {
    let token = World::good().token();
    let policy = Policy::new(vec![other_platform().into()]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let binding = Binding::skip("not the point here").unwrap();
    let evidence = Evidence::decode(&token).unwrap();
    let rejection = verifier.appraise(evidence, &Endorsements::none(), binding, 0).unwrap_err();
    assert_eq!(failed(&rejection), ["common.platform"]);
}

fn other_platform() -> snp::Accept {
    let why = "another platform";
    snp::Accept {
        name: "a guest".to_owned(),
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap(),
        report_versions: vec![3],
        signing_keys: vec![SigningKey::Vcek],
        revocation: Requirement::skip(why),
        visible_chip_id: Requirement::skip(why),
        measurements: vec![Measurement::sha384([0x50; 48])],
        machines: Rule::skip(why),
        minimum_firmware: Rule::skip(why),
        minimum_launch_firmware: Rule::skip(why),
        committed_firmware: Requirement::skip(why),
        guest_policy: Bits { set: 0, clear: 0 },
        minimum_guest_abi: Rule::skip(why),
        platform_info: Bits { set: 0, clear: 0 },
        maximum_vmpl: 0,
        host_data: Rule::skip(why),
        images: Rule::skip(why),
        minimum_guest_svn: Rule::skip(why),
        id_key_digests: Rule::skip(why),
        author_key_digests: Rule::skip(why),
        mitigations: Rule::skip(why),
    }
}

#[test]
fn a_policy_reads_back_as_it_was_written() {
    let mut second = World::legacy().accept;
    second.name = "a laboratory".to_owned();
    second.trust_anchor = TrustAnchor::vouched(*second.trust_anchor.fingerprint(), "ours").unwrap();
    second.components = Rule::skip("firmware under development");
    second.platform_configs = Rule::skip("not fixed yet");
    let policy = Policy::new(vec![World::good().accept.into(), second.into()]).unwrap();
    let text = policy.to_toml();
    assert_eq!(Policy::from_toml(&text).unwrap(), policy, "{text}");
    assert!(text.contains("[[accept.arm-cca]]"), "{text}");
    let unknown = text.replace("cca_platform#1.0.0", "cca_platform#9.0.0");
    assert!(unknown != text && Policy::from_toml(&unknown).is_err(), "an unknown profile is refused");
}
