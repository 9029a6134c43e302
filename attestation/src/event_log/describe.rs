//! What an event says, in one line for people. It trusts neither the type nor the data: what does not fit is shown as bytes,
//! and nothing in the line can steer a terminal.

use alloc::format;
use alloc::string::String;

use super::decode::STARTUP_LOCALITY;
use super::device_path;
use super::event::Event;
use super::kind::EventType;
use super::printable;
use super::variable::{self, Variable};
use crate::reader::Reader;
use crate::text::{Hex, joined};

/// Bytes of unknown data that are shown.
const SHOWN_BYTES: usize = 32;
/// Partitions of a table that are named.
const SHOWN_PARTITIONS: usize = 16;
/// UEFI 2.11 section 5.3: header and entry of a GUID partition table.
const GPT_HEADER_BYTES: usize = 92;
const GPT_ENTRY_BYTES: usize = 128;

impl Event<'_> {
    /// What it says, in words. Not verified; printable ASCII only.
    #[must_use]
    pub fn describe(&self) -> String {
        let data = self.data();
        let text = match self.kind() {
            EventType::NO_ACTION => no_action(data),
            EventType::SEPARATOR => separator(data),
            EventType::ACTION | EventType::EFI_ACTION => Some(printable::ascii(data)),
            EventType::S_CRTM_VERSION | EventType::IPL => Some(printable::either(data)),
            EventType::EVENT_TAG => {
                variable::tag(data).map(|(id, content)| format!("tag {id:#010x} {}", printable::either(content)))
            }
            EventType::VARIABLE_DRIVER_CONFIG
            | EventType::VARIABLE_BOOT
            | EventType::VARIABLE_BOOT2
            | EventType::VARIABLE_AUTHORITY => Variable::parse(data).map(|variable| describe_variable(&variable)),
            EventType::BOOT_SERVICES_APPLICATION
            | EventType::BOOT_SERVICES_DRIVER
            | EventType::RUNTIME_SERVICES_DRIVER => image(data),
            EventType::GPT | EventType::GPT2 => partitions(data),
            EventType::FIRMWARE_BLOB => firmware_blob(data),
            EventType::FIRMWARE_BLOB2 | EventType::HANDOFF_TABLES2 => labelled(data),
            _ => is_text(data).then(|| printable::either(data)),
        };
        text.unwrap_or_else(|| bytes(data))
    }
}

fn bytes(data: &[u8]) -> String {
    match data.get(..SHOWN_BYTES) {
        None => format!("{} bytes {}", data.len(), Hex(data)),
        Some(start) => format!("{} bytes {}...", data.len(), Hex(start)),
    }
}

fn is_text(data: &[u8]) -> bool {
    let text = data.strip_suffix(&[0]).unwrap_or(data);
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
}

/// PFP 10.4.5: a signature of 16 bytes says what it is.
fn no_action(data: &[u8]) -> Option<String> {
    if let Some([locality]) = data.strip_prefix(STARTUP_LOCALITY) {
        return Some(format!("start-up locality {locality}"));
    }
    let signature = data.first_chunk::<16>()?;
    Some(format!("{}, {} bytes", printable::ascii(signature.split(|byte| *byte == 0).next()?), data.len()))
}

/// PFP 3.3.2.2: 0 or all ones; 1 says that an error happened.
fn separator(data: &[u8]) -> Option<String> {
    match data {
        [0, 0, 0, 0] | [0xff, 0xff, 0xff, 0xff] => Some(format!("separator {}", Hex(data))),
        [1, 0, 0, 0] => Some(String::from("separator after an error")),
        _ => None,
    }
}

fn describe_variable(variable: &Variable<'_>) -> String {
    let name = variable::name(variable);
    let value = match (name.as_str(), variable.value) {
        ("SecureBoot", [0]) => String::from("off"),
        ("SecureBoot", [1]) => String::from("on"),
        ("BootOrder", order) => {
            let (numbers, _) = order.as_chunks::<2>();
            joined(numbers.iter().take(SHOWN_BYTES).map(|number| format!("{:04x}", u16::from_le_bytes(*number))), " ")
        }
        // EFI_LOAD_OPTION (UEFI 2.11 section 3.1.3): attributes, length of the path, description.
        (boot, option) if boot.len() == 8 && boot.starts_with("Boot") => {
            let description = option.get(6..).unwrap_or_default();
            let (characters, _) = description.as_chunks::<2>();
            let length = characters.iter().take_while(|character| **character != [0, 0]).count();
            format!("\"{}\"", printable::utf16(description.get(..2 * length).unwrap_or_default()))
        }
        (_, value) if is_text(value) => printable::ascii(value),
        (_, value) => format!("{} bytes", value.len()),
    };
    format!("{name} = {value} ({})", variable::guid(&variable.namespace))
}

/// UEFI_IMAGE_LOAD_EVENT (PFP 10.2.3): address, length, link-time address, length of the path, path.
fn image(data: &[u8]) -> Option<String> {
    let mut reader = Reader::new(data);
    let (_address, length, _link_time) = (reader.u64()?, reader.u64()?, reader.u64()?);
    let path_length = usize::try_from(reader.u64()?).ok()?;
    let path = reader.rest();
    (path.len() == path_length).then(|| format!("image of {length} bytes from {}", device_path::describe(path)))
}

/// UEFI_GPT_DATA (PFP 10.2.5): the table's header, the number of partitions in use, their entries.
fn partitions(data: &[u8]) -> Option<String> {
    let (header, rest) = data.split_at_checked(GPT_HEADER_BYTES)?;
    let disk: &[u8; 16] = header.get(56..72)?.try_into().ok()?;
    let (count, rest) = rest.split_first_chunk()?;
    let count = u64::from_le_bytes(*count);
    let (entries, _) = rest.as_chunks::<GPT_ENTRY_BYTES>();
    let names = entries.iter().take(SHOWN_PARTITIONS).map(|entry| {
        let (characters, _) = entry.get(56..).unwrap_or_default().as_chunks::<2>();
        let length = characters.iter().take_while(|character| **character != [0, 0]).count();
        printable::utf16(entry.get(56..56 + 2 * length).unwrap_or_default())
    });
    Some(format!("disk {} with {count} partitions: {}", variable::guid(disk), joined(names, ", ")))
}

/// UEFI_PLATFORM_FIRMWARE_BLOB (PFP 10.2.6).
fn firmware_blob(data: &[u8]) -> Option<String> {
    let mut reader = Reader::new(data);
    let (base, length) = (reader.u64()?, reader.u64()?);
    reader.rest().is_empty().then(|| format!("firmware of {length} bytes at {base:#x}"))
}

/// UEFI_PLATFORM_FIRMWARE_BLOB2, UEFI_HANDOFF_TABLE_POINTERS2 (PFP 10.2.7, 10.2.8): both begin with a description.
fn labelled(data: &[u8]) -> Option<String> {
    let (length, rest) = data.split_first()?;
    rest.get(..usize::from(*length)).map(printable::either)
}
