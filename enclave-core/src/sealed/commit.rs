//! How a change becomes true: blobs, then the manifest, then the register. `docs/design/0005-sealed-storage.md` has the steps
//! and what a crash between them leaves; `tests/models` checks them.
//!
//! What always holds: nothing that the newest state needs is touched; before the register's swap nothing has changed; after a
//! swap whose answer is not known the store says so and forgets its keys.

use super::blob;
use super::change::{Change, Committed};
use super::contents::Entry;
use super::error::SealedError;
use super::header::{Header, Kind};
use super::level::FreshnessLevel;
use super::means::{Means, Unavailable};
use super::platform::derive;
use super::register::{Anchored, RegisterError};
use super::slot::{self, Place};
use super::store::{OBJECT_KEY_LABEL, State, Store, demanded, nonce, object_header};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::object::DataKey;

/// The next state, with its objects written and its manifest not.
pub(super) struct Draft {
    pub(super) id: StoreId,
    pub(super) level: FreshnessLevel,
    pub(super) version: u64,
    pub(super) expected: Option<Anchored>,
    pub(super) state: State,
}

/// Why a draft did not become true, and whether the store goes on as it was.
pub(super) struct Failed {
    pub(super) error: SealedError,
    /// Before the swap: the state is as it was.
    pub(super) unchanged: bool,
}

impl From<SealedError> for Failed {
    fn from(error: SealedError) -> Self {
        Self { error, unchanged: true }
    }
}

impl Store {
    /// Carries out a change. `Ok` is the acknowledgement: from then on the register has it.
    ///
    /// # Errors
    /// Before the register is asked, and with the store as it was: [`SealedError::Freshness`] for a register of another level,
    /// [`SealedError::TooLong`], [`SealedError::TooMany`], [`SealedError::Storage`], those of the platform's key. Then
    /// [`SealedError::Forked`] when another instance went on, and [`SealedError::InDoubt`] when the register's answer is not
    /// known: the store has forgotten its keys, and opening it again shows what became true.
    pub fn commit(&mut self, means: &mut Means<'_>, change: Change) -> Result<Committed, SealedError> {
        if demanded(means.register, self.level)? != self.level {
            return Err(SealedError::Freshness { demanded: self.level, offered: means.register.level() });
        }
        let draft = self.draft(means, change)?;
        let mut obsolete = vec![self.at.digest];
        let needed = |object: &ObjectId| draft.state.contents.entries.values().any(|entry| entry.object == *object);
        let before = self.state()?.contents.entries.values().map(|entry| entry.object);
        obsolete.extend(before.filter(|object| !needed(object)));
        match carry_out(means, draft) {
            Ok((at, state)) => {
                (self.at, self.state) = (at, Ok(state));
                Ok(Committed { version: at.version, digest: at.digest, obsolete })
            }
            Err(Failed { error, unchanged: true }) => Err(error),
            Err(Failed { error, unchanged: false }) => {
                self.state = Err(error.clone());
                Err(error)
            }
        }
    }

    /// Writes the objects of a change, and says what the next state is.
    fn draft(&self, means: &mut Means<'_>, change: Change) -> Result<Draft, SealedError> {
        let state = self.state()?;
        let (id, level) = (self.id, self.level);
        let version = self.at.version.checked_add(1).ok_or(SealedError::Header { field: "version" })?;
        let seal_to = change.seal_to.unwrap_or_else(|| state.seal_to.clone());
        let (epoch, key, slots) = if change.new_epoch {
            let key = DataKey::generate(means.rng);
            let slots = slot::fill(means, Place { store: id, epoch: version }, &seal_to, &key)?;
            (version, key, slots)
        } else {
            (state.epoch, copy(state.key.expose_secret()), state.slots.clone())
        };
        let mut entries = state.contents.entries.clone();
        for (name, content) in change.writes {
            let Some(plaintext) = content else {
                entries.remove(&name);
                continue;
            };
            let mut entry = Entry { object: self.at.digest, version, epoch, level };
            let header = object_header(id, &name, &entry).encode();
            let object_key = derive(OBJECT_KEY_LABEL, key.expose_secret(), &header);
            let blob = blob::write(means.provider, &object_key, &header, &plaintext, means.rng)?;
            means.blobs.put(&blob.id, &blob.bytes).map_err(|Unavailable| SealedError::Storage)?;
            entry.object = blob.id;
            entries.insert(name, entry);
        }
        let contents = super::contents::Contents {
            previous: Some(self.at.digest),
            owners: state.contents.owners.clone(),
            epochs: epochs_in_use(state, &entries, epoch)?,
            restores: state.contents.restores.clone(),
            entries,
        };
        let state = State { epoch, key, slots, seal_to, contents };
        Ok(Draft { id, level, version, expected: Some(self.at), state })
    }
}

/// Writes the manifest of a draft and swaps the register.
pub(super) fn carry_out(means: &mut Means<'_>, draft: Draft) -> Result<(Anchored, State), Failed> {
    let Draft { id, level, version, expected, state } = draft;
    state.contents.check()?;
    let kind = Kind::Manifest(state.slots.clone());
    let header = Header { kind, level, store: id, version, epoch: state.epoch, name: String::new() }.encode();
    let key = derive(OBJECT_KEY_LABEL, state.key.expose_secret(), &header);
    let blob = blob::write(means.provider, &key, &header, &state.contents.encode(), means.rng)?;
    means.blobs.put(&blob.id, &blob.bytes).map_err(|Unavailable| SealedError::Storage)?;
    let new = Anchored { version, digest: blob.id };
    // The one moment at which the change becomes true.
    let swapped = means.register.compare_and_swap(&id, expected, new, &nonce(means.rng));
    match swapped {
        Ok(()) => Ok((new, state)),
        Err(RegisterError::Conflict { found }) => {
            Err(Failed { error: SealedError::Forked { expected, found }, unchanged: false })
        }
        Err(RegisterError::Rollback { expected, found }) => {
            Err(Failed { error: RegisterError::Rollback { expected, found }.into(), unchanged: false })
        }
        Err(_) => Err(Failed { error: SealedError::InDoubt, unchanged: false }),
    }
}

/// Keys of older epochs that objects of the next state are still under. The others are left behind.
pub(super) fn epochs_in_use(
    state: &State,
    entries: &BTreeMap<String, Entry>,
    newest: u64,
) -> Result<BTreeMap<u64, DataKey>, SealedError> {
    let mut epochs = BTreeMap::new();
    for entry in entries.values().filter(|entry| entry.epoch != newest) {
        epochs.insert(entry.epoch, copy(state.key_of(entry.epoch)?));
    }
    Ok(epochs)
}

fn copy(key: &[u8]) -> DataKey {
    DataKey::fill_with(|place| place.iter_mut().zip(key).for_each(|(to, from)| *to = *from))
}
