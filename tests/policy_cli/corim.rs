//! `policy export corim` and `policy import corim`: values from one policy into another, by way of a manifest.

use crate::program::{changed, sealroom, word};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::path::{Path, PathBuf};

/// A policy of one enclave, in a file of its own.
fn policy(folder: &Path, name: &str, digit: &str) -> PathBuf {
    let path = folder.join(name);
    let digest = |number: &str| format!("{number}{digit}").repeat(48);
    let text = format!(
        "version = 1
name = \"a policy\"

[[accept.aws-nitro]]
name = \"release 1\"
trust_anchor = {{ fingerprint = \"sha256:{}\", simulated = true }}
measurements = [\"sha384:{}\"]
registers = [{{ index = 1, values = [\"{}\"] }}, {{ index = 2, values = [\"{}\"] }}]
timestamp = {{ maximum_seconds = 300, skew_seconds = 5 }}
machines = {{ skip = \"any\" }}
challenge_field = \"nonce\"
nonce = {{ skip = \"the challenge stands there\" }}
user_data = {{ skip = \"none\" }}
public_key = {{ skip = \"none\" }}
",
        "01".repeat(32),
        digest("a"),
        digest("b"),
        digest("c"),
    );
    std::fs::write(&path, text).unwrap();
    path
}

/// The first policy's values as a manifest.
fn exported(folder: &Path) -> (PathBuf, PathBuf) {
    let (policy, manifest) = (policy(folder, "policy.toml", "1"), folder.join("values.corim"));
    let words = ["policy", "export", "corim", word(&policy), "--id", "acme-1", "-o", word(&manifest)];
    let out = sealroom(&words).ended(0).out;
    assert!(out.contains("not in it, of \"release 1\": trust_anchor, challenge_field, timestamp"), "{out}");
    assert!(out.contains("NOT SIGNED"), "{out}");
    (policy, manifest)
}

fn der_key(seed: u8) -> (Ed25519KeyPair, Vec<u8>) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    // SubjectPublicKeyInfo of RFC 8410.
    let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let der = [&head[..], pair.public_key().as_ref()].concat();
    (pair, der)
}

/// COSE_Sign1 with a header as the draft has it: EdDSA, the media type, a signer's name.
fn signed(payload: &[u8], pair: &Ed25519KeyPair) -> Vec<u8> {
    let string = |kind: u8, bytes: &[u8]| {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        let head = match length {
            [0, short @ 0..=23] => vec![kind | short],
            [0, byte] => vec![kind | 24, byte],
            [high, low] => vec![kind | 25, high, low],
        };
        [head, bytes.to_vec()].concat()
    };
    let claims = [&[0xa1, 0x01][..], &string(0x60, b"ACME")].concat();
    let header = [&[0xa3, 0x01, 0x27, 0x03][..], &string(0x60, b"application/rim+cbor"), &[0x0f], &claims].concat();
    let to_be_signed =
        [&[0x84][..], &string(0x60, b"Signature1"), &string(0x40, &header), &[0x40], &string(0x40, payload)].concat();
    let signature = pair.sign(&to_be_signed);
    [&[0xd2, 0x84][..], &string(0x40, &header), &[0xa0], &string(0x40, payload), &string(0x40, signature.as_ref())]
        .concat()
}

#[test]
fn values_go_from_one_policy_into_another_and_all_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (first, manifest) = exported(folder.path());
    let other = policy(folder.path(), "other.toml", "2");
    let other = changed(&other, "maximum_seconds = 300", "maximum_seconds = 60");
    let next = folder.path().join("next.toml");
    let words = ["policy", "import", "corim", word(&manifest), "--into", word(&other), "--unverified"];
    let out = sealroom(&[&words[..], &["-o", word(&next)]].concat()).ended(0).out;
    assert!(out.contains("\"release 1\", made from \"release 1\": measurements, registers"), "{out}");
    // What changes is shown, with what it was.
    let digest = |digit: &str| format!("[\"sha384:{}\"]", format!("a{digit}").repeat(48));
    assert!(out.contains(&format!("\n  measurements: {} → {}", digest("2"), digest("1"))), "{out}");
    let text = std::fs::read_to_string(&next).unwrap();
    assert!(text.starts_with("# Reference Values of \"release 1\" are those of the CoRIM \"acme-1\" in "), "{text}");
    assert!(text.contains("NOTHING WAS VERIFIED: it is not signed"), "{text}");
    assert!(text.contains("maximum_seconds = 60"), "{text}");
    let hash = |path: &Path| sealroom(&["policy", "hash", word(path)]).ended(0).out;
    assert_eq!(hash(&changed(&next, "maximum_seconds = 60", "maximum_seconds = 300")), hash(&first));
    let json = sealroom(&[&words[..], &["--json"]].concat()).ended(0).json();
    assert_eq!(json["verified"], false);
    assert_eq!(json["corim_id"], "acme-1");
    assert_eq!(json["blocks"][0]["fields"], serde_json::json!(["measurements", "registers"]));
    assert_eq!(json["blocks"][0]["changes"][0]["field"], "measurements");
    assert_eq!(json["new_warnings"], serde_json::json!([]));
    assert_eq!(json["command"], "policy import corim");
}

#[test]
fn a_signed_manifest_is_read_with_its_signers_key_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (policy, manifest) = exported(folder.path());
    let ((pair, der), (_, other)) = (der_key(1), der_key(2));
    std::fs::write(&manifest, signed(&std::fs::read(&manifest).unwrap(), &pair)).unwrap();
    let key = folder.path().join("key");
    let import = ["policy", "import", "corim", word(&manifest), "--into", word(&policy)];
    let trusting = [&import[..], &["--trust", word(&key)]].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(&der));
    for bytes in [der, pem.into_bytes()] {
        std::fs::write(&key, bytes).unwrap();
        let json = sealroom(&[&trusting[..], &["--json"]].concat()).ended(0).json();
        assert_eq!((&json["verified"], &json["signer"]), (&true.into(), &"ACME".into()));
    }
    // A certificate stands for its key: here AWS's root, which signs with P-384.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("attestation/roots/aws-nitro-enclaves-root-g1.der");
    let ran = sealroom(&[&import[..], &["--trust", word(&root)]].concat()).ended(4);
    assert!(ran.error.contains("signed by EdDSA, expected ES384"), "{}", ran.error);
    let ran = sealroom(&[&import[..], &["--trust", word(&policy)]].concat()).ended(1);
    assert!(ran.error.contains("--trust takes one public key"), "{}", ran.error);
    std::fs::write(&key, other).unwrap();
    let ran = sealroom(&trusting).ended(4);
    assert!(ran.error.contains("does not verify with the key given"), "{}", ran.error);
    let text = sealroom(&[&import[..], &["--unverified"]].concat()).ended(0).out;
    assert!(text.contains("its signature WAS NOT VERIFIED; it says to be by ACME"), "{text}");
    // Neither said: nobody is trusted by leaving a flag out.
    drop(sealroom(&import).ended(1));
}

#[test]
fn what_can_not_be_imported_says_where_it_stands_and_how_the_command_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (policy, manifest) = exported(folder.path());
    let import = |file: &Path, more: &[&str], code: i32| {
        let words = ["policy", "import", "corim", word(file), "--into", word(&policy)];
        sealroom(&[&words[..], more].concat()).ended(code).error
    };
    let (_, der) = der_key(1);
    let key = folder.path().join("key");
    std::fs::write(&key, der).unwrap();
    let error = import(&manifest, &["--trust", word(&key)], 4);
    assert!(error.contains("the manifest is not signed") && error.contains("--unverified"), "{error}");
    let error = import(&policy, &["--unverified"], 2);
    assert!(error.contains("the manifest has no tag"), "{error}");
    let error = import(&manifest, &["--unverified", "--block", "release 2"], 1);
    assert!(error.contains("no accept block \"release 2\", expected release 1"), "{error}");
    // The same values, of a class that nobody knows.
    let renamed = folder.path().join("renamed.corim");
    let mut bytes = std::fs::read(&manifest).unwrap();
    let place = bytes.windows(5).position(|window| window == b"Nitro").unwrap();
    bytes[place] = b'M';
    std::fs::write(&renamed, bytes).unwrap();
    let error = import(&renamed, &["--unverified"], 5);
    assert!(error.contains("tags[0].triples.reference[0]: no profile, no class-id, vendor \"Amazon Web Services\", model \"Mitro Enclaves\""), "{error}");
}

#[test]
fn an_export_that_can_not_say_a_value_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let (policy, manifest) = exported(folder.path());
    let export = ["policy", "export", "corim", word(&policy), "--id", "x", "-o", word(&manifest)];
    let error = sealroom(&[&export[..], &["--profile", "amd-sev-snp"]].concat()).ended(1).error;
    assert!(error.contains("accept block \"release 1\" is of aws-nitro, expected amd-sev-snp"), "{error}");
    let error = sealroom(&[&export[..], &["--leave-out", "measurement"]].concat()).ended(1).error;
    assert!(error.contains("has a field \"measurement\" to leave out"), "{error}");
    let out = sealroom(&[&export[..], &["--leave-out", "registers"]].concat()).ended(0).out;
    assert!(out.contains("not in it, of \"release 1\": trust_anchor, challenge_field, registers, timestamp"), "{out}");
    let error =
        sealroom(&[&export[..], &["--leave-out", "registers", "--leave-out", "measurements"]].concat()).ended(5).error;
    assert!(error.contains("has no Reference Value to export"), "{error}");
}

#[test]
fn a_manifest_that_is_too_large_is_malformed_and_a_policy_that_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let policy = policy(folder.path(), "policy.toml", "1");
    let large = folder.path().join("large");
    std::fs::File::create(&large).unwrap().set_len(1 << 30).unwrap();
    drop(sealroom(&["policy", "import", "corim", word(&large), "--into", word(&policy), "--unverified"]).ended(2));
    drop(sealroom(&["policy", "import", "corim", word(&policy), "--into", word(&large), "--unverified"]).ended(1));
}
