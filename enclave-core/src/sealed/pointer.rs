//! Registers without others: the host's word, alone or held against what this life has seen.
//!
//! What always holds: `none` is the host's word; `session` never goes back behind what one life of the enclave has seen.

use super::bytes::Bytes;
use super::level::FreshnessLevel;
use super::means::Unavailable;
use super::register::{Anchored, Register, RegisterError};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use sealroom_protocol::id::{ObjectId, StoreId};

/// A small record of the host for each store: 40 bytes, replaced whole.
pub trait Pointer {
    /// The record.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn read(&mut self, store: &StoreId) -> Result<Option<Vec<u8>>, Unavailable>;

    /// Replaces it, so that after a crash either the old or the new one is there.
    ///
    /// # Errors
    /// [`Unavailable`]; then nobody knows which of the two is there.
    fn write(&mut self, store: &StoreId, record: &[u8; 40]) -> Result<(), Unavailable>;
}

/// The host's word: level [`FreshnessLevel::None`].
pub struct HostRegister<P>(P);

/// The host's word, held against what this life has seen: level [`FreshnessLevel::Session`].
///
/// Keep one for the life of the process; a new one has seen nothing.
pub struct SessionRegister<P> {
    pointer: P,
    seen: BTreeMap<StoreId, Seen>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    newest: Option<Anchored>,
    /// A change that was under way when the pointer gave no answer.
    doubtful: Option<Anchored>,
}

impl<P: Pointer> HostRegister<P> {
    /// Over this pointer.
    pub const fn new(pointer: P) -> Self {
        Self(pointer)
    }
}

impl<P: Pointer> SessionRegister<P> {
    /// Over this pointer; nothing has been seen.
    pub const fn new(pointer: P) -> Self {
        Self { pointer, seen: BTreeMap::new() }
    }
}

impl<P: Pointer> Register for HostRegister<P> {
    fn level(&self) -> FreshnessLevel {
        FreshnessLevel::None
    }

    fn read(&mut self, store: &StoreId, _nonce: &[u8; 32]) -> Result<Option<Anchored>, RegisterError> {
        shown(&mut self.0, store)
    }

    fn compare_and_swap(
        &mut self,
        store: &StoreId,
        expected: Option<Anchored>,
        new: Anchored,
        _nonce: &[u8; 32],
    ) -> Result<(), RegisterError> {
        let found = shown(&mut self.0, store)?;
        if found != expected {
            return Err(RegisterError::Conflict { found });
        }
        self.0.write(store, &record(new)).map_err(|Unavailable| RegisterError::Unavailable)
    }
}

impl<P: Pointer> Register for SessionRegister<P> {
    fn level(&self) -> FreshnessLevel {
        FreshnessLevel::Session
    }

    fn read(&mut self, store: &StoreId, _nonce: &[u8; 32]) -> Result<Option<Anchored>, RegisterError> {
        let found = shown(&mut self.pointer, store)?;
        let newest = match self.seen.get(store) {
            // The first look of this life: there is nothing to hold it against.
            None => found,
            Some(seen) if found == seen.newest => found,
            Some(seen) if found.is_some() && found == seen.doubtful => found,
            Some(seen) => return Err(RegisterError::Rollback { expected: seen.newest, found }),
        };
        // A doubtful change is settled by the first look after it; shown later, it would be one that was superseded.
        self.seen.insert(*store, Seen { newest, doubtful: None });
        Ok(newest)
    }

    fn compare_and_swap(
        &mut self,
        store: &StoreId,
        expected: Option<Anchored>,
        new: Anchored,
        nonce: &[u8; 32],
    ) -> Result<(), RegisterError> {
        let found = self.read(store, nonce)?;
        if found != expected {
            return Err(RegisterError::Conflict { found });
        }
        self.seen.insert(*store, Seen { newest: expected, doubtful: Some(new) });
        self.pointer.write(store, &record(new)).map_err(|Unavailable| RegisterError::Unavailable)?;
        self.seen.insert(*store, Seen { newest: Some(new), doubtful: None });
        Ok(())
    }
}

fn shown(pointer: &mut dyn Pointer, store: &StoreId) -> Result<Option<Anchored>, RegisterError> {
    let Some(bytes) = pointer.read(store).map_err(|Unavailable| RegisterError::Unavailable)? else {
        return Ok(None);
    };
    let mut bytes = Bytes::new(&bytes);
    let version = bytes.long().filter(|version| *version > 0).ok_or(RegisterError::Record { field: "version" })?;
    let digest = ObjectId::from_bytes(bytes.array().ok_or(RegisterError::Record { field: "digest" })?);
    bytes.end().ok_or(RegisterError::Record { field: "end" })?;
    Ok(Some(Anchored { version, digest }))
}

fn record(state: Anchored) -> [u8; 40] {
    let mut record = [0; 40];
    let parts = state.version.to_le_bytes().into_iter().chain(*state.digest.as_bytes());
    record.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
    record
}

impl<P> fmt::Debug for HostRegister<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostRegister")
    }
}

impl<P> fmt::Debug for SessionRegister<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRegister").field("seen", &self.seen).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host that keeps one record and may stop answering after it wrote.
    struct Host {
        record: Option<Vec<u8>>,
        silent: bool,
    }

    impl Pointer for Host {
        fn read(&mut self, _store: &StoreId) -> Result<Option<Vec<u8>>, Unavailable> {
            Ok(self.record.clone())
        }

        fn write(&mut self, _store: &StoreId, record: &[u8; 40]) -> Result<(), Unavailable> {
            self.record = Some(record.to_vec());
            if self.silent { Err(Unavailable) } else { Ok(()) }
        }
    }

    const STORE: StoreId = StoreId::from_bytes([1; 32]);
    const NONCE: [u8; 32] = [0; 32];

    fn state(version: u64) -> Anchored {
        Anchored { version, digest: ObjectId::from_bytes([7; 32]) }
    }

    #[test]
    fn a_session_never_goes_back_behind_what_it_has_seen_and_the_host_alone_does() {
        let mut session = SessionRegister::new(Host { record: None, silent: false });
        session.compare_and_swap(&STORE, None, state(1), &NONCE).unwrap();
        let old = session.pointer.record.clone();
        session.compare_and_swap(&STORE, Some(state(1)), state(2), &NONCE).unwrap();
        session.pointer.record.clone_from(&old);
        let refused = RegisterError::Rollback { expected: Some(state(2)), found: Some(state(1)) };
        assert_eq!(session.read(&STORE, &NONCE), Err(refused));
        session.pointer.record = None;
        let refused = RegisterError::Rollback { expected: Some(state(2)), found: None };
        assert_eq!(session.read(&STORE, &NONCE), Err(refused));
        let mut host = HostRegister::new(Host { record: old, silent: false });
        assert_eq!(host.read(&STORE, &NONCE), Ok(Some(state(1))));
    }

    #[test]
    fn a_change_in_doubt_is_settled_by_the_next_look_and_never_comes_back() {
        let mut session = SessionRegister::new(Host { record: None, silent: false });
        session.compare_and_swap(&STORE, None, state(1), &NONCE).unwrap();
        let old = session.pointer.record.clone();
        session.pointer.silent = true;
        let lost = session.compare_and_swap(&STORE, Some(state(1)), state(2), &NONCE);
        assert_eq!(lost, Err(RegisterError::Unavailable));
        let doubtful = core::mem::replace(&mut session.pointer.record, old);
        session.pointer.silent = false;
        assert_eq!(session.read(&STORE, &NONCE), Ok(Some(state(1))));
        session.pointer.record = doubtful;
        let refused = RegisterError::Rollback { expected: Some(state(1)), found: Some(state(2)) };
        assert_eq!(session.read(&STORE, &NONCE), Err(refused));
    }

    #[test]
    fn a_swap_that_expects_another_state_changes_nothing() {
        let mut host = HostRegister::new(Host { record: None, silent: false });
        host.compare_and_swap(&STORE, None, state(1), &NONCE).unwrap();
        let conflict = Err(RegisterError::Conflict { found: Some(state(1)) });
        assert_eq!(host.compare_and_swap(&STORE, None, state(9), &NONCE), conflict);
        assert_eq!(host.compare_and_swap(&STORE, Some(state(2)), state(3), &NONCE), conflict);
        assert_eq!(host.read(&STORE, &NONCE), Ok(Some(state(1))));
    }

    #[test]
    fn a_record_that_is_none_is_refused_by_field() {
        let read = |record: &[u8]| {
            HostRegister::new(Host { record: Some(record.to_vec()), silent: false }).read(&STORE, &NONCE)
        };
        assert_eq!(read(&[1; 7]), Err(RegisterError::Record { field: "version" }));
        assert_eq!(read(&[0; 40]), Err(RegisterError::Record { field: "version" }));
        assert_eq!(read(&[1; 39]), Err(RegisterError::Record { field: "digest" }));
        assert_eq!(read(&[1; 41]), Err(RegisterError::Record { field: "end" }));
    }
}
