//! How certificates and revocation lists are encoded (RFC 5280 sections 4.1 and 5.1), read where they lie.
//!
//! The types of `x509-cert` own every part of a name, which made decoding as dear as a signature check. What decodes here is DER in
//! its one canonical form: lengths, integers and times are held to it by `der`, sets in names here, and a default that was written
//! out makes an encoding longer than that of its value ([`is_canonical`]).

use alloc::string::String;
use alloc::vec::Vec;

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{
    Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence, SliceReader, Tag, Tagged,
    Writer,
};
use x509_cert::certificate::Version;
use x509_cert::crl::RevokedCert;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

/// RFC 5280 appendix A.1, id-at-commonName.
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// Section 4.1, Certificate.
#[derive(Debug, Sequence)]
pub(crate) struct Certificate<'a> {
    pub(crate) content: CertificateContent<'a>,
    pub(crate) signature_algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) signature: BitStringRef<'a>,
}

/// Section 4.1, TBSCertificate.
#[derive(Debug, Sequence)]
pub(crate) struct CertificateContent<'a> {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(crate) version: Version,
    pub(crate) serial_number: SerialNumber,
    pub(crate) signature: AlgorithmIdentifierRef<'a>,
    pub(crate) issuer: Name<'a>,
    pub(crate) validity: Validity,
    pub(crate) subject: Name<'a>,
    pub(crate) key: SubjectPublicKeyInfoRef<'a>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) issuer_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub(crate) subject_unique_id: Option<BitStringRef<'a>>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

/// Section 5.1, CertificateList.
#[derive(Debug, Sequence)]
pub(crate) struct RevocationList<'a> {
    pub(crate) content: RevocationListContent<'a>,
    pub(crate) signature_algorithm: AlgorithmIdentifierRef<'a>,
    pub(crate) signature: BitStringRef<'a>,
}

/// Section 5.1, TBSCertList. There has to be a version.
#[derive(Debug, Sequence)]
pub(crate) struct RevocationListContent<'a> {
    pub(crate) version: Version,
    pub(crate) signature: AlgorithmIdentifierRef<'a>,
    pub(crate) issuer: Name<'a>,
    pub(crate) this_update: Time,
    pub(crate) next_update: Option<Time>,
    pub(crate) revoked: Option<Vec<RevokedCert>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension>>,
}

/// Section 4.1.2.4, Name: the content of its SEQUENCE, of which every part was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) content: &'a [u8],
    common_name: Option<AnyRef<'a>>,
}

impl Name<'_> {
    /// The first common name. An error where it is of no type that a DirectoryString may have.
    pub(crate) fn common_name(&self) -> der::Result<Option<String>> {
        self.common_name
            .map(|value| value.decode_as::<DirectoryString>().map(|text| text.value().into_owned()))
            .transpose()
    }
}

impl FixedTag for Name<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for Name<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let content = reader.read_slice(header.length())?;
        let mut common_name = None;
        let mut sets = SliceReader::new(content)?;
        while !sets.is_finished() {
            let set = AnyRef::decode(&mut sets)?;
            set.tag().assert_eq(Tag::Set)?;
            let mut attributes = SliceReader::new(set.value())?;
            let mut before: &[u8] = &[];
            while !attributes.is_finished() {
                let encoded = attributes.tlv_bytes()?;
                // X.690 section 11.6: a set of them is sorted by their encodings.
                if encoded <= before {
                    return Err(Tag::Set.value_error().into());
                }
                before = encoded;
                let attribute = Attribute::from_der(encoded)?;
                if attribute.kind == COMMON_NAME {
                    common_name = common_name.or(Some(attribute.value));
                }
            }
        }
        Ok(Self { content, common_name })
    }
}

impl EncodeValue for Name<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.content.len().try_into()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        writer.write(self.content)
    }
}

/// Section 4.1.2.4, AttributeTypeAndValue.
#[derive(Sequence)]
struct Attribute<'a> {
    kind: ObjectIdentifier,
    value: AnyRef<'a>,
}

/// Whether `decoded` is all that stands in `der`: a default that was written out is not.
pub(crate) fn is_canonical(decoded: &impl Encode, der: &[u8]) -> der::Result<bool> {
    Ok(usize::try_from(decoded.encoded_len()?).is_ok_and(|length| length == der.len()))
}

#[cfg(test)]
#[path = "x509/tests.rs"]
mod tests;
