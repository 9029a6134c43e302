//! What is not genuine, not fresh or not accepted: one thing changed, everything signed again, exactly the checks that must fail.

use sealroom_attestation::gpu::IndexedMeasurement;
use sealroom_attestation::{
    Binding, CryptoProvider, Evidence, Measurement, Outcome, Requirement, Rule, Status, TrustAnchor, vendor_roots,
};

use crate::draft::{ListDraft, public_key};
use crate::world::{CHALLENGE, FWID, World, firmware_id};
use crate::{Case, der, run_with};

const MEASUREMENTS: &[&str] = &["gpu.measurements"];
const REVOCATION: &[&str] = &["common.revocation"];

pub(crate) const CASES: &[Case] = &[
    // The chain.
    ("nothing was brought", |w| w.bring = Vec::clear, &["common.endorsements"]),
    ("the leaf is missing", |w| w.bring = |f| drop(f.remove(4)), &["common.endorsements"]),
    ("an authority is missing", |w| w.bring = |f| drop(f.remove(2)), &["common.endorsements"]),
    ("the root is missing", |w| w.bring = |f| drop(f.remove(0)), &["common.endorsements"]),
    ("the leaf has no firmware id", |w| w.leaf.remove_extension(FWID), &["common.endorsements"]),
    ("the root is the attacker's", |w| w.pinned = Some(nvidia()), &["common.trust-anchor"]),
    ("the attacker's root signs", |w| w.authorities[1].signer = "other".into(), &["common.chain-signatures"]),
    ("the attacker signs the leaf", |w| w.leaf.signer = "other".into(), &["common.chain-signatures"]),
    (
        "an algorithm of RSA stands in a certificate",
        |w| w.authorities[3].algorithm = der::pss(48, true),
        &["gpu.chain", "common.chain-signatures"],
    ),
    ("an authority is none", |w| w.authorities[3].set_extension("2.5.29.19", &der::sequence(&[])), &["gpu.chain"]),
    (
        "an authority may not sign certificates",
        |w| w.authorities[3].set_extension("2.5.29.15", &der::tlv(0x03, &[7, 0x80])),
        &["gpu.chain"],
    ),
    (
        "the identity lets fewer authorities stand below it than do",
        |w| w.authorities[1].set_extension("2.5.29.19", &der::sequence(&[der::boolean_true(), der::integer(&[1])])),
        &["gpu.chain"],
    ),
    (
        "the leaf is an authority",
        |w| w.leaf.extensions.push(("2.5.29.19".into(), true, der::sequence(&[der::boolean_true()]))),
        &["gpu.chain"],
    ),
    ("the leaf may not sign", |w| w.leaf.set_extension("2.5.29.15", &der::tlv(0x03, &[2, 0x04])), &["gpu.chain"]),
    (
        "an unknown critical extension",
        |w| w.leaf.extensions.push(("2.5.29.99".into(), true, vec![5, 0])),
        &["gpu.chain"],
    ),
    ("the leaf has expired", |w| w.leaf.not_after = "260501000000Z", &["common.time"]),
    ("an authority has expired", |w| w.authorities[2].not_after = "260501000000Z", &["common.time"]),
    // Revocation.
    ("the root's revocation list is missing", |w| w.bring = |f| drop(f.remove(5)), REVOCATION),
    ("the identity's revocation list is missing", |w| w.bring = |f| drop(f.remove(6)), REVOCATION),
    ("a revocation list is stale", |w| w.lists[1].next_update = Some("260515000000Z"), REVOCATION),
    ("a revocation list is of the future", |w| w.lists[0].this_update = "260530000000Z", REVOCATION),
    ("a revocation list has no end", |w| w.lists[0].next_update = None, REVOCATION),
    ("a revocation list is another's", |w| w.lists[1].signer = "other".into(), REVOCATION),
    ("the identity is revoked", |w| w.lists[0].serials.push(vec![2]), REVOCATION),
    ("the provisioner is revoked", |w| w.lists[1].serials.push(vec![3]), REVOCATION),
    (
        "no certificate names a revocation list",
        |w| {
            w.authorities[1].remove_extension("2.5.29.31");
            w.authorities[2].remove_extension("2.5.29.31");
        },
        REVOCATION,
    ),
    // The report.
    ("the report claims other firmware", |w| w.opaque[2].1 = vec![0xf2; 48], &["gpu.firmware-certified"]),
    (
        "the certificate is of other firmware",
        |w| w.leaf.set_extension(FWID, &firmware_id(1, &[0xf2; 48])),
        &["gpu.firmware-certified"],
    ),
    (
        "the firmware id is of another version",
        |w| w.leaf.set_extension(FWID, &firmware_id(2, &[0xf1; 48])),
        &["gpu.firmware-certified"],
    ),
    (
        "the firmware id is no sha-384",
        |w| w.leaf.set_extension(FWID, &firmware_id(1, &[0xf1; 32])),
        &["gpu.firmware-certified"],
    ),
    (
        "bytes after the firmware id",
        |w| w.leaf.set_extension(FWID, &[firmware_id(1, &[0xf1; 48]), vec![5, 0]].concat()),
        &["gpu.firmware-certified"],
    ),
    ("another key signs the report", |w| w.signer = "other", &["gpu.signature"]),
    ("the certificate of another GPU", |w| w.leaf.public_key = public_key("other"), &["gpu.signature"]),
    ("the report was altered", |w| w.tamper = |r| r[37 + 8 + 7] ^= 1, &["gpu.signature"]),
    ("the response's own nonce was altered", |w| w.tamper = |r| r[37 + 8 + 4 * 55] ^= 1, &["gpu.signature"]),
    // Fresh.
    ("another nonce", |w| w.request[4] ^= 1, &["common.freshness"]),
    ("a nonce that begins well", |w| w.request[35] = 0, &["common.freshness"]),
    // The policy.
    (
        "another chip under the same root",
        |w| {
            w.authorities[1].subject = "NVIDIA LS10 Identity".into();
            w.authorities[2].issuer = "NVIDIA LS10 Identity".into();
            w.authorities[1].public_key = public_key("NVIDIA GH100 Identity");
            w.lists[1].issuer = "NVIDIA LS10 Identity".into();
        },
        &["gpu.chip"],
    ),
    ("another GPU", |w| w.accept.machines = Rule::Require(vec![vec![4, 0], vec![3]]), &["common.machine"]),
    ("another driver", |w| w.opaque[1].1 = b"550.90.08\0".to_vec(), &["gpu.driver"]),
    ("another vbios", |w| w.opaque[0].1[4] = 2, &["gpu.vbios"]),
    (
        "firmware that the policy does not list",
        |w| w.accept.firmware_ids = Rule::Require(vec![Measurement::sha384([0xf2; 48])]),
        &["gpu.firmware-id"],
    ),
    ("another measurement", |w| w.measurements[1].1[47] ^= 1, MEASUREMENTS),
    ("two measurements swapped", |w| (w.measurements[0].0, w.measurements[1].0) = (2, 1), MEASUREMENTS),
    ("a measurement in use that the policy does not name", |w| w.measurements[2].1[0] = 1, MEASUREMENTS),
    ("a measurement that is not there", |w| w.measurements[1].0 = 9, MEASUREMENTS),
];

fn nvidia() -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == "NVIDIA Device Identity CA").unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
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
fn a_good_report_is_accepted_and_the_result_says_what_was_appraised() {
    let result = World::good().appraise().unwrap();
    assert_eq!(result.verdict().checks().len(), 19);
    assert!(result.verdict().checks().iter().all(|check| check.holds()));
    assert_eq!(*result.measurement(), Measurement::sha384([0xf1; 48]));
    assert_eq!(result.attested_key(), None, "a GPU vouches for no key");
    assert!(result.simulated());
    assert_eq!(result.machine(), Some([4].as_slice()));
    assert_eq!(result.hardware(), "NVIDIA GH100, driver 550.90.07, VBIOS 96.00.9f.00.01");
    assert_eq!(result.valid_until_unix_seconds(), 1_780_272_000, "2026-06-01, the end of the revocation lists");
}

#[test]
fn certificates_that_no_list_can_take_back_are_named_in_a_warning() {
    let revocation = |world: World| {
        let result = world.appraise().unwrap();
        let check = result.verdict().checks().iter().find(|check| check.id() == "common.revocation").unwrap();
        (check.status().clone(), check.found().to_owned())
    };
    let found = "none of the chain; current until 2026-06-01T00:00:00Z";
    let warned = format!(
        "NVIDIA GH100 Identity lists 1 serials, root lists 1 serials, {found}; no list is named for firmware, chip"
    );
    assert_eq!(revocation(World::good()), (Status::Warn, warned));
    // Where every certificate names one, there is nothing to warn of.
    let mut world = World::good();
    let names_a_list = || ("2.5.29.31".to_owned(), false, der::sequence(&[]));
    world.authorities[3].extensions.push(names_a_list());
    world.leaf.extensions.push(names_a_list());
    for issuer in ["provisioner", "chip"] {
        let list = ListDraft { issuer: issuer.to_owned(), signer: issuer.to_owned(), ..world.lists[0].clone() };
        world.lists.push(list);
    }
    let (status, said) = revocation(world);
    assert_eq!(status, Status::Pass);
    assert!(said.matches(" lists 1 serials").count() == 4 && said.ends_with(found), "{said}");
}

#[test]
fn what_is_missing_leaves_the_appraisal_undecided() {
    let bring: [fn(&mut Vec<Vec<u8>>); 3] = [Vec::clear, |f| drop(f.remove(3)), |f| drop(f.remove(6))];
    for bring in bring {
        let mut world = World::good();
        world.bring = bring;
        assert_eq!(world.appraise().unwrap_err().outcome(), Outcome::Undecided);
    }
}

#[test]
fn a_binding_of_an_enclaves_key_is_no_answer_of_a_gpu() {
    let mut world = World::good();
    let challenge = sealroom_attestation::Challenge::from_random([7; 32]);
    let report_data = [CHALLENGE, [0; 32]].concat().try_into().unwrap();
    world.binding = Binding::new(challenge, [0x4b; 32], report_data);
    assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["common.freshness"]);
}

#[test]
fn of_several_gpus_certificates_the_one_whose_key_signed_counts() {
    let mut world = World::good();
    world.bring = |files| {
        let mut other = World::good().leaf;
        other.subject = "firmware of another GPU".into();
        other.public_key = public_key("other firmware");
        files.insert(0, other.sign());
    };
    assert!(world.appraise().is_ok());
}

#[test]
fn an_index_without_a_fixed_value_is_left_out_with_a_reason() {
    let mut world = World::good();
    world.measurements.push((35, vec![0x77; 48]));
    let why = "NVDEC0 is off on this GPU";
    world.accept.measurements.push(IndexedMeasurement { index: 35, values: Rule::skip(why) });
    world.accept.revocation = Requirement::skip("no list was recorded");
    world.bring = |files| files.truncate(5);
    let result = world.appraise().unwrap();
    let check = result.verdict().checks().iter().find(|check| check.id() == "gpu.measurements").unwrap();
    assert!(check.found().ends_with("; not judged: 35 (NVDEC0 is off on this GPU)"), "{}", check.found());
}

#[test]
fn what_the_appraisal_needs_is_said() {
    let needed = Evidence::decode(&World::good().report()).unwrap().needed();
    assert_eq!(needed.len(), 2);
    assert!(needed[1].to_string().starts_with("revocation list of each of these issuers"), "{}", needed[1]);
    assert!(needed[0].to_string().starts_with("certificate of the GPU's attestation key"), "{}", needed[0]);
}
