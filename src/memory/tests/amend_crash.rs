//! The process is killed at every write while an amendment is taken.

use super::amend::{OBJECTS, World, grant};
use crate::memory::{Memory, MemoryError};
use crate::random;
use crate::testing::disk::Disk;
use crate::testing::sign;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::Proposal;

#[test]
fn whatever_survives_a_kill_while_an_amendment_is_taken_one_version_is_in_force() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    let (first, complete) = (sign(&world.first, &world.parties), sign(&second, &world.parties));
    let owner = world.parties.alpha.signing().public();
    let one = world.enclave.proposal(&world.first, 1, OBJECTS, None);
    let begun = Disk::new(Vec::new(), usize::MAX);
    {
        let memory = Memory::open_backend(begun.clone(), &owner).unwrap();
        memory.remember_contract(&first).unwrap();
        memory.remember_key(&OBJECTS[0], &DataKey::generate(&mut random())).unwrap();
        memory.bring_object(&world.first.id(), "patients-alpha", &OBJECTS[0]).unwrap();
        grant(&memory, &world.parties, &world.enclave, &world.first, &one).unwrap();
    }
    let begun = begun.durable();
    let next = world.proposal(&second, 4);
    let play = |disk: &Disk| -> Result<(), MemoryError> {
        let memory = Memory::open_backend(disk.clone(), &owner)?;
        memory.remember_contract(&complete)?;
        grant(&memory, &world.parties, &world.enclave, &second, &next).map(drop)
    };
    let whole = Disk::new(begun.clone(), usize::MAX);
    play(&whole).unwrap();
    let operations = whole.operations();
    assert!(operations > 20, "{operations} operations");
    let (mut before, mut after) = (0, 0);
    for killed_at in 0..operations {
        let disk = Disk::new(begun.clone(), killed_at);
        let ended = play(&disk);
        let mut fate = u64::try_from(killed_at).unwrap();
        let mut fates: Vec<Vec<u8>> = vec![disk.after_crash(|| 0), disk.after_crash(|| 2)];
        fates.push(disk.after_crash(|| {
            fate = fate.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            fate >> 33
        }));
        for bytes in fates {
            let memory = Memory::open_backend(Disk::new(bytes, usize::MAX), &owner).unwrap();
            let old = memory.check_proposal(&world.first, &Proposal { run: 2, ..one.clone() });
            match memory.in_force(&second).unwrap() {
                Some(id) if id == world.first.id() => {
                    assert!(ended.is_err());
                    assert_eq!(old.unwrap(), 2);
                    let new = memory.check_proposal(&second, &next).unwrap_err();
                    assert!(matches!(new, MemoryError::UnknownContract { .. }), "{new}");
                    before += 1;
                }
                id => {
                    assert_eq!(id, Some(second.id()));
                    assert!(matches!(old, Err(MemoryError::Amended { .. })));
                    let state = memory.state(&second).unwrap();
                    let granted = u64::try_from(state.grants.len()).unwrap();
                    assert_eq!((state.count, state.head.map(|head| head.run)), (3 + granted, Some(1)));
                    assert!(memory.contract(&second.id()).is_ok());
                    after += 1;
                }
            }
        }
    }
    assert!(before > 5 && after > 5, "{before} {after}");
}
