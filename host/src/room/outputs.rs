//! Results on their way from the enclave into the store.
//!
//! What always holds: a result is visible only once its manifest came and its length is the manifest's; all results of
//! a run together stay under the host's limit; nothing is left behind when a run does not end well.

use super::Ended;
use crate::store::{Scratch, Store};
use bytes::Bytes;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::object::Manifest;
use std::collections::HashMap;
use std::sync::Arc;

/// A contract names at most 64 results.
const NAMES: usize = 64;

/// The unfinished results of a run.
#[derive(Debug)]
pub(super) struct Outputs {
    store: Arc<Store>,
    /// Whose bytes they count as: the party's that started the room.
    owner: SigningPublicKey,
    limit: u64,
    written: u64,
    open: HashMap<String, Scratch>,
}

impl Outputs {
    pub(super) fn new(store: Arc<Store>, owner: SigningPublicKey, limit_mib: u64) -> Self {
        Self { store, owner, limit: limit_mib.saturating_mul(1 << 20), written: 0, open: HashMap::new() }
    }

    /// Takes a part of a result's body.
    pub(super) async fn part(&mut self, name: String, bytes: Vec<u8>) -> Result<(), Ended> {
        self.written = self.written.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.written > self.limit {
            return Err(Ended::enclave(format!("the enclave gave more than {} bytes of results", self.limit)));
        }
        if self.open.len() >= NAMES && !self.open.contains_key(&name) {
            return Err(Ended::enclave("the enclave gave more results than a contract has"));
        }
        let scratch = match self.open.remove(&name) {
            Some(scratch) => scratch,
            None => self.store.scratch().await.map_err(failed)?,
        };
        let scratch = scratch.append(Bytes::from(bytes)).await.map_err(failed)?;
        drop(self.open.insert(name, scratch));
        Ok(())
    }

    /// Takes a result's manifest and makes the result an object.
    pub(super) async fn end(&mut self, name: &str, manifest: Vec<u8>) -> Result<(), Ended> {
        let broken = |what: String| Ended::enclave(format!("a result of the enclave is not an object: {what}"));
        let scratch = self.open.remove(name).ok_or_else(|| broken("it has no body".into()))?;
        let decoded = Manifest::decode(&manifest).map_err(|error| broken(error.to_string()))?;
        if decoded.body_length() != scratch.length() {
            return Err(broken(format!("a body of {} bytes, expected {}", scratch.length(), decoded.body_length())));
        }
        self.store.adopt(&decoded, Bytes::from(manifest), scratch, &self.owner).await.map_err(failed)
    }

    /// Drops what is unfinished; the next run begins anew.
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.written = 0;
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the error of map_err")]
fn failed(error: crate::store::StoreError) -> Ended {
    tracing::error!(%error, "a result cannot be stored");
    Ended::Store
}
