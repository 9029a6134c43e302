//! Key files and cards, read back, shared, changed and protected.

use super::*;
use crate::random;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn saved(passphrase: Option<&Passphrase>) -> (tempfile::TempDir, PathBuf, Identity) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.key");
    let identity = Identity::generate("cleveland", &mut random()).unwrap();
    identity.save(&path, passphrase, &mut random()).unwrap();
    (folder, path, identity)
}

#[test]
fn a_key_file_reads_back_and_is_never_overwritten() {
    let (_folder, path, identity) = saved(None);
    assert_eq!(Identity::load(&path, None).unwrap().card(), identity.card());
    let before = fs::read(&path).unwrap();
    let error = identity.save(&path, None, &mut random()).unwrap_err();
    assert!(matches!(error, IdentityError::Exists { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_what_to_do() {
    let (_folder, path, _) = saved(None);
    for mode in [0o640, 0o604, 0o620, 0o602, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Identity::load(&path, None).unwrap_err();
        assert!(matches!(error, IdentityError::Shared { mode: found, .. } if found == mode), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    Identity::load(&path, None).unwrap();
}

#[test]
fn a_protected_key_file_opens_with_its_passphrase_only() {
    let passphrase = Passphrase::new("correct horse".into());
    let (_folder, path, identity) = saved(Some(&passphrase));
    assert_eq!(Identity::load(&path, Some(&passphrase)).unwrap().card(), identity.card());
    let other = Passphrase::new("correct horse ".into());
    assert!(matches!(Identity::load(&path, Some(&other)), Err(IdentityError::WrongPassphrase { .. })));
    assert!(matches!(Identity::load(&path, None), Err(IdentityError::PassphraseNeeded { .. })));
    let text = fs::read_to_string(&path).unwrap();
    for secret in [identity.signing.expose_seed(), identity.encryption.expose_secret()] {
        let encoded = STANDARD.encode(secret);
        assert!(!text.contains(encoded.trim_end_matches('=')), "a secret stands in the protected file");
    }
    let empty = Passphrase::new(String::new());
    let error = identity.save(&path.with_extension("2"), Some(&empty), &mut random()).unwrap_err();
    assert!(matches!(error, IdentityError::EmptyPassphrase), "{error}");
}

#[test]
fn a_changed_key_file_is_refused_and_its_error_shows_no_secret() {
    let (_folder, path, identity) = saved(None);
    let text = fs::read_to_string(&path).unwrap();
    let secret = STANDARD.encode(identity.secrets().as_slice());
    let other = Identity::generate("cleveland", &mut random()).unwrap();
    let swapped = text.replace(&secret, &STANDARD.encode(other.secrets().as_slice()));
    let cases = [
        (text.replace("secret = ", "secrets = "), "line 6: expected secret = and 64 bytes in base64"),
        (text.replace("sealroom/1 identity", "sealroom/2 identity"), "line 2: expected sealroom/1 identity"),
        (text.replace("ed25519:", "ed25518:"), "line 4: expected signing-key = and a key that begins with ed25519:"),
        (format!("{text}more"), "line 7: expected the end of the file"),
        (swapped, "are not those of its secrets: the file was changed; restore it from your copy"),
        (text.replace(&secret, &secret[..80]), "line 6: expected secret = and 64 bytes in base64"),
    ];
    for (changed, expected) in cases {
        fs::write(&path, changed).unwrap();
        let error = Identity::load(&path, None).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
        assert!(!error.contains(&secret[..16]), "{error}");
    }
}

#[test]
fn a_card_reads_back_and_shows_the_fingerprint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.card");
    let identity = Identity::generate("cleveland", &mut random()).unwrap();
    identity.card().save(&path).unwrap();
    assert_eq!(Card::load(&path).unwrap(), identity.card());
    assert!(fs::read_to_string(&path).unwrap().contains(&identity.fingerprint()));
    for name in ["", "Cleveland", "1st", "a b", "-a", &"a".repeat(65)] {
        let error = Identity::generate(name, &mut random()).unwrap_err();
        assert!(matches!(error, IdentityError::Name { .. }), "{name}");
    }
}
