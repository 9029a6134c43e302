//! Evidence out of the files that tools keep it in.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealroom_attestation::azure::{self, HardwareParts};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tdx;
use sealroom_attestation::tpm::{QuoteParts, rsassa_sha256};
use serde_json::Value;

use crate::entry::Inside;
use crate::folder::read;

pub(crate) fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A list of numbers, PEM, or base64url with padding or without.
fn json_bytes(value: &Value) -> Vec<u8> {
    if let Some(numbers) = value.as_array() {
        return numbers.iter().map(|number| u8::try_from(number.as_u64().unwrap()).unwrap()).collect();
    }
    let text = value.as_str().unwrap();
    if text.starts_with("-----") {
        return text.as_bytes().to_vec();
    }
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).unwrap()
}

/// A file, or `file#member`.
pub(crate) fn part(folder: &Path, name: &str) -> Vec<u8> {
    match name.split_once('#') {
        None => read(folder, name),
        Some((file, member)) => {
            let object: Value = serde_json::from_slice(&read(folder, file)).unwrap();
            json_bytes(&object[member])
        }
    }
}

/// All 24 registers of SHA-256, which is what these tools quote.
fn quote(message: Vec<u8>, signature: &[u8], values: Vec<Vec<u8>>) -> QuoteParts {
    assert_eq!(values.len(), 24);
    QuoteParts {
        quote: message,
        signature: rsassa_sha256(signature),
        bank: Algorithm::Sha256,
        values: (0..24).zip(values).collect(),
        event_log: Vec::new(),
    }
}

/// As `az-cvm-vtpm` keeps it: signature and message behind their lengths in 8 bytes, little-endian, then the values.
fn kept_quote(file: &[u8]) -> QuoteParts {
    fn sized<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
        let length = usize::try_from(u64::from_le_bytes(rest[..8].try_into().unwrap())).unwrap();
        let (part, after) = rest[8..].split_at(length);
        *rest = after;
        part
    }
    let mut rest = file;
    let signature = sized(&mut rest);
    let message = sized(&mut rest).to_vec();
    // How many values follow.
    assert_eq!(rest[..8], 24_u64.to_le_bytes());
    quote(message, signature, rest[8..].chunks(32).map(<[u8]>::to_vec).collect())
}

fn json_quote(file: &[u8]) -> QuoteParts {
    let value: Value = serde_json::from_slice(file).unwrap();
    let hex = |value: &Value| from_hex(value.as_str().unwrap());
    let values = value["pcrs"].as_array().unwrap().iter().map(hex).collect();
    quote(hex(&value["message"]), &hex(&value["signature"]), values)
}

/// The quote with the report of the paravisor, and the TD quote over that, which stand beside it.
fn azure_vm(folder: &Path, file: &str, quote: &QuoteParts) -> Vec<u8> {
    let (beside, _) = file.rsplit_once('/').unwrap();
    let td_quote = beside.ends_with("tdx").then(|| read(folder, &format!("{beside}/td-quote.bin")));
    let paravisor_report = read(folder, &format!("{beside}/hcl-report.bin"));
    azure::assemble(&HardwareParts { paravisor_report, td_quote: td_quote.unwrap_or_default() }, quote).unwrap()
}

pub(crate) fn evidence(folder: &Path, file: &str, inside: Inside) -> Vec<u8> {
    let whole = || read(folder, file);
    match inside {
        Inside::Whole => whole(),
        Inside::Hex => from_hex(core::str::from_utf8(&whole()).unwrap().trim()),
        Inside::Paravisor => whole()[32..32 + 1184].to_vec(),
        Inside::AzureJson => azure::import(&whole()).unwrap().evidence,
        Inside::AzureKeptQuote => azure_vm(folder, file, &kept_quote(&whole())),
        Inside::AzureJsonQuote => azure_vm(folder, file, &json_quote(&whole())),
        Inside::WithLog(log) => tdx::assemble(&whole(), &read(folder, log)).unwrap(),
        Inside::Scale => {
            let file = whole();
            let length = usize::from(u16::from_le_bytes([file[2], file[3]]) >> 2);
            file[4..4 + length].to_vec()
        }
    }
}
