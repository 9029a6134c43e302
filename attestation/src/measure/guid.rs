//! GUIDs as UEFI stores them: the first three fields little-endian, the rest as written (UEFI 2.10 appendix A).

use core::fmt::{self, Display};

/// One GUID, in the order of the bytes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guid(pub(super) [u8; 16]);

impl Guid {
    /// From the five groups of its text form, the last two as one number each.
    pub(super) const fn new(first: u32, second: u16, third: u16, fourth: u16, node: u64) -> Self {
        let [a, b, c, d] = first.to_le_bytes();
        let [e, f] = second.to_le_bytes();
        let [g, h] = third.to_le_bytes();
        let [i, j] = fourth.to_be_bytes();
        let [_, _, k, l, m, n, o, p] = node.to_be_bytes();
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }
}

impl Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, rest @ ..] = self.0;
        let [j, k, node @ ..] = rest;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{j:02x}{k:02x}-{}",
            u32::from_le_bytes([a, b, c, d]),
            u16::from_le_bytes([e, g]),
            u16::from_le_bytes([h, i]),
            crate::text::Hex(&node)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_guid_is_stored_mixed_and_written_as_people_write_it() {
        let guid = Guid::new(0x96b5_82de, 0x1fb2, 0x45f7, 0xbaea, 0xa366_c55a_082d);
        assert_eq!(guid.0[..8], [0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45]);
        assert_eq!(guid.to_string(), "96b582de-1fb2-45f7-baea-a366c55a082d");
    }
}
