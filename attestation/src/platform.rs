//! The platforms whose Evidence is appraised here. Vendors' words stay inside these modules.

use core::fmt;

use crate::check::CheckDefinition;

pub mod snp;

/// A platform by the name that contracts and policies use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a platform more is a decision more")]
pub enum Platform {
    /// AMD Secure Encrypted Virtualization, Secure Nested Paging.
    AmdSevSnp,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::AmdSevSnp];

    /// Such as `amd-sev-snp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmdSevSnp => "amd-sev-snp",
        }
    }

    /// The closed list of checks of an appraisal, in its order: every verdict on the platform's Evidence has all of them.
    #[must_use]
    pub fn checks(self) -> &'static [&'static CheckDefinition] {
        match self {
            Self::AmdSevSnp => snp::checks::ALL,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
