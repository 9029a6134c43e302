//! Objects to and from a host: resumable both ways, checked against their ids.
//!
//! What always holds: at most one part of an upload is in memory; an upload goes on where the host says it has got to, and
//! a download where the file has got to; a body that is handed to the caller is the one that the object's id covers.

use super::answers::{ObjectStatus, UploadState};
use super::error::HostError;
use super::host::Host;
use crate::dataset::{EncryptedDataset, Progress};
use crate::file::{Mode, Pending};
use crate::identity::Identity;
use crate::request::PreparedRequest;
use core::time::Duration;
use reqwest::Method;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::{MAX_MANIFEST_LENGTH, Manifest, ObjectError, PREFIX_LENGTH};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes of one part of an upload: the most that a host takes.
const PART_LENGTH: usize = 8 << 20;
/// Attempts without progress before giving up.
const ATTEMPTS: u32 = 6;
/// How often a host may say that it still stores an object: an hour at 50 ms.
const STORING_WAITS: u32 = 72_000;

impl Host {
    /// Uploads a dataset. What the host has already is not sent again.
    ///
    /// # Errors
    /// [`HostError::Io`], [`HostError::Object`] where the files are not those of the dataset, [`HostError::Problem`],
    /// [`HostError::Stuck`].
    pub async fn upload(
        &self,
        dataset: &EncryptedDataset,
        signer: &Identity,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), HostError> {
        self.upload_files(&dataset.manifest, &dataset.body, signer, progress).await.map(|_| ())
    }

    /// Uploads an object from its two files and gives its id.
    ///
    /// # Errors
    /// As [`Host::upload`].
    pub async fn upload_files(
        &self,
        manifest: &Path,
        body: &Path,
        signer: &Identity,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ObjectId, HostError> {
        let of = |path: &Path, source| HostError::Io { path: path.into(), source };
        let bytes = std::fs::read(manifest).map_err(|source| of(manifest, source))?;
        let file = File::open(body).map_err(|source| of(body, source))?;
        self.upload_from(&bytes, file, signer, progress).await.map_err(|error| match error {
            // The source is a file here, so say which.
            HostError::Io { source, .. } => of(body, source),
            error => error,
        })
    }

    /// Uploads the object of a request.
    ///
    /// # Errors
    /// As [`Host::upload`].
    pub async fn upload_request(&self, request: &PreparedRequest, signer: &Identity) -> Result<(), HostError> {
        let body = io::Cursor::new(request.body.clone());
        self.upload_from(&request.manifest, body, signer, &mut |_| {}).await.map(|_| ())
    }

    /// Uploads an object whose body can be read from any place.
    ///
    /// # Errors
    /// As [`Host::upload`].
    pub async fn upload_from(
        &self,
        manifest: &[u8],
        mut body: impl Read + Seek + Send,
        signer: &Identity,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ObjectId, HostError> {
        let decoded = Manifest::decode(manifest);
        let undecodable = |source| HostError::Object { object: ObjectId::from_bytes([0; 32]), source };
        let decoded = decoded.map_err(undecodable)?;
        let (object, total) = (decoded.id(), decoded.body_length());
        let path = format!("/v1/objects/{object}");
        let (mut failures, mut status) = (0, None);
        // Only what was never reached before is progress: a host that forgets and takes again would hold us for ever.
        let (mut furthest, mut waits) = (None, 0);
        loop {
            let step = self.upload_step(&path, manifest, &mut body, total, status, signer).await;
            match step {
                Ok(next) => {
                    let moved = furthest.is_none_or(|furthest| furthest < next.received);
                    furthest = furthest.max(Some(next.received));
                    failures = if moved { 0 } else { failures };
                    progress(Progress { done: next.received, total });
                    match next.state {
                        UploadState::Stored => return Ok(object),
                        UploadState::Storing if waits < STORING_WAITS => {
                            waits += 1;
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                        UploadState::Storing => failures = ATTEMPTS,
                        UploadState::Partial if moved => {}
                        UploadState::Partial => failures += 1,
                    }
                    status = Some(next);
                }
                Err(last) if !may_pass(&last) => return Err(last),
                Err(last) => {
                    failures += 1;
                    if failures >= ATTEMPTS {
                        return Err(HostError::Stuck { object, attempts: failures, last: Box::new(last) });
                    }
                    tokio::time::sleep(Duration::from_millis(200) * 2_u32.pow(failures)).await;
                    status = None;
                }
            }
            if failures >= ATTEMPTS {
                let last = Box::new(HostError::Answer { path, what: "an upload that does not get on" });
                return Err(HostError::Stuck { object, attempts: failures, last });
            }
        }
    }

    async fn upload_step(
        &self,
        path: &str,
        manifest: &[u8],
        body: &mut (impl Read + Seek),
        total: u64,
        status: Option<ObjectStatus>,
        signer: &Identity,
    ) -> Result<ObjectStatus, HostError> {
        let octets = "application/octet-stream";
        let Some(status) = status else {
            let sent =
                self.http.send(Method::PUT, &format!("{path}/manifest"), octets, manifest.to_vec(), signer).await?;
            return sent.json().await;
        };
        if status.state != UploadState::Partial {
            return self.http.get_json(&format!("{path}/status")).await;
        }
        let part = read_part(body, status.received, total)
            .map_err(|source| HostError::Io { path: Path::new("the object's body").into(), source })?;
        let sent = self
            .http
            .send(Method::PUT, &format!("{path}/body?offset={}", status.received), octets, part, signer)
            .await?;
        sent.json().await
    }

    /// The manifest of an object, which is the one that its id covers.
    ///
    /// # Errors
    /// [`HostError::Object`]; [`HostError`] of the network.
    pub async fn manifest(&self, object: &ObjectId) -> Result<Manifest, HostError> {
        let limit = u64::try_from(MAX_MANIFEST_LENGTH).unwrap_or(u64::MAX);
        let bytes = self.http.get(&format!("/v1/objects/{object}/manifest")).await?.bytes(limit).await?;
        let wrong = |source| HostError::Object { object: *object, source };
        let manifest = Manifest::decode(&bytes).map_err(wrong)?;
        if manifest.id() != *object {
            return Err(wrong(ObjectError::OtherObject { expected: *object, found: manifest.id() }));
        }
        Ok(manifest)
    }

    /// The body of a small object, checked against its manifest.
    ///
    /// # Errors
    /// [`HostError::TooLong`] where it has more than `limit` bytes, [`HostError::Object`]; [`HostError`] of the network.
    pub async fn body(&self, object: &ObjectId, manifest: &Manifest, limit: u64) -> Result<Vec<u8>, HostError> {
        let path = format!("/v1/objects/{object}/body");
        if manifest.body_length() > limit {
            return Err(HostError::TooLong { path, limit });
        }
        let body = self.http.get_body(&path, 0, manifest.body_length()).await?.bytes(manifest.body_length()).await?;
        check_body(object, manifest, body.as_slice())?;
        Ok(body)
    }

    /// Downloads an object: `PATH` gets its body, the manifest is returned. Goes on after a broken connection; the file is
    /// there whole and checked, or not at all.
    ///
    /// # Errors
    /// [`HostError::Io`], [`HostError::Object`], [`HostError::Stuck`].
    pub async fn download(
        &self,
        object: &ObjectId,
        path: &Path,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Manifest, HostError> {
        let of_io = |source| HostError::Io { path: path.into(), source };
        let manifest = self.manifest(object).await?;
        let total = manifest.body_length();
        let mut pending = Pending::beside(path, Mode::Public).map_err(of_io)?;
        let (mut done, mut failures) = (0, 0);
        while done < total {
            let before = done;
            let result = self.download_from(object, pending.file(), path, &mut done, total, progress).await;
            failures = if done > before { 0 } else { failures + 1 };
            match result {
                Ok(()) if done >= total => {}
                Err(error) if !may_pass(&error) => return Err(error),
                result if failures >= ATTEMPTS => {
                    let short = HostError::Answer {
                        path: format!("/v1/objects/{object}/body"),
                        what: "a body that ends early",
                    };
                    let last = Box::new(result.err().unwrap_or(short));
                    return Err(HostError::Stuck { object: *object, attempts: failures, last });
                }
                Ok(()) | Err(_) => tokio::time::sleep(Duration::from_millis(200) * 2_u32.pow(failures)).await,
            }
        }
        let written = File::open(pending.path()).map_err(of_io)?;
        check_body(object, &manifest, io::BufReader::new(written))?;
        pending.replace().map_err(of_io)?;
        Ok(manifest)
    }

    async fn download_from(
        &self,
        object: &ObjectId,
        file: &mut File,
        path: &Path,
        done: &mut u64,
        total: u64,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), HostError> {
        let of_io = |source| HostError::Io { path: path.into(), source };
        let mut answer = self.http.get_body(&format!("/v1/objects/{object}/body"), *done, total).await?;
        if *done > 0 && !answer.is_partial() {
            *done = 0;
            file.set_len(0).and_then(|()| file.rewind()).map_err(of_io)?;
        }
        while let Some(chunk) = answer.chunk().await? {
            let bytes = chunk.as_ref();
            *done += u64::try_from(bytes.len()).unwrap_or(0);
            if *done > total {
                return Err(HostError::TooLong { path: format!("/v1/objects/{object}/body"), limit: total });
            }
            file.write_all(bytes).map_err(of_io)?;
            progress(Progress { done: *done, total });
        }
        Ok(())
    }

    /// Whether the host has the whole object, by its word.
    ///
    /// # Errors
    /// [`HostError`] of the network.
    pub async fn has_object(&self, object: &ObjectId) -> Result<bool, HostError> {
        match self.http.get_json::<ObjectStatus>(&format!("/v1/objects/{object}/status")).await {
            Ok(status) => Ok(status.state == UploadState::Stored),
            Err(error) if error.is_problem("object.unknown") => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Whether trying again can help: the network, a busy host, an offset that the host knows better.
fn may_pass(error: &HostError) -> bool {
    match error {
        HostError::Unreachable { .. } | HostError::TimedOut { .. } => true,
        HostError::Problem(problem) => {
            matches!(problem.status, 408 | 429 | 500..=599)
                || matches!(
                    problem.check.as_str(),
                    "object.offset" | "object.partial" | "object.digest" | "object.prefix"
                )
        }
        _ => false,
    }
}

fn read_part(body: &mut (impl Read + Seek), offset: u64, total: u64) -> io::Result<Vec<u8>> {
    body.seek(SeekFrom::Start(offset))?;
    let left = total.saturating_sub(offset);
    let length = usize::try_from(left).unwrap_or(usize::MAX).min(PART_LENGTH);
    let mut part = vec![0; length];
    body.read_exact(&mut part)?;
    Ok(part)
}

/// Compares a body with the list in its manifest: no key is needed for that.
fn check_body(object: &ObjectId, manifest: &Manifest, mut body: impl Read) -> Result<(), HostError> {
    let wrong = |source| HostError::Object { object: *object, source };
    let of_io = |_| wrong(ObjectError::BodyLength { found: manifest.body_length() });
    let mut prefix = [0; PREFIX_LENGTH];
    body.read_exact(&mut prefix).map_err(of_io)?;
    manifest.verify_prefix(&prefix).map_err(wrong)?;
    let mut group = Vec::new();
    for index in 0..manifest.group_count() {
        let range = manifest.group_range(index).map_err(wrong)?;
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        group.resize(length, 0);
        body.read_exact(&mut group).map_err(of_io)?;
        manifest.verify_group(index, &group).map_err(wrong)?;
    }
    Ok(())
}
