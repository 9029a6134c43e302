//! The platforms whose Evidence is appraised here. Vendors' words stay inside these modules.

use core::fmt;

pub mod snp;

/// A platform by the name that contracts use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a platform more is a decision more")]
pub enum Platform {
    /// AMD Secure Encrypted Virtualization, Secure Nested Paging.
    AmdSevSnp,
}

impl Platform {
    /// `amd-sev-snp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmdSevSnp => "amd-sev-snp",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
