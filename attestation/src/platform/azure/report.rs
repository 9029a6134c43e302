//! Step 8.1: the paravisor's report, strictly. Little-endian.

use alloc::format;
use alloc::string::String;

use crate::reader::Reader;

/// "HCLA".
const SIGNATURE: u32 = 0x414c_4348;
/// What the paravisor makes the report for that it keeps: to have the AK certified.
const AK_CERTIFICATE_REQUEST: u32 = 2;
const HEADER_BYTES: usize = 32;
/// Room for the hardware's report, the longest of which is SEV-SNP's.
const HARDWARE_BYTES: usize = 1184;
/// Before the runtime data: length, version, kind of report, kind of hash, length of the variable data.
const RUNTIME_HEADER_BYTES: usize = 20;
const SHA256: u32 = 1;

/// Which hardware made the report inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Snp,
    Tdx,
}

/// The report's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HclReport<'a> {
    pub(super) kind: Kind,
    pub(super) version: u32,
    pub(super) hardware: &'a [u8],
    pub(super) runtime_data: &'a [u8],
}

impl<'a> HclReport<'a> {
    /// The kind alone, of bytes that may be anything.
    pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
        let mut reader = Reader::new(bytes.get(HEADER_BYTES + HARDWARE_BYTES + 8..)?);
        match reader.u32()? {
            2 => Some(Kind::Snp),
            4 => Some(Kind::Tdx),
            _ => None,
        }
    }

    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, String> {
        Self::fields(bytes).ok_or_else(|| String::from("the paravisor's report ends early"))?
    }

    /// `None` where bytes are missing.
    fn fields(bytes: &'a [u8]) -> Option<Result<Self, String>> {
        let mut reader = Reader::new(bytes);
        let (signature, version, size) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (request, status, reserved) = (reader.u32()?, reader.u32()?, reader.bytes::<12>()?);
        if signature != SIGNATURE || !matches!(version, 1 | 2) {
            return Some(Err(format!(
                "the paravisor's report begins with {signature:#010x} and version {version}, expected {SIGNATURE:#010x} and 1 or 2"
            )));
        }
        if (request, status) != (AK_CERTIFICATE_REQUEST, 0) {
            return Some(Err(format!(
                "the paravisor's report is of request {request} with status {status}, expected {AK_CERTIFICATE_REQUEST} and 0"
            )));
        }
        if reserved != [0; 12] {
            return Some(Err(String::from("reserved bytes of the paravisor's report are not zero")));
        }
        let (hardware, rest) = reader.rest().split_at_checked(HARDWARE_BYTES)?;
        let mut reader = Reader::new(rest);
        let (length, runtime_version, kind) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (hash, data_length) = (reader.u32()?, reader.u32()?);
        let Some(kind) = Self::kind(bytes) else {
            return Some(Err(format!(
                "the paravisor's report holds one of kind {kind}, expected 2 (SEV-SNP) or 4 (TDX)"
            )));
        };
        if runtime_version != 1 || hash != SHA256 {
            return Some(Err(format!(
                "the runtime data are of version {runtime_version} with hash {hash}, expected version 1 with hash 1 (sha256)"
            )));
        }
        let data_length = usize::try_from(data_length).ok()?;
        let (runtime_data, zeros) = reader.rest().split_at_checked(data_length)?;
        let total = HEADER_BYTES + HARDWARE_BYTES + RUNTIME_HEADER_BYTES + data_length;
        let says = |value: u32, expected: usize| usize::try_from(value) == Ok(expected);
        if !says(length, RUNTIME_HEADER_BYTES + data_length) || !says(size, total) {
            return Some(Err(format!("the paravisor's report says that it has {size} bytes, expected {total}")));
        }
        // It comes out of a store of a fixed size.
        if zeros.iter().any(|byte| *byte != 0) {
            return Some(Err(String::from("bytes after the runtime data are not zero")));
        }
        Some(Ok(Self { kind, version, hardware, runtime_data }))
    }
}
