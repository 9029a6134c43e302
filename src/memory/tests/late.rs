//! What is learnt of a version after an amendment took its place.

use super::amend::{World, amendment_of, empty};
use crate::memory::{MemoryError, Settlement};
use crate::testing::{grant_of, sign};
use sealroom_protocol::contract::{CarriedCounts, Contract};
use sealroom_protocol::run::{SignedGrant, SignedReceipt};

/// The void and the complete receipt of run 3, one of which is a lie.
fn contradictory(world: &World) -> (SignedReceipt, SignedReceipt) {
    let proposal = world.proposal(&world.first, 3);
    let own = world.memory.grant(&world.first.id(), 3).unwrap().unwrap().grant;
    let others = [&world.parties.beta, &world.parties.institute].map(|party| grant_of(party, &proposal, 2));
    let grants: Vec<SignedGrant> = core::iter::once(own).chain(others).collect();
    let void = world.enclave.void(&world.first, &proposal, &[], 1);
    (void, world.enclave.complete(&world.first, &proposal, &grants, 1))
}

fn with_count(world: &World, runs: u64) -> Contract {
    world.amendment(|_, amends| match &mut amends.counts {
        CarriedCounts::On(counts) => counts[0].runs = runs,
        CarriedCounts::Anew => panic!("they go on"),
    })
}

#[test]
fn a_run_that_a_void_receipt_gave_back_by_a_lie_counts_in_the_next_version_too() {
    let world = World::new();
    let (void, complete) = contradictory(&world);
    assert_eq!(world.memory.settle(&world.first, &void).unwrap().settlement, Settlement::GivenBack);
    let second = with_count(&world, 2);
    world.take(&second).unwrap();
    assert_eq!(world.memory.settle(&world.first, &complete).unwrap().settlement, Settlement::Confirmed);
    let (old, new) = (world.memory.state(&world.first).unwrap(), world.memory.state(&second).unwrap());
    assert_eq!((old.count, new.count), (3, 3), "three runs were granted and none given back");
    world.memory.settle(&world.first, &complete).unwrap();
    assert_eq!(world.memory.state(&second).unwrap().count, 3, "once");
    // So the limit of five holds over both versions.
    for (run, count) in [(4, 4), (5, 5)] {
        assert_eq!(world.grant(&second, &world.proposal(&second, run)).unwrap().allegation().count, count);
    }
    let error = world.grant(&second, &world.proposal(&second, 6)).unwrap_err();
    assert!(matches!(error, MemoryError::Limit { count: 5, limit: 5 }), "{error}");
}

#[test]
fn it_counts_once_where_the_amendment_knew_of_it_and_not_where_counts_began_anew() {
    let world = World::new();
    let (void, complete) = contradictory(&world);
    world.memory.settle(&world.first, &void).unwrap();
    let second = with_count(&world, 3);
    world.take(&second).unwrap();
    world.memory.settle(&world.first, &complete).unwrap();
    assert_eq!(world.memory.state(&second).unwrap().count, 3);

    let world = World::new();
    let (void, complete) = contradictory(&world);
    world.memory.settle(&world.first, &void).unwrap();
    let anew = world.amendment(|_, amends| amends.counts = CarriedCounts::Anew);
    world.take(&anew).unwrap();
    let third = amendment_of(&anew, &world.head, |_, amends| *amends = world.memory.draft_amendment(&anew).unwrap());
    world.take(&third).unwrap();
    world.memory.settle(&world.first, &complete).unwrap();
    assert_eq!((world.memory.state(&anew).unwrap().count, world.memory.state(&third).unwrap().count), (0, 0));
}

#[test]
fn counts_that_began_anew_a_version_earlier_cover_what_a_restored_memory_forgot() {
    let world = World::new();
    let forgotten = world.memory.grant(&world.first.id(), 3).unwrap().unwrap().grant;
    let anew = world.amendment(|_, amends| amends.counts = CarriedCounts::Anew);
    world.take(&anew).unwrap();
    let third = amendment_of(&anew, &world.head, |_, amends| *amends = world.memory.draft_amendment(&anew).unwrap());
    assert_eq!((third.carried_count("alpha"), third.carried_run()), (0, 3));
    let (first, second) = (sign(&world.first, &world.parties), sign(&anew, &world.parties));
    let third = sign(&third, &world.parties);
    let id = third.contract().id();
    let covered = |memory: &crate::memory::Memory| {
        assert!(matches!(memory.recognise(&world.first, &forgotten), Err(MemoryError::Restored { .. })));
        assert_eq!(memory.in_force(&world.first).unwrap(), Some(id));
        assert!(memory.state(&world.first).unwrap().restored);
        !memory.state(third.contract()).unwrap().restored
    };
    let restored = || {
        let memory = empty(&world.parties);
        memory.remember_contract(&first).unwrap();
        memory
    };
    // One that saw each version.
    let memory = restored();
    memory.go_on_by_its_word(&second.contract().id()).unwrap();
    memory.remember_contract(&second).unwrap();
    memory.remember_contract(&third).unwrap();
    assert!(covered(&memory));
    // One that left out the second, and is given its text afterwards.
    let memory = restored();
    memory.remember_contract(&third).unwrap();
    memory.remember_contract(&second).unwrap();
    assert!(covered(&memory));
    // One that knows nothing of it cannot know that it is covered.
    let memory = restored();
    memory.remember_contract(&third).unwrap();
    assert!(!covered(&memory));
}
