//! Documents that AWS's hypervisor made, from `SEALROOM_VECTORS`: accepted under a policy derived from them, at a time when their
//! certificates are valid; one bit changed, refused.

use std::path::{Path, PathBuf};

use sealroom_attestation::nitro::{self, Age, ChallengeField, Register};
use sealroom_attestation::{
    Accept, Binding, CryptoProvider, Endorsements, Evidence, Measurement, Policy, PolicyError, Rejection, Rule,
    TrustAnchor, VerifiedSignatures, Verifier, vendor_roots,
};

use crate::failed;

/// Their timestamps are of 2025-12-25.
const RECORDED: [&str; 2] = ["nitro_attestation.bin", "nitro_attestation_app.bin"];
const DEBUG: &str = "nitro_attestation_dbg.bin";

fn folder(test: &str) -> Option<PathBuf> {
    crate::folder::folder(test).map(|folder| folder.join("nitro/dstack"))
}

/// The document inside a file of dstack's: after two numbers of its own and a length in the compact form of SCALE.
fn document(folder: &Path, name: &str) -> Vec<u8> {
    let file = std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let length = usize::from(u16::from_le_bytes([file[2], file[3]]) >> 2);
    file[4..4 + length].to_vec()
}

fn made_at(evidence: &Evidence) -> u64 {
    evidence.unverified_nitro_claims().unwrap().timestamp_ms / 1000
}

/// All that a document says, demanded.
fn pinning(evidence: &Evidence) -> nitro::Accept {
    let claims = evidence.unverified_nitro_claims().unwrap();
    let root = vendor_roots().find(|root| root.name == "aws.nitro-enclaves").unwrap();
    let registers = claims.pcrs.iter().filter(|(index, _)| *index != 0);
    let registers = registers.map(|(index, value)| Register { index: *index, values: vec![*value] }).collect();
    let pinned = |value: &Option<Vec<u8>>| {
        value.clone().map_or_else(|| Rule::skip("the document has none"), |value| Rule::Require(vec![value]))
    };
    // In debug mode it is zero, which no policy may list.
    let measurement = match evidence.unverified_measurement() {
        zero if zero == Measurement::sha384([0; 48]) => Measurement::sha384([1; 48]),
        other => other,
    };
    nitro::Accept {
        name: "recorded".to_owned(),
        trust_anchor: TrustAnchor::new(root.fingerprint, false).unwrap(),
        measurements: vec![measurement],
        registers: Rule::Require(registers),
        timestamp: Rule::Require(Age { maximum_seconds: 60, skew_seconds: 0 }),
        machines: Rule::Require(vec![claims.module_id.split_once("-enc").unwrap().0.to_owned()]),
        challenge_field: ChallengeField::Nonce,
        nonce: Rule::skip("the challenge would stand there"),
        user_data: pinned(&claims.user_data),
        public_key: pinned(&claims.public_key),
    }
}

fn appraise(policy: &Policy, document: &[u8], now: u64) -> Result<bool, Rejection> {
    appraise_remembering(&mut VerifiedSignatures::new(0), policy, document, now)
}

fn appraise_remembering(
    verified: &mut VerifiedSignatures,
    policy: &Policy,
    document: &[u8],
    now: u64,
) -> Result<bool, Rejection> {
    let verifier = Verifier::new(CryptoProvider::ring(), policy);
    let binding = Binding::skip("recorded without a challenge of ours").unwrap();
    let (evidence, endorsements) = (Evidence::decode(document)?, Endorsements::none());
    verifier.appraise_remembering(verified, evidence, &endorsements, binding, now).map(|result| result.simulated())
}

#[test]
fn recorded_documents_are_accepted_when_their_certificates_are_valid_and_at_no_other_time() {
    let Some(folder) = folder("recorded_documents_are_accepted_when_their_certificates_are_valid") else { return };
    for name in RECORDED {
        let document = document(&folder, name);
        let evidence = Evidence::decode(&document).unwrap_or_else(|error| panic!("{name}: {error}"));
        let policy = Policy::new(vec![pinning(&evidence).into()]).unwrap();
        let made = made_at(&evidence);
        assert_eq!(appraise(&policy, &document, made + 1), Ok(false), "{name} is of real hardware");
        let rejection = appraise(&policy, &document, made + 4 * 3600).unwrap_err();
        assert_eq!(failed(&rejection), ["common.time"], "{name}: {rejection}");
        let rejection = appraise(&policy, &document, made + 61).unwrap_err();
        assert_eq!(failed(&rejection), ["nitro.timestamp"], "{name}: {rejection}");
    }
}

#[test]
fn a_recorded_document_of_debug_mode_is_refused_for_that_alone() {
    let Some(folder) = folder("a_recorded_document_of_debug_mode_is_refused_for_that_alone") else { return };
    let document = document(&folder, DEBUG);
    let evidence = Evidence::decode(&document).unwrap();
    let policy = Policy::new(vec![pinning(&evidence).into()]).unwrap();
    let rejection = appraise(&policy, &document, made_at(&evidence) + 1).unwrap_err();
    assert_eq!(failed(&rejection), ["nitro.debug"], "{rejection}");
}

#[test]
fn the_policy_that_pins_a_recorded_document_accepts_it_and_no_document_of_debug_mode_can_be_pinned() {
    let Some(folder) = folder("the_policy_that_pins_a_recorded_document_accepts_it") else { return };
    let root = vendor_roots().find(|root| root.name == "aws.nitro-enclaves").unwrap();
    let pinned = |evidence: &Evidence| {
        let anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
        Policy::new(vec![Accept::pinning(evidence, anchor, "pinned")])
    };
    for name in RECORDED {
        let document = document(&folder, name);
        let evidence = Evidence::decode(&document).unwrap();
        let policy = pinned(&evidence).unwrap();
        assert_eq!(appraise(&policy, &document, made_at(&evidence) + 1), Ok(false), "{name}");
    }
    let problem = "list the one of all zeros, which is debug mode";
    let refused = PolicyError::Impossible { block: "pinned".to_owned(), field: "measurements", problem };
    assert_eq!(pinned(&Evidence::decode(&document(&folder, DEBUG)).unwrap()), Err(refused));
}

#[test]
fn a_simulated_root_accepts_no_recorded_document() {
    let Some(folder) = folder("a_simulated_root_accepts_no_recorded_document") else { return };
    let document = document(&folder, RECORDED[0]);
    let evidence = Evidence::decode(&document).unwrap();
    let mut accept = pinning(&evidence);
    let other = sealroom_attestation::Fingerprint::from_sha256([1; 32]);
    accept.trust_anchor = TrustAnchor::new(other, true).unwrap();
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let rejection = appraise(&policy, &document, made_at(&evidence) + 1).unwrap_err();
    assert_eq!(failed(&rejection), ["common.trust-anchor"], "{rejection}");
}

#[test]
fn every_bit_of_a_recorded_document_counts() {
    let Some(folder) = folder("every_bit_of_a_recorded_document_counts") else { return };
    let good = document(&folder, RECORDED[0]);
    let evidence = Evidence::decode(&good).unwrap();
    let policy = Policy::new(vec![pinning(&evidence).into()]).unwrap();
    let now = made_at(&evidence) + 1;
    let mut verified = VerifiedSignatures::new(16);
    let mut appraised = 0;
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        // What is not an array of four any more begins like nobody's Evidence, or another's.
        if !matches!(changed[..], [0x84, ..]) {
            assert!(Evidence::decode(&changed).is_err(), "bit {bit}");
            continue;
        }
        // One bit of eight is appraised in full; the others must not decode to what was recorded.
        let Ok(decoded) = Evidence::decode(&changed) else { continue };
        if bit % 8 == bit / 8 % 8 {
            let rejection = appraise_remembering(&mut verified, &policy, &changed, now).unwrap_err();
            assert!(failed(&rejection).iter().any(|id| SIGNED.contains(id)), "bit {bit}: {rejection}");
            appraised += 1;
        }
        assert_ne!(decoded, evidence, "bit {bit}");
    }
    assert!(appraised > good.len() / 2, "most changes decode: {appraised}");
}

/// What can fail for one bit of a document that still decodes.
const SIGNED: [&str; 2] = ["nitro.signature", "common.endorsements"];
