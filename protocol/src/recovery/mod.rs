//! Recovery of a party's keys: split among helpers, given back by each, joined by k of n. `spec/recovery.md`.
//!
//! What always holds: a [`RecoverySet`] is signed by the owner of the keys, and each of its shares opens for one helper; a
//! wrong share is found, with its helper's name, before anything is joined; fewer than k shares say nothing.
//!
//! ```
//! use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
//! use sealroom_protocol::recovery::{Helper, Owner, RecoveryError, RecoverySet};
//! # struct Random(u64);
//! # impl rand_core::TryRng for Random {
//! #     type Error = core::convert::Infallible;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(self.try_next_u64()? as u32) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
//! #         self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
//! #         Ok(self.0.rotate_left(32))
//! #     }
//! #     fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
//! #         for byte in bytes { *byte = self.try_next_u32()? as u8; }
//! #         Ok(())
//! #     }
//! # }
//! # impl rand_core::TryCryptoRng for Random {}
//! # fn main() -> Result<(), RecoveryError> {
//! # let rng = &mut Random(1); // In life: the operating system's.
//! let keys = |rng: &mut Random| (SigningSecret::generate(rng), EncryptionSecret::generate(rng));
//! let (cleveland, basel, bern) = (keys(rng), keys(rng), keys(rng));
//! let helper = |name, keys: &(SigningSecret, EncryptionSecret)| Helper::new(name, keys.0.public(), keys.1.public());
//! let owner = Owner { name: "cleveland", signing: &cleveland.0, encryption: &cleveland.1 };
//! let set = RecoverySet::split(owner, &[helper("basel", &basel), helper("bern", &bern)], 2, rng)?;
//!
//! // After the loss: fresh keys, to which each helper gives its share.
//! let receiver = EncryptionSecret::generate(rng);
//! let shares = [set.give(&basel.0, &basel.1, &receiver.public(), rng)?, set.give(&bern.0, &bern.1, &receiver.public(), rng)?];
//! assert_eq!(set.join(&receiver, &shares[..1]).unwrap_err(), RecoveryError::TooFew { needed: 2, found: 1 });
//! assert_eq!(set.join(&receiver, &shares)?.signing.public(), cleveland.0.public());
//! # Ok(())
//! # }
//! ```

mod error;
mod field;
mod given;
mod set;
mod shamir;
mod share;

pub use error::RecoveryError;
pub use given::GivenShare;
pub use set::{HeldShare, Helper, Owner, RecoveredKeys, RecoverySet};

/// Most helpers of one set.
pub const HELPERS_LIMIT: usize = 32;
/// Bytes of an encrypted share.
pub const SHARE_LENGTH: usize = crate::encryption::ENCAPSULATED_KEY_LENGTH + 64 + 32 + 16;
/// Largest set, in bytes.
pub const SET_LIMIT: usize = 256 << 10;
/// Largest given share, in bytes.
pub const GIVEN_LIMIT: usize = 16 << 10;
