//! The same Evidence in other tools' forms, from a file and from standard input.

use crate::recorded::{NITRO, SNP, TDX, folder};
use crate::{sealroom, sealroom_reading};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

#[test]
fn standard_input_is_read_in_every_form() {
    let Some(folder) = folder("standard_input_is_read_in_every_form") else { return };
    let quote = std::fs::read(folder.join(TDX.evidence)).unwrap();
    let digits: String = quote.iter().map(|byte| format!("{byte:02X}")).collect();
    let text = STANDARD.encode(&quote);
    let forms: [(Vec<u8>, &[&str]); 7] = [
        (crate::pem("QUOTE", &quote).into_bytes(), &["PEM \"QUOTE\""]),
        (format!(" 0x{digits}\n").into_bytes(), &["hexadecimal digits"]),
        (quote.clone(), &[]),
        (digits.clone().into_bytes(), &["hexadecimal digits"]),
        (text.clone().into_bytes(), &["base64"]),
        (json!({ "quote": text, "cc_eventlog": null }).to_string().into_bytes(), &["JSON \"quote\""]),
        (json!({ "quote": digits, "event_log": "[]" }).to_string().into_bytes(), &["JSON \"quote\""]),
    ];
    let whole = sealroom(&[&"inspect", &folder.join(TDX.evidence), &"--json"]).with(0).json();
    for (input, form) in forms {
        let value = sealroom_reading(&[&"inspect", &"-", &"--json"], &input).with(0).json();
        assert_eq!(value["forms"], json!(form));
        assert_eq!(value["evidence_sha256"], whole["evidence_sha256"]);
        assert_eq!(value["unverified_claims"], whole["unverified_claims"]);
    }
}

#[test]
fn recorded_files_in_other_forms_are_read() {
    let Some(folder) = folder("recorded_files_in_other_forms_are_read") else { return };
    for (name, platform, form) in [
        ("snp/virtee/report_milan.hex", "amd-sev-snp", "hexadecimal digits"),
        (NITRO.evidence, "aws-nitro", "dstack attestation (SCALE)"),
        ("azure-vtpm/snp/evidence-v0.json", "azure-vtpm-snp", "JSON of an Azure VM's attester"),
        ("azure-vtpm/snp/evidence-v1.json", "azure-vtpm-snp", "JSON of an Azure VM's attester"),
        ("azure-vtpm/snp/evidence-v2.json", "azure-vtpm-snp", "JSON of an Azure VM's attester"),
        ("azure-vtpm/tdx/evidence-v1.json", "azure-vtpm-tdx", "JSON of an Azure VM's attester"),
        ("nvidia/hopperAttestationReport.txt", "nvidia-gpu", "hexadecimal digits"),
    ] {
        let value = sealroom(&[&"inspect", &folder.join(name), &"--json"]).with(0).json();
        assert_eq!((&value["platform"], &value["forms"]), (&json!(platform), &json!([form])), "{name}");
    }
}

#[test]
fn what_is_no_evidence_is_said_by_what_it_is() {
    let Some(folder) = folder("what_is_no_evidence_is_said_by_what_it_is") else { return };
    for (name, said) in [
        ("snp/roots/milan/ask.pem", "a pem file of certificates, expected evidence"),
        ("cca/cca-claims.json", "json without a key that holds evidence, found \"platform\""),
        ("azure-vtpm/snp/tpm-quote.msg", "a TPM's quote alone: `sealroom evidence tpm` puts it together"),
        ("tpm/dstack/tpm_eventlog.bin", "an event log: `sealroom replay` compares it"),
        ("snp/trustee/test-vcek.der", "an Endorsement: give it with --endorsements"),
    ] {
        let notes = sealroom(&[&"inspect", &folder.join(name)]).with(2).notes;
        assert!(notes.contains(said), "{notes}");
    }
    let report = std::fs::read(folder.join(SNP.evidence)).unwrap();
    let digits: String = report.iter().map(|byte| format!("{byte:02x}")).collect();
    let notes = sealroom_reading(&[&"inspect", &"-"], &digits.as_bytes()[1..]).with(2).notes;
    assert!(notes.contains("-: hexadecimal text has 2367 digits, expected an even number"), "{notes}");
}
