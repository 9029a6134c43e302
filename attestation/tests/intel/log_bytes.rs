//! The one file of a quote and its event log, byte by byte: what of it is bound, and what does not decode.

use sealroom_attestation::event_log::EventLog;
use sealroom_attestation::{
    Binding, CryptoProvider, DecodeError, Endorsements, Evidence, Fingerprint, Platform, Policy, TrustAnchor,
    VerifiedSignatures, Verifier, tdx,
};

use crate::events::logged;
use crate::world::{REPORT_DATA, World, container, sha256};

#[test]
fn every_byte_of_a_log_is_bound_but_for_what_events_are_called_and_say() {
    let world = logged();
    let chain = world.sign_chain();
    let quote = world.quote(&chain);
    let whole = world.log.clone().unwrap();
    let parsed = EventLog::decode(&whole).unwrap();
    // Of an event: register 4, type 4, count 4, algorithm 2, digest 48, length 4, data.
    let mut at = whole.len() - parsed.unverified_events().map(|event| 66 + event.data().len()).sum::<usize>();
    let mut bound = Vec::new();
    for event in parsed.unverified_events() {
        let measured = !event.kind().unmeasured();
        // Of a remark nothing is read, so its register and digest are free as well.
        bound.extend(if measured { at..at + 4 } else { at + 8..at + 12 });
        bound.extend(if measured { at + 8..at + 66 } else { at + 12..at + 14 });
        at += 66 + event.data().len();
    }
    assert_eq!(at, whole.len());
    let mut accept = logged();
    let root = Fingerprint::from_sha256(sha256(&chain[2]));
    accept.accept_tdx().trust_anchor = TrustAnchor::new(root, true).unwrap();
    let policy = Policy::new(vec![accept.accept]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let files = world.endorsements();
    let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
    let mut memory = VerifiedSignatures::new(64);
    let mut accepted = |log: &[u8]| {
        let binding = Binding::bytes(REPORT_DATA).unwrap();
        Evidence::decode(&container(&quote, log)).is_ok_and(|evidence| {
            verifier.appraise_remembering(&mut memory, evidence, &endorsements, binding, world.now).is_ok()
        })
    };
    assert!(accepted(&whole));
    for at in bound {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(!accepted(&changed), "byte {at}");
    }
    for length in 0..whole.len() {
        assert!(!accepted(&whole[..length]), "{length} bytes");
    }
    assert!(accepted(&[whole.as_slice(), &[0xff; 4096]].concat()), "the unused area of the table");
}

fn refused(bytes: &[u8]) -> (&'static str, String) {
    match Evidence::decode(bytes).unwrap_err() {
        DecodeError::EvidenceFormat { platform: Platform::IntelTdx, check, problem } => (check, problem),
        other => panic!("{other}"),
    }
}

#[test]
fn a_container_that_is_not_strict_is_refused_by_its_check() {
    let world = logged();
    let (quote, log) = (world.quote(&world.sign_chain()), world.log.clone().unwrap());
    let good = container(&quote, &log);
    let of_container = |bytes: &[u8]| {
        let (check, problem) = refused(bytes);
        assert_eq!(check, "tdx.container", "{problem}");
        problem
    };
    for length in [8, 11, 12, 100, 12 + quote.len(), 15 + quote.len()] {
        let problem = of_container(&good[..length]);
        assert!(problem.starts_with("it ends inside of the part \""), "{length}: {problem}");
    }
    assert_eq!(of_container(&[good.as_slice(), &[0]].concat()), "1 bytes follow the last part");
    assert_eq!(
        of_container(&container(&quote, b"")),
        "the part \"event log\" is empty, expected one; bring the quote alone"
    );
    let long = [b"SRTDX\0\0\x01".as_slice(), &[0xff; 4]].concat();
    assert_eq!(of_container(&long), "the part \"quote\" has 4294967295 bytes, expected at most 65536");
    let mut long = good.clone();
    long[12 + quote.len()..][..4].copy_from_slice(&(16_u32 * 1024 * 1024 + 1).to_be_bytes());
    assert_eq!(of_container(&long), "the part \"event log\" has 16777217 bytes, expected at most 16777216");
    let cut = of_container(&container(&quote, &log[..log.len() - 1]));
    assert!(cut.starts_with("event 5 of the log ends early"), "{cut}");
    // What is wrong with the quote in it is said as of a quote alone.
    assert_eq!(refused(&container(b"", &log)).0, "common.evidence-size");
    let sgx = World::sgx();
    let problem = "the quote is of an sgx enclave, expected one of a td";
    assert_eq!(refused(&container(&sgx.quote(&sgx.sign_chain()), &log)), ("dcap.version", problem.to_owned()));
    assert_eq!(tdx::assemble(&quote, &log).as_deref(), Ok(good.as_slice()));
    assert!(tdx::assemble(&log, &quote).is_err(), "the other way round");
    let mut newer = good;
    newer[7] = 2;
    let length = newer.len();
    assert_eq!(Evidence::decode(&newer), Err(DecodeError::EvidenceKind { length }));
}

#[test]
fn a_hundred_megabytes_that_begin_like_a_container_are_refused_at_once() {
    let mut bytes = b"SRTDX\0\0\x01".to_vec();
    bytes.resize(100 * 1024 * 1024, 0);
    let start = std::time::Instant::now();
    let expected = "104857600 bytes, expected at most 16842768";
    assert_eq!(refused(&bytes), ("common.evidence-size", expected.to_owned()));
    assert!(start.elapsed().as_millis() < 100, "{:?}", start.elapsed());
}
