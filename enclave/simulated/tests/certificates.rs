//! The certificates, the revocation list and the reports have AMD's shape, read with code that did not write them.

#![expect(clippy::unwrap_used, reason = "a panic is the failure report of a test")]

use core::time::Duration;
use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::SystemTime;

use p384::ecdsa::signature::Verifier as _;
use p384::pkcs8::DecodePublicKey;
use rsa::pss::{Signature, VerifyingKey};
use sealroom_simulated_platform::{GUEST_POLICY, Image, REPORT_LENGTH, Root};
use sha2::Sha384;
use x509_cert::Certificate;
use x509_cert::crl::CertificateList;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierOwned;

mod support;
use support::Scratch;

/// One root for all tests of this file: it takes a second or two to make.
static ROOT: LazyLock<Root> = LazyLock::new(|| Root::open(&Scratch::new().path("state"), SystemTime::now()).unwrap());

fn certificate(bytes: &[u8]) -> Certificate {
    Certificate::from_der(bytes).unwrap()
}

fn extensions(certificate: &Certificate) -> Vec<(String, bool, Vec<u8>)> {
    let one = |one: &Extension| (one.extn_id.to_string(), one.critical, one.extn_value.as_bytes().to_vec());
    certificate.tbs_certificate().extensions().unwrap().iter().map(one).collect()
}

/// The signature over `signed`, by the key of `issuer`, with SHA-384 and a salt of 48 bytes.
fn verify(issuer: &Certificate, signed: &[u8], signature: &[u8]) {
    let key = issuer.tbs_certificate().subject_public_key_info().to_der().unwrap();
    let key = VerifyingKey::<Sha384>::new_with_salt_len(rsa::PublicKey::from_public_key_der(&key).unwrap(), 48);
    key.verify(signed, &Signature::try_from(signature).unwrap()).unwrap();
}

fn verify_certificate(issuer: &Certificate, certificate: &Certificate) {
    verify(issuer, &certificate.tbs_certificate().to_der().unwrap(), certificate.signature().raw_bytes());
}

#[test]
fn the_chain_is_signed_from_root_to_chip_and_says_that_it_is_simulated() {
    let [ark, ask, vcek] =
        [&ROOT.certificates().ark, &ROOT.certificates().ask, &ROOT.certificates().vcek].map(|der| certificate(der));
    for (one, issuer, name) in [(&ark, &ark, "ARK-Milan"), (&ask, &ark, "SEV-Milan"), (&vcek, &ask, "SEV-VCEK")] {
        verify_certificate(issuer, one);
        let expected = format!("CN={name},O=Sealroom simulated platform,OU=SIMULATED: no hardware protection");
        assert_eq!(one.tbs_certificate().subject().to_string(), expected);
        assert_eq!(one.tbs_certificate().issuer(), issuer.tbs_certificate().subject());
        let validity = one.tbs_certificate().validity();
        let now = SystemTime::now();
        assert!(validity.not_before.to_system_time() < now - Duration::from_secs(3000), "backdated by an hour");
        assert!(validity.not_after.to_system_time() > now + Duration::from_secs(86_400 * 365 * 6), "for years");
    }
}

#[test]
fn certification_authorities_may_certify_and_the_chip_has_amd_extensions_only() {
    let chain = ROOT.certificates();
    let key_usage = |bits| ("2.5.29.15".to_owned(), true, vec![3, 2, 1, bits]);
    let ark = extensions(&certificate(&chain.ark));
    assert!(ark.contains(&key_usage(0x06)), "certificates and revocation lists: {ark:02x?}");
    assert!(ark.contains(&("2.5.29.19".to_owned(), true, vec![0x30, 3, 1, 1, 0xFF])), "authority: {ark:02x?}");
    let ask = extensions(&certificate(&chain.ask));
    assert!(ask.contains(&("2.5.29.15".to_owned(), true, vec![3, 2, 2, 4])), "certificates: {ask:02x?}");
    assert!(
        ask.contains(&("2.5.29.19".to_owned(), true, vec![0x30, 6, 1, 1, 0xFF, 2, 1, 0])),
        "of leaves only: {ask:02x?}"
    );

    let vcek = extensions(&certificate(&chain.vcek));
    let expected: [(&str, &[u8]); 10] = [
        ("1", &[2, 1, 0]),
        ("2", b"\x16\x08Milan-B0"),
        ("3.1", &[2, 1, 4]),
        ("3.2", &[2, 1, 0]),
        ("3.4", &[2, 1, 0]),
        ("3.5", &[2, 1, 0]),
        ("3.6", &[2, 1, 0]),
        ("3.7", &[2, 1, 0]),
        ("3.3", &[2, 1, 24]),
        ("3.8", &[2, 2, 0, 219]),
    ];
    for (found, (suffix, value)) in vcek.iter().zip(expected) {
        assert_eq!(found, &(format!("1.3.6.1.4.1.3704.1.{suffix}"), false, value.to_vec()));
    }
    assert_eq!(vcek.len(), 11);
    assert_eq!((vcek[10].0.as_str(), vcek[10].1, vcek[10].2.len()), ("1.3.6.1.4.1.3704.1.4", false, 64));
}

#[test]
fn signature_algorithms_are_encoded_as_in_a_real_vcek() {
    let Some(vectors) = std::env::var_os("SEALROOM_VECTORS") else {
        let all = std::env::var_os("SEALROOM_REQUIRE_ALL");
        assert!(
            all.is_none(),
            "SEALROOM_REQUIRE_ALL is set, and SEALROOM_VECTORS names no folder of real certificates"
        );
        let line = "NOT RUN signature_algorithms_are_encoded_as_in_a_real_vcek: SEALROOM_VECTORS is not set";
        return drop(writeln!(std::io::stderr(), "{line}"));
    };
    let real = certificate(&std::fs::read(Path::new(&vectors).join("snp/virtee/vcek_milan.der")).unwrap());
    let algorithm: &AlgorithmIdentifierOwned = real.signature_algorithm();
    for ours in [&ROOT.certificates().ark, &ROOT.certificates().ask, &ROOT.certificates().vcek] {
        assert_eq!(certificate(ours).signature_algorithm(), algorithm);
        assert_eq!(certificate(ours).tbs_certificate().signature(), algorithm);
    }
    let shape =
        |one: &Certificate| extensions(one).into_iter().map(|(id, critical, _)| (id, critical)).collect::<Vec<_>>();
    assert_eq!(shape(&certificate(&ROOT.certificates().vcek)), shape(&real));
}

#[test]
fn the_revocation_list_is_signed_by_the_root_empty_and_fresh_for_a_year() {
    let now = SystemTime::now();
    let list =
        CertificateList::<x509_cert::certificate::Rfc5280>::from_der(&ROOT.revocation_list(now).unwrap()).unwrap();
    let ark = certificate(&ROOT.certificates().ark);
    verify(&ark, &list.tbs_cert_list.to_der().unwrap(), list.signature.raw_bytes());
    assert_eq!(&list.tbs_cert_list.issuer, ark.tbs_certificate().subject());
    assert_eq!(list.tbs_cert_list.revoked_certificates, None);
    assert!(list.tbs_cert_list.this_update.to_system_time() <= now);
    let next = list.tbs_cert_list.next_update.unwrap().to_system_time();
    assert!(next > now + Duration::from_secs(86_400 * 364) && next < now + Duration::from_secs(86_400 * 366));
}

#[test]
fn a_report_has_every_field_where_amd_has_it() {
    let measurement = Image::measure(&std::env::current_exe().unwrap()).unwrap();
    let report = ROOT.report(measurement, [0xA5; 64], [0x5A; 32]);
    assert_eq!(report.len(), REPORT_LENGTH);
    let chip = extensions(&certificate(&ROOT.certificates().vcek)).pop().unwrap().2;
    let tcb = [4, 0, 0, 0, 0, 0, 24, 219];
    // Offset and value of every field that is not zero, AMD 56860.
    let fields: Vec<(usize, &[u8])> = vec![
        (0x000, &[3, 0, 0, 0]),
        (0x008, &[0, 0, 3, 0, 0, 0, 0, 0]),
        (0x034, &[1, 0, 0, 0]),
        (0x038, &tcb),
        (0x040, &[0x25, 0, 0, 0, 0, 0, 0, 0]),
        (0x050, &[0xA5; 64]),
        (0x090, measurement.as_bytes()),
        (0x140, &[0x5A; 32]),
        (0x160, &[0xFF; 32]),
        (0x180, &tcb),
        (0x188, &[0x19, 1, 1]),
        (0x1A0, &chip),
        (0x1E0, &tcb),
        (0x1E8, &[1, 56, 1, 0, 1, 56, 1, 0]),
        (0x1F0, &tcb),
    ];
    let mut expected = vec![0; 0x2A0];
    for (offset, value) in fields {
        expected[offset..offset + value.len()].copy_from_slice(value);
    }
    assert_eq!(&report[..0x2A0], expected.as_slice());
    assert_eq!(GUEST_POLICY & (1 << 19), 0, "debugging is never allowed");

    // The signature: r and s, 72 bytes each, least significant first, and nothing after them.
    let number = |offset: usize| -> Vec<u8> { report[offset..offset + 48].iter().rev().copied().collect() };
    let signature = p384::ecdsa::Signature::from_slice(&[number(0x2A0), number(0x2E8)].concat()).unwrap();
    let key = certificate(&ROOT.certificates().vcek).tbs_certificate().subject_public_key_info().to_der().unwrap();
    p384::ecdsa::VerifyingKey::from_public_key_der(&key).unwrap().verify(&expected, &signature).unwrap();
    for unused in [0x2D0..0x2E8, 0x318..0x4A0] {
        assert!(report[unused].iter().all(|byte| *byte == 0));
    }
}
