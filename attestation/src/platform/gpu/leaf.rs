//! Step 5: the firmware id in the certificate of the signing key, in the form of TCG DICE that NVIDIA writes: version, the
//! device's key, hash algorithm and digest.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Sequence};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::certificate::Certificate;

/// tcg-dice-TcbInfo, where NVIDIA puts the composite device id of RIoT.
const FIRMWARE_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.5.4.1");
/// RFC 5280 section 4.2.1.13.
const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");

#[derive(Sequence)]
struct CompositeDeviceId<'a> {
    version: u8,
    device_key: SubjectPublicKeyInfoRef<'a>,
    firmware_id: Digest<'a>,
}

#[derive(Sequence)]
struct Digest<'a> {
    algorithm: ObjectIdentifier,
    digest: &'a OctetStringRef,
}

/// Whether the certificate has the extension at all: only those of signing keys do.
pub(crate) fn has_firmware_id(certificate: &Certificate) -> bool {
    certificate.extension(&FIRMWARE_ID).is_some()
}

/// Whether the certificate says where its issuer's revocation list is: the chip's own do not.
pub(crate) fn names_a_list(certificate: &Certificate) -> bool {
    certificate.extension(&CRL_DISTRIBUTION_POINTS).is_some()
}

/// The digest, where the extension is exact DER of version 1 with a SHA-384 digest.
pub(super) fn firmware_id(certificate: &Certificate) -> Result<[u8; 48], &'static str> {
    let value = certificate.extension(&FIRMWARE_ID).ok_or("a certificate without a firmware id")?;
    let malformed = "a firmware id that is not exact der of version 1 with sha-384";
    let id = CompositeDeviceId::from_der(value).map_err(|_| malformed)?;
    if id.version != 1 || id.firmware_id.algorithm != SHA384 {
        return Err(malformed);
    }
    id.firmware_id.digest.as_bytes().try_into().map_err(|_| malformed)
}
