//! What OVMF says of itself: a table of GUIDs that ends 32 bytes before the end of the image, read backwards, and the list
//! of memory areas that a SEV-SNP guest needs at launch.
//!
//! Source: EDK II, `OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm` (the table) and
//! `OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm` (the areas). Strict: each entry exactly as long as it says and as its kind
//! is, none twice, none left over; areas whole pages below the firmware, none over another, 256 MiB
//! in all (builds of OVMF have less than one).

use alloc::vec::Vec;

use super::error::MeasureError;
use super::guid::Guid;
use crate::reader::Reader;

const PAGE: u64 = 4096;
const FOUR_GIB: u64 = 1 << 32;
/// QEMU's `max-fw-size` is never more.
const MAX_BYTES: usize = 16 << 20;
/// Pages of all areas: work that a file can ask for.
const MAX_PAGES: u64 = 1 << 16;
/// The table's footer is followed by the reset vector.
const AFTER_TABLE: usize = 32;
/// Length (2) and GUID (16), behind each entry's data.
const ENTRY: usize = 18;

const TABLE_FOOTER: Guid = Guid::new(0x96b5_82de, 0x1fb2, 0x45f7, 0xbaea, 0xa366_c55a_082d);
const HASH_TABLE: Guid = Guid::new(0x7255_371f, 0x3a3b, 0x4b04, 0x927b, 0x1da6_efa8_d454);
const RESET_BLOCK: Guid = Guid::new(0x00f7_71de, 0x1a7e, 0x4fcb, 0x890e, 0x68c7_7e2f_b44e);
const SEV_METADATA: Guid = Guid::new(0xdc88_6566, 0x984a, 0x4798, 0xa75e, 0x5585_a7bf_67cc);

/// A decoded firmware image.
pub(super) struct Firmware<'a> {
    image: &'a [u8],
    /// In the order of the metadata, which is the order in which they are measured.
    pub(super) areas: Vec<Area>,
    /// Where the hypervisor writes the hashes of kernel, initrd and command line.
    pub(super) hash_table: Option<HashTable>,
    /// Where vCPUs other than the first begin. Never zero.
    pub(super) reset_address: Option<u32>,
}

/// Memory that must be there at launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) kind: AreaKind,
    pub(super) address: u64,
    /// At least one.
    pub(super) pages: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AreaKind {
    SecureMemory,
    Secrets,
    Cpuid,
    CallingArea,
    KernelHashes,
}

/// Bytes of guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HashTable {
    pub(super) address: u32,
    pub(super) length: u32,
}

impl<'a> Firmware<'a> {
    pub(super) fn decode(image: &'a [u8]) -> Result<Self, MeasureError> {
        let pages = image.as_chunks::<4096>();
        if image.is_empty() || !pages.1.is_empty() || image.len() > MAX_BYTES {
            return Err(MeasureError::FirmwareSize { found: image.len(), limit: MAX_BYTES });
        }
        let mut firmware = Self { image, areas: Vec::new(), hash_table: None, reset_address: None };
        let mut metadata = None;
        let mut seen = Vec::new();
        for entry in table(image)? {
            let (guid, data) = entry?;
            if seen.contains(&guid.0) {
                return Err(MeasureError::FirmwareEntryRepeated { guid: guid.0 });
            }
            seen.push(guid.0);
            match guid {
                HASH_TABLE => {
                    let [address, length] = words(guid, data)?;
                    // QEMU takes a zero address for: no room for hashes.
                    firmware.hash_table = (address != 0).then_some(HashTable { address, length });
                }
                RESET_BLOCK => {
                    let [address] = words(guid, data)?;
                    firmware.reset_address = (address != 0).then_some(address);
                }
                SEV_METADATA => {
                    let [from_end] = words(guid, data)?;
                    metadata = Some(from_end);
                }
                _ => {} // tables for other launches (TDX) and for legacy SEV
            }
        }
        let from_end = metadata.ok_or(MeasureError::FirmwareWithoutMetadata)?;
        firmware.areas = areas(image, from_end, firmware.address())?;
        Ok(firmware)
    }

    pub(super) fn image(&self) -> &'a [u8] {
        self.image
    }

    /// Where the image lies in the guest: it ends at 4 GiB.
    pub(super) fn address(&self) -> u64 {
        FOUR_GIB.saturating_sub(u64::try_from(self.image.len()).unwrap_or(FOUR_GIB))
    }
}

/// The entries, last first.
fn table(image: &[u8]) -> Result<impl Iterator<Item = Result<(Guid, &[u8]), MeasureError>>, MeasureError> {
    let (rest, _reset_vector) = image.split_at_checked(image.len().saturating_sub(AFTER_TABLE)).unwrap_or_default();
    let (rest, length, guid) = footer(rest).ok_or(MeasureError::FirmwareTable { found: [0; 16] })?;
    if guid != TABLE_FOOTER {
        return Err(MeasureError::FirmwareTable { found: guid.0 });
    }
    // The length counts the footer itself.
    let entries = usize::from(length).checked_sub(ENTRY).and_then(|length| rest.len().checked_sub(length));
    let mut left = entries.and_then(|start| rest.get(start..)).ok_or(MeasureError::FirmwareEntry {
        guid: guid.0,
        length,
        room: rest.len() + ENTRY,
    })?;
    Ok(core::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let room = left.len();
        let Some((before, length, guid)) = footer(left) else {
            left = &[];
            return Some(Err(MeasureError::FirmwareEntry { guid: [0; 16], length: 0, room }));
        };
        let data = usize::from(length).checked_sub(ENTRY).and_then(|length| before.len().checked_sub(length));
        let Some((before, data)) = data.and_then(|start| before.split_at_checked(start)) else {
            left = &[];
            return Some(Err(MeasureError::FirmwareEntry { guid: guid.0, length, room }));
        };
        left = before;
        Some(Ok((guid, data)))
    }))
}

/// What is before the footer, the length and the GUID in it.
fn footer(bytes: &[u8]) -> Option<(&[u8], u16, Guid)> {
    let (rest, guid) = bytes.split_last_chunk::<16>()?;
    let (rest, length) = rest.split_last_chunk::<2>()?;
    Some((rest, u16::from_le_bytes(*length), Guid(*guid)))
}

/// An entry that holds exactly `N` little-endian words.
fn words<const N: usize>(guid: Guid, data: &[u8]) -> Result<[u32; N], MeasureError> {
    match data.as_chunks::<4>() {
        (words, []) if words.len() == N => {
            let mut values = [0; N];
            for (value, word) in values.iter_mut().zip(words) {
                *value = u32::from_le_bytes(*word);
            }
            Ok(values)
        }
        _ => Err(MeasureError::FirmwareEntrySize { guid: guid.0, expected: 4 * N, found: data.len() }),
    }
}

/// The list at `from_end` bytes before the end of the image: `ASEV`, length, version, count, then address, size and kind each.
fn areas(image: &[u8], from_end: u32, firmware: u64) -> Result<Vec<Area>, MeasureError> {
    let outside = MeasureError::MetadataOffset { from_end, image: image.len() };
    let start = usize::try_from(from_end).ok().and_then(|from_end| image.len().checked_sub(from_end));
    let mut reader = Reader::new(start.and_then(|start| image.get(start..)).ok_or_else(|| outside.clone())?);
    let signature: [u8; 4] = reader.bytes().ok_or_else(|| outside.clone())?;
    let length = reader.u32().ok_or_else(|| outside.clone())?;
    let version = reader.u32().ok_or_else(|| outside.clone())?;
    let count = reader.u32().ok_or_else(|| outside.clone())?;
    if &signature != b"ASEV" || version != 1 {
        return Err(MeasureError::MetadataKind { signature, version });
    }
    if count.checked_mul(12).and_then(|areas| areas.checked_add(16)) != Some(length) {
        return Err(MeasureError::MetadataLength { count, found: length });
    }
    let mut areas: Vec<Area> = Vec::new();
    for number in 0..count {
        let address = reader.u32().ok_or_else(|| outside.clone())?;
        let size = reader.u32().ok_or_else(|| outside.clone())?;
        let kind = area_kind(number, reader.u32().ok_or_else(|| outside.clone())?)?;
        let address = u64::from(address);
        let area = Area { kind, address, pages: u64::from(size) / PAGE };
        let end = address.saturating_add(size.into());
        let whole = address.is_multiple_of(PAGE) && u64::from(size).is_multiple_of(PAGE) && size > 0;
        // The firmware measures one page of each of these, whatever the size says.
        let single = matches!(kind, AreaKind::Secrets | AreaKind::Cpuid | AreaKind::KernelHashes);
        if !whole || end > firmware || (single && area.pages != 1) {
            return Err(MeasureError::AreaRange { number, address, size, single });
        }
        areas.push(area);
    }
    let pages = areas.iter().map(|area| area.pages).fold(0_u64, u64::saturating_add);
    if pages > MAX_PAGES {
        return Err(MeasureError::AreaPages { found: pages, limit: MAX_PAGES });
    }
    let mut sorted: Vec<(u64, u64)> = areas.iter().map(|area| (area.address, area.pages)).collect();
    sorted.sort_unstable();
    for (&(address, pages), &(next, _)) in sorted.iter().zip(sorted.iter().skip(1)) {
        // The hardware takes each page once.
        if address.saturating_add(pages.saturating_mul(PAGE)) > next {
            return Err(MeasureError::AreaOverlap { address: next });
        }
    }
    Ok(areas)
}

fn area_kind(number: u32, code: u32) -> Result<AreaKind, MeasureError> {
    match code {
        1 => Ok(AreaKind::SecureMemory),
        2 => Ok(AreaKind::Secrets),
        3 => Ok(AreaKind::Cpuid),
        4 => Ok(AreaKind::CallingArea),
        0x10 => Ok(AreaKind::KernelHashes),
        found => Err(MeasureError::AreaKind { number, found }),
    }
}
