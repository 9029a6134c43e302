//! A witness's process that is killed at any moment remembers every cosignature that it gave.

use crate::done;
use crate::served::Served;
use core::time::Duration;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{AddCheckpoint, Checkpoint, LogSigner, SignedCheckpoint, Tree, TreeHash, origin_hash};

const ORIGIN: &str = "sealroom/1/log/of-a-test";
const KILLS: u64 = 30;

fn signer() -> LogSigner {
    LogSigner::new(ORIGIN, SigningSecret::from_seed(&[1; 32])).unwrap()
}

fn tree(history: &str, size: u64) -> Tree {
    Tree::new((0..size).map(|leaf| TreeHash::of_entry(format!("{history} {leaf}").as_bytes())).collect())
}

fn request(tree: &Tree, old: u64) -> String {
    let checkpoint = signer().sign(Checkpoint::new(ORIGIN, tree.head()).unwrap());
    AddCheckpoint::new(old, tree.consistency(old, tree.head().size).unwrap(), checkpoint).encode()
}

#[test]
fn a_witness_killed_at_any_moment_never_cosigns_two_histories() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    done(folder, &["witness", "keygen", "witness.key", "--name", "w.example/1"]);
    let log = signer().verifier().to_string();
    let read = format!("/{}/checkpoint", origin_hash(ORIGIN));
    // The largest size that was cosigned, and the largest that was asked for.
    let (mut cosigned, mut asked) = (0, 0);
    for kill in 0..KILLS {
        let served = Served::start(folder, &[&log]);
        let known = served.get(&read).filter(|(status, _)| *status == 200);
        let known = known.map_or(0, |(_, note)| {
            let head = *SignedCheckpoint::decode(note.as_bytes()).unwrap().allegation().head();
            assert_eq!(head, tree("a", head.size).head());
            head.size
        });
        assert!((cosigned..=asked).contains(&known), "{known} is known, {cosigned} was cosigned and {asked} asked for");
        if known > 0 {
            assert_eq!(served.post("/add-checkpoint", &request(&tree("b", known + 2), known)).unwrap().0, 422);
            assert_eq!(served.post("/add-checkpoint", &request(&tree("b", known), known - 1)).unwrap().0, 409);
        }
        (cosigned, asked) = std::thread::scope(|scope| {
            let served = &served;
            let growing = scope.spawn(move || {
                let mut size = known;
                loop {
                    let asked = size + 1;
                    match served.post("/add-checkpoint", &request(&tree("a", asked), size)) {
                        Some((200, _)) => size = asked,
                        Some(other) => panic!("{other:?}"),
                        None => return (size, asked),
                    }
                }
            });
            std::thread::sleep(Duration::from_millis(3 + 7 * (kill % 10)));
            served.kill();
            growing.join().unwrap()
        });
    }
    assert!(cosigned > KILLS / 2, "only {cosigned} were cosigned");
}
