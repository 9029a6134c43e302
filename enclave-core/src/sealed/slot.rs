//! Slots: how a store's epoch key is found again by the platform. One slot for each seal policy, each a small sealed object
//! in the manifest's header.
//!
//! What always holds: a slot opens for its own store and epoch only.

use super::blob::{self, Parts};
use super::error::SealedError;
use super::header::{Header, Kind, SLOT_LENGTH_LIMIT, SLOT_LIMIT};
use super::level::FreshnessLevel;
use super::means::Means;
use super::platform::{KeyRequest, SealTo, sealing_key};
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::id::StoreId;
use sealroom_protocol::object::{DataKey, ObjectError};

/// Where a slot belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) store: StoreId,
    pub(super) epoch: u64,
}

/// Seals an epoch's key, once for each policy.
pub(super) fn fill(
    means: &mut Means<'_>,
    place: Place,
    policies: &[SealTo],
    key: &DataKey,
) -> Result<Vec<Vec<u8>>, SealedError> {
    if policies.is_empty() || policies.len() > SLOT_LIMIT {
        return Err(SealedError::TooMany { what: "seal policies", limit: SLOT_LIMIT, found: policies.len() });
    }
    let mut slots = Vec::with_capacity(policies.len());
    for seal_to in policies {
        let request = KeyRequest::new(means.platform, *seal_to)?;
        let kind = Kind::Slot(request.clone());
        let level = FreshnessLevel::None;
        let Place { store, epoch } = place;
        let header = Header { kind, level, store, version: epoch, epoch, name: String::new() }.encode();
        let sealing = sealing_key(means.platform, &request, &header)?;
        let slot = blob::write(means.provider, &sealing, &header, key.expose_secret(), means.rng)?.bytes;
        if slot.len() > SLOT_LENGTH_LIMIT {
            return Err(SealedError::TooLong { limit: SLOT_LENGTH_LIMIT, found: slot.len() });
        }
        slots.push(slot);
    }
    Ok(slots)
}

/// The epoch's key, from the first slot that opens here, and the policies of all slots.
///
/// A downgrade is told as such; a key that must not be used at all ends the search.
pub(super) fn open(
    means: &mut Means<'_>,
    place: Place,
    slots: &[Vec<u8>],
) -> Result<(DataKey, Vec<SealTo>), SealedError> {
    let mut policies = Vec::with_capacity(slots.len());
    let mut opened = None;
    let mut refused = None;
    for slot in slots {
        let parts = Parts::of(slot)?;
        let header = parts.header()?;
        let Kind::Slot(request) = &header.kind else {
            return Err(SealedError::Misplaced { field: "kind" });
        };
        if header.store != place.store || header.epoch != place.epoch {
            return Err(SealedError::Misplaced { field: "store or epoch" });
        }
        policies.push(request.seal_to);
        if opened.is_some() {
            continue;
        }
        match key_of(means, request, parts) {
            Ok(key) => opened = Some(key),
            Err(SealedError::Object(ObjectError::Commitment) | SealedError::Platform) => {}
            Err(error @ SealedError::Downgrade { .. }) => refused = refused.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match (opened, refused) {
        (Some(key), _) => Ok((key, policies)),
        (None, Some(error)) => Err(error),
        (None, None) => Err(SealedError::OtherEnclave { slots: slots.len() }),
    }
}

fn key_of(means: &mut Means<'_>, request: &KeyRequest, parts: Parts<'_>) -> Result<DataKey, SealedError> {
    let sealing = sealing_key(means.platform, request, parts.header_bytes())?;
    let plaintext = parts.decrypt(means.provider, &sealing)?;
    let key: &[u8; DataKey::LENGTH] =
        plaintext.as_slice().try_into().map_err(|_| SealedError::Contents { field: "epoch key" })?;
    Ok(DataKey::fill_with(|bytes| bytes.copy_from_slice(key)))
}
