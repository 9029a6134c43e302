//! Truncated, edited, reordered, forked, under-cosigned and the others: by name.

use super::*;
use sealroom_protocol::log::{HistoryError, LogError, ProofError, QuorumError, TreeHead};
use sealroom_protocol::run::ReceiptError;

fn failure(log: &ReceiptLog) -> LogFailure {
    log.verify(&nothing_asked(), None).unwrap_err()
}

/// The log with a checkpoint that its own key signs over whatever leaves it has: a host that lies.
fn signed_again(mut log: ReceiptLog, world: &World) -> ReceiptLog {
    let origin = log.checkpoint.allegation().origin().to_owned();
    let head = Tree::new(log.leaves.clone()).head();
    log.checkpoint = world.signer.sign(Checkpoint::new(&origin, head).unwrap());
    log
}

#[test]
fn a_truncated_log_is_refused() {
    let world = World::new();
    let mut receipts_gone = world.log();
    drop(receipts_gone.receipts.pop());
    let expected = LogFailure::Truncated { what: "receipts", found: 3, expected: 4 };
    assert_eq!((failure(&receipts_gone), expected.check()), (expected, "log.truncated"));
    let mut leaves_gone = receipts_gone;
    let _ = leaves_gone.leaves.pop();
    assert_eq!(failure(&leaves_gone), LogFailure::Truncated { what: "leaves", found: 3, expected: 4 });
    // With an honest-looking checkpoint over what is left, only who knows a later one notices.
    let shorter = signed_again(leaves_gone, &world);
    assert!(shorter.verify(&nothing_asked(), None).is_ok());
    let demand = LogDemand { since: vec![world.log().checkpoint], ..nothing_asked() };
    let expected = LogFailure::Truncated { what: "receipts", found: 3, expected: 4 };
    assert_eq!(shorter.verify(&demand, None), Err(expected));
}

#[test]
fn an_edited_receipt_is_refused() {
    let world = World::new();
    let mut log = world.log();
    let mut other = world.receipts[2].allegation().clone();
    other.time += 1;
    let other = SignedReceipt::sign(other, &world.enclave.signing);
    log.receipts[2] = Envelope::decode(&other.encode(), PayloadType::Receipt).unwrap();
    assert_eq!((failure(&log), failure(&log).check()), (LogFailure::Edited { index: 2 }, "log.edited"));
    // The payload is the log's, the signature somebody else's.
    let thief = SigningSecret::from_seed(&[66; 32]);
    let forged = SignedReceipt::sign(world.receipts[2].allegation().clone(), &thief);
    log.receipts[2] = Envelope::decode(&forged.encode(), PayloadType::Receipt).unwrap();
    let LogFailure::Receipt { index: 2, source: ReceiptError::Signature(_) } = failure(&log) else {
        panic!("{:?}", failure(&log));
    };
    assert_eq!(failure(&log).check(), "log.edited");
}

#[test]
fn a_reordered_log_is_refused() {
    let world = World::new();
    let mut log = world.log();
    log.receipts.swap(2, 3);
    let expected = LogFailure::Reordered { index: 2, belongs: 3 };
    assert_eq!((failure(&log), expected.check()), (expected, "log.reordered"));
    log.leaves.swap(2, 3);
    assert_eq!(failure(&log), LogFailure::Forked { size: 4 });
    let expected = LogFailure::History(HistoryError::Reordered { index: 2, head: 3 });
    assert_eq!((failure(&signed_again(log, &world)), expected.check()), (expected, "log.reordered"));
}

#[test]
fn a_forked_log_is_refused() {
    let world = World::new();
    let log = world.log();
    // Another history after the second receipt, which the same host signs and shows to others.
    let other = world.next(3, &world.receipts[0]);
    let forked = world.log_of(&[world.receipts[0].clone(), world.receipts[1].clone(), other.clone()]);
    assert!(forked.verify(&nothing_asked(), None).is_ok(), "nobody notices without a second view");
    let since = |checkpoint: &SignedCheckpoint| LogDemand { since: vec![checkpoint.clone()], ..nothing_asked() };
    let expected = LogFailure::Forked { size: 3 };
    assert_eq!((log.verify(&since(&forked.checkpoint), None), expected.check()), (Err(expected), "log.forked"));
    let begun = world.log_of(&world.receipts[..2]);
    assert!(
        log.verify(&since(&begun.checkpoint), None).is_ok() && forked.verify(&since(&begun.checkpoint), None).is_ok()
    );
    // Both in one log.
    let mut both = log;
    both.receipts.push(Envelope::decode(&other.encode(), PayloadType::Receipt).unwrap());
    both.leaves.push(leaf_of(other.allegation()));
    let expected = LogFailure::History(HistoryError::Forked { index: 4, run: 3, other: 2 });
    assert_eq!((failure(&signed_again(both, &world)), expected.check()), (expected, "log.forked"));
}

#[test]
fn an_under_cosigned_log_is_refused() {
    let world = World::new();
    let mut log = world.log();
    let witnesses = ["w.example/1", "w.example/2", "w.example/3"].map(witness);
    let keys: Vec<_> = witnesses.iter().map(|witness| witness.verifier().clone()).collect();
    let demand = LogDemand::new(Quorum::new(keys, 2).unwrap());
    let short = |found| LogFailure::Witnesses(QuorumError::UnderCosigned { needed: 2, found });
    assert_eq!((log.verify(&demand, None), short(0).check()), (Err(short(0)), "log.witnesses"));
    log.add_cosignature(witnesses[0].cosign(&log.checkpoint, 5)).unwrap();
    log.add_cosignature(witnesses[0].cosign(&log.checkpoint, 6)).unwrap();
    log.add_cosignature(witness("w.example/2").cosign(&log.checkpoint, 6)).unwrap();
    assert_eq!(log.verify(&demand, None), Err(short(1)), "one witness twice, and a stranger under another's name");
    // A cosignature of an earlier size is none for this one, and shows that somebody tampered.
    let earlier = world.log_of(&world.receipts[..3]);
    let mut stale = log.clone();
    stale.add_cosignature(witnesses[1].cosign(&earlier.checkpoint, 7)).unwrap();
    let bad = LogFailure::Witnesses(QuorumError::Signature(LogError::Bad { name: "w.example/2".into() }));
    assert_eq!(stale.verify(&demand, None), Err(bad));
    log.add_cosignature(witnesses[1].cosign(&log.checkpoint, 7)).unwrap();
    let cosigned = log.verify(&demand, None).unwrap().cosigned;
    let said: Vec<_> = cosigned.iter().map(|cosigned| (cosigned.name.as_str(), cosigned.time)).collect();
    assert_eq!(said, [("w.example/1", 6), ("w.example/2", 7)]);
}

#[test]
fn a_log_that_has_more_than_was_signed_for_is_refused() {
    let world = World::new();
    let mut log = world.log();
    let more = world.next(5, &world.receipts[3]);
    log.receipts.push(Envelope::decode(&more.encode(), PayloadType::Receipt).unwrap());
    let expected = LogFailure::Surplus { what: "receipts", found: 5, expected: 4 };
    assert_eq!((failure(&log), expected.check()), (expected, "log.surplus"));
    log.leaves.push(leaf_of(more.allegation()));
    assert_eq!(failure(&log), LogFailure::Surplus { what: "leaves", found: 5, expected: 4 });
}

#[test]
fn a_log_of_another_contract_or_key_is_refused() {
    let (world, other) = (World::new(), World::new());
    let mut log = world.log();
    let origin = |world: &World| origin_of(&world.contract.contract().id());
    log.checkpoint = other.log().checkpoint;
    let expected = LogFailure::Origin { expected: origin(&world), found: origin(&other) };
    assert_eq!((failure(&log), expected.check()), (expected, "log.checkpoint"));
    let mut log = world.log();
    let stranger = LogSigner::new(&origin(&world), SigningSecret::generate(&mut random())).unwrap();
    log.log_key = stranger.verifier().clone();
    let expected = LogFailure::Signature(LogError::Missing { name: origin(&world) });
    assert_eq!(failure(&log), expected);
    let known = LogDemand { log_key: Some(stranger.verifier().clone()), ..nothing_asked() };
    assert_eq!(world.log().verify(&known, None), Err(expected));
    let mut log = world.log();
    log.contract = other.contract.envelope().clone();
    assert_eq!(failure(&log).check(), "log.checkpoint");
}

#[test]
fn a_proof_is_of_one_receipt_of_one_log() {
    let world = World::new();
    let mut log = world.log();
    let witness = witness("w.example/1");
    log.add_cosignature(witness.cosign(&log.checkpoint, 5)).unwrap();
    let demand = LogDemand::new(Quorum::new(vec![witness.verifier().clone()], 1).unwrap());
    let proof = log.prove(2).unwrap();
    let verify =
        |receipt: &SignedReceipt, proof: &LogProof| demand.verify_proof(world.contract.contract(), receipt, proof);
    assert_eq!(verify(&world.receipts[2], &proof).unwrap().len(), 1);
    let elsewhere = LogFailure::Proof(ProofError::Root { size: 4 });
    assert_eq!((verify(&world.receipts[3], &proof), elsewhere.check()), (Err(elsewhere.clone()), "log.proof"));
    assert_eq!(verify(&world.receipts[2], &LogProof { index: 3, ..proof.clone() }), Err(elsewhere));
    let bare = LogProof { checkpoint: world.log().checkpoint, ..proof };
    let short = LogFailure::Witnesses(QuorumError::UnderCosigned { needed: 1, found: 0 });
    assert_eq!(verify(&world.receipts[2], &bare), Err(short));
    let empty = TreeHead { size: 0, root: TreeHash::empty() };
    let nothing = world.signer.sign(Checkpoint::new(log.checkpoint.allegation().origin(), empty).unwrap());
    let beyond = LogProof { checkpoint: nothing, ..bare };
    let range = LogFailure::Proof(ProofError::Range { index: 2, size: 0 });
    assert_eq!(nothing_asked().verify_proof(world.contract.contract(), &world.receipts[2], &beyond), Err(range));
}
