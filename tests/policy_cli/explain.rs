//! `explain`.

use crate::program::{sealroom, word};

#[test]
fn a_check_a_warning_a_status_and_codes_are_explained() {
    for (what, expected) in [
        ("snp.measurement", "amd-sev-snp"),
        ("common.freshness", "stops"),
        ("simulated-anchor", "a warning of `sealroom policy lint`"),
        ("OutOfDateConfigurationNeeded", "Intel TCB status"),
        ("0xe011", "SGX_QL_NO_PLATFORM_CERT_DATA"),
        ("0xe032", "SGX_QL_TCB_REVOKED"),
        ("0x16", "INVALID_PARAM"),
        ("ReadOnlyIndex", "AWS Nitro Security Module"),
        ("undecided", "a verdict, exit 3"),
        ("accepted-with-warnings", "exit 6 under --fail-on warning"),
    ] {
        let text = sealroom(&["explain", what]).ended(0).out;
        assert!(text.contains(expected), "{what}: {text}");
        let json = sealroom(&["explain", what, "--json"]).ended(0).json();
        assert!(!json["explained"].as_array().unwrap().is_empty(), "{what}");
    }
}

#[test]
fn a_number_that_two_vendors_use_is_explained_for_both() {
    let json = sealroom(&["explain", "0x08", "--json"]).ended(0).json();
    let names: Vec<&str> =
        json["explained"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["TDX_ATTEST_ERROR_QUOTE_FAILURE", "INACTIVE"]);
}

#[test]
fn what_is_not_known_ends_with_1_and_the_nearest_ids() {
    let ran = sealroom(&["explain", "snp.measurment"]).ended(1);
    assert!(ran.error.contains("snp.measurement"), "{}", ran.error);
    let ran = sealroom(&["explain", "refuse"]).ended(1);
    assert!(ran.error.contains("perhaps one of: refused"), "{}", ran.error);
    let ran = sealroom(&["explain", "INTEL-SA-00615"]).ended(1);
    assert!(ran.error.contains("an advisory of Intel's") && ran.error.contains("rejected_advisories"), "{}", ran.error);
}

#[test]
fn a_verdict_is_explained_check_by_check_and_other_json_is_malformed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("verdict.json");
    let check = |id: &str, status: &str| {
        format!("{{\"id\":\"{id}\",\"status\":\"{status}\",\"expected\":\"a\",\"actual\":\"b\"}}")
    };
    let checks = [check("snp.measurement", "fail"), check("common.time", "pass"), check("common.machine", "skipped")];
    std::fs::write(&file, format!("{{\"verdict\":\"refused\",\"checks\":[{}]}}", checks.join(","))).unwrap();
    let text = sealroom(&["explain", word(&file)]).ended(0).out;
    assert!(text.starts_with("refused : 3 checks, 1 pass, 0 warn, 1 fail, 0 not judged, 1 skipped"), "{text}");
    assert!(
        text.contains("FAIL expected a") && text.contains("if it fails") && !text.contains("common.time"),
        "{text}"
    );
    std::fs::write(&file, "{\"a\":1}").unwrap();
    let ran = sealroom(&["explain", word(&file)]).ended(2);
    assert!(ran.error.contains("expected a verdict with its checks, found other JSON"), "{}", ran.error);
}
