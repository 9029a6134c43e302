//! Policies that could not mean what was written, and how they stand in text.

use sealroom_attestation::nitro::{Accept, ChallengeField, Register};
use sealroom_attestation::snp::{self, Bits, SigningKey};
use sealroom_attestation::{
    Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, PolicyError,
    Requirement, Rule, TrustAnchor, Verifier,
};

use crate::world::{ATTESTED_KEY, NOW, REPORT_DATA, World};
use crate::{cbor, failed};

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
        refused(|a| a.name = " ".into()),
        PolicyError::Impossible { block: " ".into(), field: "name", problem: "is empty" }
    );
    assert_eq!(
        refused(|a| a.trust_anchor = TrustAnchor::vouched(Fingerprint::from_sha256([1; 32]), "ours").unwrap()),
        impossible(
            "trust_anchor",
            "is vouched for, where the platform's maker has a root of its own: name that, or a simulated one"
        )
    );
    assert_eq!(
        refused(|a| a.measurements.push(Measurement::sha384([0; 48]))),
        impossible("measurements", "list the one of all zeros, which is debug mode")
    );
    let parts = "leave out PCR1 or PCR2: PCR0 does not say where kernel ends and application begins";
    assert_eq!(refused(|a| drop(registers(a).remove(0))), impossible("registers", parts));
    let bounds = "name one that is not 1 to 31 (PCR0 is the measurement)";
    assert_eq!(refused(|a| registers(a)[0].index = 0), impossible("registers", bounds));
    assert_eq!(refused(|a| registers(a)[0].index = 32), impossible("registers", bounds));
    assert_eq!(refused(|a| registers(a)[2].index = 2), impossible("registers", "name one twice"));
    assert_eq!(
        refused(|a| a.nonce = Rule::Require(vec![vec![1]])),
        impossible("nonce", "is where the challenge stands, so no fixed value can: skip it")
    );
}

#[test]
fn a_constant_beside_no_nonce_is_pinned_and_not_taken_for_the_challenge() {
    let mut world = World::good();
    world.nonce = vec![cbor::NULL];
    let evidence = Evidence::decode(&world.document().0).unwrap();
    let anchor = TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap();
    let block = sealroom_attestation::Accept::pinning(&evidence, anchor, "pinned");
    let sealroom_attestation::Accept::Nitro(pinned) = block else { panic!("a document of AWS Nitro") };
    assert_eq!(pinned.challenge_field, ChallengeField::Nonce);
    assert_eq!(pinned.user_data, Rule::Require(vec![b"configuration".to_vec()]));
    // Nobody who names the constant as a challenge gets an answer by it.
    world.accept = pinned;
    world.binding = Binding::bytes(*b"configuration").unwrap();
    assert_eq!(failed(&world.appraise().unwrap_err()), ["common.freshness"]);
}

fn registers(accept: &mut Accept) -> &mut Vec<Register> {
    match &mut accept.registers {
        Rule::Require(registers) => registers,
        Rule::Skip { .. } => panic!("the world's policy names registers"),
    }
}

#[test]
fn an_empty_list_and_a_skip_without_a_reason_are_refused() {
    let empty = |field| PolicyError::EmptyList { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.measurements.clear()), empty("measurements"));
    assert_eq!(refused(|a| a.registers = Rule::Require(vec![])), empty("registers"));
    assert_eq!(refused(|a| registers(a)[1].values.clear()), empty("registers"));
    assert_eq!(refused(|a| a.machines = Rule::Require(vec![])), empty("machines"));
    assert_eq!(refused(|a| a.user_data = Rule::Require(vec![])), empty("user_data"));
    assert_eq!(refused(|a| a.public_key = Rule::Require(vec![])), empty("public_key"));
    let silent = |field| PolicyError::ReasonMissing { block: "test".to_owned(), field };
    assert_eq!(refused(|a| a.registers = Rule::skip("")), silent("registers"));
    assert_eq!(refused(|a| a.timestamp = Rule::skip(" ")), silent("timestamp"));
    assert_eq!(refused(|a| a.machines = Rule::skip("")), silent("machines"));
    assert_eq!(refused(|a| a.nonce = Rule::skip("")), silent("nonce"));
    assert_eq!(refused(|a| a.user_data = Rule::skip("")), silent("user_data"));
    assert_eq!(refused(|a| a.public_key = Rule::skip("")), silent("public_key"));
}

#[test]
fn a_policy_for_another_platform_accepts_no_document() {
    let (document, _) = World::good().document();
    let policy = Policy::new(vec![other_platform().into()]).unwrap();
    let binding = Binding::new(Challenge::from_random([7; 32]), ATTESTED_KEY, REPORT_DATA);
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let evidence = Evidence::decode(&document).unwrap();
    let rejection = verifier.appraise(evidence, &Endorsements::none(), binding, NOW).unwrap_err();
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
    let mut second = World::good().accept;
    second.name = "an archive".to_owned();
    second.registers = Rule::skip("a test image");
    second.timestamp = Rule::skip("an archive");
    second.user_data = Rule::Require(vec![vec![], vec![0xab; 3]]);
    let policy = Policy::new(vec![World::good().accept.into(), second.into()]).unwrap();
    let text = policy.to_toml();
    assert_eq!(Policy::from_toml(&text).unwrap(), policy, "{text}");
    assert!(text.contains("[[accept.aws-nitro]]"), "{text}");
    for (good, bad) in
        [("\"ababab\"", "\"ABABAB\""), ("\"ababab\"", "\"ababa\""), ("challenge_field", "challenge_fields")]
    {
        assert!(text.contains(good), "{good} in {text}");
        assert!(Policy::from_toml(&text.replace(good, bad)).is_err(), "{bad}");
    }
}
