//! What a witness decides, one refusal a change. That comparing and writing are one step is tested where it is written.

use crate::{log, origin, read, text, witness};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{
    AddCheckpoint, Checkpoint, LogError, LogSigner, ProofError, SignedCheckpoint, Tree, TreeHash, TreeHead,
    WitnessRefusal, origin_hash,
};

fn tree(name: &str, size: usize) -> Tree {
    Tree::new((0..size).map(|number| TreeHash::of_entry(format!("{name} {number}").as_bytes())).collect())
}

fn signed(tree: &Tree) -> SignedCheckpoint {
    log().sign(Checkpoint::new(&origin(), tree.head()).unwrap())
}

fn request(tree: &Tree, old: u64) -> AddCheckpoint {
    let size = tree.head().size;
    AddCheckpoint::new(old, tree.consistency(old.min(size), size).unwrap(), signed(tree))
}

fn judge(request: &AddCheckpoint, latest: Option<&TreeHead>) -> Result<TreeHead, WitnessRefusal> {
    request.judge(log().verifier(), latest)
}

#[test]
fn a_log_that_grows_is_cosigned_step_by_step() {
    let all = tree("a", 9);
    let mut latest = None;
    for size in [0, 1, 1, 4, 9, 9] {
        let old = latest.map_or(0, |head: TreeHead| head.size);
        let grown = Tree::new(all.leaves().iter().take(size).copied().collect());
        latest = Some(judge(&request(&grown, old), latest.as_ref()).unwrap());
        assert_eq!(latest, Some(grown.head()));
    }
}

#[test]
fn each_refusal_has_its_own_reason_and_status() {
    let five = tree("a", 5);
    let known = five.head_at(3).unwrap();
    let check = |request: &AddCheckpoint, expected: WitnessRefusal, status: u16| {
        assert_eq!((judge(request, Some(&known)), expected.status()), (Err(expected), status));
    };
    let good = request(&five, 3);
    assert_eq!(judge(&good, Some(&known)), Ok(five.head()));

    let stranger = LogSigner::new(&origin(), SigningSecret::from_seed(&[66; 32])).unwrap();
    let by_stranger = AddCheckpoint { checkpoint: stranger.sign(good.checkpoint.allegation().clone()), ..good.clone() };
    check(&by_stranger, WitnessRefusal::Signature(LogError::Missing { name: origin() }), 403);
    // The log's name and key id over other bytes: malformed, whatever else signed it.
    let text = good.checkpoint.encode().replace("\n5\n", "\n6\n");
    let changed = AddCheckpoint { checkpoint: SignedCheckpoint::decode(text.as_bytes()).unwrap(), ..good.clone() };
    check(&changed, WitnessRefusal::Signature(LogError::Bad { name: origin() }), 403);

    check(&AddCheckpoint { old: 6, ..good.clone() }, WitnessRefusal::OldSize { old: 6, size: 5 }, 400);
    check(&request(&five, 2), WitnessRefusal::Conflict { old: 2, latest: 3 }, 409);
    check(&request(&five, 0), WitnessRefusal::Conflict { old: 0, latest: 3 }, 409);
    let fork = request(&tree("b", 5), 3);
    check(&fork, WitnessRefusal::Inconsistent(ProofError::Forked { old: 3, size: 5 }), 422);
    let same_size = request(&tree("b", 3), 3);
    check(&same_size, WitnessRefusal::Inconsistent(ProofError::Forked { old: 3, size: 3 }), 422);
    let no_proof = AddCheckpoint { proof: Vec::new(), ..good.clone() };
    check(&no_proof, WitnessRefusal::Inconsistent(ProofError::Length { found: 0, size: 5 }), 422);

    let form = AddCheckpoint::decode(b"old 03\n\n").unwrap_err();
    assert_eq!(form, LogError::Request { expected: "a line \"old\" and a number" });
    assert_eq!(WitnessRefusal::Form(form).status(), 400);
    assert_eq!(WitnessRefusal::UnknownOrigin.status(), 404);
    let proof = vec![TreeHash::empty(); 64];
    let long = AddCheckpoint { proof, ..good };
    let expected = LogError::Request { expected: "at most 63 hashes in base64 and an empty line" };
    assert_eq!(AddCheckpoint::decode(long.encode().as_bytes()), Err(expected));
}

#[test]
fn the_first_checkpoint_begins_at_nothing() {
    let two = tree("a", 2);
    assert_eq!(judge(&request(&two, 0), None), Ok(two.head()));
    let with_proof = AddCheckpoint { proof: vec![TreeHash::empty()], ..request(&two, 0) };
    let length = ProofError::Length { found: 1, size: 2 };
    assert_eq!(judge(&with_proof, None), Err(WitnessRefusal::Inconsistent(length)));
    let wrong = TreeHead { size: 0, root: TreeHash::of_entry(b"") };
    let empty = AddCheckpoint::new(0, Vec::new(), log().sign(Checkpoint::new(&origin(), wrong).unwrap()));
    let forked = ProofError::Forked { old: 0, size: 0 };
    assert_eq!(judge(&empty, None), Err(WitnessRefusal::Inconsistent(forked)));
}

#[test]
fn a_witness_answers_with_a_line_that_completes_the_note() {
    let vectors = read("log.json");
    let mut checkpoint = SignedCheckpoint::decode(text(&vectors, "checkpoint").as_bytes()).unwrap();
    let line = witness(1).cosign(&checkpoint, 1_767_225_600);
    checkpoint.add(line.clone()).unwrap();
    checkpoint.add(line.clone()).unwrap();
    assert!(text(&vectors, "cosigned").starts_with(&checkpoint.encode()));
    assert_eq!(witness(1).verifier().verify(checkpoint.note()).unwrap().time, 1_767_225_600);
    assert_eq!((line.name(), line.key_id()), ("witness.example/w1", witness(1).verifier().id()));
    assert_eq!(origin_hash("example.com/behind-the-sofa").len(), 64);
}
