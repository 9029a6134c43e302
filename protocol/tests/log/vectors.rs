//! `log.json` and `refused.json`: what another implementation wrote is what ours writes and accepts, and what is changed in
//! it is refused by the check that it trips.

use crate::{log, origin, read, text, witness, witnesses};
use sealroom_protocol::log::{
    AddCheckpoint, Checkpoint, LogError, LogProof, Note, ProofError, Quorum, QuorumError, SignedCheckpoint, Tree,
    TreeHash, VerifierKey,
};
use serde_json::Value;

fn entries(vectors: &Value) -> Vec<Vec<u8>> {
    let entries = vectors["entries"].as_array().unwrap();
    entries.iter().map(|entry| hex::decode(entry.as_str().unwrap()).unwrap()).collect()
}

fn tree(vectors: &Value, size: usize) -> Tree {
    Tree::new(entries(vectors).iter().take(size).map(|entry| TreeHash::of_entry(entry)).collect())
}

fn hashes(value: &Value) -> Vec<TreeHash> {
    value.as_array().unwrap().iter().map(|hash| hash.as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn every_root_and_proof_is_the_one_that_another_implementation_makes() {
    let vectors = read("log.json");
    let whole = tree(&vectors, usize::MAX);
    for (size, root) in (0_u64..).zip(vectors["roots"].as_array().unwrap()) {
        let head = whole.head_at(size).unwrap();
        assert_eq!(head.root.to_string(), root.as_str().unwrap(), "{size}");
        let place = usize::try_from(size).unwrap();
        for (index, proof) in (0..).zip(vectors["inclusion"][place].as_array().unwrap()) {
            let proof = hashes(proof);
            assert_eq!(whole.inclusion(index, size), Ok(proof.clone()), "{index} of {size}");
            let leaf = whole.leaves()[usize::try_from(index).unwrap()];
            assert_eq!(head.verify_inclusion(index, &leaf, &proof), Ok(()));
        }
        for (old, proof) in (0..).zip(vectors["consistency"][place].as_array().unwrap()) {
            let proof = hashes(proof);
            assert_eq!(whole.consistency(old, size), Ok(proof.clone()), "{old} to {size}");
            assert_eq!(head.verify_extends(&whole.head_at(old).unwrap(), &proof), Ok(()));
        }
    }
}

#[test]
fn keys_notes_proofs_and_requests_are_to_the_byte_those_of_another_implementation() {
    let vectors = read("log.json");
    let keys: Vec<&str> = vectors["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let ours = [log().verifier().clone(), witness(1).verifier().clone(), witness(2).verifier().clone()];
    assert_eq!(ours.each_ref().map(ToString::to_string).as_slice(), keys);
    assert_eq!(keys.iter().map(|key| key.parse().unwrap()).collect::<Vec<VerifierKey>>(), ours);

    let tree = tree(&vectors, 11);
    let checkpoint = log().sign(Checkpoint::new(&origin(), tree.head()).unwrap());
    assert_eq!(checkpoint.encode(), text(&vectors, "checkpoint"));
    let request = AddCheckpoint::new(5, tree.consistency(5, 11).unwrap(), checkpoint.clone());
    assert_eq!(request.encode(), text(&vectors, "request"));
    assert_eq!(AddCheckpoint::decode(request.encode().as_bytes()), Ok(request));

    let mut cosigned = checkpoint;
    for (number, time) in (1..).zip(vectors["times"].as_array().unwrap()) {
        let line = witness(number).cosign(&cosigned, time.as_u64().unwrap());
        cosigned.add(line).unwrap();
    }
    assert_eq!(cosigned.encode(), text(&vectors, "cosigned"));
    let proof = LogProof::new(6, tree.inclusion(6, 11).unwrap(), cosigned);
    assert_eq!(proof.encode(), text(&vectors, "proof"));
    assert_eq!(LogProof::decode(proof.encode().as_bytes()), Ok(proof));
}

/// Why a changed vector is refused: the name of the variant, as `refused.json` says it.
fn refused(of: &str, changed: &str, entries: &[Vec<u8>]) -> String {
    let named = |error: &dyn core::fmt::Debug| {
        let text = format!("{error:?}");
        let name = text.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
        name.to_string()
    };
    let verify = |checkpoint: &SignedCheckpoint| {
        log().verifier().verify(checkpoint.note())?;
        Quorum::new(witnesses(), 2).unwrap().verify(checkpoint.note()).map_err(|error| match error {
            QuorumError::Signature(error) => error,
            _ => LogError::Missing { name: "a witness".into() },
        })?;
        Ok::<_, LogError>(())
    };
    let found: Result<(), String> = match of {
        "keys" => changed.parse::<VerifierKey>().map(drop).map_err(|error| named(&error)),
        "proof" => match LogProof::decode(changed.as_bytes()) {
            Err(error) => Err(named(&error)),
            Ok(proof) => verify(&proof.checkpoint).map_err(|error| named(&error)).and_then(|()| {
                let leaf = usize::try_from(proof.index).ok().and_then(|index| entries.get(index)).unwrap();
                let head = proof.checkpoint.allegation().head();
                let held = head.verify_inclusion(proof.index, &TreeHash::of_entry(leaf), &proof.hashes);
                held.map_err(|error: ProofError| named(&error))
            }),
        },
        _ => SignedCheckpoint::decode(changed.as_bytes()).and_then(|note| verify(&note)).map_err(|error| named(&error)),
    };
    found.expect_err(changed)
}

#[test]
fn each_changed_vector_is_refused_by_the_check_that_it_trips() {
    let vectors = read("log.json");
    let entries = entries(&vectors);
    let rows = read("refused.json");
    for row in rows.as_array().unwrap() {
        let (of, with) = (text(row, "of"), text(row, "with"));
        let changed =
            vectors[of].as_str().map_or_else(|| with.to_string(), |good| good.replace(text(row, "find"), with));
        assert_ne!(vectors[of].as_str(), Some(changed.as_str()), "{}", text(row, "name"));
        assert_eq!(refused(of, &changed, &entries), text(row, "expect"), "{}", text(row, "name"));
    }
}

#[test]
fn a_note_over_a_limit_or_that_is_no_text_is_refused() {
    let vectors = read("log.json");
    let note = text(&vectors, "checkpoint");
    let line = note.rsplit_once("\n\n").unwrap().1;
    let full = [note, &line.repeat(63)].concat();
    assert_eq!(Note::decode(full.as_bytes()).unwrap().signatures().len(), 64);
    let expected = LogError::Note { expected: "at most 64 signature lines" };
    assert_eq!(Note::decode([full.as_str(), line].concat().as_bytes()), Err(expected));
    let long = vec![b'\n'; (128 << 10) + 1];
    assert_eq!(Note::decode(&long), Err(LogError::TooLong { limit: 128 << 10, found: long.len() }));
    assert_eq!(Note::decode(&[note.as_bytes(), &[0xff]].concat()), Err(LogError::Text));
    // Sixteen signatures of post-quantum size, which the published page says that a reader must take.
    let large = format!("— other.example {}\n", "AAAA".repeat(1540)).repeat(16);
    assert_eq!(Note::decode([note, &large].concat().as_bytes()).unwrap().signatures().len(), 17);
}

#[test]
fn a_witness_counts_once_and_never_for_another() {
    let vectors = read("log.json");
    let mut checkpoint = SignedCheckpoint::decode(text(&vectors, "checkpoint").as_bytes()).unwrap();
    let both = Quorum::new(witnesses(), 2).unwrap();
    assert_eq!(both.verify(checkpoint.note()), Err(QuorumError::UnderCosigned { needed: 2, found: 0 }));
    for time in [7, 9, 8] {
        let line = witness(1).cosign(&checkpoint, time);
        checkpoint.add(line).unwrap();
    }
    assert_eq!(both.verify(checkpoint.note()), Err(QuorumError::UnderCosigned { needed: 2, found: 1 }));
    let one = Quorum::new(witnesses(), 1).unwrap().verify(checkpoint.note()).unwrap();
    assert_eq!(
        one.iter().map(|cosigned| (cosigned.name.as_str(), cosigned.time)).collect::<Vec<_>>(),
        [("witness.example/w1", 9)]
    );

    let again =
        VerifierKey::new("other.example", witness(1).verifier().key_use(), *witness(1).verifier().key()).unwrap();
    let twice = QuorumError::Twice { name: "other.example".into() };
    assert_eq!(Quorum::new([witnesses(), vec![again]].concat(), 1), Err(twice));
    let log_key = QuorumError::NotAWitness { name: origin() };
    assert_eq!(Quorum::new(vec![log().verifier().clone()], 1), Err(log_key));
    assert_eq!(Quorum::new(witnesses(), 3), Err(QuorumError::Needed { needed: 3, witnesses: 2 }));
}

#[test]
fn a_cosignature_for_no_time_is_none() {
    let vectors = read("log.json");
    let checkpoint = SignedCheckpoint::decode(text(&vectors, "checkpoint").as_bytes()).unwrap();
    let line = witness(1).cosign(&checkpoint, 1).to_string();
    let (name, encoded) = line.rsplit_once(' ').unwrap();
    // Bytes 4 to 12 are the time.
    let mut bytes = base64_of(encoded);
    bytes[11] = 0;
    let note = format!("{}{name} {}\n", checkpoint.encode(), text_of(&bytes));
    let note = Note::decode(note.as_bytes()).unwrap();
    let bad = LogError::Bad { name: "witness.example/w1".into() };
    assert_eq!(witness(1).verifier().verify(&note), Err(bad));
}

fn base64_of(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn text_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
