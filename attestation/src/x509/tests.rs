//! Against `x509-cert`'s own types, which decode every part and are encoded again to see that nothing but the canonical form was
//! there: the same is accepted, the same refused, and the same read.

use super::*;
use crate::anchor::vendor_roots;
use alloc::string::ToString;

const LIST: &[u8] = include_bytes!("../../../fuzz/fixture/crl.der");
const LEAF: &[u8] = include_bytes!("../../../fuzz/fixture/vcek.der");

/// What both say of a certificate: names, serial number, key and extensions; `None` where it is refused.
type Read = Option<(String, Vec<u8>, Vec<u8>, usize)>;

fn ours(der: &[u8]) -> Read {
    let decoded = decode::<Certificate<'_>>(der).ok().filter(|decoded| is_canonical(decoded, der).unwrap())?;
    let content = decoded.content;
    let names = [content.issuer, content.subject].map(|name| name.common_name().ok().flatten().unwrap_or_default());
    let key = content.key.subject_public_key.raw_bytes().to_vec();
    Some((
        names.concat(),
        content.serial_number.as_bytes().to_vec(),
        key,
        content.extensions.map_or(0, |all| all.len()),
    ))
}

fn theirs(der: &[u8]) -> Read {
    let decoded = x509_cert::Certificate::from_der(der).ok().filter(|decoded| decoded.to_der().unwrap() == der)?;
    let content = decoded.tbs_certificate();
    let names = [content.issuer(), content.subject()]
        .map(|name| name.common_name().ok().flatten().map(|text| text.value().to_string()).unwrap_or_default());
    let key = content.subject_public_key_info().subject_public_key.raw_bytes().to_vec();
    let extensions = content.extensions().map_or(0, |all| all.len());
    Some((names.concat(), content.serial_number().as_bytes().to_vec(), key, extensions))
}

fn our_list(der: &[u8]) -> Option<(usize, Vec<u8>)> {
    let decoded = decode::<RevocationList<'_>>(der).ok().filter(|decoded| is_canonical(decoded, der).unwrap())?;
    let issuer = decoded.content.issuer.content.to_vec();
    Some((decoded.content.revoked.map_or(0, |all| all.len()), issuer))
}

fn their_list(der: &[u8]) -> Option<(usize, Vec<u8>)> {
    let decoded = x509_cert::crl::CertificateList::<x509_cert::certificate::Rfc5280>::from_der(der);
    let decoded = decoded.ok().filter(|decoded| decoded.to_der().unwrap() == der)?;
    let issuer = decoded.tbs_cert_list.issuer.to_der().unwrap();
    let issuer = AnyRef::from_der(&issuer).unwrap().value().to_vec();
    Some((decoded.tbs_cert_list.revoked_certificates.map_or(0, |all| all.len()), issuer))
}

/// With every byte changed in eight ways, left out, and written twice.
fn changed(der: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..der.len()).flat_map(move |at| {
        let (before, after) = der.split_at(at);
        let (byte, rest) = after.split_first().unwrap();
        let flipped = (0..8).map(move |bit| [before, &[byte ^ 1 << bit], rest].concat());
        flipped.chain([[before, rest].concat(), [before, &[*byte], after].concat()])
    })
}

#[test]
fn certificates_are_read_as_their_own_types_read_them() {
    for root in vendor_roots() {
        assert_eq!(ours(root.der), theirs(root.der));
        assert!(ours(root.der).is_some());
    }
    let root = vendor_roots().find(|root| root.name == "Intel SGX Root CA").unwrap();
    for der in [root.der, LEAF] {
        assert_eq!(ours(der), theirs(der));
        assert!(ours(der).is_some());
        for der in changed(der) {
            assert_eq!(ours(&der), theirs(&der));
        }
    }
}

#[test]
fn revocation_lists_are_read_as_their_own_types_read_them() {
    assert_eq!(our_list(LIST), their_list(LIST));
    assert!(our_list(LIST).is_some());
    for der in changed(LIST) {
        assert_eq!(our_list(&der), their_list(&der));
    }
}

/// `SEQUENCE { SET { attribute … } }` as a name.
fn name(attributes: &[&[u8]]) -> der::Result<()> {
    let set = der::Any::new(Tag::Set, attributes.concat())?.to_der()?;
    Name::from_der(&der::Any::new(Tag::Sequence, set)?.to_der()?).map(|_| ())
}

#[test]
fn a_set_of_several_attributes_is_sorted() {
    let attribute = |kind: &str, text: &str| {
        let value = AnyRef::new(Tag::Utf8String, text.as_bytes()).unwrap();
        Attribute { kind: kind.parse().unwrap(), value }.to_der().unwrap()
    };
    let [first, second] = [attribute("2.5.4.3", "a"), attribute("2.5.4.10", "a")];
    assert_eq!(name(&[&first, &second]), Ok(()));
    assert!(name(&[&second, &first]).is_err());
    assert!(name(&[&first, &first]).is_err());
}

/// An entry of a list with one extension, a reason code, of which `critical` is what stands between its id and its value.
fn entry(critical: &[u8]) -> Vec<u8> {
    let tlv = |tag: Tag, value: &[u8]| der::Any::new(tag, value).unwrap().to_der().unwrap();
    let parts = [b"\x06\x03\x55\x1d\x15".as_slice(), critical, b"\x04\x03\x0a\x01\x01"];
    let extensions = tlv(Tag::Sequence, &tlv(Tag::Sequence, &parts.concat()));
    let parts = [b"\x02\x01\x07".as_slice(), b"\x17\x0d260527000000Z", &extensions];
    tlv(Tag::Sequence, &parts.concat())
}

/// Serial number, date and the first critical extension of an entry.
type Entry = Option<(Vec<u8>, u64, Option<ObjectIdentifier>)>;

fn our_entry(der: &[u8]) -> Entry {
    let decoded = decode::<RevokedCertificate<'_>>(der).ok().filter(|decoded| is_canonical(decoded, der).unwrap())?;
    let critical = decoded.extensions.and_then(|all| all.critical);
    let date = decoded.revocation_date.to_unix_duration().as_secs();
    Some((decoded.serial_number.as_bytes().to_vec(), date, critical))
}

fn their_entry(der: &[u8]) -> Entry {
    let decoded = x509_cert::crl::RevokedCert::<x509_cert::certificate::Rfc5280>::from_der(der);
    let decoded = decoded.ok().filter(|decoded| decoded.to_der().unwrap() == der)?;
    let extensions = decoded.crl_entry_extensions.unwrap_or_default();
    let critical = extensions.iter().find(|extension| extension.critical).map(|extension| extension.extn_id);
    let date = decoded.revocation_date.to_unix_duration().as_secs();
    Some((decoded.serial_number.as_bytes().to_vec(), date, critical))
}

#[test]
fn entries_of_revocation_lists_are_read_as_their_own_types_read_them() {
    for (critical, is_read) in [([].as_slice(), true), (&[1, 1, 0xff], true), (&[1, 1, 0], false)] {
        let entry = entry(critical);
        assert_eq!(our_entry(&entry), their_entry(&entry));
        assert_eq!(our_entry(&entry).is_some(), is_read, "a default is not written out");
        for der in changed(&entry) {
            assert_eq!(our_entry(&der), their_entry(&der));
        }
    }
}
