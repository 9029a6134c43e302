//! Steps 1 and 2: request and response, decoded strictly. Every field has one place, and nothing follows the signature.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checks;
use super::opaque::{self, OpaqueField};
use crate::challenge::Answer;
use crate::check::{CheckDefinition, common};
use crate::error::DecodeError;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::platform::Platform;
use crate::reader::Reader;
use crate::text::Hex;

/// 255 measurements of 55 bytes, and as much opaque data as its length can say.
const MAX_BYTES: usize = 128 * 1024;
const SIGNATURE: usize = 96;
const SPDM_1_1: u8 = 0x11;
const GET_MEASUREMENTS: u8 = 0xe0;
const MEASUREMENTS: u8 = 0x60;
/// DSP0274 table 42: param 1 bit 0 asks for a signature; param 2, 0xff asks for all measurements.
const SIGNED: u8 = 1;
const ALL: u8 = 0xff;
/// DSP0274 table 46: DMTF's layout of a measurement.
const DMTF: u8 = 1;

/// A report that decodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    bytes: Vec<u8>,
    claims: Claims,
    signature: Box<[u8; SIGNATURE]>,
}

/// What a report says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// What the request asked with.
    pub nonce: [u8; 32],
    /// Which of the GPU's chains signs, 0 to 15.
    pub slot: u8,
    /// The GPU's own random bytes.
    pub response_nonce: [u8; 32],
    /// SHA-384 by index, in the response's order. Zeros stand at indices that are not in use.
    pub measurements: Vec<(u8, [u8; 48])>,
    /// Every opaque field, in the response's order.
    pub opaque: Vec<OpaqueField>,
    /// Such as `550.90.07`.
    pub driver_version: String,
    /// Such as `96.00.9f.00.01`.
    pub vbios_version: String,
    /// Digest of the firmware that holds the signing key (FWID).
    pub firmware_id: [u8; 48],
}

impl Claims {
    /// The measurement at this index, where there is one.
    #[must_use]
    pub fn measurement(&self, index: u8) -> Option<&[u8; 48]> {
        self.measurements.iter().find(|(known, _)| *known == index).map(|(_, value)| value)
    }
}

impl Report {
    /// SPDM 1.1 and GET_MEASUREMENTS.
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        matches!(bytes, [SPDM_1_1, GET_MEASUREMENTS, ..])
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            let problem = format!("{} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(malformed(&common::EVIDENCE_SIZE, problem));
        }
        let mut reader = Reader::new(bytes);
        let (nonce, slot) = request(&mut reader).map_err(|problem| malformed(&checks::REQUEST, problem))?;
        let response = |problem| malformed(&checks::RESPONSE, problem);
        let measurements = record(&mut reader, slot).map_err(response)?;
        let truncated = || response(String::from("the response ends before its signature"));
        let response_nonce = reader.bytes().ok_or_else(truncated)?;
        let opaque_length = usize::from(reader.bytes().map(u16::from_le_bytes).ok_or_else(truncated)?);
        let opaque = reader.rest().get(..opaque_length).ok_or_else(truncated)?;
        reader.skip(opaque_length).ok_or_else(truncated)?;
        let opaque = opaque::read(opaque).map_err(response)?;
        let left = reader.rest().len();
        let signature = reader.bytes().ok_or_else(truncated)?;
        if left != SIGNATURE {
            return Err(response(format!("{left} bytes stand where the signature does, expected {SIGNATURE}")));
        }
        let claims = Claims {
            nonce,
            slot,
            response_nonce,
            measurements,
            opaque: opaque.fields,
            driver_version: opaque.driver_version,
            vbios_version: opaque.vbios_version,
            firmware_id: opaque.firmware_id,
        };
        Ok(Self { bytes: bytes.to_vec(), claims, signature: Box::new(signature) })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The firmware that holds the signing key.
    pub(crate) fn measurement(&self) -> Measurement {
        Measurement::sha384(self.claims.firmware_id)
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer { field: "request nonce", bytes: &self.claims.nonce, fixed: true }
    }

    /// Step 6: request and response, but for the signature (DSP0274 section 10.11.2, L1).
    pub(super) fn signed_bytes(&self) -> &[u8] {
        self.bytes.split_last_chunk::<SIGNATURE>().map_or(&[], |(signed, _)| signed)
    }

    pub(super) fn signature(&self) -> &[u8; SIGNATURE] {
        &self.signature
    }

    /// Every field. Not verified.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let claim = |name, value: String| Claim { name, value };
        let claims = &self.claims;
        let mut all = Vec::from([
            claim("nonce", Hex(&claims.nonce).to_string()),
            claim("slot", claims.slot.to_string()),
            claim("response-nonce", Hex(&claims.response_nonce).to_string()),
        ]);
        all.extend(claims.opaque.iter().map(|field| claim(field.name(), field.words())));
        all.extend(
            claims.measurements.iter().map(|(index, value)| claim("measurement", format!("{index} {}", Hex(value)))),
        );
        all
    }
}

fn malformed(check: &'static CheckDefinition, problem: String) -> DecodeError {
    DecodeError::EvidenceFormat { platform: Platform::NvidiaGpu, check: check.id, problem }
}

/// DSP0274 table 42. Returns nonce and slot.
fn request(reader: &mut Reader<'_>) -> Result<([u8; 32], u8), String> {
    const TRUNCATED: &str = "the request is shorter than 37 bytes";
    let header: [u8; 4] = reader.bytes().ok_or(TRUNCATED)?;
    if header != [SPDM_1_1, GET_MEASUREMENTS, SIGNED, ALL] {
        let expected = [SPDM_1_1, GET_MEASUREMENTS, SIGNED, ALL];
        return Err(format!("the request begins with {}, expected {}", Hex(&header), Hex(&expected)));
    }
    let nonce = reader.bytes().ok_or(TRUNCATED)?;
    let slot = reader.u8().ok_or(TRUNCATED)?;
    if slot > 0x0f {
        return Err(format!("the request's slot is {slot:#04x}, expected at most 0x0f"));
    }
    Ok((nonce, slot))
}

/// DSP0274 tables 44 to 47: header, then one block for each measurement.
fn record(reader: &mut Reader<'_>, slot: u8) -> Result<Vec<(u8, [u8; 48])>, String> {
    const TRUNCATED: &str = "the response ends in its measurements";
    let header: [u8; 4] = reader.bytes().ok_or(TRUNCATED)?;
    if header != [SPDM_1_1, MEASUREMENTS, 0, slot] {
        let expected = [SPDM_1_1, MEASUREMENTS, 0, slot];
        return Err(format!("the response begins with {}, expected {}", Hex(&header), Hex(&expected)));
    }
    let blocks = reader.u8().ok_or(TRUNCATED)?;
    let [low, middle, high] = reader.bytes::<3>().ok_or(TRUNCATED)?;
    let length = u32::from_le_bytes([low, middle, high, 0]);
    if blocks == 0 {
        return Err(String::from("the response has no measurements"));
    }
    let mut measurements: Vec<(u8, [u8; 48])> = Vec::with_capacity(blocks.into());
    let before = reader.rest().len();
    for _ in 0..blocks {
        let index = reader.u8().ok_or(TRUNCATED)?;
        let specification = reader.u8().ok_or(TRUNCATED)?;
        let size = reader.bytes().map(u16::from_le_bytes).ok_or(TRUNCATED)?;
        let _value_type = reader.u8().ok_or(TRUNCATED)?;
        let value_size = reader.bytes().map(u16::from_le_bytes).ok_or(TRUNCATED)?;
        if index == 0 || measurements.iter().any(|(known, _)| *known == index) {
            return Err(format!("measurement {index} occurs twice, or its index is 0"));
        }
        if specification != DMTF || value_size != 48 || size != 51 {
            return Err(format!("measurement {index} is not 48 bytes in the layout of DMTF"));
        }
        measurements.push((index, reader.bytes().ok_or(TRUNCATED)?));
    }
    let read = before.saturating_sub(reader.rest().len());
    if usize::try_from(length).ok() != Some(read) {
        return Err(format!("the measurements take {read} bytes, and the response says {length}"));
    }
    Ok(measurements)
}
