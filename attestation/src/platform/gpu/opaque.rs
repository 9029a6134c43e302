//! Step 2, the opaque data: type, length and value, little-endian, one after the other (nvtrust, `OpaqueData`). The list of types
//! is open: one that is not known is shown and not judged.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::reader::Reader;
use crate::text::Hex;

const MAX_FIELDS: usize = 64;
const DRIVER_VERSION: u16 = 3;
const VBIOS_VERSION: u16 = 6;
const FIRMWARE_ID: u16 = 20;

/// One field of the opaque data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpaqueField {
    /// NVIDIA's number of it.
    pub kind: u16,
    /// As it stands there.
    pub value: Vec<u8>,
}

/// Claims' names by NVIDIA's numbers.
const NAMES: [(u16, &str); 21] = [
    (1, "cert-issuer-name"),
    (2, "cert-authority-key-identifier"),
    (DRIVER_VERSION, "driver-version"),
    (4, "gpu-info"),
    (5, "sku"),
    (VBIOS_VERSION, "vbios-version"),
    (7, "manufacturer-id"),
    (8, "tamper-detection"),
    (9, "smc"),
    (10, "vpr"),
    (11, "nvdec0-status"),
    (12, "measurement-count"),
    (13, "cpr-info"),
    (14, "board-id"),
    (15, "chip-sku"),
    (16, "chip-sku-mod"),
    (17, "project"),
    (18, "project-sku"),
    (19, "project-sku-mod"),
    (FIRMWARE_ID, "fwid"),
    (21, "protected-pcie-status"),
];

impl OpaqueField {
    /// Such as `driver-version`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        NAMES.iter().find(|(kind, _)| *kind == self.kind).map_or("opaque-field", |(_, name)| name)
    }

    /// In words or hexadecimal.
    pub(super) fn words(&self) -> String {
        match self.kind {
            DRIVER_VERSION => driver_version(&self.value).unwrap_or_else(|_| Hex(&self.value).to_string()),
            VBIOS_VERSION => vbios_version(&self.value).unwrap_or_else(|_| Hex(&self.value).to_string()),
            kind if self.name() == "opaque-field" => format!("{kind} {}", Hex(&self.value)),
            _ => Hex(&self.value).to_string(),
        }
    }
}

/// What the checks read of it.
pub(super) struct Opaque {
    pub(super) fields: Vec<OpaqueField>,
    pub(super) driver_version: String,
    pub(super) vbios_version: String,
    pub(super) firmware_id: [u8; 48],
}

/// All of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Opaque, String> {
    let mut reader = Reader::new(bytes);
    let mut fields: Vec<OpaqueField> = Vec::new();
    while !reader.rest().is_empty() {
        const TRUNCATED: &str = "an opaque field is longer than the data it stands in";
        let kind = reader.bytes().map(u16::from_le_bytes).ok_or(TRUNCATED)?;
        let length = usize::from(reader.bytes().map(u16::from_le_bytes).ok_or(TRUNCATED)?);
        let value = reader.rest().get(..length).ok_or(TRUNCATED)?.to_vec();
        reader.skip(length).ok_or(TRUNCATED)?;
        if fields.iter().any(|field| field.kind == kind) {
            return Err(format!("opaque field {kind} occurs twice"));
        }
        if fields.len() == MAX_FIELDS {
            return Err(format!("more than {MAX_FIELDS} opaque fields"));
        }
        fields.push(OpaqueField { kind, value });
    }
    let value = |kind: u16| {
        let field = fields.iter().find(|field| field.kind == kind);
        field.map(|field| field.value.as_slice()).ok_or_else(|| format!("opaque field {kind} is missing"))
    };
    let firmware_id = value(FIRMWARE_ID)?;
    let wrong_size = |_| format!("the firmware id has {} bytes, expected 48", firmware_id.len());
    let firmware_id = firmware_id.try_into().map_err(wrong_size)?;
    let (driver_version, vbios_version) =
        (driver_version(value(DRIVER_VERSION)?)?, vbios_version(value(VBIOS_VERSION)?)?);
    Ok(Opaque { driver_version, vbios_version, firmware_id, fields })
}

/// Text, ended by zeros.
fn driver_version(bytes: &[u8]) -> Result<String, String> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (text, zeros) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    if text.is_empty() || !text.iter().all(plain) || zeros.iter().any(|byte| *byte != 0) {
        return Err(String::from("the driver version is not plain text, ended by zeros"));
    }
    Ok(text.iter().map(|byte| char::from(*byte)).collect())
}

/// Eight bytes: four in reverse order, one, three zeros. Written `96.00.9f.00.01`.
fn vbios_version(bytes: &[u8]) -> Result<String, String> {
    match bytes {
        [d, c, b, a, e, 0, 0, 0] => Ok(format!("{a:02x}.{b:02x}.{c:02x}.{d:02x}.{e:02x}")),
        _ => Err(String::from("the vbios version is not five bytes and three zeros")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vbios_version_reads_as_nvidia_prints_it() {
        assert_eq!(vbios_version(&[0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 0]).as_deref(), Ok("96.00.9f.00.01"));
        assert!(vbios_version(&[0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 1]).is_err());
    }

    #[test]
    fn a_driver_version_is_plain_text() {
        assert_eq!(driver_version(b"550.90.07\0").as_deref(), Ok("550.90.07"));
        for bad in [&b"550\0.90"[..], b"\0", b"", b"55\x1b[2J\0"] {
            assert!(driver_version(bad).is_err(), "{bad:?}");
        }
    }
}
