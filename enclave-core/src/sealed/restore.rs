//! Restoring an older state by order of the owners. `spec/sealed.md`, section 7.
//!
//! What always holds: an order names the state that it leaves, so it is carried out at most once; the restored state is a new
//! version under a new epoch, and the order stands in its log for good.

use super::blob::Parts;
use super::commit::{self, Draft};
use super::contents::Contents;
use super::error::SealedError;
use super::level::FreshnessLevel;
use super::means::Means;
use super::register::Anchored;
use super::slot::{self, Place};
use super::store::{State, Store, demanded, fetch, load, nonce};
use sealroom_protocol::id::StoreId;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::restore::SignedRestore;

impl Store {
    /// Makes the content of an older state the newest one, as a new version, and opens it. The older state's blobs must be
    /// there; those of the newest need not be.
    ///
    /// Where the newest manifest can be read, its seal policies and the orders in its log are kept, so that an image that was
    /// left behind stays so; else both are the older one's.
    ///
    /// # Errors
    /// Those of [`Store::open`]; [`SealedError::Restore`] when the order is not signed by enough owners or by anyone else;
    /// [`SealedError::RestoreElsewhere`] when it is for another store, or leaves another state than the newest;
    /// [`SealedError::Missing`] when a blob of the older state is not there; those of [`Store::commit`].
    pub fn restore(
        means: &mut Means<'_>,
        id: StoreId,
        demand: FreshnessLevel,
        order: &[u8],
    ) -> Result<Self, SealedError> {
        let level = demanded(means.register, demand)?;
        let signed = SignedRestore::decode(order)?;
        let alleged = signed.allegation().clone();
        if alleged.store != id {
            return Err(SealedError::RestoreElsewhere { field: "store" });
        }
        let at = means.register.read(&id, &nonce(means.rng))?.ok_or(SealedError::NoStore { store: id })?;
        if at != (Anchored { version: alleged.from_version, digest: alleged.from }) {
            return Err(SealedError::RestoreElsewhere { field: "newest state" });
        }
        let target = Anchored { version: alleged.to_version, digest: alleged.to };
        if target.version >= at.version {
            return Err(SealedError::RestoreElsewhere { field: "older state" });
        }
        let old = load(means, id, target, level)?;
        // The owners are the same in every state of a store, so those of the older one are those of the store.
        signed.verify(old.contents.owners.keys(), old.contents.owners.needed())?;
        for entry in old.contents.entries.values() {
            let blob = fetch(means, &entry.object)?;
            Parts::expect(&blob, &entry.object)?;
        }
        let newest = load(means, id, at, level).map(|newest| (newest.contents.restores, newest.seal_to));
        let (mut restores, seal_to) = newest.unwrap_or_else(|_| (old.contents.restores.clone(), old.seal_to.clone()));
        restores.push(order.to_vec());
        let version = at.version.checked_add(1).ok_or(SealedError::Header { field: "version" })?;
        let key = DataKey::generate(means.rng);
        let slots = slot::fill(means, Place { store: id, epoch: version }, &seal_to, &key)?;
        let contents = Contents {
            previous: Some(at.digest),
            owners: old.contents.owners.clone(),
            epochs: commit::epochs_in_use(&old, &old.contents.entries, version)?,
            restores,
            entries: old.contents.entries.clone(),
        };
        let state = State { epoch: version, key, slots, seal_to, contents };
        let draft = Draft { id, level, version, expected: Some(at), state };
        let (at, state) = commit::carry_out(means, draft).map_err(|failed| failed.error)?;
        Ok(Self { id, level, at, state: Ok(state) })
    }
}
