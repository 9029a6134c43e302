//! `examples/verify_receipt.py` beside the verifier: what one refuses the other refuses, also where Python leaves assertions out.

use crate::not_run;
use crate::world::{complete, sign, signed_contract, void};
use sealroom_protocol::run::SignedReceipt;
use std::process::Command;

/// What the script says of a receipt, or nothing where it can not run.
pub(crate) fn verdict(receipt: &SignedReceipt, options: &[&str]) -> Option<Result<String, String>> {
    let python = std::env::var_os("SEALROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import cryptography, tomllib"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return None;
    }
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("envelopes are JSON");
    let (contract, receipt) = (text(signed_contract().encode()), text(receipt.encode()));
    std::fs::write(&file, format!("{{\"contract\":{contract},\"receipt\":{receipt}}}")).expect("room for it");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/verify_receipt.py");
    let ran = Command::new(&python).args(options).arg(script).arg(file.path()).output().expect("Python runs");
    let said = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Some(if ran.status.success() { Ok(said(ran.stdout)) } else { Err(said(ran.stderr)) })
}

#[test]
fn the_script_accepts_what_the_verifier_accepts() {
    for (receipt, outcome) in [(complete(), "complete"), (void(), "void")] {
        let signed = sign(receipt);
        for options in [&[][..], &["-O"]] {
            let Some(verdict) = verdict(&signed, options) else {
                let name = "the_script_accepts_what_the_verifier_accepts";
                return not_run::not_run(name, "there is no Python 3.11 with the package cryptography");
            };
            let said = verdict.expect("a good receipt");
            assert!(said.contains(&format!(": {outcome}, run ")) && said.contains("NOT appraised"), "{said}");
        }
    }
}
