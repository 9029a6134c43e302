//! The report of a Hopper GPU that Trustee's tests carry, from `SEALROOM_VECTORS`: accepted under a policy derived from it, refused
//! with one bit changed or with a chain that has holes.

use std::path::{Path, PathBuf};

use sealroom_attestation::{
    Accept, Binding, CryptoProvider, Endorsements, Evidence, Outcome, Policy, Rejection, Requirement, TrustAnchor,
    VerifiedSignatures, Verifier, vendor_roots,
};

use crate::failed;

/// 2025-06-01.
const AT: u64 = 1_748_736_000;

fn folder(test: &str) -> Option<PathBuf> {
    crate::folder::folder(test).map(|folder| folder.join("nvidia"))
}

/// It is kept as hexadecimal.
fn report(folder: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(folder.join("hopperAttestationReport.txt")).unwrap();
    let digits = text.trim();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn chain(folder: &Path, case: u8) -> Endorsements {
    let text = std::fs::read(folder.join(format!("hopper_cert_chain_case{case}.txt"))).unwrap();
    Endorsements::decode(&text).unwrap()
}

fn nvidia() -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == "NVIDIA Device Identity CA").unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
}

/// All that the report says, demanded; there are no revocation lists beside it.
fn pinning(evidence: &Evidence) -> Policy {
    let Accept::Gpu(mut accept) = Accept::pinning(evidence, nvidia(), "recorded") else { panic!("a GPU's report") };
    accept.revocation = Requirement::skip("no revocation list was recorded");
    Policy::new(vec![accept.into()]).unwrap()
}

fn appraise(policy: &Policy, report: &[u8], endorsements: &Endorsements) -> Result<bool, Rejection> {
    let binding = Binding::skip("recorded without a challenge of ours").unwrap();
    let evidence = Evidence::decode(report)?;
    let verifier = Verifier::new(CryptoProvider::ring(), policy);
    verifier.appraise(evidence, endorsements, binding, AT).map(|result| result.simulated())
}

#[test]
fn the_recorded_report_is_accepted_and_reads_as_nvidias_tools_read_it() {
    let Some(folder) = folder("the_recorded_report_is_accepted") else { return };
    let report = report(&folder);
    let evidence = Evidence::decode(&report).unwrap_or_else(|error| panic!("{error}"));
    let claims = evidence.unverified_gpu_claims().unwrap();
    let theirs = std::fs::read(folder.join("hopperAttestationReport-claims.txt")).unwrap();
    let theirs: serde_json::Value = serde_json::from_slice(&theirs).unwrap();
    assert_eq!(theirs["config"]["driver_version"], claims.driver_version);
    assert_eq!(theirs["config"]["vbios_version"], claims.vbios_version);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(theirs["config"]["fwid"], hex(&claims.firmware_id));
    assert_eq!(claims.measurements.len(), 64);
    for (index, value) in &claims.measurements {
        assert_eq!(theirs["measurements"][index.to_string()], hex(value), "{index}");
    }
    assert_eq!(appraise(&pinning(&evidence), &report, &chain(&folder, 1)), Ok(false), "of real hardware");
}

#[test]
fn a_recorded_chain_with_holes_leaves_the_appraisal_undecided() {
    let Some(folder) = folder("a_recorded_chain_with_holes_leaves_the_appraisal_undecided") else { return };
    let report = report(&folder);
    let policy = pinning(&Evidence::decode(&report).unwrap());
    // The root alone; without the provisioner; without the leaf.
    for case in 2..=4 {
        let rejection = appraise(&policy, &report, &chain(&folder, case)).unwrap_err();
        assert_eq!(failed(&rejection), ["common.endorsements"], "case {case}: {rejection}");
        assert_eq!(rejection.outcome(), Outcome::Undecided, "case {case}");
    }
}

#[test]
fn without_a_reason_the_recorded_report_needs_revocation_lists() {
    let Some(folder) = folder("without_a_reason_the_recorded_report_needs_revocation_lists") else { return };
    let report = report(&folder);
    let evidence = Evidence::decode(&report).unwrap();
    let policy = Policy::new(vec![Accept::pinning(&evidence, nvidia(), "recorded")]).unwrap();
    let rejection = appraise(&policy, &report, &chain(&folder, 1)).unwrap_err();
    assert_eq!(failed(&rejection), ["common.revocation"], "{rejection}");
}

#[test]
fn every_bit_of_the_recorded_report_counts() {
    let Some(folder) = folder("every_bit_of_the_recorded_report_counts") else { return };
    let good = report(&folder);
    let evidence = Evidence::decode(&good).unwrap();
    let (policy, endorsements) = (pinning(&evidence), chain(&folder, 1));
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let mut verified = VerifiedSignatures::new(16);
    let mut appraised = 0;
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(decoded) = Evidence::decode(&changed) else { continue };
        assert_ne!(decoded, evidence, "bit {bit}");
        // One bit of each byte is appraised in full.
        if bit % 8 == bit / 8 % 8 {
            let binding = Binding::skip("recorded without a challenge of ours").unwrap();
            let rejection =
                verifier.appraise_remembering(&mut verified, decoded, &endorsements, binding, AT).unwrap_err();
            assert!(failed(&rejection).contains(&"gpu.signature"), "bit {bit}: {rejection}");
            appraised += 1;
        }
    }
    assert!(appraised > good.len() / 2, "most changes decode: {appraised}");
}
