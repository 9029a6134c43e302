//! Reads groups of ciphertext ahead of an enclave that asks for them in order.
//!
//! What always holds: only objects of the proposal are read, and at most [`AHEAD`] groups wait in memory.

use super::Ended;
use crate::store::{Store, StoreError};
use bytes::Bytes;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::Manifest;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Groups read ahead, of all objects together: about 8 MiB.
const AHEAD: usize = 8;

/// The objects of one proposal and what is being read of them.
#[derive(Debug)]
pub(super) struct Prefetch {
    store: Arc<Store>,
    objects: HashMap<ObjectId, Manifest>,
    ahead: VecDeque<Reading>,
}

#[derive(Debug)]
struct Reading {
    object: ObjectId,
    index: u64,
    task: JoinHandle<Result<Bytes, StoreError>>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Prefetch {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self { store, objects: HashMap::new(), ahead: VecDeque::new() }
    }

    pub(super) fn add(&mut self, object: ObjectId, manifest: Manifest) {
        drop(self.objects.insert(object, manifest));
    }

    /// One group of ciphertext.
    pub(super) async fn group(&mut self, object: ObjectId, index: u64) -> Result<Bytes, Ended> {
        let manifest = self.objects.get(&object);
        let manifest =
            manifest.ok_or_else(|| Ended::enclave("the enclave asked for an object that was not proposed"))?;
        let outside = |_| Ended::enclave("the enclave asked for a group that its object does not have");
        let range = manifest.group_range(index).map_err(outside)?;
        // What was read of this object before this place was skipped.
        self.ahead.retain(|reading| reading.object != object || reading.index >= index);
        let found = self.ahead.iter().position(|reading| (reading.object, reading.index) == (object, index));
        let mut reading = match found.and_then(|place| self.ahead.remove(place)) {
            Some(reading) => reading,
            None => read(&self.store, object, index, range),
        };
        let last = self.ahead.iter().filter(|reading| reading.object == object).map(|reading| reading.index).max();
        let mut next = last.unwrap_or(index).saturating_add(1);
        while let Ok(range) = manifest.group_range(next) {
            if self.ahead.len() >= AHEAD {
                // Room is made only by what another object has more of than its share.
                let own = self.ahead.iter().filter(|reading| reading.object == object).count();
                let other = self.ahead.iter().position(|reading| reading.object != object);
                match other.filter(|_| own < AHEAD / 2) {
                    Some(place) => drop(self.ahead.remove(place)),
                    None => break,
                }
            }
            self.ahead.push_back(read(&self.store, object, next, range));
            next = next.saturating_add(1);
        }
        match (&mut reading.task).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => {
                tracing::error!(%object, index, %error, "a group cannot be read");
                Err(Ended::Store)
            }
            Err(_) => Err(Ended::Store),
        }
    }
}

fn read(store: &Arc<Store>, object: ObjectId, index: u64, range: core::ops::Range<u64>) -> Reading {
    let store = Arc::clone(store);
    let task = tokio::spawn(async move { store.body_range(&object, range).await });
    Reading { object, index, task }
}
