//! An X.509 certificate (RFC 5280), decoded once and strictly. Signatures are verified over the bytes received.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode, Reader, Sequence};
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::crypto::{Crypto, PublicKey, SignatureKind};
use crate::error::DecodeError;
use crate::x509;

/// No certificate of a platform's maker comes near it.
const MAX_BYTES: usize = 8 * 1024;
const MAX_EXTENSIONS: usize = 32;
/// RFC 5280 appendix A.1, ub-common-name.
const MAX_COMMON_NAME: usize = 64;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

/// RFC 4055 section 3.1 with SHA-384, MGF1 with SHA-384, salt 48: content of the parameters' SEQUENCE. Both forms are in use,
/// with the trailer field written out and with its default left away.
const PSS_SHA384_SALT48: [&[u8]; 2] = [PSS_PARAMETERS.as_slice(), PSS_PARAMETERS_WITH_TRAILER.as_slice()];
const PSS_PARAMETERS: [u8; 52] = *b"\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa2\x03\x02\x01\x30";
const PSS_PARAMETERS_WITH_TRAILER: [u8; 57] = *b"\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\
    \xa2\x03\x02\x01\x30\xa3\x03\x02\x01\x01";

/// A decoded certificate. It proves nothing yet: signatures, names and dates are judged in an appraisal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    /// None where it is of a kind that nothing here verifies.
    pub(crate) signature_kind: Option<SignatureKind>,
    pub(crate) is_version_3: bool,
    pub(crate) serial: Vec<u8>,
    pub(crate) issuer: DistinguishedName,
    pub(crate) subject: DistinguishedName,
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
    pub(crate) key: PublicKey,
    /// Present and decoded.
    pub(crate) basic_constraints: Option<BasicConstraints>,
    pub(crate) key_usage: Option<KeyUsage>,
    pub(crate) extensions: Vec<Extension>,
}

/// An extension of a certificate (RFC 5280 section 4.1.2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) id: ObjectIdentifier,
    critical: bool,
    value: Vec<u8>,
}

impl From<x509::Extension<'_>> for Extension {
    fn from(extension: x509::Extension<'_>) -> Self {
        Self { id: extension.id, critical: extension.critical, value: extension.value.as_bytes().to_vec() }
    }
}

/// A name by its encoding without tag and length (compared as bytes, as its issuer wrote it) and its common name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DistinguishedName {
    content: Vec<u8>,
    /// Fit to print; empty where there is none.
    pub(crate) common_name: String,
}

impl Certificate {
    /// From DER, strictly: canonical, without trailing bytes, no extension twice.
    ///
    /// # Errors
    /// [`DecodeError::EndorsementSize`], [`DecodeError::Der`], [`DecodeError::NotCanonical`],
    /// [`DecodeError::DuplicateExtension`].
    pub fn from_der(der: &[u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "certificate";
        if der.len() > MAX_BYTES {
            return Err(DecodeError::EndorsementSize { what: WHAT, limit: MAX_BYTES, found: der.len() });
        }
        let malformed = |_| DecodeError::Der { what: WHAT };
        let decoded: x509::Certificate<'_> = x509::decode(der).map_err(malformed)?;
        if !x509::is_canonical(&decoded, der).map_err(malformed)? {
            return Err(DecodeError::NotCanonical { what: WHAT });
        }
        let content = decoded.content;
        if content.signature != decoded.signature_algorithm {
            return Err(DecodeError::Der { what: WHAT }); // RFC 5280 section 4.1.1.2
        }
        let extensions = content.extensions.unwrap_or_default();
        refuse_duplicates(&extensions, WHAT)?;
        let extensions: Vec<_> = extensions.into_iter().map(Extension::from).collect();
        Ok(Self {
            to_be_signed: signed_part(der).map_err(malformed)?,
            der: der.to_vec(),
            signature: octets(decoded.signature).ok_or(DecodeError::Der { what: WHAT })?,
            signature_kind: signature_kind(&decoded.signature_algorithm),
            is_version_3: content.version == Version::V3,
            serial: content.serial_number.as_bytes().to_vec(),
            issuer: DistinguishedName::new(content.issuer).map_err(malformed)?,
            subject: DistinguishedName::new(content.subject).map_err(malformed)?,
            not_before: content.validity.not_before.to_unix_duration().as_secs(),
            not_after: content.validity.not_after.to_unix_duration().as_secs(),
            key: public_key(&content.key).map_err(malformed)?,
            basic_constraints: extension(&extensions, BASIC_CONSTRAINTS).map_err(malformed)?,
            key_usage: extension(&extensions, KEY_USAGE).map_err(malformed)?,
            extensions,
        })
    }

    /// The bytes it was decoded from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Common name of its subject, such as `SEV-VCEK`; empty where there is none.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject.common_name
    }

    /// Common name of its issuer; empty where there is none.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer.common_name
    }

    /// When it is valid, in seconds since 1970: first and last second, both included.
    #[must_use]
    pub fn validity_unix_seconds(&self) -> (u64, u64) {
        (self.not_before, self.not_after)
    }

    /// What its issuer signed, as received.
    pub(crate) fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Value of the extension with this id.
    pub(crate) fn extension(&self, oid: &ObjectIdentifier) -> Option<&[u8]> {
        self.extensions.iter().find(|extension| extension.id == *oid).map(|extension| extension.value.as_slice())
    }

    /// Whether `issuer`'s key signed it. Says nothing of names, dates or roles.
    pub(crate) fn is_signed_by(&self, issuer: &Self, crypto: &Crypto<'_>) -> bool {
        self.signature_kind.is_some_and(|kind| {
            crypto.verify_endorsed(&issuer.key, kind, self.to_be_signed(), self.signature()).is_ok()
        })
    }

    /// Whether it says of itself that it is an authority.
    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    /// A critical extension that no check here reads (RFC 5280 section 4.2: then the certificate must be refused).
    pub(crate) fn unknown_critical_extension(&self) -> Option<ObjectIdentifier> {
        let unknown =
            |extension: &&Extension| extension.critical && ![BASIC_CONSTRAINTS, KEY_USAGE].contains(&extension.id);
        self.extensions.iter().find(unknown).map(|extension| extension.id)
    }
}

impl DistinguishedName {
    pub(crate) fn new(name: x509::Name<'_>) -> der::Result<Self> {
        let common_name = name.common_name()?.map(printable).unwrap_or_default();
        Ok(Self { content: name.content.to_vec(), common_name })
    }
}

/// It is shown to people before anything is verified, so nothing in it may steer a terminal.
fn printable(name: String) -> String {
    let stays = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
    if name.len() <= MAX_COMMON_NAME && name.bytes().all(stays) {
        return name; // as every maker's is
    }
    name.chars().take(MAX_COMMON_NAME).flat_map(char::escape_default).collect()
}

/// From a DER SubjectPublicKeyInfo that stands alone; `None` where it is none.
pub(crate) fn key_of_info(info: &[u8]) -> Option<PublicKey> {
    public_key(&x509::decode(info).ok()?).ok()
}

/// From DER of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
fn public_key(info: &SubjectPublicKeyInfoRef<'_>) -> der::Result<PublicKey> {
    /// RFC 8017 appendix A.1.1.
    #[derive(Sequence)]
    struct RsaKey<'a> {
        modulus: UintRef<'a>,
        exponent: UintRef<'a>,
    }
    let bytes = info.subject_public_key.raw_bytes();
    Ok(match info.algorithm.oid {
        RSA_ENCRYPTION => {
            let key: RsaKey<'_> = x509::decode(bytes)?;
            PublicKey::Rsa { modulus: key.modulus.as_bytes().to_vec(), exponent: key.exponent.as_bytes().to_vec() }
        }
        EC_PUBLIC_KEY => {
            let curve: Option<ObjectIdentifier> = info.algorithm.parameters.map(|any| any.decode_as()).transpose()?;
            match (curve, bytes.first()) {
                (Some(SECP256R1), Some(4)) => {
                    bytes.try_into().map_or(PublicKey::Other, |point: [u8; 65]| PublicKey::P256(point.into()))
                }
                (Some(SECP384R1), Some(4)) => {
                    bytes.try_into().map_or(PublicKey::Other, |point: [u8; 97]| PublicKey::P384(point.into()))
                }
                _ => PublicKey::Other,
            }
        }
        ED25519 => bytes.try_into().map_or(PublicKey::Other, PublicKey::Ed25519),
        _ => PublicKey::Other,
    })
}

/// The first element of the outer SEQUENCE, tag and length included, as received.
pub(crate) fn signed_part(der: &[u8]) -> der::Result<Vec<u8>> {
    let mut reader = x509::BytesReader::new(der);
    let header = der::Header::decode(&mut reader)?;
    header.tag().assert_eq(der::Tag::Sequence)?;
    reader.tlv_bytes().map(<[u8]>::to_vec)
}

pub(crate) fn octets(bits: BitStringRef<'_>) -> Option<Vec<u8>> {
    bits.as_bytes().map(<[u8]>::to_vec)
}

pub(crate) fn signature_kind(algorithm: &AlgorithmIdentifierRef<'_>) -> Option<SignatureKind> {
    let parameters = algorithm.parameters;
    match algorithm.oid {
        RSASSA_PSS if parameters.is_some_and(|any| PSS_SHA384_SALT48.contains(&any.value())) => {
            Some(SignatureKind::RsaPssSha384)
        }
        // RFC 5758 section 3.2: without parameters. RFC 4055 section 5: with a NULL.
        ECDSA_WITH_SHA256 if parameters.is_none() => Some(SignatureKind::EcdsaP256Sha256Der),
        ECDSA_WITH_SHA384 if parameters.is_none() => Some(SignatureKind::EcdsaP384Sha384Der),
        SHA256_WITH_RSA if parameters.is_some_and(AnyRef::is_null) => Some(SignatureKind::RsaPkcs1Sha256),
        SHA384_WITH_RSA if parameters.is_some_and(AnyRef::is_null) => Some(SignatureKind::RsaPkcs1Sha384),
        _ => None,
    }
}

pub(crate) fn refuse_duplicates(extensions: &[x509::Extension<'_>], what: &'static str) -> Result<(), DecodeError> {
    // Each is compared with each, before any signature: no maker's has half as many.
    if extensions.len() > MAX_EXTENSIONS {
        return Err(DecodeError::EndorsementCount {
            what: "extensions in one certificate or list",
            limit: MAX_EXTENSIONS,
            found: extensions.len(),
        });
    }
    let mut seen: Vec<&ObjectIdentifier> = Vec::with_capacity(extensions.len());
    for extension in extensions {
        if seen.contains(&&extension.id) {
            return Err(DecodeError::DuplicateExtension { what, oid: extension.id.to_string() });
        }
        seen.push(&extension.id);
    }
    Ok(())
}

fn extension<'a, T: Decode<'a, Error = der::Error>>(
    extensions: &'a [Extension],
    oid: ObjectIdentifier,
) -> der::Result<Option<T>> {
    let value = extensions.iter().find(|extension| extension.id == oid);
    value.map(|extension| x509::decode(&extension.value)).transpose()
}
