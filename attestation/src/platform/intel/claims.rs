//! What every quote says besides its body, in words, for people. Not verified.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::appraisal::bit_names;
use super::enclave_report::EnclaveReport;
use super::pck::{PckPlatform, SGX_EXTENSION};
use super::quote::{BodyKind, Quote};
use super::states;
use crate::certificate::Certificate;
use crate::evidence::Claim;
use crate::platform::sgx::attributes;
use crate::text::{Hex, joined};

fn claim(name: &'static str, value: String) -> Claim {
    Claim { name, value }
}

/// Before the body.
pub(crate) fn header(quote: &Quote) -> Vec<Claim> {
    let body = match quote.body_kind {
        BodyKind::Enclave => "sgx enclave",
        BodyKind::Td10 => "td of tdx 1.0",
        BodyKind::Td15 => "td of tdx 1.5",
    };
    let svns = quote.header_svns.map_or(String::from("none from version 4 on"), |(qe, pce)| format!("{qe}, {pce}"));
    Vec::from([
        claim("version", quote.version.to_string()),
        claim("body", String::from(body)),
        claim("qe-and-pce-svn", svns),
        claim("qe-vendor-id", Hex(&quote.qe_vendor_id).to_string()),
        claim("user-data", Hex(&quote.user_data).to_string()),
    ])
}

/// After the body.
pub(crate) fn quoting_enclave(quote: &Quote) -> Vec<Claim> {
    let report = &quote.qe_report;
    let mut all = Vec::from([
        claim("qe-mrsigner", Hex(&report.signer).to_string()),
        claim("qe-mrenclave", Hex(&report.measurement).to_string()),
        claim("qe-product-and-svn", format!("{}, {}", report.product_id, report.svn)),
        claim("pck-chain", joined(quote.pck_chain.iter().map(Certificate::subject), ", ")),
    ]);
    let [pck, ..] = &quote.pck_chain;
    let platform = pck.extension(&SGX_EXTENSION).map(PckPlatform::read);
    all.extend(match platform {
        Some(Ok(platform)) => pck_platform(&platform),
        Some(Err(problem)) => Vec::from([claim("pck-platform", problem)]),
        None => Vec::from([claim("pck-platform", String::from("no sgx extension"))]),
    });
    all
}

fn pck_platform(platform: &PckPlatform) -> Vec<Claim> {
    let flags = platform.registration.map_or(String::from("not registered"), |flags| {
        format!(
            "instance {}, dynamic platform {}, cached keys {}, smt {}",
            Hex(&flags.instance_id),
            flags.dynamic_platform,
            flags.cached_keys,
            flags.smt
        )
    });
    Vec::from([
        claim("ppid", Hex(&platform.ppid).to_string()),
        claim("fmspc", Hex(&platform.fmspc).to_string()),
        claim("pceid", Hex(&platform.pce_id).to_string()),
        claim("cpusvn", Hex(&platform.components).to_string()),
        claim("pcesvn", platform.pce_svn.to_string()),
        claim("sgx-type", String::from(platform.sgx_type.as_str())),
        claim("registration", flags),
    ])
}

/// An enclave's own report.
pub(crate) fn enclave(report: &EnclaveReport) -> Vec<Claim> {
    let hex = |name, bytes: &[u8]| claim(name, Hex(bytes).to_string());
    let bits = bit_names(report.attributes, &attributes::NAMES);
    Vec::from([
        hex("cpusvn-of-enclave", &report.cpu_svn),
        claim("miscselect", format!("{:#x}", report.misc_select)),
        hex("isvextprodid", &report.extended_product_id),
        claim("attributes", format!("{:#x} ({bits})", report.attributes)),
        claim("xfrm", format!("{:#x} ({})", report.xfrm, bit_names(report.xfrm, &states::NAMES))),
        claim("mrenclave", format!("sha256:{}", Hex(&report.measurement))),
        hex("mrsigner", &report.signer),
        hex("configid", &report.config_id),
        claim("isvprodid", report.product_id.to_string()),
        claim("isvsvn", report.svn.to_string()),
        claim("configsvn", report.config_svn.to_string()),
        hex("isvfamilyid", &report.family_id),
        hex("reportdata", &report.report_data),
    ])
}
