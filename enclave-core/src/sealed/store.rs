//! A sealed store: named objects, changed in one step, as fresh as its register.
//!
//! What always holds: having a [`Store`] means that its manifest was the one in the register when it was opened; after a
//! change whose end is not known, or that met another instance, it has forgotten its keys and answers nothing.

use super::blob::Parts;
use super::commit::{self, Draft};
use super::contents::{Contents, Entry, Owners};
use super::error::SealedError;
use super::header::{Header, Kind};
use super::level::FreshnessLevel;
use super::means::{Means, Unavailable};
use super::platform::{SealTo, derive};
use super::register::{Anchored, Register, RegisterError};
use super::report::Report;
use super::slot::{self, Place};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use rand_core::CryptoRng;
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::object::DataKey;
use zeroize::Zeroizing;

/// Key of a store's object or manifest, from its epoch's.
pub(super) const OBJECT_KEY_LABEL: &str = "sealroom/1 sealed object key";

/// How a store is begun.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "the caller fills every field; there is no default for whom to trust")]
pub struct StoreTerms {
    /// Its id, from where it can be trusted: a host that chooses it serves one store for another.
    pub id: StoreId,
    /// To whom it is sealed: 1 to 4.
    pub seal_to: Vec<SealTo>,
    /// Who may order a restore.
    pub owners: Owners,
    /// The freshness that the caller demands.
    pub demand: FreshnessLevel,
}

/// What a read gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The content.
    pub plaintext: Zeroizing<Vec<u8>>,
    /// How fresh it is.
    pub level: FreshnessLevel,
    /// The version of the store that wrote it.
    pub version: u64,
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(super) id: StoreId,
    pub(super) level: FreshnessLevel,
    pub(super) at: Anchored,
    pub(super) state: Result<State, SealedError>,
}

/// What an open store knows.
#[derive(Debug)]
pub(super) struct State {
    pub(super) epoch: u64,
    pub(super) key: DataKey,
    pub(super) slots: Vec<Vec<u8>>,
    pub(super) seal_to: Vec<SealTo>,
    pub(super) contents: Contents,
}

impl Store {
    /// Begins a store. Call it once, where it is known that there is none: with a register of level `none` or `session` the host
    /// can hide an existing one.
    ///
    /// # Errors
    /// [`SealedError::Freshness`], [`SealedError::Exists`], [`SealedError::TooMany`] policies, those of the platform's key as
    /// in [`seal`](super::seal()), [`SealedError::Storage`], [`SealedError::Register`].
    pub fn create(means: &mut Means<'_>, terms: &StoreTerms) -> Result<Self, SealedError> {
        let level = demanded(means.register, terms.demand)?;
        if let Some(found) = means.register.read(&terms.id, &nonce(means.rng))? {
            return Err(SealedError::Exists { store: terms.id, version: found.version });
        }
        let (version, epoch) = (1, 1);
        let key = DataKey::generate(means.rng);
        let slots = slot::fill(means, Place { store: terms.id, epoch }, &terms.seal_to, &key)?;
        let contents = Contents {
            previous: None,
            owners: terms.owners.clone(),
            epochs: BTreeMap::new(),
            restores: Vec::new(),
            entries: BTreeMap::new(),
        };
        let state = State { epoch, key, slots, seal_to: terms.seal_to.clone(), contents };
        let draft = Draft { id: terms.id, level, version, expected: None, state };
        let (at, state) = commit::carry_out(means, draft).map_err(|failed| failed.error)?;
        Ok(Self { id: terms.id, level, at, state: Ok(state) })
    }

    /// Opens the newest state of a store.
    ///
    /// # Errors
    /// [`SealedError::Freshness`], [`SealedError::Register`], [`SealedError::NoStore`]; [`SealedError::Missing`] when the host
    /// does not show the manifest; [`SealedError::Object`] or [`SealedError::Length`] when it shows another;
    /// [`SealedError::Misplaced`] when the register's digest is of something else; [`SealedError::LevelLowered`];
    /// [`SealedError::OtherEnclave`], [`SealedError::Downgrade`] and those of the platform's key; [`SealedError::Contents`].
    pub fn open(means: &mut Means<'_>, id: StoreId, demand: FreshnessLevel) -> Result<Self, SealedError> {
        let level = demanded(means.register, demand)?;
        let at = means.register.read(&id, &nonce(means.rng))?.ok_or(SealedError::NoStore { store: id })?;
        let state = load(means, id, at, level)?;
        Ok(Self { id, level, at, state: Ok(state) })
    }

    /// Reads an object.
    ///
    /// # Errors
    /// [`SealedError::InDoubt`] and [`SealedError::Forked`] when the store ended; [`SealedError::NoObject`];
    /// [`SealedError::Freshness`] when the object has less than is demanded; [`SealedError::Storage`],
    /// [`SealedError::Missing`], [`SealedError::Version`], [`SealedError::Length`], [`SealedError::Object`],
    /// [`SealedError::Misplaced`] when another blob is shown.
    pub fn read(&self, means: &mut Means<'_>, name: &str, demand: FreshnessLevel) -> Result<Opened, SealedError> {
        let state = self.state()?;
        let entry = state.contents.entries.get(name).ok_or(SealedError::NoObject)?;
        let level = FreshnessLevel::of_object(self.level, entry.level);
        if !level.satisfies(demand) {
            return Err(SealedError::Freshness { demanded: demand, offered: level });
        }
        let blob = fetch(means, &entry.object)?;
        let parts = Parts::expect(&blob, &entry.object)?;
        let expected = object_header(self.id, name, entry);
        if parts.header()? != expected {
            return Err(SealedError::Misplaced { field: "object" });
        }
        let key = derive(OBJECT_KEY_LABEL, state.key_of(entry.epoch)?, parts.header_bytes());
        Ok(Opened { plaintext: parts.decrypt(means.provider, &key)?, level, version: entry.version })
    }

    /// Asks the register again whether this is still the newest state. A store that serves others calls it before an answer
    /// that must not be an old one.
    ///
    /// # Errors
    /// [`SealedError::Forked`] when another instance went on; [`SealedError::Register`] when the register gives no answer or is
    /// rolled back. After any of them the store answers nothing more.
    pub fn confirm(&mut self, means: &mut Means<'_>) -> Result<(), SealedError> {
        self.state()?;
        let found = means.register.read(&self.id, &nonce(means.rng));
        let error = match found {
            Ok(found) if found == Some(self.at) => return Ok(()),
            Ok(found) => SealedError::Forked { expected: Some(self.at), found },
            Err(error) => error.into(),
        };
        self.state = Err(error.clone());
        Err(error)
    }

    /// Makes this state the first one that another register knows, of the same level or a higher one, and goes on with it. What
    /// the register before still says is of no use once the next change is committed at the higher level.
    ///
    /// # Errors
    /// [`SealedError::InDoubt`] and [`SealedError::Forked`] when the store ended, or ends by this: the other register knows a
    /// store of this id, or gave no answer that proves anything. [`SealedError::Freshness`] for a lower level.
    pub fn move_to(&mut self, register: &mut dyn Register, rng: &mut dyn CryptoRng) -> Result<(), SealedError> {
        self.state()?;
        let level = demanded(register, self.level)?;
        let error = match register.compare_and_swap(&self.id, None, self.at, &nonce(rng)) {
            Ok(()) => {
                self.level = level;
                return Ok(());
            }
            Err(RegisterError::Conflict { found }) => SealedError::Forked { expected: None, found },
            Err(_) => SealedError::InDoubt,
        };
        self.state = Err(error.clone());
        Err(error)
    }

    /// Its names, each with what is known of the object without reading it.
    ///
    /// # Errors
    /// [`SealedError::InDoubt`], [`SealedError::Forked`].
    pub fn entries(&self) -> Result<impl Iterator<Item = (&str, &Entry)>, SealedError> {
        Ok(self.state()?.contents.entries.iter().map(|(name, entry)| (name.as_str(), entry)))
    }

    /// Names of objects under an older epoch than the newest: write them again, and the older keys are forgotten.
    ///
    /// # Errors
    /// [`SealedError::InDoubt`], [`SealedError::Forked`].
    pub fn behind(&self) -> Result<Vec<String>, SealedError> {
        let state = self.state()?;
        let behind = state.contents.entries.iter().filter(|(_, entry)| entry.epoch != state.epoch);
        Ok(behind.map(|(name, _)| name.clone()).collect())
    }

    /// What can be told of the store to anyone: nothing secret is in it.
    ///
    /// # Errors
    /// [`SealedError::InDoubt`], [`SealedError::Forked`].
    pub fn report(&self) -> Result<Report, SealedError> {
        Ok(Report::of(self.id, self.level, self.at, self.state()?))
    }

    pub(super) fn state(&self) -> Result<&State, SealedError> {
        self.state.as_ref().map_err(Clone::clone)
    }
}

impl State {
    /// The key of an epoch that is still in use.
    pub(super) fn key_of(&self, epoch: u64) -> Result<&[u8], SealedError> {
        let key = if epoch == self.epoch { Some(&self.key) } else { self.contents.epochs.get(&epoch) };
        Ok(key.ok_or(SealedError::Contents { field: "epoch of an object" })?.expose_secret())
    }
}

/// The register's level, if it is enough.
pub(super) fn demanded(register: &dyn Register, demand: FreshnessLevel) -> Result<FreshnessLevel, SealedError> {
    let offered = register.level();
    if offered.satisfies(demand) { Ok(offered) } else { Err(SealedError::Freshness { demanded: demand, offered }) }
}

/// Reads and decrypts the manifest of a state.
pub(super) fn load(
    means: &mut Means<'_>,
    id: StoreId,
    at: Anchored,
    level: FreshnessLevel,
) -> Result<State, SealedError> {
    let blob = fetch(means, &at.digest)?;
    let parts = Parts::expect(&blob, &at.digest)?;
    let header = parts.header()?;
    let Kind::Manifest(slots) = header.kind else {
        return Err(SealedError::Misplaced { field: "kind" });
    };
    if header.store != id {
        return Err(SealedError::Misplaced { field: "store" });
    }
    if header.version != at.version {
        return Err(SealedError::Misplaced { field: "version" });
    }
    if !level.satisfies(header.level) {
        return Err(SealedError::LevelLowered { written: header.level, offered: level });
    }
    let (key, seal_to) = slot::open(means, Place { store: id, epoch: header.epoch }, &slots)?;
    let manifest_key = derive(OBJECT_KEY_LABEL, key.expose_secret(), parts.header_bytes());
    let plaintext = parts.decrypt(means.provider, &manifest_key)?;
    let contents = Contents::decode(&plaintext, header.version, header.epoch)?;
    Ok(State { epoch: header.epoch, key, slots, seal_to, contents })
}

/// The header that the object of this entry has.
pub(super) fn object_header(store: StoreId, name: &str, entry: &Entry) -> Header {
    let Entry { version, epoch, level, .. } = *entry;
    Header { kind: Kind::Object, level, store, version, epoch, name: name.into() }
}

/// What the host shows as this blob.
pub(super) fn fetch(means: &mut Means<'_>, blob: &ObjectId) -> Result<Vec<u8>, SealedError> {
    let shown = means.blobs.get(blob).map_err(|Unavailable| SealedError::Storage)?;
    shown.ok_or(SealedError::Missing { blob: *blob })
}

/// Bytes that no register was asked with before.
pub(super) fn nonce(rng: &mut dyn CryptoRng) -> [u8; 32] {
    let mut nonce = [0; 32];
    rng.fill_bytes(&mut nonce);
    nonce
}
