//! Recorded Evidence of Azure's VMs, from `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository).

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealroom_attestation::azure::{self, HardwareParts};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::{QuoteParts, rsassa_sha256};

pub(crate) use crate::folder::{folder, read};

/// 2025-06-01.
pub(crate) const IN_2025: u64 = 1_748_736_000;
const IN_2023: u64 = 1_685_577_600;

/// One VM's Evidence with what it needs.
pub(crate) struct Recorded {
    pub(crate) name: &'static str,
    pub(crate) evidence: Vec<u8>,
    pub(crate) endorsements: Vec<Vec<u8>>,
    pub(crate) root: &'static str,
    pub(crate) at: u64,
    pub(crate) extra_data: Vec<u8>,
}

/// All files in `azure-vtpm/snp` that hold a whole VM's Evidence.
pub(crate) fn snp(folder: &Path) -> Vec<Recorded> {
    let json = |name: &'static str, root, extra_data: Vec<u8>| {
        let import = azure::import(&read(folder, name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let line = if root == "ARK-Genoa" { "genoa" } else { "milan" };
        let mut endorsements = import.endorsements;
        assert_eq!(endorsements.len(), 1, "{name}");
        endorsements.push(read(folder, &format!("snp/roots/{line}/ask.pem")));
        Recorded { name, evidence: import.evidence, endorsements, root, at: IN_2025, extra_data }
    };
    let nonce = |name: &str| message(&read(folder, name))[44..92].to_vec();
    let challenge = b"challenge".to_vec();
    vec![
        json("azure-vtpm/snp/evidence-v0.json", "ARK-Milan", challenge.clone()),
        json("azure-vtpm/snp/evidence-v1.json", "ARK-Milan", challenge.clone()),
        json("azure-vtpm/snp/evidence-v2.json", "ARK-Milan", nonce("azure-vtpm/snp/evidence-v2.json")),
        json("azure-vtpm/snp/evidence-genoa.json", "ARK-Genoa", nonce("azure-vtpm/snp/evidence-genoa.json")),
        Recorded {
            name: "azure-vtpm/snp/hcl-report.bin and quote.bin",
            evidence: azure::assemble(&hardware(folder, "snp"), &kept(&read(folder, "azure-vtpm/snp/quote.bin")))
                .unwrap(),
            endorsements: vec![read(folder, "azure-vtpm/snp/vcek.pem")],
            root: "ARK-Milan",
            at: IN_2023,
            extra_data: challenge.clone(),
        },
        Recorded {
            name: "azure-vtpm/snp/hcl-report.bin and tpm-quote-v1.json",
            evidence: azure::assemble(&hardware(folder, "snp"), &quote(folder, "azure-vtpm/snp/tpm-quote-v1.json"))
                .unwrap(),
            endorsements: vec![read(folder, "azure-vtpm/snp/vcek.pem")],
            root: "ARK-Milan",
            at: IN_2023,
            extra_data: challenge,
        },
    ]
}

/// All files in `azure-vtpm/tdx` that hold a whole VM's Evidence.
pub(crate) fn tdx(folder: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let json = |name: &'static str| {
        let import = azure::import(&read(folder, name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(import.endorsements.len(), 0, "{name}");
        (name, import.evidence)
    };
    let with = |name, parts| (name, azure::assemble(&hardware(folder, "tdx"), &parts).unwrap());
    vec![
        json("azure-vtpm/tdx/evidence-v0.json"),
        json("azure-vtpm/tdx/evidence-v1.json"),
        with("azure-vtpm/tdx/quote.bin", kept(&read(folder, "azure-vtpm/tdx/quote.bin"))),
        with("azure-vtpm/tdx/tpm-quote-v1.json", quote(folder, "azure-vtpm/tdx/tpm-quote-v1.json")),
    ]
}

fn hardware(folder: &Path, kind: &str) -> HardwareParts {
    let td_quote = if kind == "tdx" { read(folder, "azure-vtpm/tdx/td-quote.bin") } else { Vec::new() };
    HardwareParts { paravisor_report: read(folder, &format!("azure-vtpm/{kind}/hcl-report.bin")), td_quote }
}

/// TPMS_ATTEST of a JSON file, whichever way it is written.
fn message(json: &[u8]) -> Vec<u8> {
    let value: serde_json::Value = serde_json::from_slice(json).unwrap();
    let quote = value.get("quote").or_else(|| value.get("tpm_quote")).unwrap();
    bytes(&quote["message"])
}

fn bytes(value: &serde_json::Value) -> Vec<u8> {
    match value {
        serde_json::Value::String(text)
            if text.len() % 2 == 0 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        }
        serde_json::Value::String(text) => URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap(),
        list => list.as_array().unwrap().iter().map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap()).collect(),
    }
}

/// The quote alone, as JSON.
pub(crate) fn quote(folder: &Path, name: &str) -> QuoteParts {
    let value: serde_json::Value = serde_json::from_slice(&read(folder, name)).unwrap();
    let values = value["pcrs"].as_array().unwrap().iter().map(bytes);
    parts(bytes(&value["message"]), &bytes(&value["signature"]), values.collect())
}

/// The quote alone as `az-cvm-vtpm` keeps it: each part its length in 8 bytes, little-endian, then 24 values.
fn kept(file: &[u8]) -> QuoteParts {
    let length = |at: usize| usize::try_from(u64::from_le_bytes(file[at..at + 8].try_into().unwrap())).unwrap();
    let signature = &file[8..8 + length(0)];
    let at = 8 + signature.len();
    let message = &file[at + 8..at + 8 + length(at)];
    let at = at + 8 + message.len();
    assert_eq!(length(at), 24);
    parts(message.to_vec(), signature, file[at + 8..].chunks(32).map(<[u8]>::to_vec).collect())
}

fn parts(quote: Vec<u8>, signature: &[u8], values: Vec<Vec<u8>>) -> QuoteParts {
    assert_eq!(values.len(), 24);
    QuoteParts {
        quote,
        signature: rsassa_sha256(signature),
        bank: Algorithm::Sha256,
        values: (0..24).zip(values).collect(),
        event_log: Vec::new(),
    }
}
