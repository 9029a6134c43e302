//! Examples that the C2SP pages publish (c2sp.org, CC BY 4.0), verified or read as they stand.

use sealroom_protocol::log::{AddCheckpoint, KeyUse, LogError, LogProof, Note, SignedCheckpoint, VerifierKey};

/// signed-note, "Verifier keys": the key, and the note that it verifies.
const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo \
Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
/// signed-note, "Format": a text with empty lines.
const POEM: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned \u{e8} subito sera.\n\n\
\u{2014} quasimodo.example/salvatore \
NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";
/// tlog-cosignature: a checkpoint with a log's signature and a witness's.
const COSIGNED: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
\u{2014} example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
\u{2014} witness.example.com/w1 \
jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn the_published_note_verifies_with_the_published_key() {
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!((key.name(), key.key_use(), key.id()), ("example.com/foo", KeyUse::Log, 0x530d_903a));
    assert_eq!(key.to_string(), KEY);
    let note = Note::decode(NOTE.as_bytes()).unwrap();
    assert_eq!(note.encode(), NOTE);
    assert!(key.verify(&note).is_ok());
    let changed = Note::decode(NOTE.replace("an example", "no example").as_bytes()).unwrap();
    assert_eq!(key.verify(&changed), Err(LogError::Bad { name: "example.com/foo".into() }));
}

#[test]
fn the_last_empty_line_separates_text_and_signatures() {
    let note = Note::decode(POEM.as_bytes()).unwrap();
    assert!(note.text().contains(":\n\ned") && note.text().ends_with("sera.\n"));
    assert_eq!((note.signatures().len(), note.encode().as_str()), (1, POEM));
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!(key.verify(&note), Err(LogError::Missing { name: "example.com/foo".into() }));
}

#[test]
fn published_checkpoints_proofs_and_requests_read_back_to_the_byte() {
    let checkpoint = SignedCheckpoint::decode(COSIGNED.as_bytes()).unwrap();
    assert_eq!(checkpoint.allegation().origin(), "example.com/behind-the-sofa");
    assert_eq!((checkpoint.allegation().head().size, checkpoint.note().signatures().len()), (20_852_163, 2));
    assert_eq!(checkpoint.encode(), COSIGNED);
    // tlog-witness, "add-checkpoint", over the same checkpoint.
    let request = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\n";
    let body = [request, COSIGNED].concat();
    let decoded = AddCheckpoint::decode(body.as_bytes()).unwrap();
    assert_eq!((decoded.old, decoded.proof.len(), decoded.encode()), (20_852_014, 4, body));
    // tlog-proof, with hashes of its page; its `extra` line is refused here, as spec/log.md says.
    let hashes = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n";
    let proof = ["c2sp.org/tlog-proof@v1\nindex 73894\n", hashes, "\n", COSIGNED].concat();
    let decoded = LogProof::decode(proof.as_bytes()).unwrap();
    assert_eq!((decoded.index, decoded.hashes.len(), decoded.encode()), (73_894, 2, proof));
}
