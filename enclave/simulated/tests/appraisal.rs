//! The simulated platform before the real Verifier: one code path, no check that only a simulation would need skipped
//! for it.

#![expect(clippy::unwrap_used, reason = "a panic is the failure report of a test")]

use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use sealroom_attestation::snp::{Accept, Bits, GuestAbi, SigningKey, TcbVersion, guest_policy, platform_info};
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy,
    Rejection, Requirement, Rule, TrustAnchor, Verifier, vendor_roots,
};
use sealroom_simulated_platform::{Image, Root};

mod support;
use support::Scratch;

const REPORT_DATA: [u8; 64] = [0xD7; 64];

/// One root and one report for all tests of this file.
struct Attester {
    root: Root,
    evidence: Vec<u8>,
    measurement: [u8; 48],
}

static ATTESTER: LazyLock<Attester> = LazyLock::new(|| {
    let root = Root::open(&Scratch::new().path("state"), SystemTime::now()).unwrap();
    let measurement = Image::measure(&std::env::current_exe().unwrap()).unwrap();
    let evidence = root.report(measurement, REPORT_DATA, [1; 32]);
    Attester { root, evidence, measurement: *measurement.as_bytes() }
});

fn endorsements() -> Endorsements {
    let chain = ATTESTER.root.certificates();
    let list = ATTESTER.root.revocation_list(SystemTime::now()).unwrap();
    Endorsements::decode_all([&chain.vcek, &chain.ask, &chain.ark, &list].map(Vec::as_slice)).unwrap()
}

/// A policy that skips nothing that this platform could be asked for.
fn accept(anchor: Fingerprint, simulated: bool) -> Accept {
    let level = TcbVersion { fmc: 0, bootloader: 4, tee: 0, snp: 24, microcode: 219 };
    let chip_id = ATTESTER.evidence.get(0x1A0..0x1E0).unwrap().try_into().unwrap();
    let no_id_block = || "this platform takes no ID block".to_owned();
    Accept {
        name: "this machine".into(),
        trust_anchor: TrustAnchor::new(anchor, simulated).unwrap(),
        report_versions: vec![3],
        signing_keys: vec![SigningKey::Vcek],
        revocation: Requirement::Required,
        visible_chip_id: Requirement::Required,
        measurements: vec![Measurement::sha384(ATTESTER.measurement)],
        machines: Rule::Require(vec![chip_id]),
        minimum_firmware: Rule::Require(level),
        minimum_launch_firmware: Rule::Require(level),
        committed_firmware: Requirement::Required,
        guest_policy: Bits {
            set: guest_policy::RESERVED_ONE,
            clear: guest_policy::DEBUG | guest_policy::MIGRATION_AGENT,
        },
        minimum_guest_abi: Rule::Require(GuestAbi { major: 0, minor: 0 }),
        platform_info: Bits { set: platform_info::ALIAS_CHECK_COMPLETE, clear: 0 },
        maximum_vmpl: 0,
        host_data: Rule::Require(vec![[0; 32]]),
        images: Rule::skip(no_id_block()),
        minimum_guest_svn: Rule::Require(0),
        id_key_digests: Rule::skip(no_id_block()),
        author_key_digests: Rule::skip(no_id_block()),
        mitigations: Rule::skip("reports of version 3 have no mitigation vectors"),
    }
}

fn own_anchor() -> Fingerprint {
    Fingerprint::parse(&ATTESTER.root.anchor()).unwrap()
}

fn appraise(evidence: &[u8], accept: Accept, report_data: [u8; 64]) -> Result<AttestationResult, Rejection> {
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let binding = Binding::new(Challenge::from_random([3; 32]), [4; 32], report_data);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    Verifier::new(CryptoProvider::ring(), &policy).appraise(
        Evidence::decode(evidence).unwrap(),
        &endorsements(),
        binding,
        now,
    )
}

/// The checks that failed, by id.
fn failed(answer: Result<AttestationResult, Rejection>) -> Vec<&'static str> {
    answer.err().unwrap().verdict().failed().map(sealroom_attestation::Check::id).collect()
}

#[test]
fn evidence_holds_under_a_policy_that_names_its_root_and_is_marked_as_simulated() {
    let result =
        appraise(&ATTESTER.evidence, accept(own_anchor(), true), REPORT_DATA).unwrap_or_else(|no| panic!("{no}"));
    assert!(result.simulated());
    assert_eq!(result.trust_anchor().fingerprint(), &own_anchor());
    assert_eq!(result.measurement().as_bytes(), ATTESTER.measurement);
}

#[test]
fn every_vendor_root_refuses_it() {
    assert!(vendor_roots().count() > 0);
    for root in vendor_roots() {
        let failed = failed(appraise(&ATTESTER.evidence, accept(root.fingerprint, false), REPORT_DATA));
        assert!(failed.contains(&"common.trust-anchor"), "{}: {failed:?}", root.name);
    }
}

#[test]
fn another_simulated_root_refuses_it() {
    let other = Fingerprint::from_sha256([9; 32]);
    assert!(failed(appraise(&ATTESTER.evidence, accept(other, true), REPORT_DATA)).contains(&"common.trust-anchor"));
}

#[test]
fn one_changed_byte_of_the_report_is_a_broken_signature() {
    let mut evidence = ATTESTER.evidence.clone();
    evidence[0x90] ^= 1;
    let failed = failed(appraise(&evidence, accept(own_anchor(), true), REPORT_DATA));
    assert_eq!(failed, ["snp.signature"]);
}

#[test]
fn other_report_data_and_another_image_are_named_as_what_they_are() {
    let answer = appraise(&ATTESTER.evidence, accept(own_anchor(), true), [0xD8; 64]);
    assert_eq!(failed(answer), ["common.freshness"]);
    let other = Accept { measurements: vec![Measurement::sha384([6; 48])], ..accept(own_anchor(), true) };
    assert_eq!(failed(appraise(&ATTESTER.evidence, other, REPORT_DATA)), ["snp.measurement"]);
}
