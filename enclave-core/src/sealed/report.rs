//! What can be told of a store to anyone.

use super::level::FreshnessLevel;
use super::platform::SealTo;
use super::register::Anchored;
use super::store::State;
use alloc::vec::Vec;
use core::fmt;
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::restore::{Restore, SignedRestore};

/// The state of a store. Nothing in it is secret; its first word is how fresh it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Against which rollback it is protected.
    pub level: FreshnessLevel,
    /// The store.
    pub store: StoreId,
    /// Its newest version.
    pub version: u64,
    /// The manifest of it.
    pub digest: ObjectId,
    /// The version that began the newest epoch.
    pub epoch: u64,
    /// To whom it is sealed.
    pub seal_to: Vec<SealTo>,
    /// How many objects it has.
    pub objects: usize,
    /// How many of these are under an older epoch.
    pub behind: usize,
    /// How many were written at a lower level than the store has now.
    pub below_level: usize,
    /// Restores that its owners ordered, oldest first.
    pub restores: Vec<Restore>,
}

impl Report {
    pub(super) fn of(store: StoreId, level: FreshnessLevel, at: Anchored, state: &State) -> Self {
        let entries = &state.contents.entries;
        let below = |written| !FreshnessLevel::of_object(level, written).satisfies(level);
        let orders = state.contents.restores.iter().filter_map(|order| SignedRestore::decode(order).ok());
        Self {
            level,
            store,
            version: at.version,
            digest: at.digest,
            epoch: state.epoch,
            seal_to: state.seal_to.clone(),
            objects: entries.len(),
            behind: entries.values().filter(|entry| entry.epoch != state.epoch).count(),
            below_level: entries.values().filter(|entry| below(entry.level)).count(),
            restores: orders.map(|order| order.allegation().clone()).collect(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, store, version, digest, epoch, objects, behind, below_level, restores, .. } = self;
        write!(
            f,
            "freshness {level}: store {store}, version {version} ({digest}), epoch {epoch}, {objects} objects, {behind} \
             under an older epoch, {below_level} written below {level}, {} restores",
            restores.len()
        )
    }
}
