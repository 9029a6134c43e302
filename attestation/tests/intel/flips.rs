//! Bytes changed after signing: no quote with another byte is accepted, none makes the decoder panic, and each that does not decode
//! is refused by its check.

use sealroom_attestation::intel::QuoteError;
use sealroom_attestation::{DecodeError, Endorsements, Evidence, Fingerprint, Platform, Policy, TrustAnchor, Verifier};

use crate::world::{Kind, World, sha256};

/// The checks of decoding.
pub(crate) const BY_DECODING: [&str; 6] = [
    "common.evidence-size",
    "tdx.container",
    "dcap.version",
    "dcap.key-type",
    "dcap.reserved",
    "dcap.certification-data",
];

#[test]
fn no_quote_with_one_byte_changed_is_accepted() {
    for kind in [Kind::Tdx15, Kind::Sgx3] {
        let mut world = World::new(kind);
        let chain = world.sign_chain();
        let anchor = TrustAnchor::new(Fingerprint::from_sha256(sha256(&chain[2])), true).unwrap();
        if kind == Kind::Tdx15 {
            world.accept_tdx().trust_anchor = anchor;
        } else {
            world.accept_sgx().trust_anchor = anchor;
        }
        let policy = Policy::new(vec![world.accept.clone()]).unwrap();
        let verifier = Verifier::new(sealroom_attestation::CryptoProvider::ring(), &policy);
        let files = world.endorsements();
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
        let good = world.quote(&chain);
        let mut memory = sealroom_attestation::VerifiedSignatures::new(64);
        let mut accepted = |quote: &[u8]| {
            let binding = sealroom_attestation::Binding::bytes(crate::world::REPORT_DATA).unwrap();
            Evidence::decode(quote).is_ok_and(|evidence| {
                verifier.appraise_remembering(&mut memory, evidence, &endorsements, binding, world.now).is_ok()
            })
        };
        assert!(accepted(&good));
        let pem = good.windows(11).position(|window| window == b"-----BEGIN ").unwrap();
        for at in 0..good.len() {
            // Every byte before the PEM; of the PEM, which is text, every seventh.
            if at > pem && at % 7 != 0 {
                continue;
            }
            // White space between lines and the zero at the end carry nothing.
            if at >= pem && (good[at] == b'\n' || at + 1 == good.len()) {
                continue;
            }
            let mut changed = good.clone();
            changed[at] ^= 1 << (at % 7);
            assert!(!accepted(&changed), "{kind:?}: byte {at}");
        }
        for length in (0..good.len()).step_by(13) {
            assert!(Evidence::decode(&good[..length]).is_err(), "{kind:?}: {length} bytes");
        }
    }
}

fn decode(kind: Kind, tamper: fn(&mut Vec<u8>)) -> (Platform, &'static str, String) {
    let mut world = World::new(kind);
    world.tamper = tamper;
    match Evidence::decode(&world.quote(&world.sign_chain())).unwrap_err() {
        DecodeError::EvidenceFormat { platform, check, problem } => (platform, check, problem),
        other => panic!("{other}"),
    }
}

#[test]
fn each_part_of_the_format_is_refused_by_its_check() {
    type Wrong = (Kind, fn(&mut Vec<u8>), &'static str, QuoteError);
    let at_body_type = 48;
    assert_eq!(World::tdx().quote(&World::tdx().sign_chain())[at_body_type], 3);
    let version = |field, expected, found| QuoteError::Version { field, expected, found };
    let cases: [Wrong; 16] = [
        (Kind::Tdx4, |quote| quote[0] = 6, "dcap.version", version("version", "3, 4 or 5", 6)),
        (Kind::Tdx4, |quote| quote[0] = 3, "dcap.version", version("TEE type", "0 (SGX)", 0x81)),
        (Kind::Tdx4, |quote| quote[5] = 1, "dcap.version", version("TEE type", "0 (SGX) or 129 (TDX)", 0x181)),
        (
            Kind::Tdx15,
            |quote| quote[48] = 4,
            "dcap.version",
            version("body type", "2 (TD 1.0) or 3 (TD 1.5) in a TDX quote", 4),
        ),
        (Kind::Sgx5, |quote| quote[48] = 2, "dcap.version", version("body type", "1 in an SGX quote", 2)),
        (Kind::Tdx4, |quote| quote[2] = 3, "dcap.key-type", QuoteError::KeyType { found: 3 }),
        (Kind::Tdx4, |quote| quote[9] = 8, "dcap.reserved", QuoteError::Reserved { offset: 9, found: 8 }),
        (Kind::Sgx3, |quote| quote[48 + 25] = 8, "dcap.reserved", QuoteError::Reserved { offset: 73, found: 8 }),
        (
            Kind::Sgx3,
            |quote| quote[48 + 384 + 4 + 128 + 100] = 8,
            "dcap.reserved",
            QuoteError::Reserved { offset: 664, found: 8 },
        ),
        (
            Kind::Tdx4,
            |quote| quote[48 + 584 + 4 + 128] = 5,
            "dcap.certification-data",
            QuoteError::CertificationType { expected: 6, found: 5 },
        ),
        (
            Kind::Sgx3,
            |quote| quote[48 + 384 + 4 + 128 + 384 + 64 + 34] = 3,
            "dcap.certification-data",
            QuoteError::CertificationType { expected: 5, found: 3 },
        ),
        (
            Kind::Sgx3,
            |quote| quote[48 + 384 + 4 + 128 + 384 + 64 + 40] = b'x',
            "dcap.certification-data",
            QuoteError::Chain { found: "something that is not pem".to_owned() },
        ),
        (Kind::Tdx4, |quote| quote.truncate(40), "common.evidence-size", truncated("header", 48, 40)),
        (Kind::Tdx4, |quote| quote.truncate(48 + 100), "common.evidence-size", truncated("body", 584, 100)),
        (
            Kind::Tdx4,
            |quote| quote.resize(65 * 1024, 0),
            "common.evidence-size",
            QuoteError::TooLong { limit: 65536, found: 66560 },
        ),
        (Kind::Tdx15, |quote| quote[50] = 0x80, "common.evidence-size", truncated("body", 648, 640)),
    ];
    for (kind, tamper, check, error) in cases {
        let platform = if matches!(kind, Kind::Sgx3 | Kind::Sgx5) { Platform::IntelSgx } else { Platform::IntelTdx };
        let found = decode(kind, tamper);
        if found.2 != error.to_string() || found.1 != check {
            panic!("{kind:?}: found {found:?}, expected {check} {error}");
        }
        assert!(found.0 == platform || error == version("TEE type", "0 (SGX) or 129 (TDX)", 0x181), "{found:?}");
    }
}

fn truncated(field: &'static str, expected: usize, found: usize) -> QuoteError {
    QuoteError::Truncated { field, expected, found }
}

#[test]
fn bytes_after_the_quote_are_zeros_or_refused() {
    let mut world = World::tdx();
    let length = world.quote(&world.sign_chain()).len();
    world.tamper = |quote| quote.extend([0, 0, 7, 0]);
    let error = Evidence::decode(&world.quote(&world.sign_chain())).unwrap_err();
    // Signatures in DER differ in length, and so do quotes.
    let DecodeError::EvidenceFormat { check, problem, .. } = error else { panic!("{error}") };
    assert_eq!(check, "common.evidence-size");
    assert!(problem.contains("follows the end of the quote"), "{problem} in {length}");
}

#[test]
fn a_chain_of_other_than_three_certificates_is_refused() {
    let world = World::sgx();
    let [pck, ca, _] = world.sign_chain();
    let quote = world.quote(&[pck, ca, Vec::new()]);
    let DecodeError::EvidenceFormat { check, .. } = Evidence::decode(&quote).unwrap_err() else { panic!() };
    assert_eq!(check, "dcap.certification-data");
}
