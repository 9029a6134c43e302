//! What Rust writes, read by the second implementation (`tests/vectors/log/log.py`).

#[path = "../../../tests/support/not_run.rs"]
mod not_run;

use super::*;
use std::process::Command;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/log")
}

/// A Python that can check ed25519 signatures, or word that this test did not run.
fn python(test: &str) -> Option<std::ffi::OsString> {
    let python = std::env::var_os("SEALROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let found = Command::new(&python).args(["-c", "import cryptography"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let missing = "no python3 with the package cryptography (SEALROOM_PYTHON names one; tests/requirements.txt)";
    not_run::not_run(test, missing);
    None
}

#[test]
fn another_implementation_makes_the_vectors_of_the_log() {
    let Some(python) = python("another_implementation_makes_the_vectors_of_the_log") else { return };
    let output = Command::new(&python).arg("-B").arg(folder().join("make.py")).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("19 roots, 171 inclusion proofs, 24 refused"), "{said}");
}

#[test]
fn another_implementation_agrees_with_a_log_its_cosignatures_and_each_of_its_proofs() {
    let test = "another_implementation_agrees_with_a_log_its_cosignatures_and_each_of_its_proofs";
    let Some(python) = python(test) else { return };
    let world = World::new();
    let mut log = world.log();
    let witnesses = ["w.example/1", "w.example/2"].map(witness);
    for (time, witness) in (1_767_225_600..).zip(&witnesses) {
        log.add_cosignature(witness.cosign(&log.checkpoint, time)).unwrap();
    }
    let scratch = tempfile::tempdir().unwrap();
    let (log_file, proof_file) = (scratch.path().join("log.json"), scratch.path().join("proof"));
    let check = |log: &ReceiptLog, index: u64, place: u64| {
        log.save(&log_file).unwrap();
        std::fs::write(&proof_file, log.prove(index).unwrap().encode()).unwrap();
        let mut command = Command::new(&python);
        command
            .arg("-B")
            .arg(folder().join("log.py"))
            .args([&log_file, &proof_file])
            .args([place.to_string(), "2".into()]);
        let output = command.args(witnesses.iter().map(|witness| witness.verifier().to_string())).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for index in 0..4 {
        assert_eq!(check(&log, index, index), (true, String::new()));
    }
    let (held, why) = check(&log, 1, 2);
    assert!(!held && why.contains("other leaves"), "{why}");
    let mut edited = log.clone();
    edited.receipts.swap(0, 1);
    let (held, why) = check(&edited, 0, 0);
    assert!(!held && why.contains("another root"), "{why}");
    let mut bare = log;
    bare.checkpoint = world.log().checkpoint;
    let (held, why) = check(&bare, 0, 0);
    assert!(!held && why.contains("under-cosigned"), "{why}");
}
