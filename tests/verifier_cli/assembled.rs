//! `sealroom evidence`: the files of a TPM's quote become one, which the other commands take; in whatever form a tool wrote a file,
//! the Evidence is the same; a file that is something else is refused by what is wrong with it.

use crate::accepted::{accepted, begun};
use crate::quoted::{Files, Quoted, azure, google};
use crate::recorded::{NO_LIST, REASON, folder};
use crate::{Argument, Ended, pem, sealroom, sealroom_reading};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::Path;

const AT: [&str; 2] = ["--at", "2023-06-01T00:00:00Z"];
/// "challenge".
const CHALLENGE: [&str; 2] = ["--challenge", "6368616c6c656e6765"];

impl Files {
    fn flags(&self) -> [Argument<'_>; 8] {
        let (quote, signature, pcrs, output) = (&self.quote, &self.signature, &self.pcrs, &self.evidence);
        [&"--quote", quote, &"--signature", signature, &"--pcrs", pcrs, &"--output", output]
    }

    fn tpm(&self, more: &[Argument<'_>]) -> Ended {
        let mut arguments: Vec<Argument<'_>> = vec![&"evidence", &"tpm", &"--ak", &self.key];
        arguments.extend(self.flags());
        arguments.extend(more);
        sealroom(&arguments)
    }

    /// A policy that pins what was put together, after a person's edits.
    fn pinned(&self, edits: &[(&str, &str)], policy: &Path) {
        let more: [Argument<'_>; 4] = [&"--anchor", &self.key, &"--vouched", &"read on the machine itself"];
        begun(&self.evidence, &more, edits, policy);
    }

    fn appraise(&self, policy: &Path, more: &[&'static str]) -> Ended {
        let mut arguments: Vec<Argument<'_>> = vec![&"appraise", &self.evidence, &"--policy", &policy, &"--json"];
        for word in &AT {
            arguments.push(word);
        }
        for word in more {
            arguments.push(word);
        }
        sealroom(&arguments)
    }
}

#[test]
fn a_verdict_is_explained_from_a_pipe() {
    let Some(folder) = folder("a_verdict_is_explained_from_a_pipe") else { return };
    let work = tempfile::tempdir().unwrap();
    let files = Files::new(&azure(&folder), work.path());
    files.tpm(&[]).with(0);
    let policy = work.path().join("policy.toml");
    files.pinned(&[], &policy);
    let verdict = files.appraise(&policy, &["--challenge", "0000000000000000"]).with(4).answer;
    let said = sealroom_reading(&[&"explain", &"-"], verdict.as_bytes()).with(0).answer;
    assert!(said.starts_with("not-authentic tpm: ") && said.contains("\ncommon.freshness\n"), "{said}");
}

/// Ids of the failed checks.
fn failed(ended: &Ended) -> Vec<String> {
    let value = ended.json();
    let checks = value["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail");
    checks.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_files_of_a_quote_become_evidence_that_is_accepted_under_the_policy_that_pins_it() {
    let Some(folder) = folder("the_files_of_a_quote_become_evidence_that_is_accepted") else { return };
    let work = tempfile::tempdir().unwrap();
    let quoted = azure(&folder);
    let files = Files::new(&quoted, work.path());
    let said = files.tpm(&[&"--json"]).with(0).json();
    let written = std::fs::read(&files.evidence).unwrap();
    let expected = json!({
        "sealroom": 1, "command": "evidence tpm", "verified": false, "platform": "tpm", "file": files.evidence,
        "bytes": written.len(), "evidence_sha256": hex::encode(Sha256::digest(&written)),
    });
    assert_eq!(said, expected);
    assert!(files.tpm(&[]).with(0).answer.contains("NOTHING WAS VERIFIED"));
    let policy = work.path().join("policy.toml");
    files.pinned(&[], &policy);
    accepted(files.appraise(&policy, &CHALLENGE), "tpm");
    // Another machine's value of one register, and another quote's signature.
    let mut other = quoted.clone();
    other.values[7].1[0] ^= 1;
    let files = Files::new(&other, work.path());
    files.tpm(&[]).with(0);
    assert_eq!(failed(&files.appraise(&policy, &CHALLENGE).with(4)), ["tpm.pcr-digest"]);
    let mut other = quoted;
    other.signature[100] ^= 1;
    let files = Files::new(&other, work.path());
    files.tpm(&[]).with(0);
    assert_eq!(failed(&files.appraise(&policy, &CHALLENGE).with(4)), ["tpm.signature"]);
}

#[test]
fn the_same_evidence_comes_of_every_form_in_which_a_tool_writes_a_file() {
    let Some(folder) = folder("the_same_evidence_comes_of_every_form") else { return };
    let work = tempfile::tempdir().unwrap();
    let quoted = azure(&folder);
    let files = Files::new(&quoted, work.path());
    files.tpm(&[]).with(0);
    let expected = std::fs::read(&files.evidence).unwrap();
    let sized = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    let forms: [(&Path, Vec<u8>); 7] = [
        (&files.pcrs, quoted.printed()),
        (&files.pcrs, quoted.bare()),
        (&files.pcrs, quoted.marshaled()),
        (&files.pcrs, quoted.serialized()),
        (&files.key, quoted.key.clone()),
        (&files.quote, sized(&quoted.quote)),
        // The bare signature, without scheme, hash and length.
        (&files.signature, quoted.signature[6..].to_vec()),
    ];
    for (path, form) in forms {
        std::fs::write(path, form).unwrap();
        std::fs::remove_file(&files.evidence).unwrap();
        files.tpm(&[]).with(0);
        assert!(std::fs::read(&files.evidence).unwrap() == expected, "{}", path.display());
    }
    // To standard output, where a pipe takes it.
    let arguments = [&files.quote, &files.signature, &files.pcrs, &files.key].map(|path| path.to_str().unwrap());
    let [quote, signature, pcrs, key] = arguments;
    let typed = ["evidence", "tpm", "--quote", quote, "--signature", signature, "--pcrs", pcrs, "--ak", key, "-o", "-"];
    let piped = std::process::Command::new(env!("CARGO_BIN_EXE_sealroom")).args(typed).output().unwrap();
    assert!(piped.status.success() && piped.stdout == expected);
    let typed = typed.each_ref().map(|word| -> Argument<'_> { word });
    let both = sealroom(&[&typed[..], &[&"--json"]].concat()).with(1).json();
    assert!(both["failure"]["message"].as_str().unwrap().contains("the Evidence and the answer in JSON"), "{both}");
}

#[test]
fn the_files_of_an_azure_vm_become_evidence_that_is_accepted_under_amds_root() {
    let Some(folder) = folder("the_files_of_an_azure_vm_become_evidence_that_is_accepted") else { return };
    let work = tempfile::tempdir().unwrap();
    let files = Files::new(&azure(&folder), work.path());
    let (report, chain) = (folder.join("azure-vtpm/snp/hcl-report.bin"), folder.join("azure-vtpm/snp/vcek.pem"));
    let mut arguments: Vec<Argument<'_>> = vec![&"evidence", &"azure", &"--report", &report];
    arguments.extend(files.flags());
    sealroom(&arguments).with(0);
    let policy = work.path().join("policy.toml");
    begun(&files.evidence, &[&"--endorsements", &chain], &[NO_LIST], &policy);
    let mut arguments: Vec<Argument<'_>> =
        vec![&"appraise", &files.evidence, &"--policy", &policy, &"--endorsements", &chain, &"--json"];
    for word in AT.iter().chain(&CHALLENGE) {
        arguments.push(word);
    }
    accepted(sealroom(&arguments), "azure-vtpm-snp");
    // A report that is no paravisor's is refused as the file that it is.
    let mut arguments: Vec<Argument<'_>> = vec![&"evidence", &"azure", &"--report", &chain];
    arguments.extend(files.flags());
    let said = sealroom(&arguments).with(2).notes;
    assert!(said.contains("these files make no evidence"), "{said}");
}

#[test]
fn an_event_log_that_was_put_in_is_replayed_against_the_quote() {
    let Some(folder) = folder("an_event_log_that_was_put_in_is_replayed_against_the_quote") else { return };
    let work = tempfile::tempdir().unwrap();
    let quoted = google(&folder);
    let files = Files::new(&quoted, work.path());
    let (policy, replayed) = (work.path().join("policy.toml"), "event_log = { registers = [0, 1, 2], events = [] }");
    files.tpm(&[&"--event-log", &files.event_log]).with(0);
    let skipped = "event_log = { skip = \"the registers are pinned whole\" }";
    files.pinned(&[(skipped, replayed)], &policy);
    let unasked = ["--no-challenge", REASON];
    let value = accepted(files.appraise(&policy, &unasked), "tpm");
    let log = value["checks"].as_array().unwrap().iter().find(|check| check["id"] == "tpm.event-log").unwrap();
    assert_eq!(log["status"], "pass", "{log}");
    // By itself too, against the registers that came along.
    let compared = |log: &Path| sealroom(&[&"replay", &log, &"--evidence", &files.evidence]);
    let said = compared(&files.event_log).with(0).answer;
    for register in 0..3 {
        assert!(said.contains(&format!("PCR {register} agrees with the log")), "{said}");
    }
    let other = compared(&folder.join("eventlog/trustee/CCEL_data_ovmf")).with(2).notes;
    assert!(other.contains("sha256"), "{other}");
    // Over TDX a VM of Azure has registers of two kinds, and the log is of its virtual TPM.
    let vm = folder.join("azure-vtpm/tdx/evidence-v1.json");
    let said = sealroom(&[&"replay", &files.event_log, &"--evidence", &vm, &"--json"]).with(4).json();
    let registers = said["registers"].as_array().unwrap();
    assert_eq!(registers.len(), 24);
    assert!(registers.iter().all(|register| register["register"].as_str().unwrap().starts_with("PCR ")), "{said}");
    // Without it, the policy that wants it says so.
    files.tpm(&[]).with(0);
    assert_eq!(failed(&files.appraise(&policy, &unasked).with(5)), ["tpm.event-log"]);
}

#[test]
fn a_file_that_is_something_else_is_refused_by_what_is_wrong_with_it() {
    let Some(folder) = folder("a_file_that_is_something_else_is_refused_by_what_is_wrong_with_it") else { return };
    let work = tempfile::tempdir().unwrap();
    let quoted = google(&folder);
    let files = Files::new(&quoted, work.path());
    let log = files.event_log.clone();
    let two = Quoted { values: quoted.values[..2].to_vec(), ..quoted.clone() };
    let text = |text: &str| text.as_bytes().to_vec();
    let certificate = std::fs::read_to_string(folder.join("tpm/dstack/gcp-root-ca.pem")).unwrap();
    let cases: [(&Path, Vec<u8>, &str); 13] = [
        (&files.quote, quoted.signature.clone(), "the quote begins with 0x0014000b, expected 0xff544347"),
        (&files.quote, quoted.quote[..60].to_vec(), "the quote ends early"),
        (&files.signature, quoted.quote.clone(), "the signature is of scheme 0xff54"),
        (&files.signature, Vec::new(), "the signature ends early"),
        (&files.pcrs, two.serialized(), "no value of sha256 PCR 2, which the quote selects"),
        (&files.pcrs, two.bare(), "no register values in a known form"),
        (&files.pcrs, text("sha256:\n 0: 0xab\n"), "sha256 PCR 0 has a value of 1 bytes, expected 32"),
        (&files.pcrs, text("sha256:\nno register\n"), "line 2 is neither a bank"),
        (&files.key, pem("PUBLIC KEY", b"key").into_bytes(), "a public key alone does not say"),
        (&files.key, certificate.repeat(2).into_bytes(), "2 certificates, expected the attestation key's alone"),
        (&files.key, quoted.key[..40].to_vec(), "the attestation key ends early"),
        (&files.event_log, Vec::new(), "an empty file, expected an event log"),
        (&files.event_log, quoted.event_log[..100].to_vec(), "of the log ends early"),
    ];
    for (path, bytes, problem) in cases {
        let kept = std::fs::read(path).unwrap();
        std::fs::write(path, bytes).unwrap();
        let said = files.tpm(&[&"--event-log", &log]).with(2).notes;
        assert!(said.contains(&format!("{}: ", path.display())) && said.contains(problem), "{said}");
        assert!(!files.evidence.exists(), "{problem}");
        std::fs::write(path, kept).unwrap();
    }
    files.tpm(&[&"--event-log", &log]).with(0);
    // A key that nothing says to be a TPM's is pinned by nobody either.
    let alone = work.path().join("alone.pem");
    std::fs::write(&alone, pem("PUBLIC KEY", b"key")).unwrap();
    let said = sealroom(&[&"policy", &"new", &"--from", &files.evidence, &"--anchor", &alone]).with(1).notes;
    assert!(said.contains("neither a root certificate nor an attestation key: a public key alone"), "{said}");
}
