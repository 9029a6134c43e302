//! `policy new`, `lint`, `hash` and `show`.

use crate::program::{changed, line, pinned, sealroom, vectors, word};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::path::Path;

const SNP: &str = "snp/trustee/test-report.bin";

fn ids(lint: &Value) -> Vec<&str> {
    lint["warnings"].as_array().unwrap().iter().map(|warning| warning["id"].as_str().unwrap()).collect()
}

fn lint(file: &Path) -> Value {
    sealroom(&["policy", "lint", word(file), "--json"]).ended(0).json()
}

#[test]
fn a_policy_from_evidence_of_each_platform_is_one_and_says_that_nothing_was_verified() {
    let Some(vectors) = vectors("a_policy_from_evidence_of_each_platform") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ark = vectors.join("snp/roots/milan/ark.pem");
    for (evidence, platform, more) in [
        (SNP, "amd-sev-snp", vec!["--anchor", word(&ark)]),
        ("nitro/dstack/nitro_attestation.bin", "aws-nitro", vec![]),
        ("sgx/dcap-qvl/sgx_quote", "intel-sgx", vec![]),
        ("tdx/dcap-qvl/tdx_quote", "intel-tdx", vec![]),
        ("azure-vtpm/snp/evidence-genoa.json", "azure-vtpm-snp", vec![]),
        ("azure-vtpm/tdx/evidence-v1.json", "azure-vtpm-tdx", vec![]),
        ("nvidia/hopperAttestationReport.txt", "nvidia-gpu", vec![]),
    ] {
        let file = pinned(folder.path(), &vectors.join(evidence), &more);
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("NOTHING WAS VERIFIED"), "{text}");
        assert!(text.contains(&format!("[[accept.{platform}]]")), "{text}");
        let hash = sealroom(&["policy", "hash", word(&file), "--json"]).ended(0).json();
        assert_eq!(hash["policy_sha256"].as_str().unwrap().len(), 64);
        let shown = sealroom(&["policy", "show", word(&file)]).ended(0).out;
        assert!(shown.matches("\n  demands   ").count() >= 5, "{shown}");
    }
}

#[test]
fn a_hash_is_of_the_values_and_not_of_the_layout() {
    let Some(vectors) = vectors("a_hash_is_of_the_values_and_not_of_the_layout") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = pinned(folder.path(), &vectors.join("nitro/dstack/nitro_attestation.bin"), &[]);
    let hash = |path: &Path| sealroom(&["policy", "hash", word(path)]).ended(0).out;
    let same = changed(&file, "version = 1\n", "# another comment\n\nversion   =   1\n");
    assert_eq!(hash(&file), hash(&same));
    let answer =
        sealroom(&["policy", "new", "--from", word(&vectors.join("nitro/dstack/nitro_attestation.bin")), "--json"]);
    let json = folder.path().join("policy.json");
    std::fs::write(&json, answer.ended(0).json()["policy"].to_string()).unwrap();
    assert_eq!(hash(&file), hash(&json));
    let other = changed(&file, "name = \"pinned Evidence\"\n\n", "name = \"another\"\n\n");
    assert_ne!(hash(&file), hash(&other));
}

#[test]
fn a_root_that_is_no_makers_is_marked_as_simulated_and_nobody_vouches_for_amds() {
    let Some(vectors) = vectors("a_root_that_is_no_makers_is_marked_as_simulated") else { return };
    let (evidence, root) = (vectors.join(SNP), vectors.join("snp/roots/milan/ask.pem"));
    let new = ["policy", "new", "--from", word(&evidence), "--anchor", word(&root)];
    let text = sealroom(&new).ended(0).out;
    assert!(text.contains("simulated = true") && text.contains("it protects nothing"), "{text}");
    let ran = sealroom(&[&new[..], &["--vouched", "we like it"]].concat()).ended(1);
    assert!(
        ran.error.contains("the platform's maker has a root of its own, which nobody's word replaces"),
        "{}",
        ran.error
    );
}

#[test]
fn a_cca_token_is_pinned_with_the_key_that_somebody_vouches_for() {
    let Some(vectors) = vectors("a_cca_token_is_pinned_with_the_key_that_somebody_vouches_for") else { return };
    let folder = tempfile::tempdir().unwrap();
    let token = vectors.join("cca/cca-example-token.cbor");
    let ran = sealroom(&["policy", "new", "--from", word(&token)]).ended(1);
    assert!(ran.error.contains("whom to trust must be said"), "{}", ran.error);
    let key = folder.path().join("cpak.der");
    std::fs::write(&key, p384_key(&std::fs::read(vectors.join("cca/cpak-pub.json")).unwrap())).unwrap();
    let file = pinned(folder.path(), &token, &["--anchor", word(&key), "--vouched", "the vectors' authors"]);
    assert!(line(&file, "trust_anchor").contains("vouched = \"the vectors' authors\""));
    let warnings = lint(&file);
    assert!(ids(&warnings).contains(&"vouched-anchor"), "{warnings}");
    drop(sealroom(&["diff", word(&token), "--policy", word(&file)]).ended(0));
}

/// A key of RFC 7517 as SubjectPublicKeyInfo (RFC 5480).
fn p384_key(jwk: &[u8]) -> Vec<u8> {
    let jwk: Value = serde_json::from_slice(jwk).unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    // SEQUENCE { SEQUENCE { id-ecPublicKey, secp384r1 }, BIT STRING { 04 x y } }
    let head = hex::decode("3076301006072a8648ce3d020106052b8104002203620004").unwrap();
    [head, coordinate("x"), coordinate("y")].concat()
}

#[test]
fn evidence_of_debug_mode_can_not_be_pinned_and_garbage_is_malformed() {
    let Some(vectors) = vectors("evidence_of_debug_mode_can_not_be_pinned") else { return };
    let debug = vectors.join("nitro/dstack/nitro_attestation_dbg.bin");
    let ran = sealroom(&["policy", "new", "--from", word(&debug)]).ended(5);
    assert!(ran.error.contains("no policy could accept this Evidence"), "{}", ran.error);
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    std::fs::write(&garbage, [7; 1000]).unwrap();
    let ran = sealroom(&["policy", "new", "--from", word(&garbage), "--json"]).ended(2);
    assert_eq!(ran.json()["failure"]["exit"], 2);
}

#[test]
fn what_is_no_policy_is_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    std::fs::write(&file, "version = 1\nname = \"n\"\naccpt = {}\n").unwrap();
    for command in ["lint", "hash", "show"] {
        let ran = sealroom(&["policy", command, word(&file)]).ended(1);
        assert!(ran.error.contains("line 3, column 1"), "{}", ran.error);
    }
}

#[test]
fn a_pinned_policy_has_few_warnings_and_each_loosening_has_its_own() {
    let Some(vectors) = vectors("a_pinned_policy_has_few_warnings_and_each_loosening_has_its_own") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ark = vectors.join("snp/roots/milan/ark.pem");
    let snp = pinned(folder.path(), &vectors.join(SNP), &["--anchor", word(&ark)]);
    let before = lint(&snp);
    let before: Vec<String> = ids(&before).into_iter().map(str::to_owned).collect();
    for (field, loosened, warning) in [
        ("machines", "machines = { skip = \"a cloud\" }", "no-machine"),
        ("revocation", "revocation = { skip = \"an archive\" }", "no-revocation"),
        ("signing_keys", "signing_keys = [\"vlek\"]", "vlek"),
        ("maximum_vmpl", "maximum_vmpl = 3", "vmpl"),
        ("report_versions", "report_versions = [3, 5]", ""),
        (
            "minimum_firmware",
            "minimum_firmware = { fmc = 0, bootloader = 0, tee = 0, snp = 0, microcode = 0 }",
            "minimum-zero",
        ),
    ] {
        let mut file = changed(&snp, &line(&snp, field), loosened);
        if warning == "vlek" {
            // Machines are of VCEKs alone.
            file = changed(&file, &line(&file, "machines"), "machines = { skip = \"a cloud\" }");
        }
        let after = lint(&file);
        let after = ids(&after);
        let new: Vec<&str> = after.iter().copied().filter(|id| !before.iter().any(|known| known == id)).collect();
        assert!(warning.is_empty() || after.contains(&warning), "{field}: {after:?}");
        assert!(!warning.is_empty() || new.is_empty(), "{field}: {new:?}");
    }
    let nitro = pinned(folder.path(), &vectors.join("nitro/dstack/nitro_attestation.bin"), &[]);
    let file = changed(&nitro, &line(&nitro, "registers"), "registers = { skip = \"why\" }");
    assert!(ids(&lint(&file)).contains(&"unmeasured-code"));
    let file =
        changed(&nitro, &line(&nitro, "timestamp"), "timestamp = { maximum_seconds = 864000, skew_seconds = 0 }");
    assert!(ids(&lint(&file)).contains(&"document-age"));
    let tdx = pinned(folder.path(), &vectors.join("tdx/dcap-qvl/tdx_quote"), &[]);
    for (old, new, warning) in [
        ("tcb_statuses = [\"UpToDate\"]", "tcb_statuses = [\"UpToDate\", \"OutOfDate\"]", "tcb-status"),
        ("tcb_age = { grace_seconds = 0 }", "tcb_age = { grace_seconds = 9999999 }", "tcb-age"),
        ("tcb_age = { grace_seconds = 0 }", "tcb_age = { skip = \"why\" }", "tcb-age"),
        ("tcb_age = { grace_seconds = 0 }", "tcb_age = { minimum_evaluation = 0 }", "minimum-zero"),
    ] {
        assert!(ids(&lint(&changed(&tdx, old, new))).contains(&warning), "{new}");
    }
}

#[test]
fn a_simulated_anchor_and_two_blocks_of_one_content_are_warned_of_and_can_fail() {
    let Some(vectors) = vectors("a_simulated_anchor_and_two_blocks_of_one_content") else { return };
    let folder = tempfile::tempdir().unwrap();
    let root = vectors.join("snp/roots/milan/ask.pem");
    let file = pinned(folder.path(), &vectors.join(SNP), &["--anchor", word(&root)]);
    assert!(ids(&lint(&file)).contains(&"simulated-anchor"));
    drop(sealroom(&["policy", "lint", word(&file), "--fail-on", "warning"]).ended(6));
    let text = std::fs::read_to_string(&file).unwrap();
    let block = &text[text.find("[[accept").unwrap()..];
    let twice = format!("{text}\n{}", block.replace("name = \"pinned Evidence\"", "name = \"again\""));
    let file = folder.path().join("twice.toml");
    std::fs::write(&file, twice).unwrap();
    let warnings = lint(&file);
    let same = warnings["warnings"].as_array().unwrap().iter().find(|warning| warning["id"] == "same-values").unwrap();
    assert_eq!(same["text"], "\"pinned Evidence\" and \"again\" accept the same");
}

#[test]
fn every_warning_stands_on_the_page_of_the_language() {
    let page = include_str!("../../docs/policy.md");
    for (id, about) in sealroom::attestation::policy_warning_ids() {
        assert!(page.contains(&format!("| `{id}` | {about} |")), "docs/policy.md does not say what {id} is");
    }
}
