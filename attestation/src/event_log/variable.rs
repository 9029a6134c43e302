//! The structures inside of event data that a part can be cut from: variables and tags (PFP 10.2.4, 10.4.2). Never panics.

use alloc::string::String;

use super::event::Event;
use super::kind::EventType;
use super::printable;
use crate::text::Hex;

/// What GRUB puts before the text that it measures.
const GRUB_PREFIXES: [&[u8]; 3] = [b"grub_cmd: ", b"kernel_cmdline: ", b"module_cmdline: "];

/// UEFI_VARIABLE_DATA: the whole data of an event.
pub(super) struct Variable<'a> {
    pub(super) namespace: [u8; 16],
    /// UTF-16.
    pub(super) name: &'a [u8],
    pub(super) value: &'a [u8],
}

impl<'a> Variable<'a> {
    /// `None` where the lengths inside do not add up.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let (namespace, rest) = data.split_first_chunk::<16>()?;
        let (characters, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let name_bytes = usize::try_from(u64::from_le_bytes(*characters)).ok()?.checked_mul(2)?;
        let (name, value) = rest.split_at_checked(name_bytes)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        (value.len() == length).then_some(Self { namespace: *namespace, name, value })
    }
}

/// TCG_PCClientTaggedEvent: its identifier and content.
pub(super) fn tag(data: &[u8]) -> Option<(u32, &[u8])> {
    let (id, rest) = data.split_first_chunk()?;
    let (length, content) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    (content.len() == length).then_some((u32::from_le_bytes(*id), content))
}

/// The parts of an event's data that its digest may be the hash of.
pub(super) fn candidates<'a>(event: &Event<'a>) -> [Option<&'a [u8]>; 3] {
    let data = event.data();
    let (second, third) = match event.kind() {
        EventType::VARIABLE_BOOT => (Variable::parse(data).map(|variable| variable.value), None),
        EventType::EVENT_TAG => (tag(data).map(|(_, content)| content), None),
        EventType::IPL => {
            let text = data.strip_suffix(&[0]).unwrap_or(data);
            (Some(text), GRUB_PREFIXES.iter().find_map(|prefix| text.strip_prefix(*prefix)))
        }
        _ => (None, None),
    };
    [Some(data), second, third]
}

/// A GUID as UEFI writes it: the first three fields are little-endian (UEFI 2.11 appendix A).
pub(super) fn guid(bytes: &[u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, i, j, rest @ ..] = *bytes;
    alloc::format!("{}-{}-{}-{}-{}", Hex(&[d, c, b, a]), Hex(&[f, e]), Hex(&[h, g]), Hex(&[i, j]), Hex(&rest))
}

/// The name of a variable, fit to print.
pub(super) fn name(variable: &Variable<'_>) -> String {
    printable::utf16(variable.name)
}
