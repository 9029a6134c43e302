//! What a hostile host can show a party that asks for Evidence: some that is genuine elsewhere, old, or of another.

use crate::enclave::Enclave;
use crate::image::built;
use crate::refused::refused;
use crate::thief::sign_report;
use crate::world::World;
use sealroom::{AppraisalError, Stricter, appraise, now, open_result};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::EnclaveTerms;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::SignedReceipt;
use sealroom_simulated_platform::GUEST_POLICY;

/// Ids of the checks that failed, each of which says all that a refusal must.
#[track_caller]
fn failed(appraised: Result<sealroom::AppraisedRoom, AppraisalError>) -> Vec<&'static str> {
    match appraised {
        Err(AppraisalError::Refused(refusal)) => {
            for check in refusal.failed() {
                let message = format!("expected {}, found {}", check.expected, check.found);
                refused(check.id, check.id, &message, check.hint);
            }
            refusal.failed().map(|check| check.id).collect()
        }
        other => panic!("expected a refusal, found {other:?}"),
    }
}

#[test]
fn an_honest_room_gives_the_recipient_its_answer_and_a_receipt_that_verifies() {
    let world = World::new();
    let mut enclave = world.enclave();
    let delivered = world.run(&mut enclave, 1, Vec::new());
    let receipt = SignedReceipt::decode(&delivered.receipt.unwrap()).unwrap();
    let institute = &world.site("institute").identity;
    let manifest = delivered.manifest.unwrap();
    let opened = open_result(&world.contract, institute, &receipt, &manifest, delivered.body.as_slice()).unwrap();
    assert_eq!(opened.plaintext.csv, "size\n2\n");
}

#[test]
fn evidence_that_answers_another_challenge_is_stale() {
    let world = World::new();
    let mut enclave = world.enclave();
    let recorded = enclave.attest(vec![[7; 32]]);
    assert_eq!(failed(world.appraise(|_| recorded.clone())), ["room.challenge"]);
    // Claiming that it answers ours does not make it so: the hardware bound the list.
    let claimed = world.appraise(|challenge| {
        let mut bundle = recorded.clone();
        bundle.challenges = vec![challenge];
        bundle
    });
    assert_eq!(failed(claimed), ["common.freshness"]);
}

#[test]
fn evidence_of_another_enclave_of_the_same_contract_is_no_evidence_of_this_one() {
    let world = World::new();
    let (mut genuine, other) = (world.enclave(), world.enclave());
    let relayed = world.appraise(|challenge| {
        let mut bundle = genuine.attest(vec![challenge]);
        bundle.enclave_key = other.key.unwrap();
        bundle
    });
    assert_eq!(failed(relayed), ["common.freshness"]);
    // Nor one with a key of the host's own.
    let own = world.appraise(|challenge| {
        let mut bundle = genuine.attest(vec![challenge]);
        bundle.enclave_key = SigningSecret::from_seed(&[1; 32]).public();
        bundle
    });
    assert_eq!(failed(own), ["common.freshness"]);
}

#[test]
fn evidence_of_the_same_image_under_another_contract_is_refused() {
    let (world, other) = (World::new(), World::new());
    let mut enclave = Enclave::start(&built().1, &world.state);
    enclave.open(now(), other.envelope.clone());
    assert_eq!(failed(world.appraise(|challenge| enclave.attest(vec![challenge]))), ["common.freshness"]);
}

#[test]
fn another_image_has_another_measurement() {
    let world = World::new();
    let image = world.folder.path().join("image");
    let mut bytes = std::fs::read(&built().1).unwrap();
    bytes.push(0);
    std::fs::write(&image, bytes).unwrap();
    let mut enclave = Enclave::start(&image, &world.state);
    enclave.open(now(), world.envelope.clone());
    assert_eq!(failed(world.appraise(|challenge| enclave.attest(vec![challenge]))), ["snp.measurement"]);
}

#[test]
fn another_platform_has_another_anchor_and_a_changed_report_no_signature() {
    let world = World::new();
    let mut enclave = Enclave::start(&built().1, &world.folder.path().join("other-platform"));
    enclave.open(now(), world.envelope.clone());
    let refused = failed(world.appraise(|challenge| enclave.attest(vec![challenge])));
    assert!(refused.contains(&"common.trust-anchor"), "{refused:?}");
    // The debug bit of GUEST_POLICY (AMD 56860, bit 19), set in a genuine report.
    let mut enclave = world.enclave();
    let debug = world.appraise(|challenge| {
        let mut bundle = enclave.attest(vec![challenge]);
        bundle.evidence[0x0a] |= 1 << 3;
        bundle
    });
    let refused = failed(debug);
    assert!(refused.contains(&"snp.signature"), "{refused:?}");
}

#[test]
fn a_genuine_report_of_an_enclave_that_may_be_debugged_is_refused_for_that_alone() {
    // GUEST_POLICY (AMD 56860, "ATTESTATION_REPORT Structure", offset 0x08); bit 19 allows debugging.
    const DEBUG: u64 = 1 << 19;
    let world = World::new();
    let mut enclave = world.enclave();
    let mut shown = |policy: u64| {
        world.appraise(|challenge| {
            let mut bundle = enclave.attest(vec![challenge]);
            let mut report = bundle.evidence;
            report[0x08..0x10].copy_from_slice(&policy.to_le_bytes());
            sign_report(&world.state, &mut report);
            bundle.evidence = report;
            bundle
        })
    };
    shown(GUEST_POLICY).expect("the same report, signed again by its own platform");
    assert_eq!(failed(shown(GUEST_POLICY | DEBUG)), ["snp.debug"]);
}

#[test]
fn a_party_may_refuse_what_the_contract_accepts_and_accepts_nothing_that_it_refuses() {
    let world = World::new();
    let mut enclave = world.enclave();
    let stricter = Stricter { refuse_simulated: true, ..Stricter::as_signed() };
    let bundle = enclave.attest(vec![[7; 32]]);
    let challenge = Challenge::from_random([7; 32]);
    assert_eq!(failed(appraise(&world.contract, bundle, challenge, &stricter, now())), ["room.simulated"]);
    let vendor = World::with(|terms| {
        let root = sealroom_attestation::vendor_roots().next().unwrap();
        let accepted = &terms.enclaves[0];
        terms.enclaves = vec![EnclaveTerms::amd_sev_snp(
            *root.fingerprint.as_bytes(),
            accepted.measurement,
            accepted.minimum_firmware,
        )];
    });
    let mut enclave = vendor.enclave();
    let refused = failed(vendor.appraise(|challenge| enclave.attest(vec![challenge])));
    assert!(refused.contains(&"common.trust-anchor"), "{refused:?}");
}
