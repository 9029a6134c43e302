//! How certificates and revocation lists are encoded (RFC 5280 sections 4.1 and 5.1), read where they lie.
//!
//! The types of `x509-cert` own every part of a name, which made decoding as dear as a signature check. What decodes here is DER in
//! its one canonical form: lengths, integers and times are held to it by `der`, sets in names here, and a default that was written
//! out makes an encoding longer than that of its value ([`is_canonical`]).

use alloc::string::String;
use alloc::vec::Vec;

use der::asn1::{AnyRef, BitStringRef, IntRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, DecodeValue, Encode, EncodeValue, FixedTag, Header, Length, Reader, Sequence, Tag, Writer};
use x509_cert::certificate::Version;
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

pub(crate) use reader::{BytesReader, decode, decode_first};

mod reader;

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
    pub(crate) serial_number: SerialNumber<'a>,
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
    pub(crate) extensions: Option<Vec<Extension<'a>>>,
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
    pub(crate) revoked: Option<Vec<RevokedCertificate<'a>>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(crate) extensions: Option<Vec<Extension<'a>>>,
}

/// Section 5.1, an entry of revokedCertificates. There may be thousands, so nothing of one is owned.
#[derive(Debug, Sequence)]
pub(crate) struct RevokedCertificate<'a> {
    pub(crate) serial_number: SerialNumber<'a>,
    pub(crate) revocation_date: Time,
    pub(crate) extensions: Option<EntryExtensions>,
}

/// Section 5.3, crlEntryExtensions: each was looked at, and the first critical one is known.
#[derive(Debug)]
pub(crate) struct EntryExtensions {
    pub(crate) critical: Option<ObjectIdentifier>,
    /// Of all of them in canonical form.
    length: Length,
}

impl FixedTag for EntryExtensions {
    const TAG: Tag = Tag::Sequence;
}

impl<'a> DecodeValue<'a> for EntryExtensions {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, _: Header) -> der::Result<Self> {
        let mut all = Self { critical: None, length: Length::ZERO };
        while !reader.is_finished() {
            let extension = Extension::decode(reader)?;
            all.length = (all.length + extension.encoded_len()?)?;
            all.critical = all.critical.or(extension.critical.then_some(extension.id));
        }
        Ok(all)
    }
}

impl EncodeValue for EntryExtensions {
    fn value_len(&self) -> der::Result<Length> {
        Ok(self.length)
    }

    fn encode_value(&self, _: &mut impl Writer) -> der::Result<()> {
        Err(Tag::Sequence.value_error().into()) // only its length is asked for
    }
}

/// Section 4.1.2.9, Extension.
#[derive(Debug, Sequence)]
pub(crate) struct Extension<'a> {
    pub(crate) id: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(crate) critical: bool,
    pub(crate) value: &'a OctetStringRef,
}

/// Section 4.1.2.2, CertificateSerialNumber, as it is encoded. Some makers count the 20 bytes that it may have without the one for
/// the sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SerialNumber<'a>(IntRef<'a>);

impl<'a> SerialNumber<'a> {
    const MAX_LENGTH: Length = Length::new(21);

    pub(crate) fn as_bytes(&self) -> &'a [u8] {
        self.0.as_bytes()
    }
}

impl FixedTag for SerialNumber<'_> {
    const TAG: Tag = Tag::Integer;
}

impl<'a> DecodeValue<'a> for SerialNumber<'a> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        let number = IntRef::decode_value(reader, header)?;
        if number.len() > Self::MAX_LENGTH { Err(Tag::Integer.value_error().into()) } else { Ok(Self(number)) }
    }
}

impl EncodeValue for SerialNumber<'_> {
    fn value_len(&self) -> der::Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode_value(writer)
    }
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
        let mut sets = BytesReader::new(content);
        while !sets.is_finished() {
            let set = Header::decode(&mut sets)?;
            set.tag().assert_eq(Tag::Set)?;
            let mut attributes = sets.read_slice(set.length())?;
            let mut before: &[u8] = &[];
            while !attributes.is_empty() {
                let (attribute, after) = decode_first::<Attribute<'_>>(attributes)?;
                let encoded = attributes.strip_suffix(after).unwrap_or(attributes);
                // X.690 section 11.6: a set of them is sorted by their encodings.
                if encoded <= before {
                    return Err(Tag::Set.value_error().into());
                }
                (before, attributes) = (encoded, after);
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
