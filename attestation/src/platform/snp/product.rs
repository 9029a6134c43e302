//! Step 4: product lines, by the names in certificates and by what the processor says of itself.

use core::fmt;

use super::Cpuid;

/// A product line: one chain of certificates, one layout of the firmware level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a line more is a decision more")]
pub enum Product {
    /// Third generation EPYC.
    Milan,
    /// Fourth generation EPYC, Bergamo and Siena too.
    Genoa,
    /// Fifth generation EPYC.
    Turin,
}

impl Product {
    /// `Milan`, `Genoa`, `Turin`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Milan => "Milan",
            Self::Genoa => "Genoa",
            Self::Turin => "Turin",
        }
    }

    /// From a productName (AMD 57230, table of extensions): the line, then perhaps a hyphen and a stepping of a letter and a digit.
    pub(super) fn from_product_name(name: &str) -> Option<Self> {
        let line = match name.split_once('-') {
            None => name,
            Some((line, stepping)) => match stepping.as_bytes() {
                [letter, digit] if letter.is_ascii_uppercase() && digit.is_ascii_digit() => line,
                _ => return None,
            },
        };
        Self::from_line(line)
    }

    pub(crate) fn from_line(line: &str) -> Option<Self> {
        [Self::Milan, Self::Genoa, Self::Turin].into_iter().find(|product| product.as_str() == line)
    }

    /// Family and model as the report gives them (AMD 56860, ATTESTATION_REPORT, version 3 on).
    pub(super) fn from_cpuid(cpuid: Cpuid) -> Option<Self> {
        match (cpuid.family, cpuid.model) {
            (0x19, 0x00..=0x0f) => Some(Self::Milan),
            (0x19, 0x10..=0x1f | 0xa0..=0xaf) => Some(Self::Genoa),
            (0x1a, 0x00..=0x11) => Some(Self::Turin),
            _ => None,
        }
    }

    /// structVersion of its leaf certificates (AMD 57230).
    pub(super) fn struct_version(self) -> u8 {
        match self {
            Self::Milan | Self::Genoa => 0,
            Self::Turin => 1,
        }
    }

    /// Bytes of the chip id that are used; the rest of CHIP_ID is zero.
    pub(super) fn chip_id_bytes(self) -> usize {
        match self {
            Self::Milan | Self::Genoa => 64,
            Self::Turin => 8,
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_name_is_the_line_and_perhaps_a_stepping() {
        for (name, product) in [
            ("Milan", Some(Product::Milan)),
            ("Milan-B0", Some(Product::Milan)),
            ("Genoa", Some(Product::Genoa)),
            ("Turin", Some(Product::Turin)),
            ("Milan-", None),
            ("Milan-B0x", None),
            ("Milan-b0", None),
            ("Milano", None),
            ("Rome", None),
            ("", None),
        ] {
            assert_eq!(Product::from_product_name(name), product, "{name}");
        }
    }

    #[test]
    fn the_processor_tells_its_line() {
        for (family, model, product) in [
            (0x19, 0x01, Some(Product::Milan)),
            (0x19, 0x11, Some(Product::Genoa)),
            (0x19, 0xa0, Some(Product::Genoa)),
            (0x19, 0x20, None),
            (0x1a, 0x02, Some(Product::Turin)),
            (0x1a, 0x11, Some(Product::Turin)),
            (0x1a, 0x12, None),
            (0x17, 0x31, None),
        ] {
            assert_eq!(Product::from_cpuid(Cpuid { family, model, stepping: 0 }), product, "{family:#x}/{model:#x}");
        }
    }
}
