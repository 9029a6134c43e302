//! A bundle that holds, and each part of it changed.

use super::*;
use crate::testing::{Enclave, Parties, Platform, contract_with, grant_of, sign};
use crate::{now, random};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::{Proposal, SignedGrant};

struct World {
    parties: Parties,
    contract: SignedContract,
    enclave: Enclave,
    receipt: SignedReceipt,
}

impl World {
    fn new() -> Self {
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| terms.enclaves = vec![Platform::shared().terms()]);
        let enclave = Enclave::new();
        let proposal =
            enclave.proposal(&contract, 1, [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])], None);
        let grants = parties.all().map(|party| grant_of(party, &proposal, 1));
        let receipt = enclave.complete(&contract, &proposal, &grants, 0);
        Self { contract: sign(&contract, &parties), parties, enclave, receipt }
    }

    fn evidence(&self, key: &SigningSecret) -> EvidenceBundle {
        let evidence = Platform::shared().evidence(self.contract.contract(), key, &[[5; 32], [6; 32]]);
        EvidenceBundle { appraised: now(), ..evidence }
    }

    fn bundle(&self) -> ReceiptBundle {
        ReceiptBundle::new(&self.contract, &self.receipt).with_evidence(self.evidence(&self.enclave.signing))
    }
}

fn failed(report: &BundleReport) -> Vec<&'static str> {
    let own = report.checks.iter().filter(|check| check.failure.is_some()).map(|check| check.id);
    own.chain(report.appraisal.iter().filter(|check| check.status == "fail").map(|check| check.id)).collect()
}

#[test]
fn a_bundle_reads_back_and_holds_with_every_check_named() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run-1.receipt");
    world.bundle().save(&path).unwrap();
    let report = ReceiptBundle::load(&path).unwrap().verify(Some(now()));
    assert_eq!(failed(&report), [""; 0]);
    assert!(report.holds() && report.appraised && report.appraisal.len() > 20);
    let grants = report.checks.iter().find(|check| check.id == "receipt.grants").unwrap();
    assert_eq!(grants.meaning, "granted by alpha, beta, institute");
    assert_eq!(report.receipt.as_ref(), Some(world.receipt.allegation()));
    // Without Evidence it holds too, and says that nobody appraised.
    let bare = ReceiptBundle::new(&world.contract, &world.receipt).verify(None);
    assert!(bare.holds() && !bare.appraised);
}

#[test]
fn for_a_void_receipt_without_grant_and_evidence_nobody_vouches() {
    let world = World::new();
    let stranger = Enclave::new();
    let objects = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];
    let void = |grants: &[SignedGrant], proposal: &Proposal, enclave: &Enclave| {
        ReceiptBundle::new(&world.contract, &enclave.void(world.contract.contract(), proposal, grants, 0))
    };
    let proposal = stranger.proposal(world.contract.contract(), 9, objects, None);
    let made_up = void(&[], &proposal, &stranger);
    let report = made_up.verify(Some(now()));
    assert!(report.holds() && !report.appraised && !report.vouched());
    // A party that granted, or an enclave that the contract accepts, is somebody.
    let granted = void(&[grant_of(&world.parties.beta, &proposal, 1)], &proposal, &stranger).verify(Some(now()));
    assert!(granted.holds() && granted.vouched());
    let appraised = made_up.with_evidence(world.evidence(&stranger.signing)).verify(Some(now()));
    assert!(appraised.holds() && appraised.appraised && appraised.vouched());
    assert!(world.bundle().verify(Some(now())).vouched());
}

#[test]
fn each_changed_part_fails_by_its_own_check() {
    let world = World::new();
    let other = World::new();
    let mixed = ReceiptBundle::new(&other.contract, &world.receipt);
    assert_eq!(failed(&mixed.verify(None)), ["receipt.contract"]);
    let mut receipt = world.receipt.allegation().clone();
    receipt.time += 1;
    let forged = SignedReceipt::sign(receipt.clone(), &SigningSecret::generate(&mut random()));
    assert_eq!(failed(&ReceiptBundle::new(&world.contract, &forged).verify(None)), ["receipt.signature"]);
    receipt.grants.pop();
    let short = SignedReceipt::sign(receipt, &world.enclave.signing);
    assert_eq!(failed(&ReceiptBundle::new(&world.contract, &short).verify(None)), ["receipt.grants"]);
    let mut envelope = world.contract.contract().unsigned_envelope();
    world.contract.contract().sign(&mut envelope, world.parties.alpha.signing()).unwrap();
    let unsigned = ReceiptBundle { contract: envelope, ..world.bundle() };
    assert_eq!(failed(&unsigned.verify(None)), ["bundle.contract"]);
}

#[test]
fn evidence_of_another_key_or_time_fails_by_name() {
    let world = World::new();
    let other = SigningSecret::generate(&mut random());
    let report =
        ReceiptBundle::new(&world.contract, &world.receipt).with_evidence(world.evidence(&other)).verify(Some(now()));
    assert_eq!(failed(&report), ["bundle.enclave-key"]);
    assert!(!report.holds() && !report.appraised);
    // Without a time, certificates are judged at the receipt's, which here is before they were made.
    let report = world.bundle().verify(None);
    assert!(failed(&report).contains(&"common.time"), "{:?}", failed(&report));
    let report = world.bundle().verify(Some(1));
    assert!(failed(&report).contains(&"common.time"), "{:?}", failed(&report));
    assert!(!report.holds() && !report.appraised);
    let claimed = EvidenceBundle { enclave_key: world.enclave.signing.public(), ..world.evidence(&other) };
    let report = ReceiptBundle::new(&world.contract, &world.receipt).with_evidence(claimed).verify(Some(now()));
    assert_eq!(failed(&report), ["common.freshness"]);
}

#[test]
fn what_is_no_bundle_is_refused() {
    let bytes = World::new().bundle().encode();
    let text = String::from_utf8(bytes).unwrap();
    for changed in
        [text.replace("sealroom/1", "sealroom/2"), text.replace("\"receipt\"", "\"receipts\""), String::new()]
    {
        assert!(matches!(ReceiptBundle::decode(changed.as_bytes()), Err(BundleError::Form)));
    }
}
