//! What a hostile host can show a party that is asked to grant: proposals of other enclaves, of old heads, to a memory
//! that was restored, at another time.

use crate::envelopes::attacks;
use crate::errors::{refuses, said};
use crate::thief::Thief;
use crate::world::World;
use sealroom::{now, random};
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::SignedReceipt;

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
    refuses(crossed, "review.enclave");
    let north = world.grant("north", &first, &shown_north).unwrap();
    let south = world.grant("south", &second, &shown_south).unwrap();
    for (enclave, own, foreign) in [(&mut one, &north, &south), (&mut two, &south, &north)] {
        assert_eq!(enclave.grant(now(), own, &world.bodies).missing.len(), 1);
        let delivered = enclave.grant(now(), foreign, &world.bodies);
        said(delivered.refusal.as_ref(), "grant.proposal");
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
        refuses(refused, "review.form");
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
    refuses(refused, "memory.run-number");
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
    refuses(refused, "memory.older-head");
    // South grants on, and its second run is its last: the withheld one counts.
    world.grant("south", &room, &proposal).unwrap();
    let mut third = world.enclave();
    let room = world.appraise(|challenge| third.attest(vec![challenge])).unwrap();
    let proposal = third.propose(now(), 3, vec![], world.datasets());
    let refused = world.grant("south", &room, &proposal);
    refuses(refused, "memory.run-limit");
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
    refuses(settled, "memory.restored");
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = enclave.propose(now(), 2, vec![delivered.receipt.unwrap()], world.datasets());
    let brought = sealroom::BroughtProposal { proposal: &proposal, request: None };
    let refused = room.review(brought, &north.identity, &restored, now());
    refuses(refused, "memory.restored");
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
    refuses(later, "review.expiry");
    let earlier = room.review(brought, &site.identity, &site.memory, world.contract.terms().not_before - 1);
    refuses(earlier, "review.not-before");
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
    refuses(refused, "memory.object");
    world.sites[0].dataset = Some(newer);
}

#[test]
fn a_proposal_without_or_with_a_swapped_signature_is_not_granted() {
    let world = World::new();
    let mut enclave = world.enclave();
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let genuine = enclave.propose(now(), 1, vec![], world.datasets());
    assert!(matches!(enclave.ask(&HostMessage::Abandon { now: now() }), EnclaveMessage::Receipt { .. }));
    let donor = enclave.propose(now(), 2, vec![], world.datasets());
    for proposal in attacks(&genuine, &donor) {
        refuses(world.grant("north", &room, &proposal), "review.form");
    }
    world.grant("north", &room, &donor).unwrap();
}

#[test]
fn datasets_of_two_owners_swapped_in_a_proposal_are_granted_by_neither() {
    // The enclave of a thief proposes what an honest one refuses to.
    let world = World::new();
    let thief = Thief::new();
    let room = thief.room(&world);
    let mut swapped = thief.proposal(&world);
    let (a, b) = (swapped.datasets[0].object, swapped.datasets[1].object);
    (swapped.datasets[0].object, swapped.datasets[1].object) = (b, a);
    for party in ["north", "south"] {
        refuses(world.grant(party, &room, &thief.sign(swapped.clone())), "memory.object");
    }
    let mut renamed = thief.proposal(&world);
    renamed.datasets.reverse();
    let mut elsewhere = thief.proposal(&world);
    elsewhere.contract = World::new().contract.id();
    let mut numbered = thief.proposal(&world);
    numbered.head_run = 1;
    for proposal in [renamed, elsewhere, numbered] {
        refuses(world.grant("north", &room, &thief.sign(proposal)), "review.content");
    }
    world.grant("north", &room, &thief.sign(thief.proposal(&world))).unwrap();
}
