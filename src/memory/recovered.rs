//! The memory of a party whose keys were recovered: its grants are forgotten, all of them.
//!
//! What always holds: it grants only under contracts that its party agreed to since, so nobody gets a run by showing it a
//! contract whose runs it forgot. `docs/recovery.md`.

use super::store::{self, AGREED, META, RECOVERED_KEY};
use super::{Memory, MemoryError};
use crate::file::{self, Mode, Pending};
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::identity::SigningPublicKey;
use std::io;
use std::path::Path;

impl Memory {
    /// Makes the memory that goes with recovered keys, where none is. It takes every contract for one whose grants it forgot,
    /// until its party agrees to one ([`Memory::agree`]).
    ///
    /// # Errors
    /// [`MemoryError::Io`] (also where a file is), [`MemoryError::Database`].
    pub fn begin_recovered(path: &Path, owner: &SigningPublicKey) -> Result<Self, MemoryError> {
        let of_io = |source: io::Error| MemoryError::Io { path: path.into(), source };
        let pending = Pending::beside(path, Mode::Private).map_err(of_io)?;
        let fresh = file::open_private(pending.path()).map_err(of_io)?;
        let memory = Self::open_backend(FileBackend::new(fresh)?, owner)?;
        memory.mark_recovered()?;
        drop(memory);
        pending.create().map_err(of_io)?;
        Self::open(path, owner)
    }

    pub(super) fn mark_recovered(&self) -> Result<(), MemoryError> {
        store::write(&self.database, |transaction| {
            transaction.open_table(META)?.insert(RECOVERED_KEY, [].as_slice())?;
            transaction.open_table(AGREED)?;
            Ok(())
        })
    }

    /// Whether it was begun with recovered keys.
    #[must_use]
    pub const fn is_recovered(&self) -> bool {
        self.recovered
    }

    /// Says that this party agrees to a contract now, whatever it has forgotten: it is about to sign it. To agree again to a
    /// text that was signed before the loss allows all of its runs once more. A memory that forgot nothing writes nothing.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn agree(&self, contract: &ContractId) -> Result<(), MemoryError> {
        if !self.recovered {
            return Ok(());
        }
        store::write(&self.database, |transaction| {
            transaction.open_table(AGREED)?.insert(contract.as_bytes(), ())?;
            Ok(())
        })
    }

    /// Whether it may have forgotten grants under a contract because its keys were recovered. What is agreed to only grows, so a
    /// look from within a write sees enough.
    pub(super) fn has_forgotten(&self, contract: &ContractId) -> Result<bool, MemoryError> {
        if !self.recovered {
            return Ok(false);
        }
        let agreed = self.database.begin_read()?.open_table(AGREED)?;
        Ok(agreed.get(contract.as_bytes())?.is_none())
    }
}

/// Whether the file says that it was begun with recovered keys.
pub(super) fn is_marked(database: &Database) -> Result<bool, MemoryError> {
    Ok(database.begin_read()?.open_table(META)?.get(RECOVERED_KEY)?.is_some())
}
