//! A DCAP quote, decoded strictly: header, body, signature data with the quoting enclave's report and the PCK chain.
//!
//! Layouts: version 3 after Intel's "ECDSA QuoteGenReference and QuoteVerifyReference API", appendix A.4; versions 4 and 5
//! after "TDX DCAP Quoting Library API", appendix A.3. Every length is checked against what it stands in. A platform hands a
//! quote out in a buffer that is larger than it; zeros may follow, nothing else.
//!
//! Body type 4, of TDs that can be migrated, is refused by name: it tells of a second platform, where the TD was started, and
//! nothing here judges that one.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use thiserror::Error;

use super::enclave_report::{self, EnclaveReport};
use super::fields::Fields;
use super::pck::{PckPlatform, SGX_EXTENSION};
use super::{IntelTee, checks, pem};
use crate::certificate::Certificate;
use crate::check::{CheckDefinition, common};
use crate::error::DecodeError;
use crate::platform::Platform;
use crate::reader::Reader;

/// The largest buffer that is read. Quotes have about 5000 bytes.
pub(crate) const MAX_SIZE: usize = 64 * 1024;
const HEADER: usize = 48;
/// ECDSA over P-256 with SHA-256.
const KEY_TYPE_P256: u16 = 2;
/// A PCK chain in PEM.
const CERTIFICATION_CHAIN: u16 = 5;
/// The quoting enclave's report, its signature and further certification data.
const CERTIFICATION_QE_REPORT: u16 = 6;

/// Bytes that are not a quote of the forms known here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuoteError {
    /// More bytes than any platform's buffer.
    #[error("quote has {found} bytes, expected at most {limit}")]
    TooLong {
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// A field does not fit into what is left.
    #[error("quote ends inside its {field}: expected {expected} bytes, found {found}; bring all of it, in binary")]
    Truncated {
        /// Which field.
        field: &'static str,
        /// Bytes of it.
        expected: usize,
        /// Bytes that are left.
        found: usize,
    },
    /// Something other than zeros after the quote, or bytes inside that belong to nothing.
    #[error("byte {offset} follows the end of the {field} and is not zero; bring the quote alone")]
    Trailing {
        /// What ends before it.
        field: &'static str,
        /// Offset from the start of the Evidence.
        offset: usize,
    },
    /// A layout that this Verifier does not know.
    #[error("quote says {field} {found}, expected {expected}; update the verifier if the platform is newer than it")]
    Version {
        /// Which of version, TEE type and body type.
        field: &'static str,
        /// Those known.
        expected: &'static str,
        /// The one given.
        found: u32,
    },
    /// Bytes that the layout keeps at zero are not.
    #[error("quote byte {offset} is reserved and must be zero, found {found:#04x}")]
    Reserved {
        /// Offset from the start of the Evidence.
        offset: usize,
        /// What stands there.
        found: u8,
    },
    /// Another kind of attestation key.
    #[error("quote is signed with attestation key type {found}, expected 2 (ECDSA over P-256 with SHA-256)")]
    KeyType {
        /// The one given.
        found: u16,
    },
    /// Certification data of another kind.
    #[error(
        "quote holds certification data of type {found}, expected {expected}; have the quoting library put the pck chain in"
    )]
    CertificationType {
        /// The type that belongs there.
        expected: u16,
        /// The one given.
        found: u16,
    },
    /// The certification data is not three certificates in PEM.
    #[error("quote holds a pck chain of {found}, expected three certificates in pem: pck, its issuer, the root")]
    Chain {
        /// What there is instead.
        found: String,
    },
    /// One of them does not decode.
    #[error("pck chain in the quote: {0}")]
    Certificate(Box<DecodeError>),
}

impl QuoteError {
    /// As the error of the platform whose quote it was to be.
    pub(crate) fn of(&self, platform: Platform) -> DecodeError {
        DecodeError::EvidenceFormat { platform, check: self.check().id, problem: self.to_string() }
    }

    fn check(&self) -> &'static CheckDefinition {
        match self {
            Self::TooLong { .. } | Self::Truncated { .. } | Self::Trailing { .. } => &common::EVIDENCE_SIZE,
            Self::Version { .. } => &checks::VERSION,
            Self::KeyType { .. } => &checks::KEY_TYPE,
            Self::Reserved { .. } => &checks::RESERVED,
            Self::CertificationType { .. } | Self::Chain { .. } | Self::Certificate(_) => &checks::CERTIFICATION_DATA,
        }
    }
}

/// The form of a quote's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// An SGX enclave report.
    Enclave,
    /// A TD report of TDX 1.0.
    Td10,
    /// A TD report of TDX 1.5.
    Td15,
}

impl BodyKind {
    fn size(self) -> usize {
        match self {
            Self::Enclave => enclave_report::SIZE,
            Self::Td10 => 584,
            Self::Td15 => 648,
        }
    }

    fn tee(self) -> IntelTee {
        match self {
            Self::Enclave => IntelTee::Sgx,
            Self::Td10 | Self::Td15 => IntelTee::Tdx,
        }
    }
}

/// A quote that decodes. Its body is decoded by the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    bytes: Vec<u8>,
    pub(crate) version: u16,
    pub(crate) body_kind: BodyKind,
    /// In version 3 the header names the levels of the quoting enclave and of the PCE; nobody relies on them.
    pub(crate) header_svns: Option<(u16, u16)>,
    pub(crate) qe_vendor_id: [u8; 16],
    /// What the quoting enclave put in: the first 16 bytes identify it.
    pub(crate) user_data: [u8; 20],
    body: Range<usize>,
    pub(super) signature: [u8; 64],
    pub(super) attestation_key: [u8; 64],
    qe_report_bytes: [u8; enclave_report::SIZE],
    pub(crate) qe_report: EnclaveReport,
    pub(super) qe_report_signature: [u8; 64],
    pub(super) qe_authentication_data: Vec<u8>,
    /// PCK certificate, its issuer, the root that they say they are under.
    pub(crate) pck_chain: [Certificate; 3],
}

/// Whether these bytes begin like a quote, and of which TEE they say they are. Decides nothing but who decodes them.
pub(crate) fn sniff(bytes: &[u8]) -> Option<IntelTee> {
    let header: &[u8; 8] = bytes.first_chunk()?;
    match header {
        [1..=15, 0, 1..=15, 0, tee_type @ ..] if *tee_type == [0x81, 0, 0, 0] => Some(IntelTee::Tdx),
        [1..=15, 0, 1..=15, 0, ..] => Some(IntelTee::Sgx),
        _ => None,
    }
}

impl Quote {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, QuoteError> {
        if bytes.len() > MAX_SIZE {
            return Err(QuoteError::TooLong { limit: MAX_SIZE, found: bytes.len() });
        }
        let mut fields = Fields::new(bytes, 0);
        let header = Header::read(&mut fields)?;
        let body_kind = header.body_kind(&mut fields)?;
        let body_start = fields.offset();
        fields.take("body", body_kind.size())?;
        let body = body_start..body_start + body_kind.size();
        let length = fields.length("length of the signature data")?;
        let data_start = fields.offset();
        let data = fields.take("signature data", length)?;
        if let Some(index) = fields.rest().iter().position(|byte| *byte != 0) {
            return Err(QuoteError::Trailing { field: "quote", offset: data_start + length + index });
        }
        let signed = SignatureData::read(data, data_start, header.version)?;
        let qe_report = EnclaveReport::decode(&signed.qe_report_bytes, signed.qe_report_offset)?;
        Ok(Self {
            bytes: bytes.to_vec(),
            version: header.version,
            body_kind,
            header_svns: header.svns,
            qe_vendor_id: header.qe_vendor_id,
            user_data: header.user_data,
            body,
            signature: signed.signature,
            attestation_key: signed.attestation_key,
            qe_report_bytes: signed.qe_report_bytes,
            qe_report,
            qe_report_signature: signed.qe_report_signature,
            qe_authentication_data: signed.qe_authentication_data.to_vec(),
            pck_chain: pem::chain(signed.chain)?,
        })
    }

    /// As received, with the zeros after it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.bytes.get(self.body.clone()).unwrap_or_default()
    }

    pub(crate) fn body_offset(&self) -> usize {
        self.body.start
    }

    pub(crate) fn tee(&self) -> IntelTee {
        self.body_kind.tee()
    }

    /// Of the PCK certificate in it; `None` where that has no readable SGX extension.
    pub(crate) fn unverified_platform(&self) -> Option<PckPlatform> {
        let [pck, ..] = &self.pck_chain;
        pck.extension(&SGX_EXTENSION).and_then(|extension| PckPlatform::read(extension).ok())
    }

    /// Header and body, as received: what the attestation key signed.
    pub(super) fn signed_bytes(&self) -> &[u8] {
        self.bytes.get(..self.body.end).unwrap_or_default()
    }

    /// What the PCK key signed, as received.
    pub(super) fn qe_report_bytes(&self) -> &[u8] {
        &self.qe_report_bytes
    }
}

struct Header {
    version: u16,
    tee_type: u32,
    svns: Option<(u16, u16)>,
    qe_vendor_id: [u8; 16],
    user_data: [u8; 20],
}

impl Header {
    fn read(fields: &mut Fields<'_>) -> Result<Self, QuoteError> {
        let header = fields.take("header", HEADER)?;
        let truncated = || QuoteError::Truncated { field: "header", expected: HEADER, found: header.len() };
        let mut reader = Reader::new(header);
        let mut read = || {
            let version = reader.bytes().map(u16::from_le_bytes)?;
            let key_type = reader.bytes().map(u16::from_le_bytes)?;
            let tee_type = reader.u32()?;
            let svns = [reader.bytes().map(u16::from_le_bytes)?, reader.bytes().map(u16::from_le_bytes)?];
            Some((version, key_type, tee_type, svns, reader.bytes()?, reader.bytes()?))
        };
        let (version, key_type, tee_type, [qe_svn, pce_svn], qe_vendor_id, user_data) = read().ok_or_else(truncated)?;
        if !(3..=5).contains(&version) {
            return Err(QuoteError::Version { field: "version", expected: "3, 4 or 5", found: version.into() });
        }
        if key_type != KEY_TYPE_P256 {
            return Err(QuoteError::KeyType { found: key_type });
        }
        let svns = match version {
            3 => Some((qe_svn, pce_svn)),
            _ => match header.iter().enumerate().skip(8).take(4).find(|(_, byte)| **byte != 0) {
                Some((offset, found)) => return Err(QuoteError::Reserved { offset, found: *found }),
                None => None,
            },
        };
        Ok(Self { version, tee_type, svns, qe_vendor_id, user_data })
    }

    /// Version 3 has SGX bodies only, version 4 tells by the TEE type, version 5 has a descriptor before the body.
    fn body_kind(&self, fields: &mut Fields<'_>) -> Result<BodyKind, QuoteError> {
        const TEE: &str = "TEE type";
        let wrong = |expected| QuoteError::Version { field: TEE, expected, found: self.tee_type };
        match (self.version, self.tee_type) {
            (3, 0) => return Ok(BodyKind::Enclave),
            (3, _) => return Err(wrong("0 (SGX)")),
            (4, 0) => return Ok(BodyKind::Enclave),
            (4, 0x81) => return Ok(BodyKind::Td10),
            (_, 0 | 0x81) => {}
            _ => return Err(wrong("0 (SGX) or 129 (TDX)")),
        }
        let body_type = fields.number("body type")?;
        let size = fields.length("body size")?;
        let kind = match (self.tee_type, body_type) {
            (0, 1) => BodyKind::Enclave,
            (0x81, 2) => BodyKind::Td10,
            (0x81, 3) => BodyKind::Td15,
            (0, _) => {
                return Err(QuoteError::Version {
                    field: "body type",
                    expected: "1 in an SGX quote",
                    found: body_type.into(),
                });
            }
            _ => {
                return Err(QuoteError::Version {
                    field: "body type",
                    expected: "2 (TD 1.0) or 3 (TD 1.5) in a TDX quote",
                    found: body_type.into(),
                });
            }
        };
        if size == kind.size() {
            Ok(kind)
        } else {
            Err(QuoteError::Truncated { field: "body", expected: kind.size(), found: size })
        }
    }
}

/// Everything after the body, in both of its orders.
struct SignatureData<'a> {
    signature: [u8; 64],
    attestation_key: [u8; 64],
    qe_report_bytes: [u8; enclave_report::SIZE],
    qe_report_offset: usize,
    qe_report_signature: [u8; 64],
    qe_authentication_data: &'a [u8],
    chain: &'a [u8],
}

impl<'a> SignatureData<'a> {
    /// From version 4 on, all from the quoting enclave's report on stands inside certification data of type 6.
    fn read(data: &'a [u8], start: usize, version: u16) -> Result<Self, QuoteError> {
        let mut fields = Fields::new(data, start);
        let signature = fields.array("signature")?;
        let attestation_key = fields.array("attestation key")?;
        if version != 3 {
            let offset = fields.offset() + 6;
            let inner = fields.certification("certification data", CERTIFICATION_QE_REPORT)?;
            fields.end("signature data")?;
            fields = Fields::new(inner, offset);
        }
        let qe_report_offset = fields.offset();
        let qe_report_bytes = fields.array("report of the quoting enclave")?;
        let qe_report_signature = fields.array("signature of the quoting enclave's report")?;
        let authentication_length = usize::from(fields.number("length of the authentication data")?);
        let qe_authentication_data = fields.take("authentication data", authentication_length)?;
        let chain = fields.certification("certification data", CERTIFICATION_CHAIN)?;
        fields.end("certification data")?;
        Ok(Self {
            signature,
            attestation_key,
            qe_report_bytes,
            qe_report_offset,
            qe_report_signature,
            qe_authentication_data,
            chain,
        })
    }
}
