//! How many of which witnesses must have cosigned a checkpoint.
//!
//! What always holds: one witness counts once, however often it signed and under whatever name its key is listed.

use super::{KeyUse, LogError, Note, VerifierKey};
use alloc::string::String;
use alloc::vec::Vec;

/// Witnesses, and how many of them are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    witnesses: Vec<VerifierKey>,
    needed: usize,
}

/// A cosignature that verified.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cosigned {
    /// The witness.
    pub name: String,
    /// When, by its own clock, in Unix seconds.
    pub time: u64,
}

/// Why there is no quorum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuorumError {
    /// A key that signs checkpoints as a log.
    #[error("{name:?} is the key of a log, expected that of a witness (type 4)")]
    NotAWitness {
        /// Its name.
        name: String,
    },
    /// One public key twice: the signed message does not name the witness, so it would count twice.
    #[error("{name:?} has the public key of another witness of the list: it would count twice")]
    Twice {
        /// The second one's name.
        name: String,
    },
    /// More cosignatures asked for than there are witnesses.
    #[error("{needed} cosignatures of {witnesses} witnesses are asked for")]
    Needed {
        /// How many.
        needed: usize,
        /// Of how many.
        witnesses: usize,
    },
    /// A cosignature by a listed witness that does not hold.
    #[error(transparent)]
    Signature(LogError),
    /// Too few.
    #[error("cosigned by {found} of the listed witnesses, expected {needed}")]
    UnderCosigned {
        /// How many are asked for.
        needed: usize,
        /// How many did.
        found: usize,
    },
}

impl Quorum {
    /// So many of these witnesses. 0 asks for none.
    ///
    /// # Errors
    /// [`QuorumError::NotAWitness`], [`QuorumError::Twice`], [`QuorumError::Needed`].
    pub fn new(witnesses: Vec<VerifierKey>, needed: usize) -> Result<Self, QuorumError> {
        for (place, witness) in witnesses.iter().enumerate() {
            let name = || witness.name().into();
            match witness.key_use() {
                KeyUse::Witness => {}
                KeyUse::Log => return Err(QuorumError::NotAWitness { name: name() }),
            }
            if witnesses.iter().take(place).any(|other| other.key() == witness.key()) {
                return Err(QuorumError::Twice { name: name() });
            }
        }
        if needed > witnesses.len() {
            return Err(QuorumError::Needed { needed, witnesses: witnesses.len() });
        }
        Ok(Self { witnesses, needed })
    }

    /// No witnesses: whatever they say is neither asked for nor looked at.
    #[must_use]
    pub const fn none() -> Self {
        Self { witnesses: Vec::new(), needed: 0 }
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// How many are asked for.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// Who of them cosigned the note: enough, and nobody wrongly.
    ///
    /// # Errors
    /// [`QuorumError::Signature`], [`QuorumError::UnderCosigned`].
    pub fn verify(&self, note: &Note) -> Result<Vec<Cosigned>, QuorumError> {
        let mut found = Vec::new();
        for witness in &self.witnesses {
            match witness.verify(note) {
                Ok(signed) => found.push(Cosigned { name: witness.name().into(), time: signed.time }),
                Err(LogError::Missing { .. }) => {}
                Err(error) => return Err(QuorumError::Signature(error)),
            }
        }
        if found.len() < self.needed {
            return Err(QuorumError::UnderCosigned { needed: self.needed, found: found.len() });
        }
        Ok(found)
    }
}
