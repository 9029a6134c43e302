//! Hash algorithms of an event log's banks, and their digests. Identifiers are those of the TCG Algorithm Registry.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::crypto::CryptoProvider;
use crate::text::Hex;

/// A hash algorithm that a bank of registers may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; an algorithm more is a decision more")]
pub enum Algorithm {
    /// Broken: such banks are decoded and never accepted.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 48 bytes; that of every run-time register.
    Sha384,
    /// 64 bytes.
    Sha512,
    /// SM3, 32 bytes: decoded, and not replayed here.
    Sm3,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3];

    /// From its identifier in the TCG Algorithm Registry (TPM_ALG_ID), or `None` where this Verifier does not know it.
    #[must_use]
    pub fn from_tpm_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.tpm_id() == id)
    }

    /// The other way round.
    #[must_use]
    pub fn tpm_id(self) -> u16 {
        match self {
            Self::Sha1 => 0x0004,
            Self::Sha256 => 0x000b,
            Self::Sha384 => 0x000c,
            Self::Sha512 => 0x000d,
            Self::Sm3 => 0x0012,
        }
    }

    /// From its name, as [`Algorithm::as_str`] gives it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3]
            .into_iter()
            .find(|known| known.as_str() == name)
    }

    /// Bytes of a digest.
    #[must_use]
    pub fn digest_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// One word: `sha1`, `sha256`, `sha384`, `sha512` or `sm3`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Sm3 => "sm3",
        }
    }

    /// The hash, or `None` for an algorithm that nothing is accepted under.
    pub(crate) fn hash(self, provider: CryptoProvider, bytes: &[u8]) -> Option<Digest> {
        match self {
            Self::Sha256 => Digest::new(self, &provider.sha256(bytes)),
            Self::Sha384 => Digest::new(self, &provider.sha384(bytes)),
            Self::Sha512 => Digest::new(self, &provider.sha512(bytes)),
            Self::Sha1 | Self::Sm3 => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A digest with its algorithm, written `sha384:` and lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    /// Zero after the digest's length.
    bytes: [u8; 64],
}

impl Digest {
    /// `None` where `bytes` has another length than digests of this algorithm.
    #[must_use]
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != algorithm.digest_bytes() {
            return None;
        }
        let mut padded = [0; 64];
        padded.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { algorithm, bytes: padded })
    }

    /// Every byte the same: how a register starts.
    pub(crate) fn filled(algorithm: Algorithm, byte: u8) -> Self {
        let mut bytes = [0; 64];
        for slot in bytes.iter_mut().take(algorithm.digest_bytes()) {
            *slot = byte;
        }
        Self { algorithm, bytes }
    }

    /// Zeros, and this in the last byte: how PCR 0 starts after a start-up from another locality.
    pub(crate) fn ending_in(algorithm: Algorithm, byte: u8) -> Self {
        let mut digest = Self::filled(algorithm, 0);
        if let Some(last) = digest.bytes.get_mut(algorithm.digest_bytes() - 1) {
            *last = byte;
        }
        digest
    }

    /// What a register holds after this digest went into it (TPM 2.0 Library part 1, section 17.2): the hash of the old
    /// value and the digest. `None` where nothing is accepted under the algorithm, or the two differ in it.
    pub(crate) fn extended(&self, provider: CryptoProvider, digest: &Self) -> Option<Self> {
        if self.algorithm != digest.algorithm {
            return None;
        }
        let mut both = [0; 128];
        let length = self.algorithm.digest_bytes();
        let (old, new) = both.split_at_mut(length);
        old.copy_from_slice(self.as_bytes());
        new.get_mut(..length)?.copy_from_slice(digest.as_bytes());
        self.algorithm.hash(provider, both.get(..2 * length)?)
    }

    /// The algorithm it is of.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// As many bytes as the algorithm has.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.digest_bytes()).unwrap_or_default()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, Hex(self.as_bytes()))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
