//! Where ciphertext, contracts and receipts are kept: a local folder or an S3-compatible store, through `object_store`.
//!
//! What always holds: an object is visible only when all of it is stored, because the last thing that is written is an
//! empty marker that names whose bytes it counts as; in a local folder, what is stored is on disk; memory is bounded,
//! whatever an object's size.
//!
//! ```text
//! objects/<id>/manifest   objects/<id>/body   objects/<id>/of-<key, 64 hex digits>   (the marker)
//! contracts/<id>/contract
//! contracts/<id>/receipts/<run, 20 digits>-<receipt id>.complete | .void   (of a room)
//! contracts/<id>/receipts/<the same>.<key, 64 hex digits>                  (of the party with this key that brought it)
//! ```

mod error;
mod open;
mod receipts;
mod scratch;
#[cfg(test)]
mod tests;
mod upload;
mod verify;

pub use error::StoreError;
pub(crate) use open::private_folder;
pub(crate) use receipts::ReceiptName;
pub(crate) use scratch::Scratch;
pub(crate) use upload::{UploadState, UploadStatus, Uploads};

use bytes::Bytes;
use core::ops::Range;
use futures_util::stream::BoxStream;
use object_store::path::Path as StorePath;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart};
use sealroom_protocol::id::{ContractId, ObjectId};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::object::Manifest;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

/// The smallest part of a multipart upload. Larger objects have larger parts: S3 takes at most 10,000.
const PART_LENGTH: u64 = 8 << 20;
const PARTS: u64 = 9_000;
/// Contracts that are told of and not yet heard.
const TOLD: usize = 1_024;
/// Parts on the way at once.
const PARTS_AT_ONCE: usize = 2;

/// The store of one host.
#[derive(Debug)]
pub(crate) struct Store {
    inner: Arc<dyn ObjectStore>,
    /// What every path begins with; empty or ending in a slash.
    prefix: String,
    /// The root, where it is a folder of this machine.
    local: Option<PathBuf>,
    /// Unfinished results.
    scratch: PathBuf,
    index: Mutex<Index>,
    /// Names of receipts that were listed.
    known: Mutex<receipts::Known>,
    /// Held while receipts that were brought are counted and one is kept: contracts share them, by their ids.
    bringing: [tokio::sync::Mutex<()>; 16],
    /// Contracts whose receipts were kept, or whose logs were looked at, and who listens to that.
    kept: mpsc::Sender<ContractId>,
    listener: Mutex<Option<mpsc::Receiver<ContractId>>>,
}

/// What is stored, and whose bytes it is.
#[derive(Debug, Default)]
struct Index {
    objects: HashMap<ObjectId, u64>,
    used: HashMap<SigningPublicKey, u64>,
}

impl Store {
    /// Says that a contract has a receipt that its log may not have, or witnesses not cosigned. Never waits: where too much is said
    /// at once, the next receipt or look says it again.
    pub(crate) fn tell(&self, contract: &ContractId) {
        let _: Result<(), _> = self.kept.try_send(*contract);
    }

    /// Listens to that. One listener, once.
    pub(crate) fn listen(&self) -> Option<mpsc::Receiver<ContractId>> {
        self.listener.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Held while receipts of a contract that were brought are counted and one is kept.
    pub(crate) async fn bringing(&self, contract: &ContractId) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let place = contract.as_bytes().first().map(|byte| usize::from(byte % 16));
        Some(self.bringing.get(place?)?.lock().await)
    }

    /// Bytes of a stored object's body.
    pub(crate) fn length(&self, object: &ObjectId) -> Option<u64> {
        self.index().objects.get(object).copied()
    }

    /// Bytes that count as this party's.
    pub(crate) fn used(&self, party: &SigningPublicKey) -> u64 {
        self.index().used.get(party).copied().unwrap_or(0)
    }

    /// A stored object's manifest, as bytes and decoded.
    pub(crate) async fn manifest(&self, object: &ObjectId) -> Result<(Bytes, Manifest), StoreError> {
        let _ = self.length(object).ok_or(StoreError::Unknown)?;
        let bytes = self.inner.get(&self.object(object, "manifest")).await?.bytes().await?;
        let manifest = Manifest::decode(&bytes).map_err(|_| StoreError::Damaged)?;
        Ok((bytes, manifest))
    }

    /// A stored object's manifest, as it comes, and its length.
    pub(crate) async fn manifest_stream(
        &self,
        object: &ObjectId,
    ) -> Result<(u64, BoxStream<'static, Result<Bytes, object_store::Error>>), StoreError> {
        let _ = self.length(object).ok_or(StoreError::Unknown)?;
        let found = self.inner.get(&self.object(object, "manifest")).await?;
        Ok((found.meta.size, found.into_stream()))
    }

    /// A part of a stored object's body.
    pub(crate) async fn body_range(&self, object: &ObjectId, range: Range<u64>) -> Result<Bytes, StoreError> {
        let _ = self.length(object).ok_or(StoreError::Unknown)?;
        Ok(self.inner.get_range(&self.object(object, "body"), range).await?)
    }

    /// A part of a stored object's body, as it comes.
    pub(crate) async fn body_stream(
        &self,
        object: &ObjectId,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, object_store::Error>>, StoreError> {
        let _ = self.length(object).ok_or(StoreError::Unknown)?;
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        Ok(self.inner.get_opts(&self.object(object, "body"), options).await?.into_stream())
    }

    /// A file for a result that is not complete.
    pub(crate) async fn scratch(&self) -> Result<Scratch, StoreError> {
        Scratch::create(&self.scratch).await
    }

    /// Makes a complete scratch file an object.
    pub(crate) async fn adopt(
        &self,
        manifest: &Manifest,
        bytes: Bytes,
        scratch: Scratch,
        owner: &SigningPublicKey,
    ) -> Result<(), StoreError> {
        self.place(manifest, bytes, scratch.path(), owner).await
    }

    /// Makes the body in `file` (which is moved or left behind) and its manifest an object.
    async fn place(
        &self,
        manifest: &Manifest,
        bytes: Bytes,
        file: &Path,
        owner: &SigningPublicKey,
    ) -> Result<(), StoreError> {
        let id = manifest.id();
        if self.length(&id).is_some() {
            return Ok(());
        }
        match &self.local {
            Some(root) => {
                let (root, file) = (root.clone(), file.to_path_buf());
                let moved = tokio::task::spawn_blocking(move || move_body(&root, &id, &file)).await;
                moved.map_err(|_| StoreError::Task)??;
            }
            None => self.send_body(&id, file, manifest.body_length()).await?,
        }
        let stored = manifest.body_length().saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        drop(self.inner.put(&self.object(&id, "manifest"), PutPayload::from_bytes(bytes)).await?);
        let marker = format!("of-{}", hex::encode(owner.as_bytes()));
        drop(self.inner.put(&self.object(&id, &marker), PutPayload::new()).await?);
        let mut index = self.index();
        if index.objects.insert(id, manifest.body_length()).is_none() {
            let used = index.used.entry(*owner).or_default();
            *used = used.saturating_add(stored);
        }
        Ok(())
    }

    async fn send_body(&self, id: &ObjectId, file: &Path, length: u64) -> Result<(), StoreError> {
        let part = PART_LENGTH.max(length.div_ceil(PARTS));
        let part = usize::try_from(part).map_err(|_| StoreError::Damaged)?;
        let mut file = tokio::fs::File::open(file).await?;
        let body = self.object(id, "body");
        let mut upload = WriteMultipart::new_with_chunk_size(self.inner.put_multipart(&body).await?, part);
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = file.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            if let Err(error) = upload.wait_for_capacity(PARTS_AT_ONCE).await {
                // The parts that were sent cost the operator until the store drops them.
                drop(upload.abort().await);
                return Err(error.into());
            }
            upload.write(bytes);
        }
        drop(upload.finish().await?);
        Ok(())
    }

    /// Keeps a contract's envelope.
    pub(crate) async fn keep_contract(&self, contract: &ContractId, envelope: Vec<u8>) -> Result<(), StoreError> {
        let path = self.contract_path(contract, "contract");
        drop(self.inner.put(&path, PutPayload::from_bytes(envelope.into())).await?);
        Ok(())
    }

    /// A contract's envelope.
    pub(crate) async fn contract(&self, contract: &ContractId) -> Result<Option<Bytes>, StoreError> {
        match self.inner.get(&self.contract_path(contract, "contract")).await {
            Ok(found) => Ok(Some(found.bytes().await?)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn object(&self, id: &ObjectId, name: &str) -> StorePath {
        StorePath::from(format!("{}objects/{id}/{name}", self.prefix))
    }

    fn contract_path(&self, id: &ContractId, name: &str) -> StorePath {
        StorePath::from(format!("{}contracts/{id}/{name}", self.prefix))
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves a body into the local folder, or copies it where it lies on another file system. It is on disk then.
fn move_body(root: &Path, id: &ObjectId, file: &Path) -> std::io::Result<()> {
    let objects = root.join("objects");
    let folder = objects.join(id.to_string());
    std::fs::create_dir_all(&folder)?;
    File::open(file)?.sync_all()?;
    let body = folder.join("body");
    match std::fs::rename(file, &body) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let _ = std::fs::copy(file, &body)?;
            File::open(&body)?.sync_all()?;
        }
        other => other?,
    }
    // The names too, from the body's up.
    [folder.as_path(), &objects, root].into_iter().try_for_each(|folder| File::open(folder)?.sync_all())
}
