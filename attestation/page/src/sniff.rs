//! What a file that somebody drops on the page is for, by its content. A convenience: it decides where the file is put, and
//! every reader decides for itself whether it is one.

use sealroom_attestation::{Bundle, Endorsements, Evidence, EvidenceFile};

/// Where a file belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: the places that the page has")]
pub enum FileKind {
    /// Evidence, or a bundle with it.
    Evidence,
    /// A policy, perhaps one with a mistake in it.
    Policy,
    /// Certificates, revocation lists, Intel's JSON.
    Endorsements,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// By content alone.
    #[must_use]
    pub fn of(file: &[u8]) -> Self {
        if Bundle::sniff(file) {
            Self::Evidence
        } else if core::str::from_utf8(file).is_ok_and(is_policy) {
            Self::Policy
        } else if Endorsements::decode(file).is_ok() {
            Self::Endorsements
        } else if EvidenceFile::read(file).is_ok_and(|file| Evidence::sniff(&file.evidence).is_some()) {
            Self::Evidence
        } else {
            Self::Unknown
        }
    }

    /// One word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Policy => "policy",
            Self::Endorsements => "endorsements",
            Self::Unknown => "unknown",
        }
    }
}

/// Every policy has a block of this name, and nothing else that is read here has.
fn is_policy(text: &str) -> bool {
    let is_json = text.trim_start().starts_with('{');
    let names = |key: &str| text.contains(key);
    if is_json {
        names("\"accept\"") && names("\"version\"")
    } else {
        text.lines().any(|line| line.starts_with("[[accept."))
    }
}
