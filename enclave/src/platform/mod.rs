//! Platforms: who says which code this is, and gives it keys that no other code gets. The rest of the enclave sees
//! [`Platform`] only; vendors' words stay in the files beside this one.

mod connections;
mod simulated;

use core::fmt;
use std::io;

use zeroize::Zeroize;

pub use connections::Connections;
pub use simulated::Simulated;

/// Evidence as the platform made it, and what belongs with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceBundle {
    /// The Evidence, in the vendor's format, untouched.
    pub evidence: Vec<u8>,
    /// Endorsements, each DER: certificates with the leaf first, then revocation lists. A Verifier may bring its own
    /// instead.
    pub endorsements: Vec<Vec<u8>>,
}

/// What every platform gives to the enclave that runs on it.
pub trait Platform {
    /// Evidence on this enclave that binds `report_data`.
    ///
    /// # Errors
    ///
    /// [`PlatformError`]; the room cannot go on without Evidence.
    fn evidence(&mut self, report_data: &[u8; 64]) -> Result<EvidenceBundle, PlatformError>;

    /// The key for this purpose that only this measurement gets on this platform. `context` is 1 to 256 bytes.
    ///
    /// # Errors
    ///
    /// [`PlatformError`].
    fn sealing_key(&mut self, context: &[u8]) -> Result<SealingKey, PlatformError>;
}

/// Why the platform gave nothing. Nothing in it is secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// A descriptor that the launcher should have given is not there, or was taken before.
    #[error(
        "descriptor {descriptor} is not a connection, or was taken already; the enclave is started by its platform's launcher"
    )]
    NoConnection {
        /// Its number.
        descriptor: i32,
    },
    /// The context of a sealing key has a length that is not allowed.
    #[error("a sealing key's context has 1 to {limit} bytes, not {found}")]
    ContextLength {
        /// The most, in bytes.
        limit: usize,
        /// What was given.
        found: usize,
    },
    /// The connection to the platform failed or ended.
    #[error("no answer from the platform: {source}")]
    Connection {
        /// What the system answered.
        #[from]
        source: io::Error,
    },
    /// An answer of another version of the framing.
    #[error("the platform answered in version {found}, expected {expected}")]
    AnswerVersion {
        /// The only version.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// The answer to another call.
    #[error("the platform answered {found:#04x}, expected {expected:#04x}")]
    AnswerKind {
        /// The answer to the call that was made.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// An answer longer or shorter than any right one.
    #[error("the platform's answer has a part of {found} bytes, which is not allowed there")]
    AnswerLength {
        /// What its header announced.
        found: u32,
    },
}

/// A key that only this measurement gets on this platform.
pub struct SealingKey(Box<[u8; 32]>);

impl SealingKey {
    /// Lets `fill` write the key in place.
    fn filled_by(fill: impl FnOnce(&mut [u8; 32]) -> Result<(), PlatformError>) -> Result<Self, PlatformError> {
        let mut key = Self(Box::new([0; 32]));
        fill(&mut key.0)?;
        Ok(key)
    }

    /// The key's bytes; each call is reviewed.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for SealingKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The name only.
impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey")
    }
}
