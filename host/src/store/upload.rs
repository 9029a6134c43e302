//! Unfinished uploads: in the state folder until they are complete, resumable also after a restart.
//!
//! What always holds: what is kept of a body was compared with its manifest; an upload's whole length counts against
//! its party's quota from its manifest on; one party's upload is continued by nobody else; a body is read again only for
//! its owner, and one at a time whoever goes away.

use super::open::private_folder;
use super::verify::{recheck, write_part};
use super::{Store, StoreError};
use crate::config::{Limits, Quota};
use crate::refusal::Refusal;
use bytes::Bytes;
use core::time::Duration;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::object::{Manifest, ObjectError};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Unfinished uploads of one party: each holds its manifest in memory, a header of at most 64 KiB and a list of 32 bytes
/// a MiB of its body.
const UPLOADS_OF_A_PARTY: usize = 64;
/// How long the last part waits for the object to be stored before it answers `storing`.
const PATIENCE: Duration = Duration::from_secs(10);

/// All unfinished uploads of a host.
#[derive(Debug)]
pub(crate) struct Uploads {
    pub(super) store: Arc<Store>,
    folder: PathBuf,
    limits: Limits,
    active: Mutex<HashMap<ObjectId, Arc<Upload>>>,
}

#[derive(Debug)]
struct Upload {
    owner: SigningPublicKey,
    manifest: Manifest,
    manifest_length: u64,
    folder: PathBuf,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
struct Progress {
    received: u64,
    /// Whether what is in the file was compared since this process started, or since a store took it and then failed.
    checked: bool,
    storing: bool,
    touched: Instant,
}

/// How far an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadState {
    Partial,
    Storing,
    Stored,
}

/// How far an object is, in bytes of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UploadStatus {
    pub(crate) state: UploadState,
    pub(crate) received: u64,
    pub(crate) length: u64,
}

impl Uploads {
    /// Finds the uploads that an earlier process left.
    pub(crate) fn open(store: Arc<Store>, state: &Path, limits: Limits) -> Result<Self, StoreError> {
        let folder = state.join("uploads");
        private_folder(&folder)?;
        let mut active = HashMap::new();
        for entry in std::fs::read_dir(&folder)? {
            let folder = entry?.path();
            let Some(upload) = Upload::found(&folder) else {
                // Cut off before its manifest was whole: the client begins again.
                std::fs::remove_dir_all(&folder)?;
                continue;
            };
            drop(active.insert(upload.manifest.id(), Arc::new(upload)));
        }
        Ok(Self { store, folder, limits, active: Mutex::new(active) })
    }

    /// Begins an upload, or finds it. Says whether it is new.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        party: &SigningPublicKey,
        quota: &Quota,
        id: &ObjectId,
        bytes: Bytes,
    ) -> Result<(bool, UploadStatus), Refusal> {
        let manifest = Manifest::decode(&bytes).map_err(Refusal::ObjectForm)?;
        let found = manifest.id();
        if found != *id {
            return Err(Refusal::ObjectId { expected: *id, found });
        }
        let limit = self.limits.object_mib.saturating_mul(1 << 20);
        if manifest.body_length() > limit {
            return Err(Refusal::ObjectSize { limit, found: manifest.body_length() });
        }
        // A task of its own: if the client goes away, files are still made, and compared, before anybody writes to them.
        let (uploads, party, quota) = (Arc::clone(self), *party, *quota);
        let task = tokio::spawn(async move { uploads.add(party, quota, manifest, bytes).await });
        task.await.map_err(|_| StoreError::Task)?
    }

    async fn add(
        &self,
        party: SigningPublicKey,
        quota: Quota,
        manifest: Manifest,
        bytes: Bytes,
    ) -> Result<(bool, UploadStatus), Refusal> {
        let id = manifest.id();
        let mut active = self.active.lock().await;
        if let Some(length) = self.store.length(&id) {
            return Ok((false, stored(length)));
        }
        if let Some(upload) = active.get(&id) {
            upload.may(&party)?;
            let upload = Arc::clone(upload);
            drop((active, manifest, bytes));
            let mut progress = upload.progress.lock().await;
            upload.check(&mut progress).await?;
            return Ok((false, upload.at(&progress)));
        }
        let own = active.values().filter(|upload| upload.owner == party);
        let (count, reserved) = own.fold((0_usize, 0_u64), |(count, sum), upload| {
            (count.saturating_add(1), sum.saturating_add(upload.size()))
        });
        if count >= UPLOADS_OF_A_PARTY {
            return Err(Refusal::Busy { what: "unfinished uploads of this party" });
        }
        let folder = self.folder.join(id.to_string());
        let manifest_length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let progress = Progress { received: 0, checked: true, storing: false, touched: Instant::now() };
        let upload = Upload { owner: party, manifest, manifest_length, folder, progress: Mutex::new(progress) };
        let limit = quota.stored_mib.saturating_mul(1 << 20);
        let used = self.store.used(&party).saturating_add(reserved).saturating_add(upload.size());
        if used > limit {
            return Err(Refusal::ObjectQuota { limit, needed: upload.size(), used });
        }
        let upload = Arc::new(upload);
        let creating = Arc::clone(&upload);
        blocking(move || creating.create(&bytes)).await?;
        let status = upload.at(&*upload.progress.lock().await);
        drop(active.insert(id, upload));
        Ok((true, status))
    }

    /// How far an object is. Anybody may ask, so this reads no body: of an upload that was not compared yet, nothing is
    /// received.
    pub(crate) async fn status(&self, id: &ObjectId) -> Result<UploadStatus, Refusal> {
        match self.find(id).await {
            Ok(upload) => Ok(upload.at(&*upload.progress.lock().await)),
            Err(length) => length.map(stored).ok_or(Refusal::ObjectUnknown),
        }
    }

    /// Takes the next part of a body. An empty one at its end tries again to store it.
    pub(crate) async fn part(
        self: &Arc<Self>,
        party: &SigningPublicKey,
        id: &ObjectId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, Refusal> {
        let upload = match self.find(id).await {
            Ok(upload) => upload,
            Err(length) => return length.map(stored).ok_or(Refusal::ObjectUnknown),
        };
        upload.may(party)?;
        // A task of its own: if the client goes away, its write still ends before the next one begins.
        let uploads = Arc::clone(self);
        let task = tokio::spawn(async move { uploads.take(upload, offset, bytes).await });
        task.await.map_err(|_| StoreError::Task)?
    }

    async fn take(self: Arc<Self>, upload: Arc<Upload>, offset: u64, bytes: Bytes) -> Result<UploadStatus, Refusal> {
        let length = upload.manifest.body_length();
        let mut progress = upload.progress.lock().await;
        upload.check(&mut progress).await?;
        progress.touched = Instant::now();
        if progress.storing {
            return Ok(upload.at(&progress));
        }
        if offset != progress.received {
            return Err(Refusal::Offset { expected: progress.received, found: offset });
        }
        let end = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if end > length {
            return Err(Refusal::ObjectLength { expected: length, found: end });
        }
        if bytes.is_empty() && offset < length {
            return Err(Refusal::Form { expected: "at least one byte".into() });
        }
        if !bytes.is_empty() {
            let writing = Arc::clone(&upload);
            let outcome = blocking(move || write_part(&writing.body(), &writing.manifest, offset, &bytes)).await?;
            if let Err(wrong) = outcome {
                progress.received = wrong.kept;
                return Err(match wrong.error {
                    ObjectError::Prefix => Refusal::ObjectPrefix(wrong.error),
                    error => Refusal::ObjectDigest(error),
                });
            }
            progress.received = end;
        }
        if end < length {
            return Ok(upload.at(&progress));
        }
        progress.storing = true;
        drop(progress);
        let finish = tokio::spawn(async move { self.finish(&upload).await });
        match tokio::time::timeout(PATIENCE, finish).await {
            Err(_) => Ok(UploadStatus { state: UploadState::Storing, received: length, length }),
            Ok(Ok(Ok(()))) => Ok(stored(length)),
            Ok(Ok(Err(error))) => Err(error.into()),
            Ok(Err(_)) => Err(StoreError::Task.into()),
        }
    }

    /// Drops uploads that nobody touched for a while.
    pub(crate) async fn drop_idle(&self) {
        let limit = Duration::from_secs(self.limits.upload_idle_s);
        let mut active = self.active.lock().await;
        let mut idle = Vec::new();
        for (id, upload) in active.iter() {
            // One that is locked is in use.
            if let Ok(progress) = upload.progress.try_lock()
                && !progress.storing
                && progress.touched.elapsed() > limit
            {
                idle.push(*id);
            }
        }
        for id in idle {
            if let Some(upload) = active.remove(&id) {
                tracing::info!(object = %id, "an unfinished upload is dropped");
                drop(tokio::fs::remove_dir_all(&upload.folder).await);
            }
        }
    }

    /// The upload of this object, or the length of what is stored already.
    async fn find(&self, id: &ObjectId) -> Result<Arc<Upload>, Option<u64>> {
        let active = self.active.lock().await;
        match (self.store.length(id), active.get(id)) {
            (None, Some(upload)) => Ok(Arc::clone(upload)),
            (length, _) => Err(length),
        }
    }

    async fn finish(&self, upload: &Arc<Upload>) -> Result<(), StoreError> {
        let manifest = upload.manifest.encode().into();
        let outcome = self.store.place(&upload.manifest, manifest, &upload.body(), &upload.owner).await;
        match &outcome {
            Ok(()) => {
                drop(self.active.lock().await.remove(&upload.manifest.id()));
                drop(tokio::fs::remove_dir_all(&upload.folder).await);
            }
            Err(error) => {
                tracing::error!(%error, "an uploaded object is not stored");
                let mut progress = upload.progress.lock().await;
                progress.storing = false;
                progress.checked = false;
                if let Err(refusal) = upload.check(&mut progress).await {
                    tracing::error!(%refusal, "what is left of it cannot be compared");
                }
            }
        }
        outcome
    }
}

impl Upload {
    /// Writes its files: the manifest last, so that one that is there is whole.
    fn create(&self, manifest: &[u8]) -> std::io::Result<()> {
        let made = self.make(manifest);
        if made.is_err() {
            // Nothing counts it, so nothing may be left.
            drop(std::fs::remove_dir_all(&self.folder));
        }
        made
    }

    fn make(&self, manifest: &[u8]) -> std::io::Result<()> {
        private_folder(&self.folder)?;
        std::fs::write(self.body(), [])?;
        std::fs::write(self.folder.join("owner"), hex::encode(self.owner.as_bytes()))?;
        std::fs::write(self.folder.join("manifest.part"), manifest)?;
        std::fs::rename(self.folder.join("manifest.part"), self.folder.join("manifest"))
    }

    /// What an earlier process left in this folder.
    fn found(folder: &Path) -> Option<Self> {
        let bytes = std::fs::read(folder.join("manifest")).ok()?;
        let manifest = Manifest::decode(&bytes).ok()?;
        let owner = hex::decode(std::fs::read_to_string(folder.join("owner")).ok()?).ok()?;
        let owner = SigningPublicKey::from_bytes(owner.try_into().ok()?).ok()?;
        let manifest_length = u64::try_from(bytes.len()).ok()?;
        let progress = Progress { received: 0, checked: false, storing: false, touched: Instant::now() };
        Some(Self { owner, manifest, manifest_length, folder: folder.into(), progress: Mutex::new(progress) })
    }

    /// Compares what is in the file, where this process has not yet. For tasks that no client ends: the comparison would
    /// go on without the lock, and cut off what is written after it.
    async fn check(self: &Arc<Self>, progress: &mut Progress) -> Result<(), Refusal> {
        if !progress.checked {
            let upload = Arc::clone(self);
            progress.received = blocking(move || recheck(&upload.body(), &upload.manifest)).await?;
            progress.checked = true;
        }
        Ok(())
    }

    const fn at(&self, progress: &Progress) -> UploadStatus {
        let state = if progress.storing { UploadState::Storing } else { UploadState::Partial };
        let received = if progress.checked { progress.received } else { 0 };
        UploadStatus { state, received, length: self.manifest.body_length() }
    }

    fn may(&self, party: &SigningPublicKey) -> Result<(), Refusal> {
        if self.owner == *party { Ok(()) } else { Err(Refusal::ObjectOwner) }
    }

    fn body(&self) -> PathBuf {
        self.folder.join("body")
    }

    const fn size(&self) -> u64 {
        self.manifest.body_length().saturating_add(self.manifest_length)
    }
}

const fn stored(length: u64) -> UploadStatus {
    UploadStatus { state: UploadState::Stored, received: length, length }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Task)?;
    Ok(done?)
}
