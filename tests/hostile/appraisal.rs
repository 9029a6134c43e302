//! What a hostile host can show a party: Evidence, proposals, receipts and results that are genuine somewhere else.

use crate::enclave::Enclave;
use crate::image::built;
use crate::world::World;
use sealroom::{AppraisalError, MemoryError, OpenError, ReviewError, Stricter, appraise, now, open_result, random};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::EnclaveTerms;
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::run::{
    Count, Ending, Outcome, Output, Proposal, ProposedDataset, Receipt, ReceiptError, SignedProposal, SignedReceipt,
};

/// Ids of the checks that failed.
#[track_caller]
fn failed(refused: Result<sealroom::AppraisedRoom, AppraisalError>) -> Vec<&'static str> {
    match refused {
        Err(AppraisalError::Refused(refusal)) => {
            for check in refusal.failed() {
                assert!(!check.expected.is_empty() && !check.hint.is_empty(), "{check}");
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

#[test]
fn two_enclaves_each_shown_to_another_party_gather_no_run() {
    let world = World::new();
    let (mut one, mut two) = (world.enclave(), world.enclave());
    let first = world.appraise(|challenge| one.attest(vec![challenge])).unwrap();
    let second = world.appraise(|challenge| two.attest(vec![challenge])).unwrap();
    let (shown_north, shown_south) =
        (one.propose(now(), 1, vec![], world.datasets()), two.propose(now(), 1, vec![], world.datasets()));
    // A proposal of the enclave that was not appraised is refused, whoever carries it.
    let crossed = world.grant("north", &first, &shown_south);
    assert!(matches!(crossed, Err(ReviewError::Enclave(_))), "{crossed:?}");
    let north = world.grant("north", &first, &shown_north).unwrap();
    let south = world.grant("south", &second, &shown_south).unwrap();
    for (enclave, own, foreign) in [(&mut one, &north, &south), (&mut two, &south, &north)] {
        assert_eq!(enclave.grant(now(), own, &world.bodies).missing.len(), 1);
        let delivered = enclave.grant(now(), foreign, &world.bodies);
        assert_eq!(delivered.refusal.as_ref().unwrap().check, "grant.proposal");
        assert!(!delivered.released());
    }
}

#[test]
fn a_partys_own_words_shown_back_to_it_are_no_proposal() {
    let world = World::new();
    let mut enclave = world.enclave();
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = enclave.propose(now(), 1, vec![], world.datasets());
    let granted = world.grant("north", &room, &proposal).unwrap();
    for reflected in [granted.envelope(), world.envelope.clone()] {
        let refused = world.grant("south", &room, &reflected);
        assert!(matches!(refused, Err(ReviewError::Form(_))), "{refused:?}");
    }
}

#[test]
fn a_second_proposal_for_one_run_number_is_refused_by_the_partys_memory() {
    let world = World::new();
    let (mut one, mut two) = (world.enclave(), world.enclave());
    let first = world.appraise(|challenge| one.attest(vec![challenge])).unwrap();
    let second = world.appraise(|challenge| two.attest(vec![challenge])).unwrap();
    let proposal = one.propose(now(), 1, vec![], world.datasets());
    world.grant("north", &first, &proposal).unwrap();
    let other = two.propose(now(), 1, vec![], world.datasets());
    let refused = world.grant("north", &second, &other);
    assert!(matches!(refused, Err(ReviewError::Memory(MemoryError::RunUsed { .. }))), "{refused:?}");
}

#[test]
fn an_older_head_than_the_party_knows_is_refused_and_a_withheld_receipt_stays_spent() {
    let world = World::new();
    let mut enclave = world.enclave();
    let delivered = world.run(&mut enclave, 1, vec![]);
    let receipt = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
    // North is shown the receipt, south is not.
    world.site("north").memory.settle(&world.contract, &receipt).unwrap();
    let mut fork = world.enclave();
    let room = world.appraise(|challenge| fork.attest(vec![challenge])).unwrap();
    let proposal = fork.propose(now(), 2, vec![], world.datasets());
    let refused = world.grant("north", &room, &proposal);
    assert!(matches!(refused, Err(ReviewError::Memory(MemoryError::OlderHead { .. }))), "{refused:?}");
    // South grants on, and its second run is its last: the withheld one counts.
    world.grant("south", &room, &proposal).unwrap();
    let mut third = world.enclave();
    let room = world.appraise(|challenge| third.attest(vec![challenge])).unwrap();
    let proposal = third.propose(now(), 3, vec![], world.datasets());
    let refused = world.grant("south", &room, &proposal);
    assert!(matches!(refused, Err(ReviewError::Memory(MemoryError::Limit { count: 2, limit: 2 }))), "{refused:?}");
}

#[test]
fn a_restored_memory_that_is_shown_its_own_grant_grants_nothing_more() {
    let world = World::new();
    let north = world.site("north");
    let owner = north.identity.signing().public();
    // The copy is of a memory that knows contract and keys, and no grant.
    let copy = world.folder.path().join("copy.memory");
    std::fs::copy(world.folder.path().join("north.memory"), &copy).unwrap();
    let mut enclave = world.enclave();
    let delivered = world.run(&mut enclave, 1, vec![]);
    let receipt = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
    let restored = sealroom::Memory::open(&copy, &owner).unwrap();
    let settled = restored.settle(&world.contract, &receipt);
    assert!(matches!(settled, Err(MemoryError::Restored { .. })), "{settled:?}");
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = enclave.propose(now(), 2, vec![delivered.receipt.unwrap()], world.datasets());
    let brought = sealroom::BroughtProposal { proposal: &proposal, request: None };
    let refused = room.review(brought, &north.identity, &restored, now());
    assert!(matches!(refused, Err(ReviewError::Memory(MemoryError::Restored { .. }))), "{refused:?}");
}

#[test]
fn an_expired_contract_is_not_granted_and_a_swapped_dataset_of_ones_own_neither() {
    let mut world = World::new();
    let mut enclave = world.enclave();
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = enclave.propose(now(), 1, vec![], world.datasets());
    let site = world.site("north");
    let brought = sealroom::BroughtProposal { proposal: &proposal, request: None };
    let later = room.review(brought, &site.identity, &site.memory, world.contract.terms().expires);
    assert!(matches!(later, Err(ReviewError::Expired { .. })), "{later:?}");
    let earlier = room.review(brought, &site.identity, &site.memory, world.contract.terms().not_before - 1);
    assert!(matches!(earlier, Err(ReviewError::TooEarly { .. })), "{earlier:?}");
    // North encrypts anew; the host still proposes the older object.
    let csv = world.folder.path().join("north.csv");
    let source = sealroom::DatasetSource {
        csv: &csv,
        contract: &world.contract,
        dataset: "north-list",
        folder: world.folder.path(),
    };
    let newer = sealroom::encrypt_dataset(source, &site.identity, &site.memory, &mut random(), &mut |_| {}).unwrap();
    let refused = world.grant("north", &room, &proposal);
    assert!(matches!(refused, Err(ReviewError::Memory(MemoryError::OtherObject { .. }))), "{refused:?}");
    world.sites[0].dataset = Some(newer);
}

/// What a thief of the platform's key can make: a fake enclave that passes every appraisal.
struct Thief {
    signing: SigningSecret,
    run_secret: EncryptionSecret,
}

#[test]
fn a_leaked_platform_key_makes_no_result_that_anyone_opens() {
    let world = World::new();
    let thief =
        Thief { signing: SigningSecret::from_seed(&[3; 32]), run_secret: EncryptionSecret::from_seed(&[4; 32]) };
    // The root's state lies on this machine: whoever has it signs reports of any measurement.
    let root = sealroom_simulated_platform::Root::open(&world.state, std::time::SystemTime::now()).unwrap();
    let measurement = sealroom_simulated_platform::Image::measure(&built().1).unwrap();
    let room = world.appraise(|challenge| {
        let list = sealroom_protocol::binding::ChallengeList::new(vec![challenge]).unwrap();
        let key = thief.signing.public();
        let data = sealroom_protocol::binding::room_report_data(&world.contract.id(), &key, &list);
        let certificates = root.certificates();
        sealroom::EvidenceBundle {
            enclave_key: key,
            evidence: root.report(measurement, data, [1; 32]),
            endorsements: vec![
                certificates.vcek.clone(),
                certificates.ask.clone(),
                certificates.ark.clone(),
                root.revocation_list(std::time::SystemTime::now()).unwrap(),
            ],
            challenges: vec![challenge],
            operator_statement: None,
            appraised: 0,
        }
    });
    // Appraisal cannot tell: the threat model says so, and operator statements are the answer.
    let room = room.unwrap();
    let names = world.contract.terms().datasets.iter().map(|dataset| dataset.name.clone());
    let proposal = Proposal {
        contract: world.contract.id(),
        run: 1,
        head: None,
        head_run: 0,
        datasets: names.zip(world.datasets()).map(|(name, object)| ProposedDataset { name, object }).collect(),
        request: None,
        enclave_key: thief.signing.public(),
        run_key: thief.run_secret.public(),
    };
    let signed = SignedProposal::sign(proposal.clone(), &thief.signing);
    // South fell for it; north did not grant.
    let south = world.grant("south", &room, &signed.encode()).unwrap();
    let forged = |grants| Receipt {
        contract: world.contract.id(),
        outcome: Outcome::Complete,
        ending: Ending::Released,
        proposal: proposal.clone(),
        grants,
        statement: None,
        stop: None,
        outputs: vec![Output {
            name: "size".into(),
            recipients: vec!["institute".into()],
            object: world.datasets()[0],
        }],
        counts: ["north", "south"].map(|party| Count { party: party.into(), before: 0, after: 1 }).into(),
        gap: vec![],
        time: now(),
    };
    let south = south.grant().envelope().clone();
    for grants in [vec![], vec![south.clone()], vec![south.clone(), south]] {
        let receipt = SignedReceipt::sign(forged(grants), &thief.signing);
        let opened = open_result(&world.contract, &world.site("institute").identity, &receipt, &[], [].as_slice());
        let refused = matches!(opened, Err(OpenError::Receipt(ReceiptError::Grants { .. })));
        assert!(refused, "{opened:?}");
    }
}

#[test]
fn results_swapped_between_runs_or_recipients_are_not_opened() {
    let world = World::new();
    let mut enclave = world.enclave();
    let first = world.run(&mut enclave, 1, vec![]);
    let first_receipt = SignedReceipt::decode(first.receipt.as_ref().unwrap()).unwrap();
    for name in ["north", "south"] {
        world.site(name).memory.settle(&world.contract, &first_receipt).unwrap();
    }
    let second = world.run(&mut enclave, 2, vec![first.receipt.clone().unwrap()]);
    let second_receipt = SignedReceipt::decode(second.receipt.as_ref().unwrap()).unwrap();
    let institute = &world.site("institute").identity;
    let manifest = second.manifest.as_ref().unwrap();
    let swapped = open_result(&world.contract, institute, &first_receipt, manifest, second.body.as_slice());
    assert!(matches!(swapped, Err(OpenError::NotInReceipt { .. })), "{swapped:?}");
    let north = &world.site("north").identity;
    let other = open_result(&world.contract, north, &second_receipt, manifest, second.body.as_slice());
    assert!(matches!(other, Err(OpenError::NotARecipient { .. })), "{other:?}");
    let mut spliced = second.body.clone();
    spliced[60] ^= 1;
    let spliced = open_result(&world.contract, institute, &second_receipt, manifest, spliced.as_slice());
    assert!(matches!(spliced, Err(OpenError::Object(_))), "{spliced:?}");
    let cut = open_result(&world.contract, institute, &second_receipt, manifest, &second.body[..100]);
    assert!(matches!(cut, Err(OpenError::Io(_))), "{cut:?}");
    let good = open_result(&world.contract, institute, &second_receipt, manifest, second.body.as_slice()).unwrap();
    assert_eq!(good.run, 2);
}
