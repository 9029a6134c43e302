//! Attestation results for others: out of a verdict, in under the Verifier's key. A verdict becomes no better on its way.

use crate::recorded::{TDX, folder};
use crate::world::World;
use crate::{Argument, Ended, sealroom, sealroom_reading};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const NONCE: &str = "9ac3d2f04b7e11aa";

/// A Verifier's two keys, in files.
struct Keys {
    secret: PathBuf,
    public: PathBuf,
}

impl Keys {
    fn new(folder: &Path, algorithm: &'static SignatureAlgorithm) -> Self {
        let pair = KeyPair::generate_for(algorithm).unwrap();
        let (secret, public) = (folder.join("verifier.key"), folder.join("verifier.pem"));
        std::fs::write(&secret, pair.serialize_pem()).unwrap();
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&public, pair.public_key_pem()).unwrap();
        Self { secret, public }
    }

    fn verify(&self, token: &Path, more: &[Argument<'_>]) -> Ended {
        let arguments: [Argument<'_>; 5] = [&"ear", &"verify", &token, &"--key", &self.public];
        sealroom(&[&arguments, more].concat())
    }
}

fn ear_flags<'a>(token: Argument<'a>, keys: &'a Keys, form: &'a &'a str) -> [Argument<'a>; 9] {
    [&"--ear", token, &"--ear-key", &keys.secret, &"--ear-format", form, &"--ear-nonce", &NONCE, &"--json"]
}

#[test]
fn a_good_verdict_goes_out_affirming_and_comes_in_in_both_forms_under_keys_of_three_kinds() {
    let Some(folder) = folder("a_good_verdict_goes_out_affirming_and_comes_in") else { return };
    let work = tempfile::tempdir().unwrap();
    let (policy, evidence) = (TDX.policy(&folder, &work), folder.join(TDX.evidence));
    let inspected = sealroom(&[&"inspect", &evidence, &"--json"]).with(0).json();
    let claims = inspected["unverified_claims"].as_array().unwrap();
    let report_data = claims.iter().find(|claim| claim["name"] == "reportdata").unwrap()["value"].as_str().unwrap();
    let token = work.path().join("result");
    let kinds = [("EdDSA", &PKCS_ED25519), ("ES256", &PKCS_ECDSA_P256_SHA256), ("ES384", &PKCS_ECDSA_P384_SHA384)];
    for (algorithm, kind) in kinds {
        let keys = Keys::new(work.path(), kind);
        for form in ["jwt", "cwt"] {
            let (secret, written) = (keys.secret.to_str().unwrap(), token.to_str().unwrap());
            let more = ["--challenge", report_data, "--ear", written, "--ear-key", secret, "--ear-format", form];
            let more = [&more[..], &["--ear-nonce", NONCE, "--json"]].concat();
            let appraised = TDX.appraise(&folder, &evidence, &policy, &more).with(0).json();
            crate::schema::hold(&appraised);
            let out = &appraised["ear"];
            assert_eq!(
                (&out["status"], &out["form"], &out["algorithm"]),
                (&json!("affirming"), &json!(form), &json!(algorithm))
            );
            let read = keys.verify(&token, &[&"--nonce", &NONCE, &"--at", &TDX.at, &"--json"]).with(0).json();
            assert_eq!(
                (&read["verified"], &read["status"], &read["exit_code"]),
                (&json!(true), &json!("affirming"), &json!(0))
            );
            assert_eq!((&read["issued_at"], &read["expires_at"]), (&json!(TDX.at), &out["expires_at"]));
            let submod = &read["submods"]["intel-tdx:0"];
            assert_eq!(submod["policies"], json!([format!("sha256:{}", appraised["policy_sha256"].as_str().unwrap())]));
            assert_eq!(submod["evidence_sha256"], appraised["result"]["evidence_sha256"]);
            let of = |check: &Value| (check["id"].clone(), check["status"].clone());
            let list = |checks: &Value| checks.as_array().unwrap().iter().map(of).collect::<Vec<_>>();
            assert_eq!(list(&submod["checks"]), list(&appraised["checks"]));
            let said = keys.verify(&token, &[&"--at", &TDX.at]).with(0);
            assert!(
                said.answer.starts_with("AFFIRMING (exit 0)") && said.notes.contains("no --nonce was given"),
                "{said:?}"
            );
        }
    }
}

#[test]
fn a_simulated_and_a_vouched_root_are_never_affirmed() {
    let work = tempfile::tempdir().unwrap();
    let keys = Keys::new(work.path(), &PKCS_ED25519);
    let token = work.path().join("result");
    for form in ["jwt", "cwt"] {
        for (name, status, code) in [
            ("nitro", "contraindicated", 5),
            ("sgx", "contraindicated", 5),
            ("cca", "contraindicated", 5),
            ("tpm", "warning", 0),
        ] {
            let world = World::new(name, work.path());
            let value = world.appraise(&world.policy, &ear_flags(&token, &keys, &form)).with(0).json();
            assert!(value["verdict"].as_str().unwrap().starts_with("accepted"));
            assert_eq!(value["ear"]["status"], json!(status), "{name}");
            let at: [Argument<'_>; 4] = [&"--at", &world.at, &"--nonce", &NONCE];
            let said = keys.verify(&token, &at).with(code).answer;
            assert!(said.starts_with(&format!("{} (exit {code})", status.to_uppercase())), "{said}");
            let code = if code == 0 { 6 } else { code };
            keys.verify(&token, &[&at[..], &[&"--fail-on", &"warning"]].concat()).with(code);
        }
    }
}

#[test]
fn code_that_the_policy_leaves_out_is_a_warning_for_others() {
    let work = tempfile::tempdir().unwrap();
    let keys = Keys::new(work.path(), &PKCS_ED25519);
    let token = work.path().join("result");
    let skip = |policy: &str, field: &str| -> String {
        let begins = format!("{field} = ");
        let skipped = format!("{begins}{{ skip = \"any\" }}\n");
        let line = |line: &str| if line.starts_with(&begins) { skipped.clone() } else { format!("{line}\n") };
        policy.lines().map(line).collect()
    };
    let of_a_tpm = |policy: &str| -> String {
        let (before, values) = policy.split_once("registers = [").unwrap();
        let (_, after) = values.split_once("}], ").unwrap();
        let skipped = [0, 4, 7].map(|index| format!("{{ index = {index}, values = {{ skip = \"any\" }} }}"));
        format!("{before}registers = [{}], {after}", skipped.join(", "))
    };
    // What is not named is left out as well: here two of a realm's measurements, and PCR2 of a TPM.
    let whole = |policy: &str| {
        let zero = "00".repeat(32);
        let named = |index: u8| format!("{{ index = {index}, values = [\"sha256:{zero}\"] }}");
        policy.replace("6161\"] }]", &format!("6161\"] }}, {}, {}]", named(2), named(3)))
    };
    for (name, label, as_it_is) in [("nitro", "aws-nitro:0", 2), ("cca", "arm-cca:0", 32), ("tpm", "tpm:0", 32)] {
        let world = World::new(name, work.path());
        let other = world.other_policy(|policy| match name {
            "nitro" => skip(&policy, "registers"),
            "cca" => skip(&policy, "extensible_measurements"),
            _ => of_a_tpm(&policy),
        });
        let mut policies = vec![(world.policy.clone(), as_it_is), (other, 32)];
        if name == "cca" {
            let path = work.path().join("whole.toml");
            std::fs::write(&path, whole(&std::fs::read_to_string(&world.policy).unwrap())).unwrap();
            policies.push((path, 2));
        }
        for (policy, executables) in &policies {
            let value = world.appraise(policy, &ear_flags(&token, &keys, &"jwt")).with(0).json();
            assert!(value["verdict"].as_str().unwrap().starts_with("accepted"), "{value}");
            let ended = keys.verify(&token, &[&"--at", &world.at, &"--json"]);
            assert_eq!(ended.json()["submods"][label]["claims"]["executables"], json!(executables), "{name}");
        }
    }
}

#[test]
fn a_verdict_that_refuses_goes_out_as_what_it_is() {
    let work = tempfile::tempdir().unwrap();
    let keys = Keys::new(work.path(), &PKCS_ED25519);
    let token = work.path().join("result");
    for form in ["jwt", "cwt"] {
        let flags = ear_flags(&token, &keys, &form);
        let read = |world: &World, code: i32| -> Value {
            keys.verify(&token, &[&"--at", &world.at, &"--nonce", &NONCE, &"--json"]).with(code).json()
        };
        let status = |value: &Value, verdict: &str, status: &str| {
            assert_eq!((&value["verdict"], &value["ear"]["status"]), (&json!(verdict), &json!(status)), "{value}");
        };
        // Genuine, and not what the policy names.
        let mut world = World::new("nitro", work.path());
        let other = world.other_policy(|policy| {
            let at = policy.find("measurements = [\"sha384:").unwrap() + 24;
            let digit = if policy.as_bytes()[at] == b'0' { "1" } else { "0" };
            [&policy[..at], digit, &policy[at + 1..]].concat()
        });
        status(&world.appraise(&other, &flags).with(5).json(), "refused", "contraindicated");
        let checks = read(&world, 5)["submods"]["aws-nitro:0"]["checks"].clone();
        assert!(
            checks.as_array().unwrap().contains(&json!({ "id": "nitro.measurement", "status": "fail" })),
            "{checks}"
        );
        // An answer to something else.
        world.challenge = "00".repeat(8);
        status(&world.appraise(&world.policy, &flags).with(4).json(), "not-authentic", "contraindicated");
        read(&world, 5);
        // No Evidence at all.
        std::fs::write(&world.evidence, "none").unwrap();
        status(&world.appraise(&world.policy, &flags).with(2).json(), "malformed", "contraindicated");
        assert!(read(&world, 5)["submods"]["unknown:0"]["evidence_sha256"].is_null());
        // Endorsements are missing: nothing is known.
        let mut world = World::new("sgx", work.path());
        world.endorsements.clear();
        status(&world.appraise(&world.policy, &flags).with(3).json(), "undecided", "none");
        let value = read(&world, 3);
        assert_eq!((&value["status"], &value["submods"]["intel-sgx:0"]["claims"]), (&json!("none"), &json!({})));
    }
}

#[test]
fn a_result_is_believed_only_under_its_key_with_its_nonce_and_in_its_time() {
    let work = tempfile::tempdir().unwrap();
    let keys = Keys::new(work.path(), &PKCS_ED25519);
    let others = tempfile::tempdir().unwrap();
    let other = Keys::new(others.path(), &PKCS_ED25519);
    let world = World::new("tpm", work.path());
    let token = work.path().join("result");
    for form in ["jwt", "cwt"] {
        world.appraise(&world.policy, &ear_flags(&token, &keys, &form)).with(0);
        let at: [Argument<'_>; 2] = [&"--at", &world.at];
        keys.verify(&token, &at).with(0);
        let said = other.verify(&token, &at).with(4).notes;
        assert!(said.contains("is not signed by the key given"), "{said}");
        let said = keys.verify(&token, &[at[0], at[1], &"--nonce", &"9ac3d2f04b7e11ab"]).with(4).notes;
        assert!(said.contains("does not carry the nonce that was asked for"), "{said}");
        for wrong in ["2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"] {
            let said = keys.verify(&token, &[&"--at", &wrong]).with(3).notes;
            assert!(said.contains(&format!(", not at {wrong}")) && !said.contains("seconds"), "{said}");
            let said = keys.verify(&token, &[&"--at", &world.at, &"--max-age", &"0"]).with(3).notes;
            assert!(said.contains(&format!("is from {0} to {0}, not at {0}", world.at)), "{said}");
        }
        let mut bytes = std::fs::read(&token).unwrap();
        let last = bytes.len() - 12;
        // Still a digit of base64url.
        bytes[last] = if bytes[last] == b'A' { b'B' } else { b'A' };
        std::fs::write(&token, &bytes).unwrap();
        let said = keys.verify(&token, &at).with(4).notes;
        assert!(said.contains("is not signed by the key given"), "{said}");
    }
    let p256 = Keys::new(others.path(), &PKCS_ECDSA_P256_SHA256);
    let said = p256.verify(&token, &[]).with(4).notes;
    assert!(said.contains("says it is signed with EdDSA, the key given is for ES256"), "{said}");
    for garbage in [b"".as_slice(), b"abc", b"{}", b"a.b.c", b"\xff\xff"] {
        let said = sealroom_reading(&[&"ear", &"verify", &"-", &"--key", &keys.public], garbage).with(2).notes;
        assert!(said.contains("not an attestation result"), "{said}");
    }
}

#[test]
fn what_can_not_be_signed_or_written_is_said_before_anything_is_appraised() {
    let work = tempfile::tempdir().unwrap();
    let keys = Keys::new(work.path(), &PKCS_ED25519);
    let world = World::new("cca", work.path());
    let token = work.path().join("result");
    let appraise = |more: &[Argument<'_>]| {
        let ended = world.appraise(&world.policy, more).with(1);
        assert!(ended.answer.is_empty() && !token.exists(), "{ended:?}");
        ended.notes
    };
    assert!(appraise(&[&"--ear", &token]).contains("--ear-key <FILE>"));
    assert!(appraise(&[&"--ear-key", &keys.secret]).contains("--ear <FILE>"));
    let with = |key: &PathBuf, nonce: &str| appraise(&[&"--ear", &token, &"--ear-key", key, &"--ear-nonce", &nonce]);
    assert!(with(&keys.secret, "00112233445566").contains("--ear-nonce has 7 bytes, expected 8 to 64"));
    assert!(with(&keys.secret, "0x").contains("--ear-nonce \"0x\": expected an even number of hexadecimal digits"));
    assert!(with(&keys.public, NONCE).contains("expected one by which only its owner can read it"));
    std::fs::set_permissions(&keys.public, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert!(with(&keys.public, NONCE).contains("expected a key of Ed25519, P-256 or P-384 in PKCS #8"));
    let nowhere = work.path().join("no/folder");
    let more: [Argument<'_>; 4] = [&"--ear", &nowhere, &"--ear-key", &keys.secret];
    assert!(world.appraise(&world.policy, &more).with(1).notes.contains("no/folder"));
    // Without a policy nothing is appraised, so there is no result.
    let said = sealroom(&[&"appraise", &world.evidence, &"--ear", &token, &"--ear-key", &keys.secret]).with(1).notes;
    assert!(said.contains("--policy <FILE>"), "{said}");
    let said = keys.verify(&token, &[]).with(1).notes;
    assert!(said.contains("No such file"), "{said}");
    std::fs::write(&token, "a.b.c").unwrap();
    let said = sealroom(&[&"ear", &"verify", &token, &"--key", &world.evidence]).with(1).notes;
    assert!(said.contains("openssl pkey -in verifier.key -pubout"), "{said}");
}
