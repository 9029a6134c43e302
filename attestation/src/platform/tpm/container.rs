//! Our file around the parts of a quote. All numbers are big-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | what it is: `SRTPM`, `SRAZV` or `SRTDX`, two zeros, version 1 |
//! | 4 + n, several times | the parts in their fixed order, each its length and its bytes; an absent one has length 0 |
//!
//! Parts of a TPM's Evidence: quote (TPMS_ATTEST), signature (TPMT_SIGNATURE), values, attestation key, event log or none.
//! Parts of Azure's: report of the paravisor, TD quote or none, quote, signature, values, event log or none.
//! Parts of TDX's: quote, event log; both are there.
//!
//! *Values* are the bank's algorithm (TPM_ALG_ID, 2 bytes), then for each register its number (1 byte) and its value (as long as
//! the algorithm's digest), by ascending number. An *attestation key* is a certificate (DER) or a TPMT_PUBLIC.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Of an event log; everything else is far smaller.
const MAX_PART: usize = 16 * 1024 * 1024;

/// The parts, or what is wrong. `limits` has the longest that each may be.
pub(crate) fn read<'a, const N: usize>(
    magic: [u8; 8],
    bytes: &'a [u8],
    parts: [(&'static str, usize); N],
) -> Result<[&'a [u8]; N], String> {
    let mut rest =
        bytes.strip_prefix(&magic).ok_or_else(|| String::from("it does not begin with its name and version 1"))?;
    let mut read: [&[u8]; N] = [&[]; N];
    for (slot, (name, limit)) in read.iter_mut().zip(parts) {
        let cut = || format!("it ends inside of the part \"{name}\"");
        let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        if length > limit.min(MAX_PART) {
            return Err(format!("the part \"{name}\" has {length} bytes, expected at most {limit}"));
        }
        (*slot, rest) = after.split_at_checked(length).ok_or_else(cut)?;
    }
    if rest.is_empty() { Ok(read) } else { Err(format!("{} bytes follow the last part", rest.len())) }
}

/// The same the other way round.
pub(crate) fn write(magic: [u8; 8], parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    for part in parts {
        // A part beyond 4 GiB does not read back: it is over every limit.
        bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

/// Reads big-endian fields, as all of the TPM's are.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*field)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.bytes().map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.bytes().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.bytes().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.bytes().map(u64::from_be_bytes)
    }

    pub(crate) fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (field, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(field)
    }

    /// TPM2B: a length of two bytes, and as many bytes (part 2, section 10.4).
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.slice(usize::from(length))
    }
}
