//! The register: what knows the newest state of a store.
//!
//! What always holds: it is changed only by a compare-and-swap of version and digest together. A register that only counts
//! loses an acknowledged change to a rollback, or locks everyone out after one crash (`enclave-core/tests/models` finds both).

use super::level::FreshnessLevel;
use core::fmt;
use sealroom_protocol::id::{ObjectId, StoreId};

/// A state of a store: which version, and the id of its manifest, which covers all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever implements a register must be able to make it")]
pub struct Anchored {
    /// The version, from 1.
    pub version: u64,
    /// The manifest's id.
    pub digest: ObjectId,
}

impl fmt::Display for Anchored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version {} ({})", self.version, self.digest)
    }
}

/// A state in a message, or that there is none.
pub(super) struct Shown(pub(super) Option<Anchored>);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(state) => state.fmt(f),
            None => f.write_str("none"),
        }
    }
}

/// A state that others know, where it was told.
pub(super) struct Known(pub(super) Option<Anchored>);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(state) => state.fmt(f),
            None => f.write_str("one that was not told"),
        }
    }
}

/// What knows the newest state. Whoever implements it vouches for the level that it says.
pub trait Register {
    /// Against what it protects.
    fn level(&self) -> FreshnessLevel;

    /// The newest state, or that there is none. `nonce` was never used before; a register that others answer for shows by it
    /// that the answer is not an old one.
    ///
    /// # Errors
    /// [`RegisterError`].
    fn read(&mut self, store: &StoreId, nonce: &[u8; 32]) -> Result<Option<Anchored>, RegisterError>;

    /// Makes `new` the newest state if `expected` is.
    ///
    /// # Errors
    /// [`RegisterError::Conflict`], when it is not; then nothing changed. After any other error it is not known whether it
    /// changed.
    fn compare_and_swap(
        &mut self,
        store: &StoreId,
        expected: Option<Anchored>,
        new: Anchored,
        nonce: &[u8; 32],
    ) -> Result<(), RegisterError>;
}

/// Why a register did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another state than the expected one is the newest.
    #[error("the register has another newest state than the expected one, found {}; open the store again", Known(*found))]
    Conflict {
        /// The newest, where it is known.
        found: Option<Anchored>,
    },
    /// No answer.
    #[error("the register gave no answer; open the store again to learn what is true")]
    Unavailable,
    /// An older state, or another one, than this life has seen.
    #[error("rolled back: expected what this life has seen, {}, found {}; the host must bring the newest state back", Shown(*expected), Shown(*found))]
    Rollback {
        /// What this life has seen.
        expected: Option<Anchored>,
        /// What is shown.
        found: Option<Anchored>,
    },
    /// Too few witnesses vouch for it.
    #[error(
        "expected cosignatures of {needed} witnesses, found {found}; too few answer, or another instance went on, or the history shown is not theirs"
    )]
    Cosignatures {
        /// How many it takes.
        needed: usize,
        /// How many hold.
        found: usize,
    },
    /// The end of the log that the host shows was not made by an enclave of this store.
    #[error(
        "the end of the log that is shown does not carry this store's signature; the host appended to it or made it up"
    )]
    LogSignature,
    /// A record that no version 1 register writes.
    #[error("expected a record of this store, found one without a valid {field}; the host must show the right one")]
    Record {
        /// Which field.
        field: &'static str,
    },
}
