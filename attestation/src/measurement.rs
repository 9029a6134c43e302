//! The digest of an enclave's code and configuration as loaded, and how people read it.

use core::fmt;

use crate::text::Hex;

/// Digest of code and configuration as the hardware loaded them. It is compared with Reference Values and says nothing of
/// who wrote the code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measurement([u8; 48]);

impl Measurement {
    /// A SHA-384 measurement, as SEV-SNP makes it.
    #[must_use]
    pub fn sha384(digest: [u8; 48]) -> Self {
        Self(digest)
    }

    /// The digest, 48 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha384:{}", Hex(&self.0))
    }
}

impl fmt::Debug for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Measurement({self})")
    }
}
