//! What a store's manifest says, inside of its encryption. `spec/sealed.md`, section 5.
//!
//! What always holds: names and epochs ascend, each once; no field is over its limit; one value has one encoding.

use super::bytes::{Bytes, push_prefixed};
use super::error::SealedError;
use super::header::NAME_LIMIT;
use super::level::FreshnessLevel;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::restore::RESTORE_LIMIT;
use zeroize::Zeroizing;

/// Most named objects of a store.
pub(super) const ENTRY_LIMIT: usize = 4096;
/// Most epochs that are older than the newest and still in use.
pub(super) const EPOCH_LIMIT: usize = 256;
/// Most orders to restore in a store's log.
pub(super) const RESTORES_LIMIT: usize = 64;
/// Most owners.
const OWNER_LIMIT: usize = 16;
/// The previous state of the first one.
const NONE: [u8; 32] = [0; 32];

/// One named object of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its blob.
    pub object: ObjectId,
    /// The version that wrote it.
    pub version: u64,
    /// The epoch whose key it is under.
    pub epoch: u64,
    /// The freshness level at which it was written.
    pub level: FreshnessLevel,
}

/// Who may order a restore, fixed for the life of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners {
    keys: Vec<SigningPublicKey>,
    needed: usize,
}

impl Owners {
    /// Nobody: the store is never restored.
    #[must_use]
    pub const fn nobody() -> Self {
        Self { keys: Vec::new(), needed: 0 }
    }

    /// `needed` of these.
    ///
    /// # Errors
    /// [`SealedError::Owners`] unless the keys are 1 to 16 distinct ones and `needed` is 1 to their number.
    pub fn of(mut keys: Vec<SigningPublicKey>, needed: usize) -> Result<Self, SealedError> {
        keys.sort_unstable();
        let distinct = keys.is_sorted_by(|a, b| a < b);
        if !distinct || keys.len() > OWNER_LIMIT || !(1..=keys.len()).contains(&needed) {
            return Err(SealedError::Owners { needed, owners: keys.len() });
        }
        Ok(Self { keys, needed })
    }

    /// Their keys, ascending.
    #[must_use]
    pub fn keys(&self) -> &[SigningPublicKey] {
        &self.keys
    }

    /// How many must sign.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.needed
    }
}

/// What a manifest says.
#[derive(Debug)]
pub(super) struct Contents {
    /// The state before this one.
    pub(super) previous: Option<ObjectId>,
    pub(super) owners: Owners,
    /// Keys of epochs before the manifest's own that objects are still under.
    pub(super) epochs: BTreeMap<u64, DataKey>,
    /// Orders to restore that were carried out, as they were signed.
    pub(super) restores: Vec<Vec<u8>>,
    pub(super) entries: BTreeMap<String, Entry>,
}

impl Contents {
    /// Refuses what a manifest cannot carry.
    pub(super) fn check(&self) -> Result<(), SealedError> {
        let counts = [
            ("objects", ENTRY_LIMIT, self.entries.len()),
            ("older epochs", EPOCH_LIMIT, self.epochs.len()),
            ("restores", RESTORES_LIMIT, self.restores.len()),
        ];
        match counts.into_iter().find(|(_, limit, found)| found > limit) {
            Some((what, limit, found)) => Err(SealedError::TooMany { what, limit, found }),
            None => Ok(()),
        }
    }

    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        // Keys are in it: the buffer never grows, so no copy is left behind.
        let entries: usize = self.entries.keys().map(|name| name.len().saturating_add(53)).sum();
        let restores: usize = self.restores.iter().map(|order| order.len().saturating_add(4)).sum();
        let fixed = 32 + 2 + 32 * self.owners.keys.len() + 2 + 40 * self.epochs.len() + 2 + 4;
        let mut bytes = Zeroizing::new(Vec::with_capacity(fixed.saturating_add(entries).saturating_add(restores)));
        bytes.extend_from_slice(self.previous.as_ref().map_or(NONE.as_slice(), |previous| previous.as_bytes()));
        bytes.push(u8::try_from(self.owners.needed).unwrap_or(u8::MAX));
        bytes.push(u8::try_from(self.owners.keys.len()).unwrap_or(u8::MAX));
        self.owners.keys.iter().for_each(|key| bytes.extend_from_slice(key.as_bytes()));
        push_count(&mut bytes, self.epochs.len());
        for (epoch, key) in &self.epochs {
            bytes.extend_from_slice(&epoch.to_le_bytes());
            bytes.extend_from_slice(key.expose_secret());
        }
        push_count(&mut bytes, self.restores.len());
        self.restores.iter().for_each(|order| push_prefixed(&mut bytes, order));
        let count = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&count.to_le_bytes());
        for (name, entry) in &self.entries {
            push_prefixed(&mut bytes, name.as_bytes());
            bytes.extend_from_slice(entry.object.as_bytes());
            bytes.extend_from_slice(&entry.version.to_le_bytes());
            bytes.extend_from_slice(&entry.epoch.to_le_bytes());
            bytes.push(entry.level.byte());
        }
        bytes
    }

    /// Decodes what was decrypted: `version` and `epoch` are the manifest's own.
    pub(super) fn decode(bytes: &[u8], version: u64, epoch: u64) -> Result<Self, SealedError> {
        let field = |field| SealedError::Contents { field };
        let mut bytes = Bytes::new(bytes);
        let previous = bytes.array().ok_or(field("previous state"))?;
        let previous = (previous != NONE).then(|| ObjectId::from_bytes(previous));
        let owners = owners(&mut bytes).ok_or(field("owners"))?;
        let epochs = epochs(&mut bytes, epoch).ok_or(field("epochs"))?;
        let restores = restores(&mut bytes).ok_or(field("restores"))?;
        let entries = entries(&mut bytes, version).ok_or(field("objects"))?;
        bytes.end().ok_or(field("end"))?;
        let contents = Self { previous, owners, epochs, restores, entries };
        if contents.entries.values().any(|entry| entry.epoch != epoch && !contents.epochs.contains_key(&entry.epoch)) {
            return Err(field("epoch of an object"));
        }
        Ok(contents)
    }
}

fn push_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend_from_slice(&u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
}

fn owners(bytes: &mut Bytes<'_>) -> Option<Owners> {
    let needed = usize::from(bytes.byte()?);
    let count = usize::from(bytes.byte()?);
    let keys: Option<Vec<_>> =
        (0..count).map(|_| bytes.array().and_then(|key| SigningPublicKey::from_bytes(key).ok())).collect();
    let keys = keys?;
    if count == 0 {
        return (needed == 0).then(Owners::nobody);
    }
    let sorted = keys.is_sorted_by(|a, b| a < b);
    Owners::of(keys, needed).ok().filter(|_| sorted)
}

fn epochs(bytes: &mut Bytes<'_>, current: u64) -> Option<BTreeMap<u64, DataKey>> {
    let count = bytes.short().filter(|count| *count <= EPOCH_LIMIT)?;
    let mut epochs = BTreeMap::new();
    for _ in 0..count {
        let epoch = bytes.long().filter(|epoch| *epoch < current)?;
        let key = Zeroizing::new(bytes.array::<32>()?);
        let ascending = epochs.last_key_value().is_none_or(|(last, _)| *last < epoch);
        epochs.insert(epoch, DataKey::fill_with(|place| place.copy_from_slice(key.as_slice())));
        ascending.then_some(())?;
    }
    Some(epochs)
}

fn restores(bytes: &mut Bytes<'_>) -> Option<Vec<Vec<u8>>> {
    let count = bytes.short().filter(|count| *count <= RESTORES_LIMIT)?;
    (0..count).map(|_| bytes.prefixed(RESTORE_LIMIT).map(<[u8]>::to_vec)).collect()
}

fn entries(bytes: &mut Bytes<'_>, newest: u64) -> Option<BTreeMap<String, Entry>> {
    let count = bytes.word().and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= ENTRY_LIMIT)?;
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for _ in 0..count {
        let name = bytes.prefixed(NAME_LIMIT).filter(|name| !name.is_empty())?;
        let name = str::from_utf8(name).ok()?;
        let object = ObjectId::from_bytes(bytes.array()?);
        let version = bytes.long().filter(|version| *version <= newest)?;
        let epoch = bytes.long()?;
        let level = bytes.byte().and_then(FreshnessLevel::of_byte)?;
        entries.last_key_value().is_none_or(|(last, _)| last.as_str() < name).then_some(())?;
        entries.insert(name.into(), Entry { object, version, epoch, level });
    }
    Some(entries)
}
