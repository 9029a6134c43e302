//! Real Evidence under AMD's own roots: accepted as it is, refused with anything in it changed or exchanged.

use sealroom_attestation::snp::{self, SigningKey, TcbVersion};
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Policy, Rejection, Rule, Step,
    TrustAnchor, Verifier, vendor_roots,
};

use crate::failed;
use crate::vectors::{self, Recorded, pinning, vendor_anchor};

pub(crate) fn appraise(
    recorded: &Recorded,
    change: impl FnOnce(&mut snp::Accept),
) -> Result<AttestationResult, Rejection> {
    let evidence = Evidence::decode(&recorded.evidence)?;
    let mut accept = pinning(&evidence, vendor_anchor(recorded.root));
    change(&mut accept);
    let report_data = evidence.unverified_snp_claims().unwrap().report_data;
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice))?;
    let binding = Binding::new(Challenge::from_random([1; 32]), [2; 32], report_data);
    Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, recorded.at)
}

fn accepted(recorded: &Recorded) {
    let result = appraise(recorded, |_| {}).unwrap_or_else(|rejection| panic!("{}: {rejection}", recorded.name));
    assert!(!result.simulated(), "{}", recorded.name);
    assert_eq!(result.verdict().checks().len(), 39, "{}", recorded.name);
}

#[test]
fn every_recorded_report_is_accepted_while_its_certificates_are_valid() {
    let Some(folder) = vectors::folder("every_recorded_report_is_accepted_while_its_certificates_are_valid") else {
        return;
    };
    let all = vectors::all(&folder);
    all.iter().for_each(accepted);
    assert_eq!(all.len(), 8);
}

#[test]
fn the_report_in_the_package_is_accepted() {
    accepted(&vectors::packaged());
}

#[test]
fn a_genuine_guest_that_the_host_may_debug_is_refused_for_that_alone() {
    let Some(folder) = vectors::folder("a_genuine_guest_that_the_host_may_debug_is_refused_for_that_alone") else {
        return;
    };
    let rejection = appraise(&vectors::with_debugging(&folder), |_| {}).unwrap_err();
    assert_eq!(failed(&rejection), ["snp.debug"]);
    assert_eq!(rejection.step(), Step::Policy);
}

#[test]
fn expired_certificates_are_refused() {
    let mut recorded = vectors::packaged();
    recorded.at = 1_900_000_000; // 2030-03-17, still valid
    accepted(&recorded);
    recorded.at = 1_902_000_000; // 2030-04-09, after the VCEK's end
    assert_eq!(failed(&appraise(&recorded, |_| {}).unwrap_err()), ["common.time"]);
}

#[test]
fn a_simulated_anchor_refuses_real_hardware_and_the_other_way_round() {
    let recorded = vectors::packaged();
    let simulated = TrustAnchor::new(sealroom_attestation::Fingerprint::from_sha256([5; 32]), true).unwrap();
    assert_eq!(
        failed(&appraise(&recorded, |accept| accept.trust_anchor = simulated).unwrap_err()),
        ["common.trust-anchor"]
    );
    let mut world = crate::world::World::milan();
    world.pinned = Some(vendor_anchor("ARK-Milan"));
    assert_eq!(failed(&world.appraise().unwrap_err()), ["common.trust-anchor"]);
}

#[test]
fn the_root_need_not_be_brought_where_a_vendors_is_pinned() {
    let mut recorded = vectors::packaged();
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
    let without_root = endorsements.certificates().iter().filter(|certificate| certificate.subject() != "ARK-Milan");
    recorded.endorsements = without_root.map(|certificate| certificate.der().to_vec()).collect();
    assert_eq!(recorded.endorsements.len(), 2);
    accepted(&recorded);
}

#[test]
fn another_machines_certificate_is_refused() {
    let Some(folder) = vectors::folder("another_machines_certificate_is_refused") else { return };
    let mut recorded = vectors::packaged();
    recorded.endorsements[0] = vectors::read(&folder, "snp/trustee/test-vcek.der");
    assert_eq!(failed(&appraise(&recorded, |_| {}).unwrap_err()), ["snp.signature", "snp.chip-id"]);
    recorded.endorsements[0] = vectors::read(&folder, "snp/go-sev-guest/vcek.der");
    assert_eq!(
        failed(&appraise(&recorded, |_| {}).unwrap_err()),
        ["snp.signature", "snp.firmware-certified", "snp.chip-id"]
    );
}

#[test]
fn a_vlek_is_refused_where_a_vcek_is_demanded_and_for_a_report_signed_by_one() {
    let Some(folder) = vectors::folder("a_vlek_is_refused_where_a_vcek_is_demanded_and_for_a_report_signed_by_one")
    else {
        return;
    };
    let all = vectors::all(&folder);
    let vlek = all.iter().find(|recorded| recorded.name.contains("vlek")).unwrap();
    let rejection = appraise(vlek, |accept| accept.signing_keys = vec![SigningKey::Vcek]).unwrap_err();
    assert_eq!(failed(&rejection), ["snp.signing-key-accepted"]);

    let mut swapped = vectors::packaged();
    swapped.at = vlek.at;
    swapped.endorsements = vlek.endorsements.clone();
    let rejection = appraise(&swapped, |_| {}).unwrap_err();
    assert_eq!(failed(&rejection), ["snp.leaf-kind", "snp.signature", "snp.firmware-certified"]);

    let mut swapped = vectors::all(&folder).remove(1);
    swapped.endorsements = vectors::packaged().endorsements;
    let rejection = appraise(&swapped, |_| {}).unwrap_err();
    assert_eq!(failed(&rejection), ["snp.leaf-kind", "snp.signature", "snp.firmware-certified", "snp.chip-id"]);
}

#[test]
fn another_lines_root_is_refused() {
    let Some(folder) = vectors::folder("another_lines_root_is_refused") else { return };
    for mut recorded in vectors::all(&folder) {
        let own = vendor_roots().find(|root| root.name == recorded.root).unwrap();
        recorded.endorsements.push(own.der.to_vec());
        for root in vendor_roots().filter(|root| root.name != own.name) {
            let change = |accept: &mut snp::Accept| accept.trust_anchor = vendor_anchor(root.name);
            assert_eq!(failed(&appraise(&recorded, change).unwrap_err()), ["common.trust-anchor"], "{}", recorded.name);
        }
    }
}

#[test]
fn real_turin_certificates_hold_and_only_the_made_up_report_fails() {
    let Some(folder) = vectors::folder("real_turin_certificates_hold_and_only_the_made_up_report_fails") else {
        return;
    };
    let mut world = crate::world::World::new(snp::Product::Turin, SigningKey::Vcek, 5);
    let level = [0, 0, 0, 0, 0, 0, 0, 9];
    for offset in [0x038, 0x180, 0x1e0, 0x1f0] {
        world.put(offset, &level);
    }
    world.put(0x1a0, &[0x1e, 0x55, 0x0a, 0x8e, 0xe5, 0xcf, 0x9f, 0x4d]);
    let recorded = Recorded {
        name: "snp/virtee/vcek_turin.der",
        evidence: world.evidence(),
        endorsements: vec![
            vectors::read(&folder, "snp/virtee/vcek_turin.der"),
            vectors::read(&folder, "snp/virtee/cert_chain_turin"),
        ],
        root: "ARK-Turin",
        at: 1_748_736_000,
    };
    let change = |accept: &mut snp::Accept| {
        accept.minimum_firmware = Rule::Require(TcbVersion { fmc: 0, bootloader: 0, tee: 0, snp: 0, microcode: 9 });
    };
    assert_eq!(failed(&appraise(&recorded, change).unwrap_err()), ["snp.signature"]);
}

#[test]
fn certificates_that_others_hold_invalid_are_refused() {
    let Some(folder) = vectors::folder("certificates_that_others_hold_invalid_are_refused") else { return };
    for name in ["snp/trustee/test-vcek-invalid-legacy.der", "snp/trustee/test-vcek-invalid-new.der"] {
        let mut recorded = vectors::packaged();
        recorded.at = 1_748_736_000;
        recorded.endorsements[0] = vectors::read(&folder, name);
        let failed = failed(&appraise(&recorded, |_| {}).unwrap_err());
        assert!(failed.contains(&"common.chain-signatures") && failed.contains(&"snp.signature"), "{name}: {failed:?}");
    }
}
