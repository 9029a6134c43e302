//! A witness against logs that fork, requests at once, and a disk that dies at every operation.

mod crash;
#[cfg(feature = "witness")]
mod http;

use super::*;
use crate::random;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{Checkpoint, LogSigner, ProofError, Tree, TreeHash};
use std::sync::Barrier;

pub(super) const ORIGIN: &str = "sealroom/1/log/of-a-test";
pub(super) const NOW: u64 = 1_767_225_600;

pub(super) fn signer() -> LogSigner {
    LogSigner::new(ORIGIN, SigningSecret::from_seed(&[1; 32])).unwrap()
}

pub(super) fn key() -> WitnessSigner {
    WitnessSigner::new("w.example/1", SigningSecret::from_seed(&[2; 32])).unwrap()
}

/// The first leaves of one of several histories.
pub(super) fn tree(history: &str, size: u64) -> Tree {
    Tree::new((0..size).map(|leaf| TreeHash::of_entry(format!("{history} {leaf}").as_bytes())).collect())
}

pub(super) fn signed(tree: &Tree) -> SignedCheckpoint {
    signer().sign(Checkpoint::new(ORIGIN, tree.head()).unwrap())
}

/// The request to grow from `old` to the whole of a tree.
pub(super) fn request(tree: &Tree, old: u64) -> Vec<u8> {
    let proof = tree.consistency(old, tree.head().size).unwrap();
    AddCheckpoint::new(old, proof, signed(tree)).encode().into_bytes()
}

pub(super) fn witness(folder: &Path) -> Witness {
    Witness::open(&folder.join("witness"), key(), vec![signer().verifier().clone()]).unwrap()
}

fn refusal(answer: Result<NoteSignature, WitnessError>) -> WitnessRefusal {
    match answer {
        Err(WitnessError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_witness_cosigns_what_grows_and_refuses_what_forks_also_after_it_was_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let hash = origin_hash(ORIGIN);
    for (old, size) in [(0, 2), (2, 2), (2, 7)] {
        let witness = witness(folder.path());
        let grown = tree("a", size);
        let line = witness.add_checkpoint(&request(&grown, old), NOW + size).unwrap();
        let mut expected = signed(&grown);
        expected.add(line).unwrap();
        assert_eq!(witness.verifier().verify(expected.note()).unwrap().time, NOW + size);
        assert_eq!(witness.checkpoint(&hash).unwrap(), Some(expected));
    }
    let witness = witness(folder.path());
    let ask = |tree: &Tree, old| refusal(witness.add_checkpoint(&request(tree, old), NOW));
    assert_eq!(ask(&tree("b", 9), 7), WitnessRefusal::Inconsistent(ProofError::Forked { old: 7, size: 9 }));
    assert_eq!(ask(&tree("b", 7), 7), WitnessRefusal::Inconsistent(ProofError::Forked { old: 7, size: 7 }));
    assert_eq!(ask(&tree("a", 9), 2), WitnessRefusal::Conflict { old: 2, latest: 7 });
    assert_eq!(ask(&tree("a", 5), 2), WitnessRefusal::Conflict { old: 2, latest: 7 });
    assert_eq!(witness.checkpoint(&hash).unwrap().unwrap().allegation().head(), &tree("a", 7).head());
    assert_eq!(witness.checkpoint("no such log").unwrap(), None);
}

#[test]
fn a_witness_signs_no_time_before_one_that_it_signed() {
    let folder = tempfile::tempdir().unwrap();
    let witness = witness(folder.path());
    let time = |size, old, now| {
        let grown = tree("a", size);
        let mut checkpoint = signed(&grown);
        checkpoint.add(witness.add_checkpoint(&request(&grown, old), now).unwrap()).unwrap();
        witness.verifier().verify(checkpoint.note()).unwrap().time
    };
    assert_eq!([time(1, 0, NOW), time(2, 1, NOW - 60), time(3, 2, 0), time(3, 3, NOW + 1)], [NOW, NOW, NOW, NOW + 1]);
}

#[test]
fn of_two_requests_at_once_one_is_cosigned_and_the_other_begins_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let witness = witness(folder.path());
    // As many are cosigned as there were rounds.
    for size in 0..20 {
        // Two forks of what was cosigned: both extend it, and only one may ever be cosigned.
        let begun = tree("a", size);
        let grown = ["b", "c"].map(|history| {
            let mut tree = begun.clone();
            tree.push(TreeHash::of_entry(format!("{history} {size} of two").as_bytes()));
            tree
        });
        let honest = tree("a", size + 1);
        let bodies = [request(&honest, size), request(&grown[usize::from(size % 2 == 0)], size)];
        let barrier = Barrier::new(2);
        let ask = |body: &[u8]| {
            let _ = barrier.wait();
            witness.add_checkpoint(body, NOW)
        };
        let answers = std::thread::scope(|scope| {
            let threads = bodies.each_ref().map(|body| scope.spawn(|| ask(body)));
            threads.map(|thread| thread.join().unwrap())
        });
        let held = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(held, 1, "{answers:?}");
        let [first, second] = answers;
        let (honest_held, refused) = if first.is_ok() { (true, second) } else { (false, first) };
        assert_eq!(refusal(refused), WitnessRefusal::Conflict { old: size, latest: size + 1 });
        if !honest_held {
            return;
        }
    }
}

#[test]
fn a_memory_belongs_to_one_key_and_a_log_has_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(witness(folder.path()));
    let other = WitnessSigner::new("w.example/1", SigningSecret::generate(&mut random())).unwrap();
    let expected = other.verifier().to_string();
    let path = folder.path().join("witness");
    let Err(WitnessError::Owner { expected: said, found }) = Witness::open(&path, other, Vec::new()) else {
        panic!("opened with another key");
    };
    assert_eq!((said, found), (expected, key().verifier().to_string()));
    let second = LogSigner::new(ORIGIN, SigningSecret::generate(&mut random())).unwrap();
    let two = vec![signer().verifier().clone(), second.verifier().clone()];
    assert!(matches!(Witness::open(&path, key(), two), Err(WitnessError::LogTwice { origin }) if origin == ORIGIN));
    let wrong = vec![key().verifier().clone()];
    assert!(matches!(Witness::open(&path, key(), wrong), Err(WitnessError::NotALog { name }) if name == "w.example/1"));
    let unknown = Witness::open(&path, key(), Vec::new()).unwrap();
    assert_eq!(refusal(unknown.add_checkpoint(&request(&tree("a", 1), 0), NOW)), WitnessRefusal::UnknownOrigin);
    // One memory, one process.
    assert!(matches!(
        Witness::open(&path, key(), Vec::new()),
        Err(WitnessError::Database(redb::Error::DatabaseAlreadyOpen))
    ));
}
