//! Steps 7 and 8: the enclave that made the quote is Intel's quoting enclave, on the platform of the PCK certificate, and holds
//! the attestation key.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checks;
use super::qe_identity::QeIdentity;
use super::quote::Quote;
use crate::certificate::Certificate;
use crate::crypto::{Crypto, SignatureKind};
use crate::ledger::Ledger;
use crate::platform::sgx::attributes;
use crate::text::{Hex, joined};

/// Step 7. A platform's quoting enclave signs many quotes with one report, so its signature is worth remembering.
pub(super) fn judge_signature(quote: &Quote, pck: &Certificate, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    let kind = SignatureKind::EcdsaP256Sha256Fixed;
    let verified = crypto.verify_endorsed(&pck.key, kind, quote.qe_report_bytes(), &quote.qe_report_signature);
    let found = if verified.is_ok() { "a valid signature" } else { "no valid signature" };
    ledger.judge(
        &checks::QE_SIGNATURE,
        verified.is_ok(),
        "a signature by the PCK key over the quoting enclave's report",
        found,
    );
}

/// Step 7: SHA-256 of attestation key and authentication data, and 32 zeros.
pub(super) fn judge_report_data(quote: &Quote, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    let bound = [quote.attestation_key.as_slice(), &quote.qe_authentication_data].concat();
    let digest = crypto.sha256(&bound);
    let expected = [digest, [0; 32]].concat();
    ledger.judge(
        &checks::QE_REPORT_DATA,
        expected == quote.qe_report.report_data,
        Hex(&expected),
        Hex(&quote.qe_report.report_data),
    );
}

/// Step 8. Its level is judged with the platform's (step 10).
pub(super) fn judge_identity(quote: &Quote, identity: &QeIdentity, ledger: &mut Ledger) {
    let report = &quote.qe_report;
    let mut problems: Vec<String> = Vec::new();
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            problems.push(format!("{what} {found}, not {expected}"));
        }
    };
    compare("MRSIGNER", Hex(&identity.signer).to_string(), Hex(&report.signer).to_string());
    compare("ISVPRODID", identity.product_id.to_string(), report.product_id.to_string());
    let misc_select = masked(report.misc_select.to_le_bytes(), identity.misc_select_mask);
    compare("MISCSELECT", Hex(&identity.misc_select).to_string(), Hex(&misc_select).to_string());
    let mut found = [0; 16];
    let bytes = report.attributes.to_le_bytes().into_iter().chain(report.xfrm.to_le_bytes());
    found.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    let found = masked(found, identity.attributes_mask);
    compare("ATTRIBUTES", Hex(&identity.attributes).to_string(), Hex(&found).to_string());
    if report.attributes & attributes::DEBUG != 0 {
        problems.push(String::from("in debug mode"));
    }
    let expected = format!("MRSIGNER {}, ISVPRODID {}", Hex(&identity.signer), identity.product_id);
    let holds = problems.is_empty();
    let found = if holds { expected.clone() } else { joined(&problems, "; ") };
    ledger.judge(&checks::QE_IDENTITY, holds, expected, found);
}

fn masked<const N: usize>(mut bytes: [u8; N], mask: [u8; N]) -> [u8; N] {
    bytes.iter_mut().zip(mask).for_each(|(byte, mask)| *byte &= mask);
    bytes
}
