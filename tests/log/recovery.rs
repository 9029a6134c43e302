//! Keys that are lost and come back from two of three helpers, by the commands; and what does not.

use crate::{done, sealroom, world};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealroom::{ContractFile, Memory};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use serde_json::Value;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

fn message(said: &Value) -> &str {
    said["failure"]["message"].as_str().unwrap()
}

/// A key file of these keys, as protocol/spec/identity.md says.
pub(crate) fn key_file(path: &Path, signing: &SigningSecret, encryption: &EncryptionSecret) {
    let secret = STANDARD.encode([signing.expose_seed().as_slice(), encryption.expose_secret()].concat());
    let (signing, encryption) = (signing.public(), encryption.public());
    let name = path.file_stem().unwrap().to_str().unwrap();
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    write!(
        file,
        "format = \"sealroom/1 identity\"\nname = \"{name}\"\nsigning-key = \"{signing}\"\n\
         encryption-key = \"{encryption}\"\nsecret = \"{secret}\"\n"
    )
    .unwrap();
}

/// The owner, three helpers, the owner's fresh keys, and a stranger.
fn parties(folder: &Path) {
    for name in ["cleveland", "basel", "bern", "chur", "cleveland-anew", "mallory"] {
        done(folder, &["keygen", name]);
    }
}

#[test]
fn lost_keys_come_back_from_two_of_three_helpers_and_a_wrong_share_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    parties(folder);
    let helpers = ["--helper", "basel.card", "--helper", "bern.card", "--helper", "chur.card"];
    let split = [&["recovery", "split", "--as", "cleveland.key", "--needed", "2"], helpers.as_slice()].concat();
    let unasked = sealroom(folder, &split);
    assert!(unasked.0 == 1 && message(&unasked.1).contains("could not be asked"), "{}", unasked.1);
    let made = done(folder, &[split.as_slice(), &["--yes"]].concat());
    assert_eq!((&made["file"], &made["needed"]), (&"cleveland.recovery".into(), &2.into()));
    let card = std::fs::read(folder.join("cleveland.card")).unwrap();
    let key = std::fs::read(folder.join("cleveland.key")).unwrap();
    std::fs::remove_file(folder.join("cleveland.key")).unwrap();

    let give = |helper: &str, to: &str| {
        let (key, card) = (format!("{helper}.key"), format!("{to}.card"));
        let arguments = ["recovery", "give", "cleveland.recovery", "--as", &key, "--to", &card];
        assert_eq!(sealroom(folder, &arguments).0, 1, "nothing is given unasked");
        sealroom(folder, &[arguments.as_slice(), &["--yes"]].concat())
    };
    assert_eq!(give("basel", "cleveland-anew").1["file"], "cleveland-1.share");
    assert_eq!(give("chur", "mallory").1["file"], "cleveland-3.share");
    let (code, said) = give("mallory", "cleveland-anew");
    assert!(code == 1 && message(&said).contains("expected a helper of this set"), "{said}");

    let join = |shares: &[&str]| {
        let arguments = [&["recovery", "join", "cleveland.recovery"], shares, &["--as", "cleveland-anew.key"]];
        sealroom(folder, &arguments.concat())
    };
    let (code, said) = join(&["cleveland-1.share"]);
    assert!(code == 3 && message(&said).contains("expected 2 shares, found 1"), "{said}");
    let (code, said) = join(&["cleveland-1.share", "cleveland-3.share"]);
    assert!(code == 1 && message(&said).contains("share 3 was given to another key"), "{said}");
    give("chur", "cleveland-anew");
    let spoilt = std::fs::read_to_string(folder.join("cleveland-3.share")).unwrap();
    std::fs::write(folder.join("spoilt.share"), spoilt.replacen("\"sig\":\"", "\"sig\":\"AAAA", 1)).unwrap();
    let (code, said) = join(&["cleveland-1.share", "spoilt.share"]);
    assert!(code == 2 && message(&said).starts_with("spoilt.share: "), "{said}");

    let joined = done(
        folder,
        &[
            "recovery",
            "join",
            "cleveland.recovery",
            "cleveland-3.share",
            "cleveland-1.share",
            "--as",
            "cleveland-anew.key",
        ],
    );
    assert_eq!((&joined["name"], &joined["fingerprint"]), (&"cleveland".into(), &made["fingerprint"]));
    assert_eq!(std::fs::read(folder.join("cleveland.card")).unwrap(), card);
    assert_eq!(std::fs::read(folder.join("cleveland.key")).unwrap(), key);
    // Once more there is a memory, which nothing replaces.
    let (code, said) = join(&["cleveland-1.share", "cleveland-3.share"]);
    assert!(code == 1 && message(&said).contains("cleveland.memory"), "{said}");
}

#[test]
fn a_recovered_memory_allows_a_contract_only_by_signing_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // A party of the vectors' contract, with the keys that it names.
    let (contract, owner) = (world::contract(), world::party("zurich"));
    std::fs::copy(world::folder().join("contract/good.toml"), folder.join("study.toml")).unwrap();
    key_file(&folder.join("zurich.key"), &owner, &EncryptionSecret::from_seed(&[2; 32]));
    let owner = owner.public();
    drop(Memory::begin_recovered(&folder.join("zurich.memory"), &owner).unwrap());
    let memory = || Memory::open(&folder.join("zurich.memory"), &owner).unwrap();
    assert!(memory().state(&contract).unwrap().restored);
    done(folder, &["contract", "sign", "study.toml", "--as", "zurich.key", "--yes"]);
    assert!(!memory().state(&contract).unwrap().restored);
    let signed = ContractFile::load(&folder.join("study.contract")).unwrap();
    assert_eq!(signed.signed_by(), ["zurich"]);
}
