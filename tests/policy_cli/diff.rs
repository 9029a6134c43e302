//! `diff`.

use crate::program::{changed, line, pinned, sealroom, vectors, word};

#[test]
fn two_evidences_differ_by_name_and_one_does_not_differ_from_itself() {
    let Some(vectors) = vectors("two_evidences_differ_by_name") else { return };
    let (one, other) =
        (vectors.join("nitro/dstack/nitro_attestation.bin"), vectors.join("nitro/dstack/nitro_attestation_app.bin"));
    let same = sealroom(&["diff", word(&one), word(&one), "--json"]).ended(0).json();
    assert_eq!((&same["same"], &same["verified"]), (&true.into(), &false.into()));
    let ran = sealroom(&["diff", word(&one), word(&other)]).ended(5);
    assert!(ran.out.starts_with("NOT VERIFIED") && ran.out.contains("timestamp"), "{}", ran.out);
}

#[test]
fn evidence_meets_every_demand_of_the_policy_that_pins_it() {
    let Some(vectors) = vectors("evidence_meets_every_demand_of_the_policy_that_pins_it") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ark = vectors.join("snp/roots/milan/ark.pem");
    for (evidence, more) in [
        ("snp/trustee/test-report.bin", vec!["--anchor", word(&ark)]),
        ("nitro/dstack/nitro_attestation.bin", vec![]),
        ("sgx/dcap-qvl/sgx_quote", vec![]),
        ("tdx/dcap-qvl/tdx_quote", vec![]),
        ("azure-vtpm/snp/evidence-genoa.json", vec![]),
        ("azure-vtpm/tdx/evidence-v1.json", vec![]),
        ("nvidia/hopperAttestationReport.txt", vec![]),
    ] {
        let evidence = vectors.join(evidence);
        let policy = pinned(folder.path(), &evidence, &more);
        let json = sealroom(&["diff", word(&evidence), "--policy", word(&policy), "--json"]).ended(0).json();
        let met = json["demands"].as_array().unwrap().iter().filter(|demand| demand["met"] == "yes").count();
        assert!(met >= 3, "{json}");
    }
}

#[test]
fn a_demand_that_is_not_met_is_shown_with_both_sides() {
    let Some(vectors) = vectors("a_demand_that_is_not_met_is_shown_with_both_sides") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (evidence, ark) = (vectors.join("snp/trustee/test-report.bin"), vectors.join("snp/roots/milan/ark.pem"));
    let policy = pinned(folder.path(), &evidence, &["--anchor", word(&ark)]);
    let other = format!("measurements = [\"sha384:{}\"]", "ab".repeat(48));
    let high = "minimum_firmware = { fmc = 0, bootloader = 255, tee = 0, snp = 0, microcode = 0 }";
    for (field, demand) in [("measurements", other.as_str()), ("minimum_firmware", high)] {
        let policy = changed(&policy, &line(&policy, field), demand);
        let json = sealroom(&["diff", word(&evidence), "--policy", word(&policy), "--json"]).ended(5).json();
        let unmet = json["demands"].as_array().unwrap().iter().filter(|demand| demand["met"] == "no");
        let unmet: Vec<&str> = unmet.map(|demand| demand["field"].as_str().unwrap()).collect();
        assert_eq!(unmet, [field]);
    }
    let quote = vectors.join("tdx/dcap-qvl/tdx_quote");
    let ran = sealroom(&["diff", word(&quote), "--policy", word(&policy)]).ended(5);
    assert!(ran.error.contains("the policy accepts amd-sev-snp, and this is intel-tdx"), "{}", ran.error);
}
