//! What a store works with: all of it is given by the caller, and nothing of the host's part is believed.

use super::platform::SealingPlatform;
use super::register::Register;
use alloc::vec::Vec;
use core::fmt;
use rand_core::CryptoRng;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::provider::AeadProvider;

/// The host's store of blobs. Each is written once, under the id that covers it.
pub trait Blobs {
    /// Keeps `bytes` under `name`. `Ok` says that they will be there after a crash of the machine too: a file is written
    /// beside its place, synchronised, renamed, and its folder synchronised.
    ///
    /// # Errors
    /// [`Unavailable`]; then nobody knows whether they are there.
    fn put(&mut self, name: &ObjectId, bytes: &[u8]) -> Result<(), Unavailable>;

    /// What was kept under `name`, or what the host shows instead of it.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn get(&mut self, name: &ObjectId) -> Result<Option<Vec<u8>>, Unavailable>;
}

/// No answer, or one that says that it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer")]
#[expect(clippy::exhaustive_structs, reason = "whoever implements a store or platform must be able to make it")]
pub struct Unavailable;

/// What a store works with, for the time of one call.
#[expect(clippy::exhaustive_structs, reason = "the caller fills every field")]
pub struct Means<'m> {
    /// Gives sealing keys.
    pub platform: &'m mut dyn SealingPlatform,
    /// Keeps blobs.
    pub blobs: &'m mut dyn Blobs,
    /// Knows the newest state.
    pub register: &'m mut dyn Register,
    /// Encrypts.
    pub provider: &'m dyn AeadProvider,
    /// Draws keys and salts.
    pub rng: &'m mut dyn CryptoRng,
}

impl fmt::Debug for Means<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Means").field("provider", &self.provider.name()).finish_non_exhaustive()
    }
}
