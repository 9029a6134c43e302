//! A file for bytes that are not an object yet. Ciphertext, like everything here.
//!
//! What always holds: the file is gone when the value is dropped, unless it was moved away.

use super::StoreError;
use bytes::Bytes;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// An unfinished result.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    file: std::fs::File,
    length: u64,
}

impl Scratch {
    pub(super) async fn create(folder: &Path) -> Result<Self, StoreError> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(std::io::Error::from)?;
        let path = folder.join(hex::encode(name));
        let open = move || {
            let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            Ok(Self { path, file, length: 0 })
        };
        tokio::task::spawn_blocking(open).await.map_err(|_| StoreError::Task)?
    }

    /// Adds bytes at the end.
    pub(crate) async fn append(mut self, bytes: Bytes) -> Result<Self, StoreError> {
        let write = move || {
            self.file.write_all(&bytes)?;
            self.length = self.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            Ok(self)
        };
        tokio::task::spawn_blocking(write).await.map_err(|_| StoreError::Task)?
    }

    /// Bytes written.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may have been moved into the store.
        drop(std::fs::remove_file(&self.path));
    }
}
