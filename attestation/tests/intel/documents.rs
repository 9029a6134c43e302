//! Intel's signed documents and the reports inside a quote, as a good world has them.

use serde_json::{Value, json};

use crate::certificates::Key;
use crate::world::{COMPONENTS, REPORT_DATA, TEE_TCB_SVN, hex};

/// SEPT_VE_DISABLE and PKS.
const TD_ATTRIBUTES: u64 = 0x5000_0000;
const XFAM: u64 = 0x6_1ae7;
/// INIT, MODE64BIT, KSS.
const ENCLAVE_ATTRIBUTES: u64 = 0x85;

/// As Intel's service answers it.
pub(crate) fn answer(name: &str, document: &Value, key: Key) -> Vec<u8> {
    let text = document.to_string();
    let signature = hex(&key.sign(text.as_bytes()));
    format!("{{\"{name}\":{text},\"signature\":\"{signature}\"}}").into_bytes()
}

fn components(svns: [u8; 16]) -> Value {
    svns.map(|svn| json!({ "svn": svn })).into_iter().collect()
}

pub(crate) fn tcb_info(is_tdx: bool) -> Value {
    let level = |sgx: [u8; 16], pce: u8, tdx: [u8; 16], date: &str, status: &str, advisories: &[&str]| {
        let mut level = json!({
            "tcb": { "sgxtcbcomponents": components(sgx), "pcesvn": pce },
            "tcbDate": date, "tcbStatus": status,
        });
        if is_tdx {
            level["tcb"]["tdxtcbcomponents"] = components(tdx);
        }
        if !advisories.is_empty() {
            level["advisoryIDs"] = json!(advisories);
        }
        level
    };
    let old = [2, 2, 2, 2, 3, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut info = json!({
        "id": if is_tdx { "TDX" } else { "SGX" }, "version": 3,
        "issueDate": "2026-05-20T00:00:00Z", "nextUpdate": "2026-06-20T00:00:00Z",
        "fmspc": "90C06F000000", "pceId": "0000", "tcbType": 0, "tcbEvaluationDataNumber": 18,
        "tcbLevels": [
            // Components 0 and 1 are above the quote's: from module version 1 on they are not compared.
            level(COMPONENTS, 13, [9, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "2026-02-01T00:00:00Z", "UpToDate", &[]),
            level(old, 11, [0; 16], "2025-02-01T00:00:00Z", "OutOfDate", &["INTEL-SA-01036", "INTEL-SA-01099"]),
        ],
    });
    if is_tdx {
        let zeros = "00".repeat(48);
        let identity =
            json!({ "mrsigner": zeros, "attributes": "0000000000000000", "attributesMask": "FFFFFFFFFFFFFFFF" });
        info["tdxModule"] = identity.clone();
        let module = |id: &str| {
            let mut module = identity.clone();
            module["id"] = json!(id);
            module["tcbLevels"] = json!([
                { "tcb": { "isvsvn": 5 }, "tcbDate": "2026-01-01T00:00:00Z", "tcbStatus": "UpToDate" },
                { "tcb": { "isvsvn": 2 }, "tcbDate": "2025-01-01T00:00:00Z", "tcbStatus": "OutOfDate",
                  "advisoryIDs": ["INTEL-SA-01099", "INTEL-SA-01111"] },
            ]);
            module
        };
        info["tdxModuleIdentities"] = json!([module("TDX_03"), module("TDX_01")]);
    }
    info
}

pub(crate) fn qe_identity(is_tdx: bool) -> Value {
    json!({
        "id": if is_tdx { "TD_QE" } else { "QE" }, "version": 2,
        "issueDate": "2026-05-21T00:00:00Z", "nextUpdate": "2026-06-21T00:00:00Z", "tcbEvaluationDataNumber": 18,
        "miscselect": "00000000", "miscselectMask": "FFFFFFFF",
        "attributes": "11000000000000000000000000000000", "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
        "mrsigner": "dc".repeat(32), "isvprodid": if is_tdx { 2 } else { 1 },
        "tcbLevels": [
            { "tcb": { "isvsvn": 8 }, "tcbDate": "2026-01-15T00:00:00Z", "tcbStatus": "UpToDate" },
            { "tcb": { "isvsvn": 6 }, "tcbDate": "2024-01-15T00:00:00Z", "tcbStatus": "OutOfDate",
              "advisoryIDs": ["INTEL-SA-00615"] },
        ],
    })
}

pub(crate) fn qe_report(is_tdx: bool) -> Vec<u8> {
    let mut report = vec![0; 384];
    report[48] = 0x15; // INIT, MODE64BIT (outside the mask), PROVISION_KEY
    report[56] = 0xe7;
    report[128..160].fill(0xdc);
    report[256] = if is_tdx { 2 } else { 1 };
    report[258] = 8;
    report
}

pub(crate) fn td_report(is_15: bool) -> Vec<u8> {
    let mut report = TEE_TCB_SVN.to_vec();
    report.extend([0x5e; 48]); // MRSEAM
    report.extend([0; 48]);
    report.extend([0; 8]);
    report.extend(TD_ATTRIBUTES.to_le_bytes());
    report.extend(XFAM.to_le_bytes());
    for fill in [0x3e, 0xc1, 0x01, 0x0c, 0xa0, 0xa1, 0xa2, 0xa3] {
        report.extend([fill; 48]); // MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, RTMR0-3
    }
    report.extend(REPORT_DATA);
    if is_15 {
        report.extend(TEE_TCB_SVN);
        report.extend([0; 48]);
    }
    report
}

pub(crate) fn enclave_report() -> Vec<u8> {
    let mut report = vec![0; 384];
    report[0..16].copy_from_slice(&COMPONENTS);
    report[32..48].fill(0xe1);
    report[48..56].copy_from_slice(&ENCLAVE_ATTRIBUTES.to_le_bytes());
    report[56..64].copy_from_slice(&0xe7_u64.to_le_bytes());
    report[64..96].fill(0x3e);
    report[128..160].fill(0x51);
    report[192..256].fill(0xc1);
    report[256..262].copy_from_slice(&[3, 0, 5, 0, 2, 0]);
    report[304..320].fill(0xfa);
    report[320..384].copy_from_slice(&REPORT_DATA);
    report
}
