//! What other tools write of a VM, as Evidence: the JSON of Trustee's attesters (without a version, 1 and 2), the quote as
//! `az-cvm-vtpm` keeps it. Nothing is verified here; the container is what is appraised.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::evidence::{Evidence, MAGIC};
use super::runtime_data::base64_url;
use crate::error::DecodeError;
use crate::event_log::Algorithm;
use crate::platform::Platform;
use crate::platform::tpm::quote::write_values;
use crate::platform::tpm::{QuoteParts, container, rsassa_sha256};

/// The JSON has numbers for bytes: four characters a byte.
const MAX_JSON: usize = 1024 * 1024;
const SHA256_BYTES: usize = 32;
/// These tools quote all registers of a TPM.
const REGISTERS: usize = 24;

/// Evidence out of another tool's file, and the Endorsements that were in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Import {
    /// For [`Evidence::decode`](crate::Evidence::decode).
    pub evidence: Vec<u8>,
    /// Certificates, DER or PEM, for [`Endorsements::decode_all`](crate::Endorsements::decode_all).
    pub endorsements: Vec<Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: Option<u32>,
    #[serde(alias = "report")]
    hcl_report: Bytes,
    #[serde(alias = "quote")]
    tpm_quote: TpmQuote,
    td_quote: Option<Bytes>,
    vcek: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TpmQuote {
    message: Bytes,
    signature: Bytes,
    pcrs: Vec<Bytes>,
}

/// A list of numbers, or text whose coding the field and the version decide.
#[derive(Deserialize)]
#[serde(untagged)]
enum Bytes {
    Numbers(Vec<u8>),
    Text(String),
}

impl Bytes {
    fn base64(&self) -> Option<Vec<u8>> {
        match self {
            Self::Numbers(bytes) => Some(bytes.clone()),
            Self::Text(text) => padded_base64_url(text),
        }
    }

    fn hex(&self) -> Option<Vec<u8>> {
        let text = match self {
            Self::Numbers(bytes) => return Some(bytes.clone()),
            Self::Text(text) => text,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| crate::text::from_hex(core::str::from_utf8(pair).ok()?).map(|[byte]| byte);
        rest.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
    }
}

/// Trustee pads, or not.
fn padded_base64_url(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    (unpadded.len() == text.len() || text.len().is_multiple_of(4)).then(|| base64_url(unpadded)).flatten()
}

/// From the JSON of an Azure confidential VM's attester, at most 1 MiB. The result decodes as Evidence.
///
/// # Errors
/// [`DecodeError::EvidenceFormat`] where the JSON is not of a known form, or what it holds does not decode.
pub fn import(json: &[u8]) -> Result<Import, DecodeError> {
    let refused = |problem| DecodeError::EvidenceFormat {
        platform: Platform::AzureSnp,
        check: super::checks::FORMAT.id,
        problem,
    };
    if json.len() > MAX_JSON {
        return Err(refused(format!("{} bytes of json, expected at most {MAX_JSON}", json.len())));
    }
    let written: Written = serde_json::from_slice(json).map_err(|error| {
        refused(format!("json of no known form, at line {} column {}", error.line(), error.column()))
    })?;
    if !matches!(written.version, None | Some(1 | 2)) {
        return Err(refused(format!("json of version {}, expected none, 1 or 2", written.version.unwrap_or_default())));
    }
    let (hardware, quote, vcek) = parts(&written)
        .ok_or_else(|| refused(String::from("a field of the json has bytes in another coding or number")))?;
    Ok(Import { evidence: assemble(&hardware, &quote)?, endorsements: vcek.into_iter().collect() })
}

/// What the hardware says of the paravisor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: what the container holds of the hardware")]
pub struct HardwareParts {
    /// The report of the paravisor, as the vTPM's store has it (NV index 0x01400001).
    pub paravisor_report: Vec<u8>,
    /// On TDX the TD quote over the report's TDREPORT; on SEV-SNP nothing.
    pub td_quote: Vec<u8>,
}

/// A VM's parts as Evidence, in one file. Nothing is verified.
///
/// # Errors
/// [`DecodeError`]: each of its variants about evidence.
pub fn assemble(hardware: &HardwareParts, quote: &QuoteParts) -> Result<Vec<u8>, DecodeError> {
    let values = write_values(quote.bank, &quote.values);
    let (report, td_quote) = (&hardware.paravisor_report, &hardware.td_quote);
    let parts: [&[u8]; 6] = [report, td_quote, &quote.quote, &quote.signature, &values, &quote.event_log];
    let bytes = container::write(MAGIC, &parts);
    Evidence::decode(&bytes)?;
    Ok(bytes)
}

type Decoded = (HardwareParts, QuoteParts, Option<Vec<u8>>);

fn parts(written: &Written) -> Option<Decoded> {
    let quote = &written.tpm_quote;
    let values: Option<Vec<Vec<u8>>> = quote.pcrs.iter().map(Bytes::hex).collect();
    let values =
        values.filter(|values| values.len() == REGISTERS && values.iter().all(|one| one.len() == SHA256_BYTES))?;
    // Without a version the certificate is PEM; else DER.
    let vcek = match &written.vcek {
        Some(text) if text.starts_with("-----BEGIN ") => Some(text.as_bytes().to_vec()),
        Some(text) => Some(padded_base64_url(text)?),
        None => None,
    };
    let hardware = HardwareParts {
        paravisor_report: written.hcl_report.base64()?,
        td_quote: written.td_quote.as_ref().map_or(Some(Vec::new()), Bytes::base64)?,
    };
    let quote = QuoteParts {
        quote: quote.message.hex()?,
        signature: rsassa_sha256(&quote.signature.hex()?),
        bank: Algorithm::Sha256,
        values: (0..).zip(values).collect(),
        event_log: Vec::new(),
    };
    Some((hardware, quote, vcek))
}
