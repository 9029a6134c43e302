//! Faults that verifiers of any platform have.

use core::time::Duration;
use std::time::Instant;

use sealroom_attestation::{
    AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, PolicyError,
    Rejection, TrustAnchor, VerifiedSignatures, Verifier,
};
use serde_json::json;

use crate::amd::vendor;
use crate::{caught, cbor, cca_world, documents, nitro_world, snp_world, world};

/// attestation-rs pull request 68: what the comparison found was printed, and the answer was `Ok`.
#[test]
fn fault_26_wrong_measurement_is_an_error() {
    let other = vec![Measurement::sha384([0x99; 48])];
    let failed = caught(snp_world::World::milan, |world| world.accept.measurements.clone_from(&other));
    assert_eq!(failed, ["snp.measurement"]);
    let failed = caught(world::World::tdx, |world| world.accept_tdx().measurements.clone_from(&other));
    assert_eq!(failed, ["tdx.measurement"]);
    assert_eq!(caught(world::World::sgx, |world| world.put(64, &[0])), ["sgx.identity"]);
    let failed = caught(nitro_world::World::good, |world| world.accept.measurements.clone_from(&other));
    assert_eq!(failed, ["nitro.measurement"]);
    let failed =
        caught(cca_world::World::good, |world| world.accept.measurements = vec![Measurement::sha256([0x99; 32])]);
    assert_eq!(failed, ["cca.measurement"]);
}

/// Trustee: the field was compared over the length of what was expected, so that a beginning of it was enough.
#[test]
fn fault_28_beginning_of_a_nonce() {
    for length in [8, 16, 32, 63] {
        let begins = || Binding::bytes([0xd4; 64][..length].to_vec()).unwrap();
        assert_eq!(caught(snp_world::World::milan, |world| world.binding = begins()), ["common.freshness"], "{length}");
        assert_eq!(caught(world::World::tdx, |world| world.binding = begins()), ["common.freshness"], "{length}");
        assert_eq!(caught(world::World::sgx, |world| world.binding = begins()), ["common.freshness"], "{length}");
        assert_eq!(
            caught(nitro_world::World::good, |world| world.binding = begins()),
            ["common.freshness"],
            "{length}"
        );
        assert_eq!(caught(cca_world::World::good, |world| world.binding = begins()), ["common.freshness"], "{length}");
    }
    // Nor the other way round: the field ends before what is expected does.
    let goes_on = || Binding::bytes([0xd4; 65]).unwrap();
    assert_eq!(caught(snp_world::World::milan, |world| world.binding = goes_on()), ["common.freshness"]);
    assert_eq!(caught(nitro_world::World::good, |world| world.binding = goes_on()), ["common.freshness"]);
    // And nothing at all is no challenge, nor is what can be guessed.
    assert!(Binding::bytes([]).is_err() && Binding::bytes([0xd4; 7]).is_err() && Binding::skip("").is_err());
}

/// OpenNHP issue 1732: a key in the Evidence chose a verifier that says yes.
#[test]
fn fault_33_a_switch_in_the_evidence() {
    let switch = (cbor::text("test_purpose"), vec![0xf5]);
    let added =
        |world: &mut nitro_world::World| world.fields = |fields| fields.push((cbor::text("test_purpose"), vec![0xf5]));
    assert_eq!(caught(nitro_world::World::good, added), ["nitro.payload"]);
    let failed = caught(cca_world::World::good, |world| world.realm.push(switch.clone()));
    assert_eq!(failed, ["cca.realm-claims"]);
    let failed = caught(cca_world::World::good, |world| world.platform.push(switch.clone()));
    assert_eq!(failed, ["cca.platform-claims"]);
    let failed = caught(world::World::tdx, |world| world.tcb_info["test_purpose"] = json!(true));
    assert_eq!(failed, ["common.endorsements"]);
    let rejection = Rejection::from(Evidence::decode(br#"{"test_purpose":true,"report":"00"}"#).unwrap_err());
    assert_eq!(crate::failed(&rejection), ["common.evidence-kind"]);
    // Every bit that a report has beyond its known ones is reserved or refused.
    let failed = caught(snp_world::World::milan, |world| world.put(0x048, &[0x20]));
    assert!(failed.iter().all(|id| ["snp.reserved", "snp.signing-key"].contains(id)), "{failed:?}");
}

/// Several: the root of a simulator was built into the production binary, or switched on by a variable of the environment.
#[test]
fn fault_34_simulated_root_against_a_vendors() {
    let failed = caught(snp_world::World::milan, |world| world.pinned = Some(vendor("ARK-Milan")));
    assert_eq!(failed, ["common.trust-anchor"]);
    let failed = caught(world::World::tdx, |world| world.pinned = Some(vendor("Intel SGX Root CA")));
    assert_eq!(failed, ["common.trust-anchor"]);
    let failed = caught(nitro_world::World::good, |world| world.pinned = Some(vendor("aws.nitro-enclaves")));
    assert_eq!(failed, ["common.trust-anchor"]);
    // What is accepted under a simulated root says so, and no policy can call such a root real.
    let result = snp_world::World::milan().appraise().unwrap();
    assert!(result.simulated());
    let fingerprint = Fingerprint::from_sha256([7; 32]);
    let error = PolicyError::UnknownRootNotMarkedSimulated { fingerprint: fingerprint.to_string() };
    assert_eq!(TrustAnchor::new(fingerprint, false), Err(error));
}

/// snpguest issue 38, an audit of dcap-qvl: a panic, recursion without end, or memory taken on the word of a length.
#[test]
fn fault_37_deep_nesting_and_huge_lengths() {
    let started = Instant::now();
    let deep = |head: &[u8], byte: u8, count: usize| [head.to_vec(), vec![byte; count]].concat();
    for count in [1_000, 10_000, 1_000_000] {
        // CBOR arrays, maps and tags in each other, as a document and inside one; DER sequences of no length; JSON.
        for input in [
            deep(&[], 0x81, count),
            deep(&[], 0xa1, count),
            deep(&[0xd2, 0x84], 0xd2, count),
            deep(&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0], 0x9f, count),
            deep(&[0xd9, 0x01, 0x8f], 0x81, count),
            deep(&[], 0x30, count),
        ] {
            assert!(Evidence::decode(&input).is_err());
        }
        let sequences = [0x30, 0x80].repeat(count / 2);
        assert!(Endorsements::decode(&sequences).is_err());
        let json = format!("{{\"tcb_info\":{}{}}}", "[".repeat(count), "]".repeat(count));
        assert!(Endorsements::decode(json.as_bytes()).is_err());
    }
    // Lengths of four gigabytes and of all that 64 bits can say: text, bytes, arrays and maps of CBOR; DER.
    for major in [0x40_u8, 0x60, 0x80, 0xa0] {
        for length in [&[0x1a, 0xff, 0xff, 0xff, 0xff][..], &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]] {
            let huge = [&[major | length[0]][..], &length[1..]].concat();
            assert!(Evidence::decode(&huge).is_err());
            assert!(Evidence::decode(&[&[0x84][..], &huge].concat()).is_err());
            let mut world = nitro_world::World::good();
            world.nonce.clone_from(&huge);
            assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["nitro.payload"]);
        }
    }
    for head in
        [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]
    {
        assert!(Endorsements::decode(head).is_err());
    }
    // The lengths that stand inside a quote: of all its signature data, of the authentication data, of the chain.
    let body = documents::td_report(true).len() + 54;
    for at in [body, body + 4 + 128 + 2, body + 4 + 128 + 6 + 448, body + 4 + 128 + 6 + 450 + 32 + 2] {
        let world = world::World::tdx();
        let mut quote = world.quote(&world.sign_chain());
        quote[at..at + 2].fill(0xff);
        let rejection = Rejection::from(Evidence::decode(&quote).unwrap_err());
        assert_eq!(rejection.verdict().failed().count(), 1, "{at}: {rejection}");
    }
    assert!(started.elapsed() < Duration::from_secs(60), "bounded work: {:?}", started.elapsed());
}

/// base pull request 1972: a chain once verified was remembered, and used after one of its certificates had ended.
#[test]
fn fault_38_remembered_chain_after_its_end() {
    let sha256 = |bytes: &[u8]| Fingerprint::from_sha256(world::sha256(bytes));
    let simulated = |root: &[u8]| TrustAnchor::new(sha256(root), true).unwrap();
    // AMD: the revocation list ends on 2026-06-01, the chain in 2031.
    let world = snp_world::World::milan();
    let (files, evidence) = (world.endorsements(), world.evidence());
    let mut accept = world.accept;
    accept.trust_anchor = simulated(&files[0]);
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
    let mut verified = VerifiedSignatures::new(64);
    let mut at = |now| failed_at(&mut verified, &policy, &evidence, &endorsements, &snp_world::REPORT_DATA, now);
    assert_eq!(at(snp_world::NOW), Ok(()));
    assert_eq!(at(1_780_272_000), Err(vec!["common.revocation"]), "2026-06-01");
    assert_eq!(at(1_925_000_000), Err(vec!["common.time", "common.revocation"]), "2031");
    assert_eq!(at(snp_world::NOW), Ok(()));

    // AWS: one authority of the bundle ends a day after the document was made.
    let mut world = nitro_world::World::good();
    world.authorities[2].not_after = "260529000000Z";
    let (document, root) = world.document();
    let mut accept = world.accept;
    accept.trust_anchor = simulated(&root);
    accept.timestamp = sealroom_attestation::Rule::skip("an archive");
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let mut verified = VerifiedSignatures::new(64);
    let none = Endorsements::none();
    let mut at = |now| failed_at(&mut verified, &policy, &document, &none, &nitro_world::REPORT_DATA, now);
    assert_eq!(at(nitro_world::NOW), Ok(()));
    assert_eq!(at(nitro_world::NOW + 2 * 24 * 3600), Err(vec!["common.time"]));
}

/// One appraisal that remembers; the checks that fail.
fn failed_at(
    verified: &mut VerifiedSignatures,
    policy: &Policy,
    evidence: &[u8],
    endorsements: &Endorsements,
    challenge: &[u8],
    now: u64,
) -> Result<(), Vec<&'static str>> {
    let evidence = Evidence::decode(evidence).unwrap();
    let binding = Binding::bytes(challenge.to_vec()).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), policy);
    let result: Result<AttestationResult, _> =
        verifier.appraise_remembering(verified, evidence, endorsements, binding, now);
    result.map(drop).map_err(|rejection| crate::failed(&rejection))
}
