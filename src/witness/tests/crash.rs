//! The process is killed at every write, and what the disk had not synced survives whole, in part or not at all.

use super::*;
use crate::testing::disk::Disk;

fn open(disk: Disk) -> Result<Witness, WitnessError> {
    Witness::open_backend(disk, key(), vec![signer().verifier().clone()])
}

/// A log that grows five times; says which size was cosigned last before the disk died.
fn play(disk: &Disk) -> (Result<(), WitnessError>, u64) {
    let mut cosigned = 0;
    let ended = (|| {
        let witness = open(disk.clone())?;
        for size in [1, 3, 4, 8, 9] {
            drop(witness.add_checkpoint(&request(&tree("a", size), cosigned), NOW)?);
            cosigned = size;
        }
        Ok(())
    })();
    (ended, cosigned)
}

#[test]
fn whatever_survives_a_kill_at_any_write_a_witness_never_cosigns_two_histories() {
    // A new file is made whole before it gets its name, so the story begins with one.
    let whole = Disk::new(Vec::new(), usize::MAX);
    drop(open(whole.clone()).unwrap());
    let begun = whole.durable();
    let whole = Disk::new(begun.clone(), usize::MAX);
    assert_eq!(play(&whole).1, 9);
    let operations = whole.operations();
    assert!(operations > 30, "{operations} operations");
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut fate = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for killed_at in 0..operations {
        let disk = Disk::new(begun.clone(), killed_at);
        let (ended, cosigned) = play(&disk);
        assert!(ended.is_err() || cosigned == 9);
        let mut left = vec![disk.after_crash(|| 0), disk.after_crash(|| 2)];
        left.extend((0..4).map(|_| disk.after_crash(&mut fate)));
        for bytes in left {
            check(bytes, cosigned);
        }
    }
}

/// What must hold of whatever the disk has: it knows what was cosigned, or the next that was asked for and not answered.
fn check(bytes: Vec<u8>, cosigned: u64) {
    let witness = open(Disk::new(bytes, usize::MAX)).unwrap();
    let known = witness.checkpoint(&origin_hash(ORIGIN)).unwrap();
    let size = known.map_or(0, |known| {
        let head = *known.allegation().head();
        assert_eq!(head, tree("a", head.size).head());
        head.size
    });
    let next = [0, 1, 3, 4, 8, 9].into_iter().find(|next| *next > cosigned).unwrap_or(9);
    assert!(size == cosigned || size == next, "{size} is known, and {cosigned} was cosigned");
    if size > 0 {
        let forked = refusal(witness.add_checkpoint(&request(&tree("b", 10), size), NOW));
        assert!(matches!(forked, WitnessRefusal::Inconsistent(_)), "{forked}");
    }
    if size > 1 {
        let old = refusal(witness.add_checkpoint(&request(&tree("b", 10), size - 1), NOW));
        assert_eq!(old, WitnessRefusal::Conflict { old: size - 1, latest: size });
    }
    drop(witness.add_checkpoint(&request(&tree("a", 10), size), NOW).unwrap());
}
