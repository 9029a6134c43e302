//! UEFI device paths in words (UEFI 2.11 sections 10.3 and 10.6): the nodes that boots of confidential guests have, others by
//! their numbers.

use alloc::format;
use alloc::string::String;

use super::printable;
use super::variable::guid;
use crate::reader::Reader;
use crate::text::{Hex, joined};

/// No boot has a longer one.
const MAX_NODES: usize = 32;

/// The nodes with `/` between them, printable ASCII only. What does not decode is shown as bytes.
pub(super) fn describe(path: &[u8]) -> String {
    if path.is_empty() {
        return String::from("memory");
    }
    let mut nodes = alloc::vec::Vec::new();
    let mut rest = path;
    while let Some((kind, subkind, content, after)) = split_node(rest) {
        // 10.3.1: end of the path.
        if kind == 0x7f || nodes.len() == MAX_NODES {
            rest = &[];
            break;
        }
        nodes.push(node(kind, subkind, content).unwrap_or_else(|| format!("Path({kind},{subkind})")));
        rest = after;
    }
    if !rest.is_empty() {
        nodes.push(format!("{} bytes {}", rest.len(), Hex(rest.get(..32).unwrap_or(rest))));
    }
    joined(nodes, "/")
}

/// Type, subtype, content, and what comes after it.
fn split_node(path: &[u8]) -> Option<(u8, u8, &[u8], &[u8])> {
    let (&[kind, subkind, low, high], rest) = path.split_first_chunk()?;
    let length = usize::from(u16::from_le_bytes([low, high])).checked_sub(4)?;
    let (content, after) = rest.split_at_checked(length)?;
    Some((kind, subkind, content, after))
}

fn node(kind: u8, subkind: u8, content: &[u8]) -> Option<String> {
    let mut reader = Reader::new(content);
    match (kind, subkind) {
        (1, 1) => {
            let (function, device) = (reader.u8()?, reader.u8()?);
            Some(format!("Pci({device:#x},{function:#x})"))
        }
        (1, 4) => Some(format!("VenHw({})", guid(&reader.bytes()?))),
        (2, 1) => {
            let (hid, uid) = (reader.u32()?, reader.u32()?);
            // EISA id PNP0A03, the root of a PCI bus.
            Some(if hid == 0x0a03_41d0 { format!("PciRoot({uid:#x})") } else { format!("Acpi({hid:#x},{uid:#x})") })
        }
        (3, 1) => {
            let (primary, master, unit) = (reader.u8()?, reader.u8()?, reader.u8()?);
            Some(format!("Ata({primary:#x},{master:#x},{unit:#x})"))
        }
        (3, 2) => {
            let ([a, b], [c, d]) = (reader.bytes()?, reader.bytes()?);
            Some(format!("Scsi({:#x},{:#x})", u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])))
        }
        (3, 11) => Some(format!("MAC({})", Hex(&reader.bytes::<6>()?))),
        (3, 23) => Some(format!("NVMe({:#x})", reader.u32()?)),
        (4, 1) => {
            let (partition, start, size) = (reader.u32()?, reader.u64()?, reader.u64()?);
            let signature = guid(&reader.bytes()?);
            let (format, signed_by) = (reader.u8()?, reader.u8()?);
            Some(match (format, signed_by) {
                (2, 2) => format!("HD({partition},GPT,{signature},{start:#x},{size:#x})"),
                _ => format!("HD({partition},{format},{signed_by},{start:#x},{size:#x})"),
            })
        }
        (4, 2) => Some(format!("CDROM({:#x})", reader.u32()?)),
        (4, 3) => Some(format!("VenMedia({})", guid(&reader.bytes()?))),
        (4, 4) => {
            let name = content.strip_suffix(&[0, 0]).unwrap_or(content);
            Some(printable::utf16(name))
        }
        (4, 6) => Some(format!("FvFile({})", guid(&reader.bytes()?))),
        (4, 7) => Some(format!("Fv({})", guid(&reader.bytes()?))),
        _ => None,
    }
}
