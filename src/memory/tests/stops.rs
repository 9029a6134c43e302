//! A stop in the memory: it binds every later grant, whatever process makes it and whatever was killed in between.

use crate::memory::grant::NewGrant;
use crate::memory::stops::STOPS;
use crate::memory::store::TALLIES;
use crate::memory::{Memory, MemoryError, store};
use crate::random;
use crate::testing::disk::Disk;
use crate::testing::{Enclave, NOW, Parties, contract_of, contract_with, grant_of};
use core::time::Duration;
use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableHandle};
use sealroom_protocol::contract::{Contract, Role};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, SignedGrant, SignedStop};
use std::sync::mpsc::channel;

pub(super) const OBJECT: ObjectId = ObjectId::from_bytes([1; 32]);

pub(super) struct World {
    pub(super) parties: Parties,
    pub(super) contract: Contract,
    pub(super) enclave: Enclave,
}

impl World {
    pub(super) fn new() -> Self {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        Self { parties, contract, enclave: Enclave::new() }
    }

    /// One in which nothing is to be chosen, so that the institute grants nothing.
    pub(super) fn of_a_recipient() -> Self {
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| {
            terms.program.choices.clear();
            terms.parties[2].roles = vec![Role::Result];
        });
        assert!(contract.granting_parties().iter().all(|party| party.name != "institute"));
        Self { parties, contract, enclave: Enclave::new() }
    }

    /// Alpha's memory on some storage, with its object.
    pub(super) fn memory(&self, storage: impl StorageBackend) -> Result<Memory, MemoryError> {
        let memory = Memory::open_backend(storage, &self.parties.alpha.signing().public())?;
        memory.remember_key(&OBJECT, &DataKey::generate(&mut random()))?;
        memory.bring_object(&self.contract.id(), "patients-alpha", &OBJECT)?;
        Ok(memory)
    }

    pub(super) fn proposal(&self, run: u64) -> Proposal {
        self.enclave.proposal(&self.contract, run, [OBJECT, OBJECT], None)
    }

    pub(super) fn stop(&self, reason: &str) -> SignedStop {
        crate::stop(&self.contract, &self.parties.alpha, reason, NOW).unwrap()
    }

    pub(super) fn grant(&self, memory: &Memory, run: u64) -> Result<SignedGrant, MemoryError> {
        self.grant_while(memory, run, || {})
    }

    /// Grants, and does something while the grant is being made.
    fn grant_while(&self, memory: &Memory, run: u64, meanwhile: impl FnOnce()) -> Result<SignedGrant, MemoryError> {
        let proposal = self.proposal(run);
        let make = |count| {
            meanwhile();
            let grant = grant_of(&self.parties.alpha, &proposal, count);
            Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: self.enclave.evidence() })
        };
        memory.write_grant(&self.contract, &proposal, make).map(|record| record.grant)
    }
}

#[track_caller]
pub(super) fn is_stopped<T: core::fmt::Debug>(found: Result<T, MemoryError>, why: &str) {
    match found {
        Err(MemoryError::Stopped { clock: NOW, reason, .. }) if reason == why => {}
        other => panic!("expected a refusal for the stop {why:?}, found {other:?}"),
    }
}

#[test]
fn a_contract_that_a_party_stopped_is_granted_nothing_by_whoever_opens_its_memory_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    let world = World::new();
    let owner = world.parties.alpha.signing().public();
    {
        let memory = Memory::open(&path, &owner).unwrap();
        memory.remember_key(&OBJECT, &DataKey::generate(&mut random())).unwrap();
        memory.bring_object(&world.contract.id(), "patients-alpha", &OBJECT).unwrap();
        drop(world.grant(&memory, 1).unwrap());
        assert_eq!(memory.stop_of(&world.contract.id()).unwrap(), None);
        assert_eq!(memory.write_stop(&world.contract, &world.stop("enough")).unwrap(), world.stop("enough"));
    }
    let memory = Memory::open(&path, &owner).unwrap();
    is_stopped(memory.check_proposal(&world.contract, &world.proposal(2)), "enough");
    is_stopped(world.grant(&memory, 2), "enough");
    // Nor is what it had granted before sent again: that is refused as stopped, not as granted.
    is_stopped(memory.check_proposal(&world.contract, &world.proposal(1)), "enough");
    assert!(memory.state(&world.contract).unwrap().stopped);
    // The first one stays, and is what a second one gives to send.
    assert_eq!(memory.write_stop(&world.contract, &world.stop("again")).unwrap(), world.stop("enough"));
    // Other contracts go on.
    let other = contract_with(&world.parties, |terms| terms.random = [9; 32]);
    memory.bring_object(&other.id(), "patients-alpha", &OBJECT).unwrap();
    let proposal = world.enclave.proposal(&other, 1, [OBJECT, OBJECT], None);
    assert_eq!(memory.check_proposal(&other, &proposal).unwrap(), 1);
    assert!(!memory.state(&other).unwrap().stopped);
}

#[test]
fn a_stop_says_when_why_and_what_to_do() {
    let world = World::new();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    drop(memory.write_stop(&world.contract, &world.stop("")).unwrap());
    let error = world.grant(&memory, 1).unwrap_err().to_string();
    let id = world.contract.id();
    assert_eq!(
        error,
        format!(
            "expected a contract that no party stopped, found {id}, which alpha stopped at 2026-01-02T00:00:00Z: without a reason; nothing more is granted under it: agree on an amendment (sealroom contract amend)"
        )
    );
}

#[test]
fn only_this_partys_own_stop_of_this_contract_is_written() {
    let world = World::new();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    let other = contract_with(&world.parties, |terms| terms.random = [9; 32]);
    for foreign in [
        crate::stop(&world.contract, &world.parties.beta, "", NOW).unwrap(),
        crate::stop(&other, &world.parties.alpha, "", NOW).unwrap(),
    ] {
        let error = memory.write_stop(&world.contract, &foreign).unwrap_err();
        assert!(matches!(error, MemoryError::ForeignStop { contract } if contract == world.contract.id()), "{error}");
    }
    assert_eq!(memory.stop_of(&world.contract.id()).unwrap(), None);
    drop(world.grant(&memory, 1).unwrap());
}

#[test]
fn a_stop_that_is_said_while_a_grant_is_written_waits_for_it_and_no_later_grant_passes_it_by() {
    let world = World::new();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    std::thread::scope(|scope| {
        let (began, begun) = channel();
        let (kept, stop) = (&memory, world.stop("now"));
        let contract = &world.contract;
        let stopping = scope.spawn(move || {
            begun.recv().unwrap();
            kept.write_stop(contract, &stop).map(|_| ())
        });
        // The stop is said in the middle of the write: it is written after it, so the grant is one of before the stop.
        let granted = world.grant_while(&memory, 1, || {
            began.send(()).unwrap();
            std::thread::sleep(Duration::from_millis(200));
            assert_eq!(memory.stop_of(&world.contract.id()).unwrap(), None);
        });
        drop(granted.unwrap());
        stopping.join().unwrap().unwrap();
    });
    is_stopped(world.grant(&memory, 2), "now");
}

#[test]
fn a_stop_that_does_not_read_back_still_stops_and_a_new_one_takes_its_place() {
    let world = World::new();
    let memory = world.memory(InMemoryBackend::new()).unwrap();
    let id = world.contract.id();
    store::write(&memory.database, |transaction| {
        drop(transaction.open_table(STOPS)?.insert(id.as_bytes(), b"torn".as_slice())?);
        Ok(())
    })
    .unwrap();
    for error in [world.grant(&memory, 1).map(drop), memory.stop_of(&id).map(drop)] {
        assert!(matches!(error, Err(MemoryError::Record { what: "stop" })), "{error:?}");
    }
    assert_eq!(memory.write_stop(&world.contract, &world.stop("once more")).unwrap(), world.stop("once more"));
    is_stopped(world.grant(&memory, 1), "once more");
}

#[test]
fn a_memory_of_before_there_were_stops_keeps_them_from_now_on() {
    let world = World::new();
    let disk = Disk::new(Vec::new(), usize::MAX);
    drop(world.memory(disk.clone()).unwrap());
    let database = Database::builder().create_with_backend(Disk::new(disk.durable(), usize::MAX)).unwrap();
    let transaction = database.begin_write().unwrap();
    // Neither of them was there before stops were.
    assert!(transaction.delete_table(STOPS).unwrap() && transaction.delete_table(TALLIES).unwrap());
    transaction.commit().unwrap();
    assert!(database.begin_read().unwrap().list_tables().unwrap().all(|table| table.name() != "stops"));
    let memory = Memory::begin(database, &world.parties.alpha.signing().public()).unwrap();
    assert_eq!(memory.stop_of(&world.contract.id()).unwrap(), None);
    drop(world.grant(&memory, 1).unwrap());
    drop(memory.write_stop(&world.contract, &world.stop("late")).unwrap());
    is_stopped(world.grant(&memory, 2), "late");
    let stops = memory.database.begin_read().unwrap().open_table(STOPS).unwrap();
    assert_eq!(stops.iter().unwrap().count(), 1);
}

#[test]
fn whatever_survives_a_kill_at_any_write_knows_the_stop_that_was_handed_out() {
    let world = World::new();
    let whole = Disk::new(Vec::new(), usize::MAX);
    drop(world.memory(whole.clone()).unwrap());
    let begun = whole.durable();
    // Grants, stops, and tries to grant again. Gives whether the stop was handed out.
    let play = |disk: &Disk| -> bool {
        let Ok(memory) = Memory::open_backend(disk.clone(), &world.parties.alpha.signing().public()) else {
            return false;
        };
        if world.grant(&memory, 1).is_err() || memory.write_stop(&world.contract, &world.stop("enough")).is_err() {
            return false;
        }
        is_stopped(world.grant(&memory, 2), "enough");
        true
    };
    let whole = Disk::new(begun.clone(), usize::MAX);
    assert!(play(&whole));
    let operations = whole.operations();
    assert!(operations > 10, "{operations} operations");
    let mut handed_out = 0;
    for killed_at in 0..=operations {
        let disk = Disk::new(begun.clone(), killed_at);
        let stopped = play(&disk);
        handed_out += u32::from(stopped);
        for fate in [0, 2] {
            let left = Disk::new(disk.after_crash(|| fate), usize::MAX);
            let memory = Memory::open_backend(left, &world.parties.alpha.signing().public()).unwrap();
            let known = memory.stop_of(&world.contract.id()).unwrap();
            assert!(known.is_some() || !stopped, "killed at {killed_at}: a stop was handed out and is not known");
            if known.is_some() {
                is_stopped(world.grant(&memory, 2), "enough");
            }
        }
    }
    assert!(handed_out > 0, "it was killed before the stop each time");
}
