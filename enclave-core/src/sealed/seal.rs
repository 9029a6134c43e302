//! Sealing one piece of data without a store.
//!
//! What always holds: the freshness level is `none`. Whoever keeps the bytes decides which of them, if any, are shown again.

use super::blob::{self, Parts};
use super::error::SealedError;
use super::header::{Header, Kind, check_name};
use super::level::FreshnessLevel;
use super::platform::{KeyRequest, SealTo, SealingPlatform, sealing_key};
use alloc::vec::Vec;
use rand_core::CryptoRng;
use sealroom_protocol::id::StoreId;
use sealroom_protocol::object::ObjectError;
use sealroom_protocol::provider::AeadProvider;
use zeroize::Zeroizing;

/// The store of what is in none.
const NO_STORE: StoreId = StoreId::from_bytes([0; 32]);

/// What was unsealed, and how fresh it is.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unsealed {
    /// The data.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// How fresh: always [`FreshnessLevel::None`].
    pub level: FreshnessLevel,
    /// To whom it was sealed.
    pub seal_to: SealTo,
}

/// Seals `plaintext` for one purpose, which [`unseal`] must name again (1 to 255 bytes).
///
/// # Errors
/// [`SealedError::Name`], [`SealedError::TooLong`], and what is wrong with the platform's key: [`SealedError::Platform`],
/// [`SealedError::DebugEnclave`], [`SealedError::DebugReachable`], [`SealedError::KeyLength`], [`SealedError::KeyZero`],
/// [`SealedError::KeyUnstable`], [`SealedError::Downgrade`] where the image could not unseal it itself.
pub fn seal(
    platform: &mut dyn SealingPlatform,
    provider: &dyn AeadProvider,
    rng: &mut dyn CryptoRng,
    seal_to: SealTo,
    purpose: &str,
    plaintext: &[u8],
) -> Result<Vec<u8>, SealedError> {
    check_name(purpose)?;
    let request = KeyRequest::new(platform, seal_to)?;
    let kind = Kind::Single(request.clone());
    let level = FreshnessLevel::None;
    let header = Header { kind, level, store: NO_STORE, version: 0, epoch: 0, name: purpose.into() }.encode();
    let key = sealing_key(platform, &request, &header)?;
    Ok(blob::write(provider, &key, &header, plaintext, rng)?.bytes)
}

/// Unseals what [`seal`] made for this purpose.
///
/// # Errors
/// [`SealedError::Freshness`] for any demand but [`FreshnessLevel::None`]; [`SealedError::Version`], [`SealedError::Length`],
/// [`SealedError::Header`], [`SealedError::Misplaced`] for another purpose or kind; those of the platform's key as in
/// [`seal`]; [`SealedError::OtherEnclave`] when it was sealed to another measurement or platform, or changed;
/// [`SealedError::Object`].
pub fn unseal(
    platform: &mut dyn SealingPlatform,
    provider: &dyn AeadProvider,
    purpose: &str,
    sealed: &[u8],
    demand: FreshnessLevel,
) -> Result<Unsealed, SealedError> {
    let level = FreshnessLevel::None;
    if !level.satisfies(demand) {
        return Err(SealedError::Freshness { demanded: demand, offered: level });
    }
    let parts = Parts::of(sealed)?;
    let header = parts.header()?;
    let Kind::Single(request) = &header.kind else {
        return Err(SealedError::Misplaced { field: "kind" });
    };
    if header.name != purpose {
        return Err(SealedError::Misplaced { field: "name" });
    }
    let key = sealing_key(platform, request, parts.header_bytes())?;
    let seal_to = request.seal_to;
    match parts.decrypt(provider, &key) {
        Ok(plaintext) => Ok(Unsealed { plaintext, level, seal_to }),
        Err(SealedError::Object(ObjectError::Commitment)) => Err(SealedError::OtherEnclave { slots: 1 }),
        Err(error) => Err(error),
    }
}
