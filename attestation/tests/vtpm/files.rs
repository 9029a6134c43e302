//! The files that a TPM's tools write: every form of each gives the same parts, and what is almost a form is refused by name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::{self, FilesError, QuoteFiles, QuoteParts};
use sealroom_attestation::{Evidence, Platform};

use crate::quote::{ATTRIBUTES, Draft, ECDSA, public, sha256};
use crate::tpm::{NONCE, World};
use crate::{der, world};

fn read(parts: &QuoteParts, signature: &[u8]) -> Result<QuoteParts, FilesError> {
    let registers: Vec<u8> = parts.values.iter().flat_map(|(_, value)| value.clone()).collect();
    QuoteFiles { quote: &parts.quote, signature, registers: &registers, event_log: &parts.event_log }.parts()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// Strictly (RFC 7468): 64 characters a line.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: String = text.as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

#[test]
fn a_bare_signature_becomes_that_of_the_scheme_and_of_the_hash_of_the_quote() {
    let rsa = Draft::new(&NONCE).parts();
    assert_eq!(read(&rsa, &rsa.signature), Ok(rsa.clone()));
    assert_eq!(read(&rsa, &rsa.signature[6..]), Ok(rsa.clone()));
    let elliptic = Draft { scheme: ECDSA, ..Draft::new(&NONCE) }.parts();
    // TPMT_SIGNATURE: scheme, hash, r and s with their lengths.
    let (r, s) = (&elliptic.signature[6..38], &elliptic.signature[40..72]);
    let bare = der::sequence(&[der::integer(r), der::integer(s)]);
    let without_zeros = |number: &[u8]| sized(&number[number.iter().take_while(|byte| **byte == 0).count()..]);
    let expected = [&elliptic.signature[..4], &without_zeros(r), &without_zeros(s)].concat();
    assert_eq!(read(&elliptic, &bare), Ok(QuoteParts { signature: expected, ..elliptic.clone() }));
    for (signature, expected) in [
        (&bare[1..], "the signature is of scheme"),
        (&rsa.signature[7..], "the signature is of scheme"),
        (&rsa.signature[..9], "the signature ends early"),
        (&[&rsa.signature[..], &[0]].concat(), "1 bytes follow the signature"),
    ] {
        let Err(FilesError::Signature { problem }) = read(&rsa, signature) else { panic!("{expected}") };
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn what_another_key_signed_in_der_is_refused_by_the_signature_and_not_before() {
    // Any key: it decodes, and an appraisal says that it is not this one's.
    let other = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new()).unwrap();
    let other =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, other.as_ref(), &SystemRandom::new()).unwrap();
    let draft = Draft { scheme: ECDSA, ..Draft::new(&NONCE) };
    let parts = draft.parts();
    let signature = other.sign(&SystemRandom::new(), &parts.quote).unwrap();
    let parts = read(&parts, signature.as_ref()).unwrap();
    let evidence = tpm::assemble(&parts, &public(&draft, ATTRIBUTES)).unwrap();
    assert_eq!(Evidence::decode(&evidence).unwrap().platform(), Platform::Tpm);
}

#[test]
fn a_quote_of_two_banks_of_none_or_of_an_unknown_one_is_refused_by_its_selection() {
    let selections = [
        (vec![(0x0b, vec![0]), (0x0c, vec![0])], "sha256 PCR 0 and sha384 PCR 0"),
        (vec![], "no register"),
        (vec![(0x27, vec![0, 7])], "bank 0x0027 PCR 0,7"),
    ];
    for (selections, selected) in selections {
        let parts = Draft { selections, ..Draft::new(&NONCE) }.parts();
        assert_eq!(read(&parts, &parts.signature), Err(FilesError::Selection { selected: selected.to_owned() }));
    }
}

#[test]
fn the_key_is_taken_out_of_each_of_its_forms() {
    let good = public(&Draft::new(&NONCE), ATTRIBUTES);
    assert_eq!(tpm::attestation_key(&good), Ok(good.clone()));
    assert_eq!(tpm::attestation_key(&sized(&good)), Ok(good.clone()));
    let certificate = World::certified().leaf.sign();
    // An index of a TPM's storage is often longer than the certificate in it.
    let padded = [&certificate[..], &[0; 700]].concat();
    let text = pem("CERTIFICATE", &certificate);
    for form in [&certificate[..], &padded, text.as_bytes()] {
        assert_eq!(tpm::attestation_key(form), Ok(certificate.clone()));
    }
    let info = world::rsa_public_key(world::rsa_key("other-ark"));
    for form in [&info[..], pem("PUBLIC KEY", &info).as_bytes(), &[&info[..], &[0; 9]].concat()] {
        assert_eq!(tpm::attestation_key(form), Err(FilesError::KeyAlone));
    }
    assert_eq!(tpm::attestation_key(text.repeat(3).as_bytes()), Err(FilesError::KeyChain { found: 3 }));
    let refused = [
        (vec![], "the attestation key ends early"),
        ([&certificate[..], &[0, 1]].concat(), "certificate is not strict der"),
        ([&good[..], &[0]].concat(), "1 bytes follow the attestation key"),
        (pem("X509 CRL", &certificate).into_bytes(), "the key's file holds a pem block that is no certificate"),
        (vec![0x30; 64 * 1024 + 1], "the key's file has 65537 bytes, expected at most 65536"),
    ];
    for (form, expected) in refused {
        let Err(FilesError::Key { problem }) = tpm::attestation_key(&form) else { panic!("{expected}") };
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn a_value_under_the_registers_of_the_quote_is_what_its_digest_is_over() {
    let mut draft = Draft::new(&NONCE);
    draft.values = vec![(0, vec![1; 32]), (4, vec![2; 32]), (7, vec![3; 32])];
    let parts = draft.parts();
    let read = read(&parts, &parts.signature).unwrap();
    assert_eq!((read.bank, read.values), (Algorithm::Sha256, draft.values.clone()));
    let digest = sha256(&[[1; 32], [2; 32], [3; 32]].concat());
    assert!(read.quote.ends_with(&digest));
}
