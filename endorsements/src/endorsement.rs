//! What a fetch brings: an item as files, and how fresh it is.

use crate::error::CacheError;

/// One item that was needed. Having one means: it decodes, it is the item asked for, and neither its maker's next update nor
/// the caller's maximum age has passed. It says nothing of signatures: the appraisal judges them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement {
    pub(crate) files: Vec<Vec<u8>>,
    pub(crate) fetched: u64,
    pub(crate) expires: u64,
    pub(crate) origin: Origin,
    pub(crate) not_kept: Option<CacheError>,
}

/// Where an item came from this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The cache alone.
    Cache,
    /// The service sent it.
    Service,
    /// The cache, after the service said that it has no newer one.
    Confirmed,
}

impl Endorsement {
    /// Its files, byte for byte as their maker made them: DER, PEM or JSON. All are for
    /// [`sealroom_attestation::Endorsements`]; a document of Intel comes with a second file, the chain of who signed it.
    #[must_use]
    pub fn files(&self) -> &[Vec<u8>] {
        &self.files
    }

    /// The same, by value.
    #[must_use]
    pub fn into_files(self) -> Vec<Vec<u8>> {
        self.files
    }

    /// When its maker last served or confirmed it, in seconds since 1970.
    #[must_use]
    pub fn fetched_unix_seconds(&self) -> u64 {
        self.fetched
    }

    /// From when on it is not used, in seconds since 1970: the maker's next update, or after a certificate's last second.
    #[must_use]
    pub fn expires_unix_seconds(&self) -> u64 {
        self.expires
    }

    /// Where it came from this time.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Why it is not in the cache now: it is good, but will be fetched again.
    #[must_use]
    pub fn not_kept(&self) -> Option<&CacheError> {
        self.not_kept.as_ref()
    }
}

/// One item of the cache, for people and scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shown {
    /// Its name, such as `amd/vcek/v1/Milan/crl`; of a damaged one the name of its index file.
    pub name: String,
    /// Where it came from; empty for a damaged one.
    pub address: String,
    /// Its files.
    pub files: Vec<ShownFile>,
    /// When its maker last served or confirmed it, in seconds since 1970.
    pub fetched_unix_seconds: u64,
    /// Since then, in seconds.
    pub age_seconds: u64,
    /// From when on it is not used, in seconds since 1970.
    pub expires_unix_seconds: u64,
    /// Whether it would be used now.
    pub state: State,
}

/// One file of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownFile {
    /// SHA-256 in hex: its name in the cache too.
    pub sha256: String,
    /// Its length in bytes.
    pub length: usize,
}

/// Whether an item of the cache would be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Yes.
    Usable,
    /// No: older than the maximum age of the settings.
    TooOld,
    /// No: its maker has, or should have, a newer one.
    Expired,
    /// No: it is not what it was when it was kept.
    Damaged {
        /// What is wrong with it.
        why: String,
    },
}
