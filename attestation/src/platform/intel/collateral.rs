//! Intel's signed JSON as files have it: one answer of Intel's service (`tcbInfo` or `enclaveIdentity` beside `signature`), or
//! what the DCAP tools combine of all answers for one machine. What was signed is kept byte for byte.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::{self, CollateralError, HexBytes};
use super::pem;
use super::qe_identity::QeIdentity;
use super::tcb_info::TcbInfo;
use crate::certificate::Certificate;
use crate::error::DecodeError;
use crate::revocation::RevocationList;

/// Two revocation lists in hexadecimal and some twenty kilobytes beside.
pub(crate) const MAX_SIZE: usize = 2 * 1024 * 1024;

/// One of the Endorsements that Intel's services answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Collateral {
    TcbInfo(Box<TcbInfo>),
    QeIdentity(Box<QeIdentity>),
    Certificate(Box<Certificate>),
    RevocationList(Box<RevocationList>),
}

/// Every Endorsement of a JSON file.
pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Collateral>, DecodeError> {
    const WHAT: &str = "json of endorsements";
    if bytes.len() > MAX_SIZE {
        return Err(CollateralError::TooLong { what: WHAT, limit: MAX_SIZE, found: bytes.len() }.into());
    }
    let text = core::str::from_utf8(bytes).map_err(|_| CollateralError::Shape)?;
    match Shape::of(text)? {
        Shape::TcbInfo => Ok(Vec::from([tcb_info(text)?])),
        Shape::QeIdentity => Ok(Vec::from([qe_identity(text)?])),
        Shape::Combined => combined(text),
    }
}

enum Shape {
    TcbInfo,
    QeIdentity,
    Combined,
}

impl Shape {
    /// By the one key that only it has. Inside of text, a key stands with its quotation marks escaped, so it is none here.
    fn of(text: &str) -> Result<Self, CollateralError> {
        match ["\"tcbInfo\"", "\"enclaveIdentity\"", "\"tcb_info\""].map(|key| text.contains(key)) {
            [true, false, false] => Ok(Self::TcbInfo),
            [false, true, false] => Ok(Self::QeIdentity),
            [false, false, true] => Ok(Self::Combined),
            _ => Err(CollateralError::Shape),
        }
    }
}

fn tcb_info(text: &str) -> Result<Collateral, CollateralError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer<'a> {
        #[serde(rename = "tcbInfo", borrow)]
        signed: &'a RawValue,
        signature: HexBytes<64>,
    }
    let answer: Answer<'_> = json::parse("tcb info", text)?;
    TcbInfo::decode(answer.signed.get(), answer.signature.0).map(|info| Collateral::TcbInfo(Box::new(info)))
}

fn qe_identity(text: &str) -> Result<Collateral, CollateralError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Answer<'a> {
        #[serde(rename = "enclaveIdentity", borrow)]
        signed: &'a RawValue,
        signature: HexBytes<64>,
    }
    let answer: Answer<'_> = json::parse("qe identity", text)?;
    QeIdentity::decode(answer.signed.get(), answer.signature.0)
        .map(|identity| Collateral::QeIdentity(Box::new(identity)))
}

/// What the common DCAP tools write. The documents are text inside the text: what Intel signed is that text, or its answer is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Combined<'a> {
    #[serde(borrow)]
    pck_crl_issuer_chain: Option<Cow<'a, str>>,
    #[serde(borrow)]
    root_ca_crl: Cow<'a, str>,
    #[serde(borrow)]
    pck_crl: Cow<'a, str>,
    #[serde(borrow)]
    tcb_info_issuer_chain: Cow<'a, str>,
    #[serde(borrow)]
    tcb_info: Cow<'a, str>,
    #[serde(borrow)]
    tcb_info_signature: Option<Cow<'a, str>>,
    #[serde(borrow)]
    qe_identity_issuer_chain: Cow<'a, str>,
    #[serde(borrow)]
    qe_identity: Cow<'a, str>,
    #[serde(borrow)]
    qe_identity_signature: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pck_certificate_chain: Option<Cow<'a, str>>,
    /// Of the structure in C that these tools come from; they say nothing of what is in it.
    #[serde(rename = "version")]
    _version: Option<u32>,
    #[serde(rename = "major_version")]
    _major_version: Option<u32>,
    #[serde(rename = "minor_version")]
    _minor_version: Option<u32>,
    #[serde(rename = "tee_type")]
    _tee_type: Option<u32>,
}

fn combined(text: &str) -> Result<Vec<Collateral>, DecodeError> {
    let files: Combined<'_> = json::parse("json of endorsements", text)?;
    let mut all = Vec::new();
    all.push(match &files.tcb_info_signature {
        Some(signature) => {
            let info = TcbInfo::decode(&files.tcb_info, signature_of("tcb info", signature)?)?;
            Collateral::TcbInfo(Box::new(info))
        }
        None => tcb_info(&files.tcb_info)?,
    });
    all.push(match &files.qe_identity_signature {
        Some(signature) => {
            let identity = QeIdentity::decode(&files.qe_identity, signature_of("qe identity", signature)?)?;
            Collateral::QeIdentity(Box::new(identity))
        }
        None => qe_identity(&files.qe_identity)?,
    });
    let chains = [
        Some(&files.tcb_info_issuer_chain),
        Some(&files.qe_identity_issuer_chain),
        files.pck_crl_issuer_chain.as_ref(),
        files.pck_certificate_chain.as_ref(),
    ];
    // The first two are the same as a rule, and each ends in the root: what was read before is not read again.
    let mut chains: Vec<_> = chains.into_iter().flatten().collect();
    chains.dedup();
    let mut known: Vec<Vec<u8>> = Vec::new();
    for chain in chains {
        for der in pem::blocks(chain.as_bytes()).ok_or(DecodeError::Pem)? {
            if !known.contains(&der) {
                all.push(Collateral::Certificate(Box::new(Certificate::from_der(&der)?)));
                known.push(der);
            }
        }
    }
    for (field, text) in [("root_ca_crl", &files.root_ca_crl), ("pck_crl", &files.pck_crl)] {
        all.push(Collateral::RevocationList(Box::new(revocation_list(field, text)?)));
    }
    Ok(all)
}

fn signature_of(what: &'static str, text: &str) -> Result<[u8; 64], CollateralError> {
    HexBytes::parse(text).map(|bytes| bytes.0).ok_or(CollateralError::Signature { what })
}

fn revocation_list(field: &'static str, text: &str) -> Result<RevocationList, DecodeError> {
    let text = text.trim_ascii();
    let der = match text.starts_with("-----BEGIN X509 CRL-----") {
        true => crate::pem::only(text).map(|block| block.bytes),
        false => json::hex(text),
    };
    RevocationList::from_der(&der.ok_or(CollateralError::RevocationList { field })?)
}
