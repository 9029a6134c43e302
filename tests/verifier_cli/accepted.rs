//! Evidence of every platform is accepted from the command line alone: its policy begun by `policy new --from`, with what a person
//! decides filled in; and every exit code that is documented is reached.

use crate::recorded::{NITRO, NITRO_DEBUG, NO_LIST, REASON, Recorded, SGX, SNP, TDX, folder};
use crate::world::World;
use crate::{Argument, Ended, flags, pem, schema, sealroom, sealroom_reading};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const AZURE: Recorded = Recorded {
    platform: "azure-vtpm-snp",
    evidence: "azure-vtpm/snp/evidence-genoa.json",
    endorsements: &["snp/roots/genoa/ask.pem"],
    at: "2025-06-01T00:00:00Z",
    edits: &[NO_LIST],
};

const GPU: Recorded = Recorded {
    platform: "nvidia-gpu",
    evidence: "nvidia/hopperAttestationReport.txt",
    endorsements: &["nvidia/hopper_cert_chain_case1.txt"],
    at: "2025-06-01T00:00:00Z",
    edits: &[NO_LIST],
};

/// Nothing in it ends.
const CCA: Recorded = Recorded {
    platform: "arm-cca",
    evidence: "cca/cca-example-token.cbor",
    endorsements: &[],
    at: "2025-06-01T00:00:00Z",
    edits: &[],
};

/// Writes the policy that `policy new --from` begins, after a person's edits.
pub(crate) fn begun(evidence: &Path, more: &[Argument<'_>], edits: &[(&str, &str)], policy: &Path) {
    let mut arguments: Vec<Argument<'_>> = vec![&"policy", &"new", &"--from", &evidence, &"--output", &policy];
    arguments.extend(more);
    sealroom(&arguments).with(0);
    let mut text = std::fs::read_to_string(policy).unwrap();
    for (begun, edited) in edits {
        assert!(text.contains(begun), "{begun} is not in\n{text}");
        text = text.replacen(begun, edited, 1);
    }
    std::fs::write(policy, text).unwrap();
}

#[track_caller]
pub(crate) fn accepted(ended: Ended, platform: &str) -> Value {
    let value = ended.with(0).json();
    schema::hold(&value);
    assert_eq!(value["platform"], json!(platform));
    assert!(value["checks"].as_array().unwrap().iter().all(|check| check["status"] != "fail"));
    value
}

/// A key of RFC 7517 on P-384 as a PEM file with its SubjectPublicKeyInfo (RFC 5480).
fn public_key(jwk: &Path, folder: &Path) -> PathBuf {
    let jwk: Value = serde_json::from_slice(&std::fs::read(jwk).unwrap()).unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    // SEQUENCE { SEQUENCE { id-ecPublicKey, secp384r1 }, BIT STRING { 04 x y } }
    let head = hex::decode("3076301006072a8648ce3d020106052b8104002203620004").unwrap();
    let info = [head, coordinate("x"), coordinate("y")].concat();
    let path = folder.join("key.pem");
    std::fs::write(&path, pem("PUBLIC KEY", &info)).unwrap();
    path
}

#[test]
fn recorded_evidence_of_each_platform_is_accepted_under_a_policy_that_was_begun_from_it() {
    let Some(folder) = folder("recorded_evidence_of_each_platform_is_accepted_under_a_policy") else { return };
    let work = tempfile::tempdir().unwrap();
    let policy = work.path().join("policy.toml");
    let milan = folder.join("snp/roots/milan/ark.pem");
    let key = public_key(&folder.join("cca/cpak-pub.json"), work.path());
    let own_root: [Argument<'_>; 2] = [&"--anchor", &milan];
    let vouched: [Argument<'_>; 4] = [&"--anchor", &key, &"--vouched", &"it stands beside the recorded token"];
    let all: [(&Recorded, &[Argument<'_>]); 7] =
        [(&SNP, &own_root), (&TDX, &[]), (&SGX, &[]), (&NITRO, &[]), (&AZURE, &[]), (&GPU, &[]), (&CCA, &vouched)];
    for (recorded, more) in all {
        let evidence = folder.join(recorded.evidence);
        begun(&evidence, more, recorded.edits, &policy);
        let value = accepted(recorded.appraise(&folder, &evidence, &policy, &["--json"]), recorded.platform);
        assert_eq!(value["result"]["simulated"], json!(false), "{value}");
        let anchor = value["result"]["trust_anchor"].to_string();
        assert_eq!(anchor.contains("vouched"), recorded.platform == CCA.platform, "{anchor}");
    }
}

#[test]
fn a_quote_of_a_tpm_is_accepted_under_a_root_that_somebody_vouches_for() {
    let work = tempfile::tempdir().unwrap();
    let world = World::new("tpm", work.path());
    let (policy, root) = (work.path().join("begun.toml"), world.root());
    let more: [Argument<'_>; 4] = [&"--anchor", &root, &"--vouched", &"the maker of these machines handed it over"];
    begun(&world.evidence, &more, &[], &policy);
    let value = accepted(world.appraise(&policy, &[&"--json"]), "tpm");
    assert_eq!(value["result"]["simulated"], json!(false));
    assert_eq!(value["result"]["vouched"], json!("the maker of these machines handed it over"));
    let said = world.appraise(&policy, &[]).with(0).answer;
    let first = said.lines().next().unwrap();
    assert!(first.ends_with("  VOUCHED by the policy's author: the maker of these machines handed it over"), "{first}");
}

#[test]
fn an_anchor_that_nobody_has_vouched_for_yet_is_refused_until_its_words_are_edited() {
    let work = tempfile::tempdir().unwrap();
    let world = World::new("tpm", work.path());
    let (policy, root) = (work.path().join("begun.toml"), world.root());
    begun(&world.evidence, &[&"--anchor", &root], &[], &policy);
    let said = world.appraise(&policy, &[]).with(1).notes;
    assert!(said.contains("is vouched for in the words that the policy was begun with"), "{said}");
    let said = sealroom(&[&"policy", &"lint", &policy]).with(1).notes;
    assert!(said.contains("write in their place why it is trusted"), "{said}");
    let begun = std::fs::read_to_string(&policy).unwrap();
    let placeholder = format!("from {}: say here why it is trusted", root.display());
    assert!(begun.contains(&placeholder), "{begun}");
    std::fs::write(&policy, begun.replace(&placeholder, "handed over in person")).unwrap();
    let value = accepted(world.appraise(&policy, &[&"--json"]), "tpm");
    assert_eq!(value["result"]["vouched"], json!("handed over in person"));
}

#[test]
fn what_never_ends_has_no_time_at_which_it_does() {
    let work = tempfile::tempdir().unwrap();
    let world = World::new("cca", work.path());
    let value = accepted(world.appraise(&world.policy, &[&"--json"]), "arm-cca");
    assert_eq!((&value["result"]["valid_until"], &value["result"]["vouched"]), (&Value::Null, &Value::Null));
    let said = world.appraise(&world.policy, &[]).with(0).answer;
    assert!(said.contains("\nvalid until no end is known\n") && !said.contains("seconds since"), "{said}");
}

#[test]
fn a_root_of_ones_own_is_pinned_as_simulated() {
    let work = tempfile::tempdir().unwrap();
    for (name, platform) in [("sgx", "intel-sgx"), ("tdx-1.5", "intel-tdx")] {
        let world = World::new(name, work.path());
        let said = sealroom(&[&"policy", &"new", &"--from", &world.evidence, &"--anchor", &world.policy]).with(1).notes;
        assert!(said.contains("is neither a root certificate nor a public key"), "{said}");
        let value = accepted(world.appraise(&world.policy, &[&"--json"]), platform);
        assert_eq!(value["result"]["simulated"], json!(true));
    }
}

#[test]
fn every_documented_exit_code_is_reached_with_its_verdict() {
    let Some(folder) = folder("every_documented_exit_code_is_reached_with_its_verdict") else { return };
    let work = tempfile::tempdir().unwrap();
    let evidence = |recorded: &Recorded| folder.join(recorded.evidence);
    let nitro = NITRO.policy(&folder, &work);
    let (snp, sgx) = (SNP.policy(&folder, &work), SGX.policy(&folder, &work));
    let alone = Recorded { endorsements: &[], ..SNP };
    let ended = [
        NITRO.appraise(&folder, &evidence(&NITRO), &nitro, &["--json"]),
        SGX.appraise(&folder, &evidence(&SGX), &sgx, &["--json"]),
        sealroom(&[&"appraise", &evidence(&NITRO), &"--json"]),
        sealroom_reading(&[&"appraise", &"-", &"--policy", &nitro, &"--no-challenge", &REASON, &"--json"], b"none"),
        alone.appraise(&folder, &evidence(&SNP), &snp, &["--json"]),
        NITRO.appraise(&folder, &evidence(&NITRO), &nitro, &["--challenge", "0000000000000000", "--json"]),
        NITRO_DEBUG.appraise(&folder, &evidence(&NITRO_DEBUG), &nitro, &["--json"]),
        SGX.appraise(&folder, &evidence(&SGX), &sgx, &["--fail-on", "warning", "--json"]),
    ];
    let mut reached: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
    for ended in ended {
        let value = ended.json();
        let verdict = value["verdict"].as_str().unwrap().to_owned();
        assert_eq!(value["exit_code"], json!(ended.code));
        if verdict != "not-appraised" {
            schema::hold(&value);
        }
        reached.entry(ended.code.into()).or_default().insert(verdict);
    }
    let documented: BTreeMap<i64, BTreeSet<String>> = schema::documented_exits()
        .into_iter()
        .map(|(code, verdicts)| (code, verdicts.into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(reached, documented);
    // 1 is also what wrong usage ends with, and says nothing on standard output.
    let files = [evidence(&NITRO)];
    let mut arguments: Vec<Argument<'_>> = vec![&"appraise", &"--polcy"];
    arguments.extend(flags(&"--endorsements", &files));
    assert_eq!(sealroom(&arguments).with(1).answer, "");
}
