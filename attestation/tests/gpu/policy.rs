//! Policies that could not mean what was written, and how they stand in text.

use sealroom_attestation::cca;
use sealroom_attestation::gpu::{Accept, IndexedMeasurement};
use sealroom_attestation::{
    Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, PolicyError, Requirement, Rule,
    TrustAnchor, Verifier,
};

use crate::draft::public_key;
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

#[test]
fn a_policy_that_can_not_be_meant_is_refused() {
    assert_eq!(
        refused(|a| a.name = String::new()),
        PolicyError::Impossible { block: String::new(), field: "name", problem: "is empty" }
    );
    assert_eq!(
        refused(|a| a.trust_anchor = TrustAnchor::vouched(Fingerprint::from_sha256([1; 32]), "ours").unwrap()),
        impossible(
            "trust_anchor",
            "is vouched for, where the platform's maker has a root of its own: name that, or a simulated one"
        )
    );
    assert_eq!(refused(|a| a.measurements[0].index = 0), impossible("measurements", "name index 0, which is none"));
    assert_eq!(refused(|a| a.measurements[0].index = 2), impossible("measurements", "name an index twice"));
    let nothing = |a: &mut Accept| a.measurements.iter_mut().for_each(|m| m.values = Rule::skip("too much work"));
    assert_eq!(refused(nothing), impossible("measurements", "leave out every index, so that nothing would be judged"));
}

#[test]
fn an_empty_list_and_a_skip_without_a_reason_are_refused() {
    let empty = |field| PolicyError::EmptyList { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.chips.clear()), empty("chips"));
    assert_eq!(refused(|a| a.machines = Rule::Require(vec![])), empty("machines"));
    assert_eq!(refused(|a| a.driver_versions = Rule::Require(vec![])), empty("driver_versions"));
    assert_eq!(refused(|a| a.measurements.clear()), empty("measurements"));
    assert_eq!(refused(|a| a.measurements[0].values = Rule::Require(vec![])), empty("measurements"));
    let silent = |field| PolicyError::ReasonMissing { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.revocation = Requirement::skip(" \u{200b}")), silent("revocation"));
    assert_eq!(refused(|a| a.machines = Rule::skip("")), silent("machines"));
    assert_eq!(refused(|a| a.vbios_versions = Rule::skip("")), silent("vbios_versions"));
    assert_eq!(refused(|a| a.firmware_ids = Rule::skip("")), silent("firmware_ids"));
    assert_eq!(refused(|a| a.measurements[2].values = Rule::skip("")), silent("measurements"));
}

#[test]
fn a_policy_for_another_platform_accepts_no_report() {
    let report = World::good().report();
    let policy = Policy::new(vec![other_platform().into()]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let binding = Binding::skip("not the point here").unwrap();
    let evidence = Evidence::decode(&report).unwrap();
    let rejection = verifier.appraise(evidence, &Endorsements::none(), binding, 0).unwrap_err();
    assert_eq!(failed(&rejection), ["common.platform"]);
}

fn other_platform() -> cca::Accept {
    let why = "another platform";
    let mut instance_id = [0; 33];
    instance_id[0] = 1;
    cca::Accept {
        name: "a realm".to_owned(),
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap(),
        platform_key: public_key("platform"),
        instance_id,
        profiles: vec![cca::Profile::V1],
        implementation_ids: Rule::skip(why),
        platform_configs: Rule::skip(why),
        components: Rule::skip(why),
        measurements: vec![Measurement::sha256([1; 32])],
        extensible_measurements: Rule::skip(why),
        personalization_values: Rule::skip(why),
    }
}

#[test]
fn a_policy_reads_back_as_it_was_written() {
    let mut second = World::good().accept;
    second.name = "a laboratory".to_owned();
    second.revocation = Requirement::skip("no list was recorded");
    second.machines = Rule::skip("any");
    second.measurements.push(IndexedMeasurement { index: 35, values: Rule::skip("NVDEC0 is off") });
    let policy = Policy::new(vec![World::good().accept.into(), second.into()]).unwrap();
    let text = policy.to_toml();
    assert_eq!(Policy::from_toml(&text).unwrap(), policy, "{text}");
    assert!(text.contains("[[accept.nvidia-gpu]]"), "{text}");
}
