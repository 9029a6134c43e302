//! Stops that receipts show: any party's binds the next grant, also that of one that grants nothing, and this party's own comes back.

use super::stops::{OBJECT, World, is_stopped};
use crate::memory::{Memory, MemoryError, Settlement};
use crate::testing::disk::Disk;
use crate::testing::{NOW, contract_with, sign};
use crate::{Identity, random};
use redb::backends::InMemoryBackend;
use sealroom_protocol::contract::{Amends, Contract, write};
use sealroom_protocol::run::{ReceiptError, SignedReceipt, SignedStop, Stop};

impl World {
    fn stop_by(&self, party: &Identity, reason: &str) -> SignedStop {
        crate::stop(&self.contract, party, reason, NOW).unwrap()
    }

    /// The void receipt of a run that this stop ended.
    fn ended(&self, run: u64, stop: &SignedStop) -> SignedReceipt {
        self.enclave.stopped(&self.contract, &self.proposal(run), stop)
    }
}

fn by<T: core::fmt::Debug>(found: Result<T, MemoryError>) -> String {
    match found {
        Err(MemoryError::Stopped { party, .. }) => party,
        other => panic!("expected a refusal for a stop, found {other:?}"),
    }
}

#[test]
fn a_stop_by_a_party_that_grants_nothing_binds_every_later_grant_and_none_of_an_amendment() {
    let world = World::of_a_recipient();
    let id = world.contract.id();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    memory.remember_contract(&sign(&world.contract, &world.parties)).unwrap();
    drop(world.grant(&memory, 1).unwrap());
    let said = world.stop_by(&world.parties.institute, "").allegation().clone();
    let stop = SignedStop::sign(Stop { reason: "no\nmore".into(), ..said }, world.parties.institute.signing());
    let settled = memory.settle(&world.contract, &world.ended(1, &stop)).unwrap();
    assert_eq!(settled.settlement, Settlement::GivenBack);
    is_stopped(memory.check_proposal(&world.contract, &world.proposal(2)), "no\u{fffd}more");
    assert_eq!(by(world.grant(&memory, 2)), "institute");
    // It is not this party's to send.
    assert_eq!(memory.stop_of(&id).unwrap(), None);
    assert!(memory.is_stopped(&id).unwrap() && memory.state(&world.contract).unwrap().stopped);

    let mut terms = world.contract.terms().clone();
    rand_core::Rng::fill_bytes(&mut random(), &mut terms.random);
    terms.amends = Some(Amends::new(&world.contract, 1, &[("alpha", 0), ("beta", 0)]));
    let second = Contract::parse(write(&terms).as_bytes()).unwrap();
    memory.remember_contract(&sign(&second, &world.parties)).unwrap();
    let proposal = world.enclave.proposal(&second, 2, [OBJECT, OBJECT], None);
    assert_eq!(memory.check_proposal(&second, &proposal).unwrap(), 1);
}

#[test]
fn a_stop_that_a_receipt_shows_binds_also_who_granted_nothing_in_it_and_gives_way_to_ones_own() {
    let world = World::of_a_recipient();
    let id = world.contract.id();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    let [first, second] = ["enough", "again"].map(|why| world.stop_by(&world.parties.institute, why));
    for stop in [&first, &second] {
        let settled = memory.settle(&world.contract, &world.ended(1, stop)).unwrap();
        assert_eq!(settled.settlement, Settlement::Recorded);
        is_stopped(world.grant(&memory, 2), "enough");
    }
    // This party can still stop it: what it writes is what it sends, and no receipt takes its place.
    assert_eq!(memory.write_stop(&world.contract, &world.stop("me too")).unwrap(), world.stop("me too"));
    drop(memory.settle(&world.contract, &world.ended(3, &first)).unwrap());
    assert_eq!(memory.stop_of(&id).unwrap(), Some(world.stop("me too")));
    assert_eq!(by(world.grant(&memory, 2)), "alpha");
}

#[test]
fn a_restored_memory_gets_its_own_stop_back_from_a_receipt() {
    let world = World::new();
    let id = world.contract.id();
    let open = |bytes| Memory::open_backend(Disk::new(bytes, usize::MAX), &world.parties.alpha.signing().public());
    let disk = Disk::new(Vec::new(), usize::MAX);
    let memory = world.memory(disk.clone()).unwrap();
    drop(world.grant(&memory, 1).unwrap());
    let backup = disk.durable();
    let own = memory.write_stop(&world.contract, &world.stop("enough")).unwrap();
    let receipt = world.ended(1, &own);

    let restored = open(backup.clone()).unwrap();
    assert!(!restored.is_stopped(&id).unwrap());
    drop(restored.settle(&world.contract, &receipt).unwrap());
    assert_eq!(restored.stop_of(&id).unwrap(), Some(own.clone()));
    is_stopped(world.grant(&restored, 2), "enough");

    // Also where another's stands already, and where the receipt contradicts what was settled.
    let restored = open(backup).unwrap();
    let stop = world.stop_by(&world.parties.beta, "beta's");
    drop(restored.settle(&world.contract, &world.ended(1, &stop)).unwrap());
    assert_eq!((restored.stop_of(&id).unwrap(), by(world.grant(&restored, 2))), (None, "beta".to_owned()));
    let refused = restored.settle(&world.contract, &receipt).unwrap_err();
    assert!(matches!(refused, MemoryError::Contradiction { run: 1, .. }), "{refused}");
    assert_eq!(restored.stop_of(&id).unwrap(), Some(own));
    assert_eq!(by(world.grant(&restored, 2)), "alpha");
}

#[test]
fn a_receipt_with_a_stop_that_no_party_of_the_contract_signed_of_it_stops_nothing() {
    let world = World::new();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    let other = contract_with(&world.parties, |terms| terms.random = [9; 32]);
    let stranger = Identity::generate("institute", &mut random()).unwrap();
    let as_institute =
        SignedStop::sign(world.stop_by(&world.parties.institute, "").allegation().clone(), stranger.signing());
    for stop in [as_institute, crate::stop(&other, &world.parties.institute, "", NOW).unwrap()] {
        let error = memory.settle(&world.contract, &world.ended(1, &stop)).unwrap_err();
        assert!(matches!(error, MemoryError::Receipt(ReceiptError::Attachment { what: "stop" })), "{error}");
    }
    assert!(!memory.is_stopped(&world.contract.id()).unwrap());
    drop(world.grant(&memory, 1).unwrap());
}

#[test]
fn whatever_survives_a_kill_at_any_write_gave_no_grant_back_by_a_receipt_whose_stop_it_does_not_know() {
    let world = World::new();
    let whole = Disk::new(Vec::new(), usize::MAX);
    drop(world.grant(&world.memory(whole.clone()).unwrap(), 1).unwrap());
    let begun = whole.durable();
    let receipt = world.ended(1, &world.stop_by(&world.parties.institute, "enough"));
    let open = |disk: &Disk| Memory::open_backend(disk.clone(), &world.parties.alpha.signing().public());
    let play = |disk: &Disk| open(disk).is_ok_and(|memory| memory.settle(&world.contract, &receipt).is_ok());
    let whole = Disk::new(begun.clone(), usize::MAX);
    assert!(play(&whole));
    let (mut given_back, mut open_still) = (0, 0);
    for killed_at in 0..=whole.operations() {
        let disk = Disk::new(begun.clone(), killed_at);
        let settled = play(&disk);
        for fate in [0, 2] {
            let memory = open(&Disk::new(disk.after_crash(|| fate), usize::MAX)).unwrap();
            let state = memory.state(&world.contract).unwrap();
            assert!(state.stopped || state.count == 1, "killed at {killed_at}: given back, and no stop");
            assert!(state.stopped && state.count == 0 || !settled, "killed at {killed_at}: settled, and forgotten");
            if state.count == 0 { given_back += 1 } else { open_still += 1 }
        }
    }
    assert!(given_back > 0 && open_still > 0, "{given_back} and {open_still}");
}
