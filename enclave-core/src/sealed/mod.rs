//! Sealed storage: for enclaves that must keep secrets between lives. A room keeps none and links nothing of this.
//! `protocol/spec/sealed.md` says every byte, `docs/design/0005-sealed-storage.md` why.
//!
//! [`seal`] and [`unseal`] keep one piece of data. A [`Store`] keeps named ones, changes them in one step, and knows whether
//! it was rolled back as far as its [`Register`] does: that is its [`FreshnessLevel`].
//!
//! What always holds:
//! - nothing is overwritten: every write is a new encrypted object with a fresh salt, so no restored state repeats a nonce;
//! - the register's compare-and-swap of (version, digest) is the one moment at which a change becomes true;
//! - all that the host brings is compared with the digest in the register before it is decrypted.
//!
//! No I/O is done here: platform, blobs and register are given by the caller.

mod blob;
mod bytes;
mod change;
mod commit;
mod contents;
mod error;
mod header;
mod level;
mod means;
mod platform;
mod pointer;
mod quorum;
mod register;
mod report;
mod restore;
mod seal;
mod slot;
mod store;
mod tree;
mod witness;

pub use self::change::{Change, Committed};
pub use self::contents::{Entry, Owners};
pub use self::error::SealedError;
pub use self::level::FreshnessLevel;
pub use self::means::{Blobs, Means, Unavailable};
pub use self::platform::{Identity, KeyRequest, PlatformKey, SealTo, SealingPlatform};
pub use self::pointer::{HostRegister, Pointer, SessionRegister};
pub use self::quorum::{Quorum, QuorumError, WitnessKey};
pub use self::register::{Anchored, Register, RegisterError};
pub use self::report::Report;
pub use self::seal::{Unsealed, seal, unseal};
pub use self::store::{Opened, Store, StoreTerms};
pub use self::witness::{Behind, Extension, Tail, WitnessLog, WitnessRegister};
