//! Decoding of certificates, revocation lists and bundles: strict, bounded, never a panic.

use sealroom_attestation::{Certificate, DecodeError, Endorsements, Evidence, RevocationList};

use crate::world::World;
use crate::{der, vectors};

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn der_and_pem_give_the_same() {
    let files = World::milan().endorsements();
    let by_der = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
    let labels = ["CERTIFICATE", "CERTIFICATE", "CERTIFICATE", "X509 CRL"];
    let text: String = files.iter().zip(labels).map(|(file, label)| pem(label, file)).collect();
    assert_eq!(Endorsements::decode(text.as_bytes()), Ok(by_der.clone()));
    assert_eq!((by_der.certificates().len(), by_der.revocation_lists().len()), (3, 1));
    assert_eq!(by_der.certificates()[2].subject(), "SEV-VCEK");
    assert_eq!(by_der.certificates()[2].der(), files[2]);
}

#[test]
fn one_certificate_may_come_twice_and_several_of_one_name_are_kept_up_to_a_number() {
    let files = World::milan().endorsements();
    let twice = Endorsements::decode(&files[2]).unwrap().with(&files[2]).unwrap();
    assert_eq!(twice.certificates().len(), 1);
    let another = World::milan().leaf.sign(); // another salt, another signature
    assert_eq!(twice.with(&another).unwrap().certificates().len(), 2, "every VCEK has the same name");
    let mut authorities = Endorsements::none();
    for _ in 0..16 {
        authorities = authorities.with(&World::milan().intermediate.sign()).unwrap();
    }
    let what = "certificates of one authority";
    let error = DecodeError::EndorsementCount { what, limit: 16, found: 17 };
    assert_eq!(authorities.with(&World::milan().intermediate.sign()), Err(error));
    let mut lists = Endorsements::none();
    for _ in 0..8 {
        lists = lists.with(&World::milan().list.sign()).unwrap();
    }
    let error = DecodeError::EndorsementCount { what: "revocation lists of one issuer", limit: 8, found: 9 };
    assert_eq!(lists.with(&World::milan().list.sign()), Err(error));
}

#[test]
fn the_number_of_certificates_is_bounded() {
    let mut endorsements = Endorsements::none();
    for number in 0..64 {
        let mut draft = World::milan().leaf;
        draft.subject = format!("leaf {number}");
        endorsements = endorsements.with(&draft.sign()).unwrap();
    }
    let error = DecodeError::EndorsementCount { what: "certificates", limit: 64, found: 65 };
    assert_eq!(endorsements.with(&World::milan().leaf.sign()), Err(error));
    let long = "-----BEGIN CERTIFICATE-----\n".repeat(100_000);
    let error = DecodeError::EndorsementSize { what: "endorsements", limit: 2_097_152, found: 2_800_000 };
    assert_eq!(Endorsements::decode(long.as_bytes()), Err(error));
    let error = DecodeError::EndorsementSize { what: "certificate", limit: 8192, found: 9000 };
    assert_eq!(Certificate::from_der(&[0x30; 9000]), Err(error));
}

#[test]
fn what_is_not_strict_is_refused() {
    let files = World::milan().endorsements();
    let certificate = DecodeError::Der { what: "certificate" };
    let with_trailing = [files[2].as_slice(), &[0]].concat();
    assert_eq!(Certificate::from_der(&with_trailing), Err(certificate.clone()));
    assert_eq!(Certificate::from_der(&files[2][..files[2].len() - 1]), Err(certificate.clone()));
    assert_eq!(Certificate::from_der(&files[3]), Err(certificate.clone()), "a revocation list is no certificate");
    assert_eq!(RevocationList::from_der(&files[2]), Err(DecodeError::Der { what: "revocation list" }));

    let mut draft = World::milan().leaf;
    draft.extensions.push(draft.extensions[0].clone());
    let error = DecodeError::DuplicateExtension { what: "certificate", oid: "1.3.6.1.4.1.3704.1.1".to_owned() };
    assert_eq!(Certificate::from_der(&draft.sign()), Err(error));

    // The signed part names another algorithm than the certificate.
    let (inside, outside) = (World::milan().leaf.sign(), der::pss(48, true));
    let content = &inside[4..4 + 4 + usize::from(u16::from_be_bytes([inside[6], inside[7]]))];
    let mixed = der::sequence(&[content.to_vec(), outside, der::bits(&[0; 512])]);
    assert_eq!(Certificate::from_der(&mixed), Err(certificate));
}

#[test]
fn text_that_is_not_strict_pem_is_refused() {
    let file = World::milan().leaf.sign();
    let good = pem("CERTIFICATE", &file);
    let cases = [
        ("", DecodeError::Pem),
        ("no pem", DecodeError::Pem),
        (&good[..good.len() - 10], DecodeError::Pem),
        (&format!("{good}rest"), DecodeError::Pem),
        (&format!("before\n{good}"), DecodeError::Pem),
        (&good.replace("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n!"), DecodeError::Pem),
        (&pem("PUBLIC KEY", &file), DecodeError::PemLabel),
        (&pem("X509 CRL", &file), DecodeError::Der { what: "revocation list" }),
    ];
    for (text, error) in cases {
        assert_eq!(Endorsements::decode(text.as_bytes()), Err(error), "{text}");
    }
}

#[test]
fn endorsements_that_do_not_decode_are_a_refusal_with_its_check() {
    let rejection = sealroom_attestation::Rejection::from(Endorsements::decode(b"no pem").unwrap_err());
    assert_eq!(crate::failed(&rejection), ["common.endorsements"]);
}

#[test]
fn a_name_can_not_steer_a_terminal() {
    let mut draft = World::milan().leaf;
    draft.subject = "SEV-VCEK\u{1b}[2J".to_owned() + &"x".repeat(100);
    let subject = Certificate::from_der(&draft.sign()).unwrap().subject().to_owned();
    assert_eq!(subject, "SEV-VCEK\\u{1b}[2J".to_owned() + &"x".repeat(52));
}

/// Not a fuzzer, but the cases that fuzzers find first: every prefix, every byte set to its extremes.
#[test]
fn damaged_input_is_refused_without_a_panic() {
    let world = World::milan();
    let mut inputs = world.endorsements();
    inputs.push(vectors::packaged().evidence);
    inputs.push(pem("CERTIFICATE", &inputs[2]).trim_end().as_bytes().to_vec());
    for input in inputs {
        let decode = |bytes: &[u8]| (Endorsements::decode(bytes).is_ok(), Evidence::decode(bytes).is_ok());
        for length in 0..input.len() {
            assert_eq!(decode(&input[..length]), (false, false));
        }
        let mut damaged = input.clone();
        for at in 0..input.len() {
            for byte in [0x00, 0x7f, 0x80, 0x84, 0xff] {
                damaged[at] = byte;
                decode(&damaged);
            }
            damaged[at] = input[at];
        }
    }
}
