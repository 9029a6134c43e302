//! The signature checks that an SEV-SNP report needs, with nothing around them but what the library asks for.

use crate::recorded::Recorded;
use sealroom_attestation::{Endorsements, vendor_roots};
use x509_cert::der::{Decode, Encode};

/// One check: key, message and signature, in the library's own form.
pub(crate) struct Signed {
    kind: Kind,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Kind {
    /// RSASSA-PSS with SHA-384; the key in PKCS #1.
    Rsa,
    /// ECDSA on P-384 with SHA-384, r and s 48 bytes each, big-endian.
    P384,
}

/// The root's signature on the intermediate, the intermediate's on the leaf, the leaf's on the report.
pub(crate) fn of_snp(recorded: &Recorded) -> [Signed; 3] {
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
    let parse = |der: &[u8]| x509_cert::Certificate::from_der(der).unwrap();
    let named = |name: &str| {
        let certificate = endorsements.certificates().iter().find(|certificate| certificate.subject() == name);
        parse(certificate.unwrap().der())
    };
    let [root, intermediate, leaf] = [
        parse(vendor_roots().find(|root| root.name == "ARK-Milan").unwrap().der),
        named("SEV-Milan"),
        named("SEV-VCEK"),
    ];
    let key = |certificate: &x509_cert::Certificate| {
        certificate.tbs_certificate().subject_public_key_info().subject_public_key.raw_bytes().to_vec()
    };
    let link = |subject: &x509_cert::Certificate, issuer: &x509_cert::Certificate| Signed {
        kind: Kind::Rsa,
        key: key(issuer),
        message: subject.tbs_certificate().to_der().unwrap(),
        signature: subject.signature().raw_bytes().to_vec(),
    };
    let report = &recorded.evidence;
    // AMD 56860, ATTESTATION_REPORT: r and s are little-endian, in 72 bytes each.
    let number = |at: usize| report[at..at + 48].iter().rev().copied();
    let of_report = Signed {
        kind: Kind::P384,
        key: key(&leaf),
        message: report[..0x2a0].to_vec(),
        signature: number(0x2a0).chain(number(0x2a0 + 72)).collect(),
    };
    [link(&intermediate, &root), link(&leaf, &intermediate), of_report]
}

pub(crate) fn ring_verifies(all: &[Signed]) -> bool {
    use ring::signature::{
        ECDSA_P384_SHA384_FIXED, RSA_PSS_2048_8192_SHA384, UnparsedPublicKey, VerificationAlgorithm,
    };
    all.iter().all(|signed| {
        let algorithm: &'static dyn VerificationAlgorithm = match signed.kind {
            Kind::Rsa => &RSA_PSS_2048_8192_SHA384,
            Kind::P384 => &ECDSA_P384_SHA384_FIXED,
        };
        UnparsedPublicKey::new(algorithm, &signed.key).verify(&signed.message, &signed.signature).is_ok()
    })
}

pub(crate) fn aws_lc_rs_verifies(all: &[Signed]) -> bool {
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_FIXED, RSA_PSS_2048_8192_SHA384, UnparsedPublicKey, VerificationAlgorithm,
    };
    all.iter().all(|signed| {
        let algorithm: &'static dyn VerificationAlgorithm = match signed.kind {
            Kind::Rsa => &RSA_PSS_2048_8192_SHA384,
            Kind::P384 => &ECDSA_P384_SHA384_FIXED,
        };
        UnparsedPublicKey::new(algorithm, &signed.key).verify(&signed.message, &signed.signature).is_ok()
    })
}
