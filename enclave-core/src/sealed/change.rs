//! What is to change in a store, in one step.

use super::error::SealedError;
use super::header::check_name;
use super::platform::SealTo;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use sealroom_protocol::id::ObjectId;
use zeroize::Zeroizing;

/// Changes that become true together, or not at all.
#[derive(Default)]
pub struct Change {
    pub(super) writes: BTreeMap<String, Option<Zeroizing<Vec<u8>>>>,
    pub(super) new_epoch: bool,
    pub(super) seal_to: Option<Vec<SealTo>>,
}

impl Change {
    /// No change yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { writes: BTreeMap::new(), new_epoch: false, seal_to: None }
    }

    /// Writes an object, in place of one of this name if there is one.
    ///
    /// # Errors
    /// [`SealedError::Name`] unless the name has 1 to 255 bytes.
    pub fn write(mut self, name: &str, plaintext: &[u8]) -> Result<Self, SealedError> {
        check_name(name)?;
        self.writes.insert(name.into(), Some(Zeroizing::new(plaintext.to_vec())));
        Ok(self)
    }

    /// Removes an object.
    #[must_use]
    pub fn remove(mut self, name: &str) -> Self {
        self.writes.insert(name.into(), None);
        self
    }

    /// Begins a new epoch: what is written from now on is under a new key. The key of an older one is forgotten with the last
    /// object that is under it; see [`Store::behind`](super::Store::behind).
    #[must_use]
    pub const fn new_epoch(mut self) -> Self {
        self.new_epoch = true;
        self
    }

    /// Seals the store to these from now on (1 to 4), under a new epoch: who is not among them any more reads nothing new.
    #[must_use]
    pub fn seal_to(mut self, policies: &[SealTo]) -> Self {
        self.seal_to = Some(policies.to_vec());
        self.new_epoch = true;
        self
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("objects", &self.writes.len()).field("new_epoch", &self.new_epoch).finish()
    }
}

/// A change that became true.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The new version.
    pub version: u64,
    /// Its digest.
    pub digest: ObjectId,
    /// Blobs that the newest state does not need any more. The host may delete them, or keep them for a restore that the
    /// owners order.
    pub obsolete: Vec<ObjectId>,
}
