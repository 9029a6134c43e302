//! Opens a store: which backend, what is in it.

use super::{Index, Store, StoreError, TOLD};
use crate::config::StoreOptions;
use futures_util::TryStreamExt;
use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path as StorePath;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningPublicKey;
use std::collections::HashMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

impl Store {
    /// Opens the store of this URL and lists its objects.
    pub(crate) async fn open(url: &str, options: &StoreOptions, state: &Path) -> Result<Self, StoreError> {
        // object_store's client takes the process's provider and panics without one. Another one is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let (inner, prefix, local): (Arc<dyn ObjectStore>, String, Option<PathBuf>) =
            if let Some(folder) = url.strip_prefix("file://").filter(|folder| folder.starts_with('/')) {
                private_folder(Path::new(folder))?;
                let root = std::fs::canonicalize(folder)?;
                // An order of receipts, which is synced, must name none that a loss of power takes.
                let inner = LocalFileSystem::new_with_prefix(&root)?.with_fsync(true);
                (Arc::new(inner), String::new(), Some(root))
            } else if let Some(rest) = url.strip_prefix("s3://") {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let prefix = prefix.trim_matches('/');
                let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
                let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
                for (name, value) in &options.0 {
                    builder = builder.with_config(name.parse::<AmazonS3ConfigKey>()?, value);
                }
                (Arc::new(builder.build()?), prefix, None)
            } else {
                return Err(StoreError::Url);
            };
        let scratch = state.join("scratch");
        // What was unfinished when the host ended stays unfinished.
        match std::fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        private_folder(&scratch)?;
        let (kept, listener) = mpsc::channel(TOLD);
        let (index, listener) = (Mutex::default(), Mutex::new(Some(listener)));
        let (known, bringing) = (Mutex::default(), Default::default());
        let store = Self { inner, prefix, local, scratch, index, known, bringing, kept, listener };
        let index = store.list().await?;
        *store.index() = index;
        Ok(store)
    }

    async fn list(&self) -> Result<Index, StoreError> {
        #[derive(Default)]
        struct Found {
            body: Option<u64>,
            manifest: Option<u64>,
            owner: Option<SigningPublicKey>,
        }
        let mut found: HashMap<ObjectId, Found> = HashMap::new();
        let folder = StorePath::from(format!("{}objects", self.prefix));
        let mut listing = self.inner.list(Some(&folder));
        while let Some(meta) = listing.try_next().await? {
            let text = meta.location.as_ref();
            let mut parts = text.rsplit('/');
            let (Some(name), Some(id)) = (parts.next(), parts.next().and_then(|id| id.parse().ok())) else { continue };
            let entry = found.entry(id).or_default();
            match name {
                "body" => entry.body = Some(meta.size),
                "manifest" => entry.manifest = Some(meta.size),
                marker => {
                    let key = marker.strip_prefix("of-").and_then(|digits| hex::decode(digits).ok());
                    let key = key.and_then(|bytes| bytes.try_into().ok());
                    entry.owner = key.and_then(|bytes| SigningPublicKey::from_bytes(bytes).ok()).or(entry.owner);
                }
            }
        }
        let mut index = Index::default();
        for (id, found) in found {
            if let Found { body: Some(body), manifest: Some(manifest), owner: Some(owner) } = found {
                let _ = index.objects.insert(id, body);
                let used = index.used.entry(owner).or_default();
                *used = used.saturating_add(body).saturating_add(manifest);
            }
        }
        Ok(index)
    }
}

/// Makes a folder that only this user reads.
pub(crate) fn private_folder(folder: &Path) -> Result<(), std::io::Error> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
