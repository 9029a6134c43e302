//! Why sealed storage refuses: one variant a check, roughly in the order of the checks.
//!
//! What always holds: no variant carries plaintext, key or the host's bytes. `spec/sealed.md`, section 8, says which attack
//! ends in which.

use super::level::FreshnessLevel;
use super::register::{Anchored, Known, RegisterError, Shown};
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::object::ObjectError;
use sealroom_protocol::restore::RestoreError;

/// Why something could not be sealed, unsealed, committed or restored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealedError {
    /// More freshness was demanded than there is.
    #[error(
        "expected freshness level {demanded}, found {offered}; use a register that gives it, or write the object again under one"
    )]
    Freshness {
        /// What the caller demands.
        demanded: FreshnessLevel,
        /// What the store or object has.
        offered: FreshnessLevel,
    },
    /// The store was kept at a higher level than the register gives.
    #[error(
        "the store was kept at freshness level {written}, found a register of level {offered}; open it with one of {written}"
    )]
    LevelLowered {
        /// The level in the newest manifest.
        written: FreshnessLevel,
        /// The register's.
        offered: FreshnessLevel,
    },
    /// The platform did not answer, or cannot do this.
    #[error("the platform gave no sealing key for this request; run where it was sealed, at no older firmware level")]
    Platform,
    /// A debugger may read this enclave.
    #[error(
        "expected an enclave that no debugger may read, found one that allows it; nothing is sealed or unsealed in it"
    )]
    DebugEnclave,
    /// A debuggable enclave would get the same key.
    #[error(
        "expected a sealing key that no debuggable enclave gets, found one that does not depend on it; this platform is not one to seal with"
    )]
    DebugReachable,
    /// The key has another length than a key.
    #[error("expected a sealing key of {expected} bytes, found {found}; this platform is not one to seal with")]
    KeyLength {
        /// Bytes of a key.
        expected: usize,
        /// Bytes that came.
        found: usize,
    },
    /// The key is all zero.
    #[error(
        "expected a sealing key, found zeros; the platform's firmware level is probably not one that it can derive for"
    )]
    KeyZero,
    /// The key was another when it was derived again.
    #[error(
        "expected the same sealing key when it is derived again, found another; this platform is not one to seal with"
    )]
    KeyUnstable,
    /// This image is older than what was sealed allows.
    #[error("expected an image of version {minimum} or later, found {found}; run the newer image")]
    Downgrade {
        /// The lowest version that may unseal.
        minimum: u32,
        /// This image's.
        found: u32,
    },
    /// The blob is not one of this version of the format.
    #[error("expected a sealed blob of version 1, found another beginning; fetch it again")]
    Version,
    /// The blob's parts do not have the lengths that it states, or are over their limits.
    #[error("expected a blob whose parts have the lengths that it states, found {found} bytes; fetch it again")]
    Length {
        /// Bytes of the blob.
        found: usize,
    },
    /// A header that no version 1 writer writes.
    #[error("expected a header of a sealed object, found one without a valid {field}; fetch it again")]
    Header {
        /// Which field.
        field: &'static str,
    },
    /// The encrypted object does not hold.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// None of the slots opens here: another measurement, signer or platform sealed it.
    #[error(
        "expected a store that is sealed to this enclave on this platform, found none of its {slots} slots to be; run the image that sealed it, where it sealed it"
    )]
    OtherEnclave {
        /// Slots that were tried.
        slots: usize,
    },
    /// Something else than what was asked for: another kind, store, version, epoch or name.
    #[error("expected a sealed object of this place, found one of another {field}; the host must show the right one")]
    Misplaced {
        /// What differs.
        field: &'static str,
    },
    /// Nothing is kept under this store's id.
    #[error("no store {store} is known to the register; create it once, by an explicit call")]
    NoStore {
        /// The store.
        store: StoreId,
    },
    /// There is a store of this id already.
    #[error("store {store} exists already, at version {version}; open it")]
    Exists {
        /// The store.
        store: StoreId,
        /// Its newest version.
        version: u64,
    },
    /// The host does not show a blob that the newest state needs.
    #[error(
        "the blob {blob} of the newest state is not shown; the host must bring it back, or the owners order a restore"
    )]
    Missing {
        /// Its name.
        blob: ObjectId,
    },
    /// The host's store did not answer; nothing was changed.
    #[error("the host's store gave no answer; nothing was changed, try again")]
    Storage,
    /// The register.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Whether the last change became true is not known.
    #[error("the last change is in doubt; open the store again to learn whether it became true")]
    InDoubt,
    /// Another instance went on.
    #[error(
        "expected {} in the register, found {}: another instance went on, so this one ends; open the store again",
        Shown(*expected),
        Known(*found)
    )]
    Forked {
        /// What this instance knew.
        expected: Option<Anchored>,
        /// What the register has.
        found: Option<Anchored>,
    },
    /// A name that a header cannot carry.
    #[error("a name has 1 to {limit} bytes, found {found}")]
    Name {
        /// Most bytes.
        limit: usize,
        /// Bytes of this name.
        found: usize,
    },
    /// No object of this name.
    #[error("no object of this name in the store; write it first")]
    NoObject,
    /// A content that is too long for a sealed object.
    #[error("a sealed object has at most {limit} bytes, found {found}; split it")]
    TooLong {
        /// Most bytes.
        limit: usize,
        /// Bytes of this content.
        found: usize,
    },
    /// More of something than a store keeps.
    #[error("expected at most {limit} {what}, and at least one seal policy, found {found}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The most.
        limit: usize,
        /// How many there would be.
        found: usize,
    },
    /// Owners that cannot order a restore.
    #[error("expected distinct owners and a number that must sign from 1 to their count, found {needed} of {owners}")]
    Owners {
        /// How many must sign.
        needed: usize,
        /// How many there are.
        owners: usize,
    },
    /// The decrypted content of a manifest is not one that a version 1 writer writes.
    #[error(
        "expected the content of a manifest, found one without a valid {field}; the image that wrote it is not of this version"
    )]
    Contents {
        /// Which field.
        field: &'static str,
    },
    /// The order to restore does not hold.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The order to restore is for another store or another newest state.
    #[error("the order to restore is for another {field} than this; let the owners sign one for the newest state")]
    RestoreElsewhere {
        /// What differs.
        field: &'static str,
    },
}
