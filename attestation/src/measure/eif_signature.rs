//! The signature section of an enclave image file: who vouches for its PCR0.
//!
//! Source: AWS, crate `aws-nitro-enclaves-image-format`, `utils/eif_signer.rs`. CBOR (RFC 8949) of one shape:
//! `[{"signing_certificate": PEM, "signature": COSE_Sign1}]`, each a list of numbers instead of a byte string, and the
//! COSE_Sign1 (RFC 9052 section 4.2) is over `{"register_index": 0, "register_value": PCR0}`, again with a list. Read strictly:
//! definite lengths, shortest forms, no other key, nothing after it.

use alloc::vec::Vec;

use der::Decode;

use super::error::MeasureError;
use crate::reader::Reader;

/// What a signature section says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// DER.
    pub(super) certificate: Vec<u8>,
    /// The value that was signed.
    pub(super) pcr0: [u8; 48],
}

impl Signature {
    pub(super) fn decode(section: &[u8]) -> Result<Self, MeasureError> {
        let (certificate, message) = section_parts(section).ok_or(MeasureError::EifSignature)?;
        let pcr0 = payload(&message).and_then(register_value).ok_or(MeasureError::EifSignedPayload)?;
        let certificate = der_certificate(&certificate).ok_or(MeasureError::EifCertificate)?;
        Ok(Self { certificate, pcr0 })
    }
}

/// One PEM certificate (RFC 7468), and nothing else.
fn der_certificate(pem: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(pem).ok()?;
    // `openssl x509 -text` writes the certificate for people before it.
    let (_, block) = text.split_at_checked(text.find("-----BEGIN ")?)?;
    let block = crate::pem::only(block)?;
    let whole = x509_cert::Certificate::from_der(&block.bytes).is_ok();
    (block.label == "CERTIFICATE" && whole).then_some(block.bytes)
}

fn section_parts(section: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut reader = Cbor(Reader::new(section));
    reader.expect(ARRAY, 1)?;
    reader.expect(MAP, 2)?;
    reader.key("signing_certificate")?;
    let certificate = reader.list_of_bytes()?;
    reader.key("signature")?;
    let message = reader.list_of_bytes()?;
    reader.end()?;
    Some((certificate, message))
}

/// What a COSE_Sign1 is over. Its headers say how it was signed, which Nitro decides on.
fn payload(message: &[u8]) -> Option<&[u8]> {
    // The tag of COSE_Sign1 may be there or not.
    let mut reader = Cbor(Reader::new(message.strip_prefix(&[0xd2]).unwrap_or(message)));
    reader.expect(ARRAY, 4)?;
    reader.string(BYTES)?;
    reader.expect(MAP, 0)?;
    let payload = reader.string(BYTES)?;
    reader.string(BYTES)?;
    reader.end()?;
    Some(payload)
}

fn register_value(payload: &[u8]) -> Option<[u8; 48]> {
    let mut reader = Cbor(Reader::new(payload));
    reader.expect(MAP, 2)?;
    reader.key("register_index")?;
    reader.expect(UNSIGNED, 0)?;
    reader.key("register_value")?;
    let value = reader.list_of_bytes()?;
    reader.end()?;
    value.try_into().ok()
}

// Major types (RFC 8949 section 3.1).
const UNSIGNED: u8 = 0;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;

struct Cbor<'a>(Reader<'a>);

impl<'a> Cbor<'a> {
    /// An item's major type and argument, in its shortest form, below 2^32.
    fn head(&mut self) -> Option<(u8, u32)> {
        let first = self.0.u8()?;
        let argument = match first & 0x1f {
            short @ 0..=23 => u32::from(short),
            24 => self.0.u8().map(u32::from).filter(|value| *value > 23)?,
            25 => self.0.bytes().map(u16::from_be_bytes).map(u32::from).filter(|value| *value > 0xff)?,
            26 => self.0.bytes().map(u32::from_be_bytes).filter(|value| *value > 0xffff)?,
            _ => return None,
        };
        Some((first >> 5, argument))
    }

    fn expect(&mut self, major: u8, argument: u32) -> Option<()> {
        (self.head()? == (major, argument)).then_some(())
    }

    fn string(&mut self, major: u8) -> Option<&'a [u8]> {
        let (found, length) = self.head()?;
        let string = self.0.rest().get(..usize::try_from(length).ok()?)?;
        self.0.skip(string.len())?;
        (found == major).then_some(string)
    }

    fn key(&mut self, name: &str) -> Option<()> {
        (self.string(TEXT)? == name.as_bytes()).then_some(())
    }

    /// Each number takes at least a byte, so the list is never longer than what is left.
    fn list_of_bytes(&mut self) -> Option<Vec<u8>> {
        let (major, length) = self.head()?;
        if major != ARRAY || usize::try_from(length).ok()? > self.0.rest().len() {
            return None;
        }
        let byte = |_| match self.head()? {
            (UNSIGNED, value) => u8::try_from(value).ok(),
            _ => None,
        };
        (0..length).map(byte).collect()
    }

    fn end(&self) -> Option<()> {
        self.0.rest().is_empty().then_some(())
    }
}
