//! The crate `dcap-qvl`: `verify`, which its documentation begins with.

use std::path::Path;

use dcap_qvl::QuoteCollateralV3;
use sealroom_attestation::Accept;
use sealroom_attestation::intel::{TcbAge, TcbStatus};
use serde_json::Value;

use crate::{Row, ours, read};

/// 2025-06-25, 2026-03-01.
const IN_2025: u64 = 1_750_809_600;
const IN_2026: u64 = 1_772_323_200;
const TWO_MONTHS: u64 = 60 * 24 * 3600;

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// The shape in which its tools write it.
fn collateral(file: &[u8]) -> QuoteCollateralV3 {
    let value: Value = serde_json::from_slice(file).unwrap();
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    let bytes = |name: &str| from_hex(value[name].as_str().unwrap());
    QuoteCollateralV3 {
        pck_crl_issuer_chain: text("pck_crl_issuer_chain"),
        root_ca_crl: bytes("root_ca_crl"),
        pck_crl: bytes("pck_crl"),
        tcb_info_issuer_chain: text("tcb_info_issuer_chain"),
        tcb_info: text("tcb_info"),
        tcb_info_signature: bytes("tcb_info_signature"),
        qe_identity_issuer_chain: text("qe_identity_issuer_chain"),
        qe_identity: text("qe_identity"),
        qe_identity_signature: bytes("qe_identity_signature"),
        pck_certificate_chain: None,
    }
}

fn theirs(quote: &[u8], file: &[u8], now: u64) -> String {
    match dcap_qvl::verify::verify(quote, &collateral(file), now) {
        Ok(report) => format!("accepted: {}", report.status),
        Err(error) => format!("refused: {}", format!("{error:#}").replace('|', "/")),
    }
}

fn our_policy(quote: &[u8], statuses: &[TcbStatus]) -> Accept {
    let mut accept = ours::pinning(quote, "Intel SGX Root CA");
    let rules = match &mut accept {
        Accept::Tdx(accept) => &mut accept.platform,
        Accept::Sgx(accept) => &mut accept.platform,
        _ => panic!("not of Intel's"),
    };
    rules.tcb_statuses.extend(statuses);
    rules.tcb_age = TcbAge::Skip { reason: "the peer does not look at it".to_owned() };
    accept
}

pub(crate) fn rows(folder: &Path) -> Vec<Row> {
    let file = |name: &str| read(folder, name);
    let tdx_2025 = file("tdx/dcap-qvl/tdx_quote_collateral.json");
    let tdx_2026 = file("tdx/dcap-qvl/tdx_quote_outdated_collateral.json");
    let sgx_2025 = file("sgx/dcap-qvl/sgx_quote_collateral.json");
    let [tdx, outdated, version_5, sgx] = [
        "tdx/dcap-qvl/tdx_quote",
        "tdx/dcap-qvl/tdx_quote_outdated",
        "tdx/go-tdx-guest/quote_v5_sample.dat",
        "sgx/dcap-qvl/sgx_quote",
    ]
    .map(file);
    let with = |quote: &[u8], change: fn(&mut Vec<u8>)| {
        let mut changed = quote.to_vec();
        change(&mut changed);
        changed
    };
    let row = |vector, how, recorded: &[u8], quote: &[u8], collateral: &[u8], now, statuses: &[TcbStatus]| Row {
        vector,
        how,
        peer: theirs(quote, collateral, now),
        ours: ours::verdict(our_policy(recorded, statuses), quote, &[collateral.to_vec()], now),
    };
    let (of_tdx, of_sgx) = ("tdx/dcap-qvl/tdx_quote", "sgx/dcap-qvl/sgx_quote");
    let needed = [TcbStatus::ConfigurationAndSwHardeningNeeded];
    vec![
        row(of_tdx, "with its collateral", &tdx, &tdx, &tdx_2025, IN_2025, &[]),
        row("tdx/dcap-qvl/tdx_quote_outdated", "with its collateral", &outdated, &outdated, &tdx_2026, IN_2026, &[]),
        row(
            "tdx/go-tdx-guest/quote_v5_sample.dat",
            "with collateral of its line",
            &version_5,
            &version_5,
            &tdx_2026,
            IN_2026,
            &[],
        ),
        row(of_sgx, "with its collateral; our policy wants it up to date", &sgx, &sgx, &sgx_2025, IN_2025, &[]),
        row(
            of_sgx,
            "with its collateral; our policy accepts what Intel says of it",
            &sgx,
            &sgx,
            &sgx_2025,
            IN_2025,
            &needed,
        ),
        row(of_tdx, "two months later", &tdx, &tdx, &tdx_2025, IN_2025 + TWO_MONTHS, &[]),
        row(of_tdx, "with the collateral of another line", &tdx, &tdx, &tdx_2026, IN_2026, &[]),
        row(of_sgx, "with the collateral of TDX", &sgx, &sgx, &tdx_2025, IN_2025, &[]),
        row(of_tdx, "a bit of MRTD changed", &tdx, &with(&tdx, |q| q[48 + 136] ^= 1), &tdx_2025, IN_2025, &[]),
        row(
            of_tdx,
            "a byte of the zeros behind it is not zero",
            &tdx,
            &with(&tdx, |q| *q.last_mut().unwrap() ^= 1),
            &tdx_2025,
            IN_2025,
            &[],
        ),
    ]
}
