//! Certificates and revocation lists with the names that the makers use and dates that a test chooses. Whoever signed them
//! does not matter here: the source decodes, and the appraisal verifies.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, DnType, Issuer, KeyIdMethod, KeyPair, RevokedCertParams,
    SerialNumber, date_time_ymd,
};

/// 2030-01-01: until then everything made here is valid.
pub(crate) const END: u64 = 1_893_456_000;
/// 2029-12-01.
pub(crate) const NOW: u64 = END - 31 * 86_400;

fn named(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2030, 1, 1);
    params
}

fn issuer(common_name: &str) -> Issuer<'static, KeyPair> {
    Issuer::new(named(common_name), KeyPair::generate().unwrap())
}

/// A revocation list in DER whose next update is [`END`]; no two are alike.
pub(crate) fn revocation_list(issued_by: &str) -> Vec<u8> {
    revocation_list_of(issued_by, 0)
}

/// The same with so many revoked certificates.
pub(crate) fn revocation_list_of(issued_by: &str, revoked: u64) -> Vec<u8> {
    let revoked_cert = |serial: u64| RevokedCertParams {
        serial_number: SerialNumber::from(serial),
        revocation_time: date_time_ymd(2029, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2029, 1, 1),
        next_update: date_time_ymd(2030, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: (1..=revoked).map(revoked_cert).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(&issuer(issued_by)).unwrap().der().to_vec()
}

/// A certificate in DER that ends with the first second of 2030.
pub(crate) fn certificate(subject: &str, issued_by: &str) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    named(subject).signed_by(&key, &issuer(issued_by)).unwrap().der().to_vec()
}

/// A certificate for this machine's own address and its key, both in DER; it signs itself.
pub(crate) fn for_tls() -> (Vec<u8>, Vec<u8>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().self_signed(&key).unwrap();
    (certificate.der().to_vec(), key.serialize_der())
}

/// Two certificates in PEM.
pub(crate) fn chain(subjects: [&str; 2]) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let [one, other] = subjects.map(|subject| named(subject).signed_by(&key, &issuer(subject)).unwrap().pem());
    (one + &other).into_bytes()
}
