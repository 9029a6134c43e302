//! The signature section of enclave images: whose certificate PCR8 stands for, and sections of another shape.

use sealroom_attestation::measure::{EnclaveImage, MeasureError};

use crate::beside;
use crate::image::{PLAIN, SIGNATURE, build, sign};

/// Where the signature section's content begins in images/signed.eif: it is the last section.
fn section(file: &[u8]) -> usize {
    let count = usize::from(file[27]);
    let offset = &file[28 + 8 * (count - 1)..][..8];
    usize::try_from(u64::from_be_bytes(offset.try_into().unwrap())).unwrap() + 12
}

fn with_section(content: &[u8]) -> Result<(), MeasureError> {
    let mut sections = PLAIN.to_vec();
    sections.push((SIGNATURE, content));
    EnclaveImage::decode(&build(4, &sections)).map(drop)
}

/// CBOR, shortest form: major type and argument.
fn head(major: u8, argument: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(argument).unwrap().to_be_bytes();
    match (high, low) {
        (0, 0..=23) => vec![major << 5 | low],
        (0, _) => vec![major << 5 | 24, low],
        _ => vec![major << 5 | 25, high, low],
    }
}

/// A list of numbers, as AWS's tools write bytes.
fn list(bytes: &[u8]) -> Vec<u8> {
    let numbers = bytes.iter().flat_map(|byte| head(0, usize::from(*byte)));
    head(4, bytes.len()).into_iter().chain(numbers).collect()
}

fn text(name: &str) -> Vec<u8> {
    head(3, name.len()).into_iter().chain(name.bytes()).collect()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    head(2, bytes.len()).into_iter().chain(bytes.iter().copied()).collect()
}

/// A section with this certificate and this COSE_Sign1.
fn shape(certificate: &[u8], message: &[u8]) -> Vec<u8> {
    [vec![0x81, 0xa2], text("signing_certificate"), list(certificate), text("signature"), list(message)].concat()
}

/// A COSE_Sign1 over that value of PCR0, with a signature that nobody made.
fn message(value: &[u8]) -> Vec<u8> {
    let payload = [vec![0xa2], text("register_index"), vec![0], text("register_value"), list(value)].concat();
    [vec![0x84], string(&[0xa1, 1, 0x38, 0x22]), vec![0xa0], string(&payload), string(&[1; 96])].concat()
}

/// The certificate of images/signed.eif, as PEM: the numbers of the first list in the section.
fn certificate() -> Vec<u8> {
    let file = beside("images/signed.eif");
    let mut numbers = file[section(&file) + 2 + text("signing_certificate").len() + 3..].iter();
    let mut pem = Vec::new();
    while !pem.ends_with(b"-----END CERTIFICATE-----\n") {
        match numbers.next().unwrap() {
            0x18 => pem.push(*numbers.next().unwrap()),
            short => pem.push(*short),
        }
    }
    pem
}

#[test]
fn the_certificate_is_the_one_that_signed() {
    let file = beside("images/signed.eif");
    let image = EnclaveImage::decode(&file).unwrap();
    let certificate = image.signing_certificate().unwrap();
    assert!(certificate.windows(19).any(|window| window == b"signer of the tests"));
}

#[test]
fn a_signature_over_another_image_is_refused() {
    let mut file = beside("images/signed.eif");
    let expected = EnclaveImage::decode(&file).unwrap().pcr0();
    // The first byte of the kernel.
    file[560] ^= 1;
    let file = sign(file);
    match EnclaveImage::decode(&file).map(drop) {
        Err(MeasureError::EifSignedValue { found, .. }) => assert_eq!(found, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn sections_of_another_shape_are_refused() {
    let pcr0 = EnclaveImage::decode(&build(4, PLAIN)).unwrap().pcr0();
    let certificate = certificate();
    let right = message(&pcr0);
    let good = shape(&certificate, &right);
    assert_eq!(with_section(&good), Ok(()));
    assert_eq!(with_section(&shape(&certificate, &[&[0xd2], right.as_slice()].concat())), Ok(()), "with COSE's tag");
    let other = MeasureError::EifSignedValue { expected: pcr0, found: [9; 48] };
    assert_eq!(with_section(&shape(&certificate, &message(&[9; 48]))), Err(other));

    let key = 2 + text("signing_certificate").len();
    for (section, why) in [
        (vec![], "nothing"),
        (vec![0x80], "no signature"),
        ([good.as_slice(), &[0]].concat(), "a tail"),
        ([&[0x82], &good[1..], &good[1..]].concat(), "two signatures"),
        ([&[0x9f], &good[1..], &[0xff]].concat(), "an indefinite list"),
        ([&[0x98, 1], &good[1..]].concat(), "a longer form"),
        ([&good[..2], &text("certificate"), &good[key..]].concat(), "another key"),
        ([&good[..key], &string(&certificate), &text("signature"), &list(&right)].concat(), "a byte string"),
        ([&good[..key], &[0x9a, 0xff, 0xff, 0xff, 0xff]].concat(), "a list longer than the section"),
        ([&good[..key], &[0x81, 0x19, 1, 0], &text("signature"), &list(&right)].concat(), "a number above 255"),
    ] {
        assert_eq!(with_section(&section), Err(MeasureError::EifSignature), "{why}");
    }
    for (message, why) in [
        (vec![], "nothing"),
        ([&[0x83], &right[1..]].concat(), "three parts"),
        ([&right[..6], &[0xa1, 1, 2], &right[7..]].concat(), "an unprotected header"),
        (message(&pcr0[1..]), "a register of 47 bytes"),
        ([right.as_slice(), &[0]].concat(), "a tail"),
    ] {
        assert_eq!(with_section(&shape(&certificate, &message)), Err(MeasureError::EifSignedPayload), "{why}");
    }
    for (certificate, why) in [
        (vec![], "nothing"),
        ([certificate.as_slice(), &certificate].concat(), "two certificates"),
        (certificate[1..].to_vec(), "no PEM"),
        (b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n".to_vec(), "no certificate in it"),
        (String::from_utf8(certificate.clone()).unwrap().replace("CERTIFICATE", "X509 CRL").into(), "another label"),
    ] {
        assert_eq!(with_section(&shape(&certificate, &right)), Err(MeasureError::EifCertificate), "{why}");
    }
}

#[test]
fn a_flipped_bit_in_the_section_never_changes_the_other_registers() {
    let good = beside("images/signed.eif");
    let registers = |file: &[u8]| EnclaveImage::decode(file).map(|image| [image.pcr0(), image.pcr1(), image.pcr2()]);
    let expected = registers(&good).unwrap();
    let mut accepted = 0;
    for index in section(&good)..good.len() {
        let mut file = good.clone();
        file[index] ^= 1 << (index % 8);
        match registers(&sign(file)) {
            Ok(found) => {
                assert_eq!(found, expected);
                accepted += 1;
            }
            Err(
                MeasureError::EifSignature
                | MeasureError::EifSignedPayload
                | MeasureError::EifCertificate
                | MeasureError::EifSignedValue { .. },
            ) => {}
            Err(other) => panic!("byte {index}: {other:?}"),
        }
    }
    // Bits of keys and signatures, which are Nitro's to judge.
    assert!(accepted > 100, "{accepted}");
}
