//! What a stranger writes of a log: notes, checkpoints, proofs, requests to a witness, keys, a whole log's file.

use super::shown::plain;
use sealroom::{LogDemand, ReceiptLog};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{
    AddCheckpoint, Checkpoint, LogProof, LogSigner, Note, NoteSignature, Quorum, SignedCheckpoint, Tree, TreeHash,
    VerifierKey, WitnessSigner,
};

/// The log of all seeds.
pub(crate) fn signer() -> LogSigner {
    LogSigner::new("sealroom/1/log/of-a-fuzzer", SigningSecret::from_seed(&[1; 32])).expect("a name of no white space")
}

/// The witness of all seeds.
pub(crate) fn witness() -> WitnessSigner {
    WitnessSigner::new("w.example/1", SigningSecret::from_seed(&[2; 32])).expect("a name of no white space")
}

/// The leaves of all seeds.
pub(crate) fn tree() -> Tree {
    Tree::new((0_u8..11).map(|leaf| TreeHash::of_entry(&[leaf])).collect())
}

/// The only checkpoint that the log of the seeds ever signed.
pub(crate) fn checkpoint() -> SignedCheckpoint {
    let origin = signer().verifier().name().to_owned();
    signer().sign(Checkpoint::new(&origin, tree().head()).expect("an origin of one line"))
}

/// Each form has one spelling; what the log's key verifies is what it signed; a witness cosigns nothing else; a proof leads to
/// one leaf; and what is wrong is said without a character that steers a terminal.
pub(crate) fn log(bytes: &[u8]) -> bool {
    let text = core::str::from_utf8(bytes).unwrap_or_default();
    let note = Note::decode(bytes).inspect_err(|error| plain(&error.to_string())).ok();
    if let Some(note) = &note {
        assert_eq!(note.encode(), text);
        believed(note);
    }
    let signed = SignedCheckpoint::decode(bytes).inspect_err(|error| plain(&error.to_string())).ok();
    if let Some(signed) = &signed {
        assert_eq!(signed.encode(), text);
        assert_eq!(signed.allegation().text(), signed.note().text());
    }
    let proof = LogProof::decode(bytes).inspect_err(|error| plain(&error.to_string())).ok();
    if let Some(proof) = &proof {
        assert_eq!(proof.encode(), text);
        let head = proof.checkpoint.allegation().head();
        let held = tree()
            .leaves()
            .iter()
            .filter(|leaf| head.verify_inclusion(proof.index, leaf, &proof.hashes).is_ok())
            .count();
        assert!(held <= 1, "one place has one leaf");
    }
    let request = AddCheckpoint::decode(bytes).inspect_err(|error| plain(&error.to_string())).ok();
    if let Some(request) = &request {
        assert_eq!(request.encode(), text);
        for size in [0, 5, 11] {
            let latest = tree().head_at(size).expect("a size of the tree");
            match request.judge(signer().verifier(), Some(&latest)) {
                Ok(head) => assert_eq!(head, tree().head(), "a witness cosigns what the log signed"),
                Err(refusal) => assert!([400, 403, 409, 422].contains(&refusal.status()), "{refusal}"),
            }
        }
    }
    let key = text.parse::<VerifierKey>().ok();
    if let Some(key) = &key {
        assert_eq!(key.to_string(), text);
    }
    let lines = NoteSignature::decode_all(text).ok();
    if let Some(lines) = &lines {
        assert_eq!(lines.iter().map(|line| format!("{line}\n")).collect::<String>(), text);
    }
    let file = ReceiptLog::decode(bytes).inspect_err(|error| plain(&error.to_string())).ok();
    if let Some(file) = &file {
        assert_eq!(ReceiptLog::decode(&file.encode()).ok().as_ref(), Some(file));
        if let Err(failure) = file.verify(&LogDemand::new(Quorum::none()), None) {
            plain(&failure.to_string());
        }
    }
    let decoded = [
        note.is_some(),
        signed.is_some(),
        proof.is_some(),
        request.is_some(),
        key.is_some(),
        lines.is_some(),
        file.is_some(),
    ];
    decoded.contains(&true)
}

/// What the keys of the seeds verify, they signed.
fn believed(note: &Note) {
    let held = signer().verifier().verify(note).is_ok() || witness().verifier().verify(note).is_ok();
    assert!(!held || note.text() == checkpoint().note().text(), "nobody signed this text");
}
