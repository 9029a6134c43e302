//! Step 8: firmware levels. Eight bytes whose meaning depends on the product line; compared by component, never as a number.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::Product;
use crate::text::joined;

/// A firmware level (AMD 56860, TCB_VERSION): the security version of each part of the platform's own firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: whoever writes a minimum writes every component")]
pub struct TcbVersion {
    /// Firmware microcontroller, from Turin on; 0 before.
    pub fmc: u8,
    /// Boot loader of the secure processor.
    pub bootloader: u8,
    /// Its operating system.
    pub tee: u8,
    /// The SNP firmware.
    pub snp: u8,
    /// Microcode, least level of all cores.
    pub microcode: u8,
}

impl TcbVersion {
    /// `None` where a byte that the line reserves is not zero.
    pub(super) fn from_bytes(bytes: [u8; 8], product: Product) -> Option<Self> {
        match (product, bytes) {
            (Product::Milan | Product::Genoa, [bootloader, tee, 0, 0, 0, 0, snp, microcode]) => {
                Some(Self { fmc: 0, bootloader, tee, snp, microcode })
            }
            (Product::Turin, [fmc, bootloader, tee, snp, 0, 0, 0, microcode]) => {
                Some(Self { fmc, bootloader, tee, snp, microcode })
            }
            (Product::Milan | Product::Genoa | Product::Turin, _) => None,
        }
    }

    fn components(&self) -> [(&'static str, u8); 5] {
        [
            ("fmc", self.fmc),
            ("bootloader", self.bootloader),
            ("tee", self.tee),
            ("snp", self.snp),
            ("microcode", self.microcode),
        ]
    }

    /// What is below `minimum`, in words; empty where nothing is.
    pub(super) fn shortfall(&self, minimum: &Self) -> String {
        let pairs = self.components().into_iter().zip(minimum.components());
        let below = pairs.filter(|((_, have), (_, need))| have < need);
        joined(below.map(|((name, have), (_, need))| alloc::format!("{name} {have}, needs {need}")), "; ")
    }

    /// Whether no component is below `minimum`'s.
    #[must_use]
    pub fn is_at_least(&self, minimum: &Self) -> bool {
        self.shortfall(minimum).is_empty()
    }
}

impl fmt::Display for TcbVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.components().into_iter().filter(|(name, level)| *name != "fmc" || *level != 0);
        let mut separator = "";
        for (name, level) in shown {
            write!(f, "{separator}{name} {level}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: TcbVersion = TcbVersion { fmc: 0, bootloader: 3, tee: 0, snp: 8, microcode: 115 };

    #[test]
    fn the_layout_depends_on_the_product_line() {
        assert_eq!(TcbVersion::from_bytes([3, 0, 0, 0, 0, 0, 8, 115], Product::Milan), Some(LEVEL));
        assert_eq!(
            TcbVersion::from_bytes([1, 3, 0, 8, 0, 0, 0, 115], Product::Turin),
            Some(TcbVersion { fmc: 1, ..LEVEL })
        );
        assert_eq!(TcbVersion::from_bytes([1, 3, 0, 8, 0, 0, 0, 115], Product::Genoa), None);
        assert_eq!(TcbVersion::from_bytes([3, 0, 0, 0, 0, 0, 8, 115], Product::Turin), None);
    }

    #[test]
    fn a_high_component_does_not_make_up_for_a_low_one() {
        let minimum = TcbVersion { snp: 9, ..LEVEL };
        let newer_microcode = TcbVersion { microcode: 255, ..LEVEL };
        assert_eq!(newer_microcode.shortfall(&minimum), "snp 8, needs 9");
        assert!(LEVEL.is_at_least(&LEVEL));
    }

    #[test]
    fn a_level_reads_as_words() {
        assert_eq!(alloc::format!("{LEVEL}"), "bootloader 3, tee 0, snp 8, microcode 115");
    }
}
