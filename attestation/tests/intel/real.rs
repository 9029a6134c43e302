//! Recorded quotes of real machines with Intel's own collateral, from `SEALROOM_VECTORS` (default `../shared/vectors` beside the
//! repository): accepted under a policy that pins all they say, and refused with one thing changed.

use std::path::Path;

use sealroom_attestation::intel::{Bits, Machine, PlatformRules, TcbAge, TcbStatus};
use sealroom_attestation::sgx::{self, Identity};
use sealroom_attestation::tdx::{self, ModuleVersion};
use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, DecodeError, Endorsements, Evidence, Measurement, Platform,
    Policy, Rejection, Requirement, Rule, Status, TrustAnchor, Verifier, vendor_roots,
};
use serde_json::Value;

use crate::failed;
use crate::folder::{folder, read};

/// 2025-06-25, 2026-03-01 and 2023-06-25: when the collateral recorded with them was current.
const IN_2025: u64 = 1_750_809_600;
const IN_2026: u64 = 1_772_323_200;
const IN_2023: u64 = 1_687_651_200;

/// A recorded quote, what it is accepted with, when, and what Intel said of its level then.
struct Recorded {
    name: &'static str,
    quote: Vec<u8>,
    collateral: Vec<Vec<u8>>,
    at: u64,
    status: TcbStatus,
}

fn good(folder: &Path) -> Vec<Recorded> {
    let recorded = |name, collateral, at, status| Recorded {
        name,
        quote: read(folder, name),
        collateral: vec![read(folder, collateral)],
        at,
        status,
    };
    vec![
        recorded("tdx/dcap-qvl/tdx_quote", "tdx/dcap-qvl/tdx_quote_collateral.json", IN_2025, TcbStatus::UpToDate),
        recorded(
            "tdx/go-tdx-guest/quote_v5_sample.dat",
            "tdx/dcap-qvl/tdx_quote_outdated_collateral.json",
            IN_2026,
            TcbStatus::UpToDate,
        ),
        recorded(
            "sgx/dcap-qvl/sgx_quote",
            "sgx/dcap-qvl/sgx_quote_collateral.json",
            IN_2025,
            TcbStatus::ConfigurationAndSwHardeningNeeded,
        ),
    ]
}

fn intel() -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == "Intel SGX Root CA").unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
}

/// A policy that pins all that this quote says, so far as no check forbids it.
fn pinning(evidence: &Evidence, version: u16, status: TcbStatus) -> Accept {
    let platform = evidence.unverified_pck_platform().unwrap();
    let flag = |flag: Option<bool>| flag.map_or_else(|| Rule::skip("under the Processor CA"), Rule::Require);
    let flags = platform.registration;
    let rules = PlatformRules {
        quote_versions: vec![version],
        revocation: Requirement::Required,
        tcb_statuses: vec![status],
        tcb_age: TcbAge::MinimumEvaluation(17),
        rejected_advisories: Rule::Require(vec!["INTEL-SA-99999".to_owned()]),
        sgx_types: Rule::Require(vec![platform.sgx_type]),
        dynamic_platform: flag(flags.map(|flags| flags.dynamic_platform)),
        cached_keys: flag(flags.map(|flags| flags.cached_keys)),
        smt: flag(flags.map(|flags| flags.smt)),
        machines: Rule::Require(vec![Machine::Package(platform.ppid)]),
    };
    let name = "pinned".to_owned();
    if let Some(report) = evidence.unverified_td_report() {
        let [svn, major, ..] = report.tee_tcb_svn_2.unwrap_or(report.tee_tcb_svn);
        let pinned = tdx::attributes::KNOWN & !tdx::attributes::DEBUG;
        tdx::Accept {
            name,
            trust_anchor: intel(),
            platform: rules,
            minimum_module: Rule::Require(ModuleVersion { major, svn }),
            seam_measurements: Rule::Require(vec![report.seam_measurement]),
            attributes: Bits { set: report.attributes & pinned, clear: !report.attributes & pinned },
            xfam: Bits { set: report.xfam, clear: !report.xfam },
            measurements: vec![Measurement::sha384(report.measurement)],
            runtime_registers: report.runtime_registers.map(|value| Rule::Require(vec![value])),
            event_log: Rule::skip("judged elsewhere"),
            config_ids: Rule::Require(vec![report.config_id]),
            owners: Rule::Require(vec![report.owner]),
            owner_configs: Rule::Require(vec![report.owner_config]),
            service_tds: report
                .service_td
                .map_or_else(|| Rule::skip("TDX 1.0"), |service_td| Rule::Require(vec![service_td])),
        }
        .into()
    } else {
        let report = evidence.unverified_enclave_report().unwrap();
        let pinned = sgx::attributes::KNOWN & !(sgx::attributes::DEBUG | sgx::attributes::INIT);
        let bits = |bits: u64| Rule::Require(Bits { set: bits, clear: !bits });
        sgx::Accept {
            name,
            trust_anchor: intel(),
            platform: rules,
            identities: vec![Identity::Measurement(Measurement::sha256(report.measurement))],
            attributes: Bits { set: report.attributes & pinned, clear: !report.attributes & pinned },
            xfrm: bits(report.xfrm),
            misc_select: bits(report.misc_select.into()),
            config_ids: Rule::Require(vec![report.config_id]),
            minimum_config_svn: Rule::Require(report.config_svn),
            extended_product_ids: Rule::Require(vec![report.extended_product_id]),
            family_ids: Rule::Require(vec![report.family_id]),
        }
        .into()
    }
}

fn report_data(evidence: &Evidence) -> [u8; 64] {
    let of_enclave = || evidence.unverified_enclave_report().unwrap().report_data;
    evidence.unverified_td_report().map_or_else(of_enclave, |report| report.report_data)
}

fn appraise(recorded: &Recorded, change: fn(&mut PlatformRules)) -> Result<AttestationResult, Rejection> {
    let evidence = Evidence::decode(&recorded.quote)?;
    let mut accept = pinning(&evidence, u16::from(recorded.quote[0]), recorded.status);
    match &mut accept {
        Accept::Tdx(accept) => change(&mut accept.platform),
        Accept::Sgx(accept) => change(&mut accept.platform),
        _ => panic!("not of Intel's"),
    }
    let policy = Policy::new(vec![accept]).unwrap();
    let endorsements = Endorsements::decode_all(recorded.collateral.iter().map(Vec::as_slice))?;
    let binding = Binding::bytes(report_data(&evidence)).unwrap();
    Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, recorded.at)
}

#[test]
fn real_quotes_are_accepted_under_a_policy_that_pins_them() {
    let Some(folder) = folder("real_quotes_are_accepted_under_a_policy_that_pins_them") else { return };
    for recorded in good(&folder) {
        let result = appraise(&recorded, |_| {}).unwrap_or_else(|rejection| panic!("{}: {rejection}", recorded.name));
        assert!(!result.simulated());
        let check = result.verdict().checks().iter().find(|check| check.id() == "dcap.tcb-status").unwrap();
        let expected = if recorded.status == TcbStatus::UpToDate { Status::Pass } else { Status::Warn };
        assert_eq!(*check.status(), expected, "{}: {check}", recorded.name);
    }
}

#[test]
fn what_intel_says_of_a_real_level_is_refused_where_the_policy_wants_it_up_to_date() {
    let Some(folder) = folder("what_intel_says_of_a_real_level_is_refused_where_the_policy_wants_it_up_to_date") else {
        return;
    };
    for recorded in good(&folder).iter().filter(|recorded| recorded.status != TcbStatus::UpToDate) {
        let rejection = appraise(recorded, |rules| rules.tcb_statuses = vec![TcbStatus::UpToDate]).unwrap_err();
        assert_eq!(failed(&rejection), ["dcap.tcb-status"], "{}", recorded.name);
    }
}

#[test]
fn a_real_platform_below_every_level_that_intel_lists_is_refused() {
    let Some(folder) = folder("a_real_platform_below_every_level_that_intel_lists_is_refused") else { return };
    // CPUSVN component 7 (the SEAM loader) is 3, and every level of the TCB info wants 5.
    let recorded = Recorded {
        name: "tdx/dcap-qvl/tdx_quote_outdated",
        quote: read(&folder, "tdx/dcap-qvl/tdx_quote_outdated"),
        collateral: vec![read(&folder, "tdx/dcap-qvl/tdx_quote_outdated_collateral.json")],
        at: IN_2026,
        status: TcbStatus::OutOfDate,
    };
    assert_eq!(failed(&appraise(&recorded, |_| {}).unwrap_err()), ["dcap.tcb-level"]);
}

#[test]
fn real_collateral_is_refused_when_it_is_stale_and_real_quotes_under_another_machines() {
    let Some(folder) = folder("real_collateral_is_refused_when_it_is_stale_and_real_quotes_under_another_machines")
    else {
        return;
    };
    let all = good(&folder);
    for recorded in &all {
        let stale = Recorded {
            at: recorded.at + 60 * 24 * 60 * 60,
            quote: recorded.quote.clone(),
            collateral: recorded.collateral.clone(),
            ..*recorded
        };
        let failed = failed(&appraise(&stale, |_| {}).unwrap_err());
        assert_eq!(failed, ["common.revocation", "dcap.collateral-time"], "{}", recorded.name);
    }
    let swapped =
        Recorded { quote: all[0].quote.clone(), collateral: all[1].collateral.clone(), at: IN_2026, ..all[0] };
    assert_eq!(failed(&appraise(&swapped, |_| {}).unwrap_err()), ["dcap.fmspc"]);
    let swapped = Recorded { quote: all[2].quote.clone(), collateral: all[0].collateral.clone(), ..all[2] };
    let failed = failed(&appraise(&swapped, |_| {}).unwrap_err());
    assert_eq!(failed, ["common.endorsements", "common.revocation"], "TDX collateral for an SGX quote");
}

#[test]
fn real_quotes_with_one_bit_changed_are_refused_by_their_check() {
    let Some(folder) = folder("real_quotes_with_one_bit_changed_are_refused_by_their_check") else { return };
    for recorded in good(&folder) {
        let body = if recorded.quote[0] == 5 { 54 } else { 48 };
        for (at, expected) in [(28, "dcap.signature"), (body, "dcap.signature"), (body + 330, "dcap.signature")] {
            let mut quote = recorded.quote.clone();
            quote[at] ^= 1;
            let changed = Recorded { quote, collateral: recorded.collateral.clone(), ..recorded };
            let failed = failed(&appraise(&changed, |_| {}).unwrap_err());
            assert!(failed.contains(&expected), "{} at {at}: {failed:?}", recorded.name);
            assert!(failed.iter().all(|id| [expected, "dcap.tcb-level"].contains(id)), "{failed:?}");
        }
        let text = String::from_utf8(recorded.collateral[0].clone()).unwrap();
        let lowered = text.replacen("\\\"tcbStatus\\\":\\\"OutOfDate\\\"", "\\\"tcbStatus\\\":\\\"UpToDate\\\"", 100);
        assert_ne!(lowered, text);
        let changed = Recorded { quote: recorded.quote.clone(), collateral: vec![lowered.into_bytes()], ..recorded };
        let failed = failed(&appraise(&changed, |_| {}).unwrap_err());
        assert!(failed.contains(&"dcap.tcb-info-signature"), "{}: {failed:?}", recorded.name);
    }
}

#[test]
fn quotes_recorded_without_all_of_their_collateral_fail_by_what_is_missing() {
    let Some(folder) = folder("quotes_recorded_without_all_of_their_collateral_fail_by_what_is_missing") else {
        return;
    };
    let file = |name: &str| read(&folder, name);
    let of_2023 = ["sample_tcbInfo_response", "sample_qeIdentity_response", "rootcrl.der", "pckcrl"]
        .map(|name| file(&format!("tdx/go-tdx-guest/{name}")));
    // Bytes stand after this one that say what they are.
    let mut quote = file("tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat");
    let DecodeError::EvidenceFormat { platform, check, .. } = Evidence::decode(&quote).unwrap_err() else { panic!() };
    assert_eq!((platform, check), (Platform::IntelTdx, "common.evidence-size"));
    quote.truncate(quote.len() - 39);
    let recorded = Recorded {
        name: "tdx_prod_quote_SPR_E4.dat",
        quote,
        collateral: of_2023.to_vec(),
        at: IN_2023,
        status: TcbStatus::UpToDate,
    };
    // No TCB Signing certificate was recorded; and the platform is a sample whose level Intel never listed.
    assert_eq!(failed(&appraise(&recorded, |_| {}).unwrap_err()), ["common.endorsements", "dcap.tcb-level"]);

    for (name, at) in
        [("tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat", IN_2025), ("sgx/trustee/occlum_quote.dat", IN_2023)]
    {
        let recorded = Recorded { name, quote: file(name), collateral: Vec::new(), at, status: TcbStatus::UpToDate };
        let failed = failed(&appraise(&recorded, |_| {}).unwrap_err());
        assert_eq!(failed, ["common.endorsements", "common.revocation"], "{name}");
    }
}

#[test]
fn answers_of_intels_service_are_read_whatever_their_age() {
    let Some(folder) = folder("answers_of_intels_service_are_read_whatever_their_age") else { return };
    for (name, is_tcb_info) in [
        ("tdx/go-tdx-guest/sample_tcbInfo_response", true),
        ("tdx/go-tdx-guest/sample_tcbinfo_response_v5", true),
        ("tdx/go-tdx-guest/sample_qeIdentity_response", false),
        ("sgx/trustee/enclaveIdentity.json", false),
    ] {
        let endorsements = Endorsements::decode(&read(&folder, name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(endorsements.tcb_infos().len(), usize::from(is_tcb_info), "{name}");
        assert_eq!(endorsements.qe_identities().len(), usize::from(!is_tcb_info), "{name}");
    }
    // The TCB info of the second one stands behind the quote that it was recorded with.
    let mut recorded = good(&folder).remove(1);
    let mut combined: Value = serde_json::from_slice(&recorded.collateral[0]).unwrap();
    combined["tcb_info"] = Value::String(
        String::from_utf8(read(&folder, "tdx/go-tdx-guest/sample_tcbinfo_response_v5")).unwrap().trim().to_owned(),
    );
    combined.as_object_mut().unwrap().remove("tcb_info_signature");
    recorded.collateral = vec![combined.to_string().into_bytes()];
    appraise(&recorded, |_| {}).unwrap_or_else(|rejection| panic!("{rejection}"));
}

#[test]
fn claims_are_those_that_another_implementation_reads() {
    let Some(folder) = folder("claims_are_those_that_another_implementation_reads") else { return };
    let theirs: Value = serde_json::from_slice(&read(&folder, "tdx/trustee/parse_tdx_claims_expected.json")).unwrap();
    let names = theirs["quote"]["body"].as_object().unwrap().keys();
    let evidence = Evidence::decode(&good(&folder)[0].quote).unwrap();
    let claims = evidence.unverified_claims();
    // Theirs is of a quote that was not recorded with it: what is compared is that each field of theirs is one of ours.
    for name in names {
        let ours = match name.as_str() {
            "mr_td" => "mrtd".to_owned(),
            "tcb_svn" => "tee-tcb-svn".to_owned(),
            "td_attributes" => "tdattributes".to_owned(),
            other => other.replace('_', ""),
        };
        assert!(claims.iter().any(|claim| claim.name == ours), "{name}");
    }
}
