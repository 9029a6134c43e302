//! Uploads and what is kept, against a local folder; and, where a server is there, against an S3-compatible one.

#[path = "../../../tests/support/not_run.rs"]
mod not_run;
#[path = "../../../tests/support/s3.rs"]
mod s3;

use super::{Store, UploadState, UploadStatus, Uploads};
use crate::config::{Limits, Quota, StoreOptions};
use crate::refusal::Refusal;
use crate::test_support::{key, object};
use bytes::Bytes;
use core::task::Poll;
use core::time::Duration;
use not_run::not_run;
use s3::S3;
use sealroom_protocol::object::{GROUP_LENGTH, Manifest, ObjectError};
use std::path::Path;
use std::sync::Arc;

const QUOTA: Quota = Quota { stored_mib: 8, rooms: 1, requests_per_minute: 1, void_receipts: 1 };

async fn open(folder: &Path) -> Arc<Uploads> {
    let url = format!("file://{}/store", folder.display());
    let state = folder.join("state");
    let store = Arc::new(Store::open(&url, &StoreOptions::default(), &state).await.unwrap());
    Arc::new(Uploads::open(store, &state, Limits::default()).unwrap())
}

async fn begin(uploads: &Arc<Uploads>, party: u8, manifest: &Manifest) -> Result<(bool, UploadStatus), Refusal> {
    uploads.begin(&key(party).public(), &QUOTA, &manifest.id(), manifest.encode().into()).await
}

async fn part(
    uploads: &Arc<Uploads>,
    manifest: &Manifest,
    offset: usize,
    bytes: &[u8],
) -> Result<UploadStatus, Refusal> {
    let offset = u64::try_from(offset).unwrap();
    uploads.part(&key(1).public(), &manifest.id(), offset, Bytes::copy_from_slice(bytes)).await
}

fn status(state: UploadState, received: usize, length: usize) -> UploadStatus {
    UploadStatus { state, received: u64::try_from(received).unwrap(), length: u64::try_from(length).unwrap() }
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_and_is_visible_when_complete() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, body) = object(3 << 20);
    let (id, length) = (manifest.id(), body.len());
    let uploads = open(folder.path()).await;
    assert_eq!(uploads.status(&id).await, Err(Refusal::ObjectUnknown));
    assert_eq!(begin(&uploads, 1, &manifest).await, Ok((true, status(UploadState::Partial, 0, length))));
    let half = GROUP_LENGTH + 500;
    assert_eq!(part(&uploads, &manifest, 0, &body[..half]).await, Ok(status(UploadState::Partial, half, length)));
    drop(uploads);
    // What a crash may leave: garbage after what was received.
    let file = folder.path().join(format!("state/uploads/{id}/body"));
    let mut left = std::fs::read(&file).unwrap();
    left.extend_from_slice(&vec![0xaa; GROUP_LENGTH]);
    std::fs::write(&file, &left).unwrap();
    let uploads = open(folder.path()).await;
    let kept = 56 + GROUP_LENGTH;
    // Whoever asks has nothing read; its owner has it compared.
    assert_eq!(uploads.status(&id).await, Ok(status(UploadState::Partial, 0, length)));
    assert_eq!(std::fs::read(&file).unwrap().len(), left.len());
    assert_eq!(begin(&uploads, 1, &manifest).await, Ok((false, status(UploadState::Partial, kept, length))));
    assert_eq!(uploads.status(&id).await, Ok(status(UploadState::Partial, kept, length)));
    assert!(uploads.store.manifest(&id).await.is_err());
    assert_eq!(part(&uploads, &manifest, kept, &body[kept..]).await, Ok(status(UploadState::Stored, length, length)));
    drop(uploads);
    let uploads = open(folder.path()).await;
    assert_eq!(uploads.status(&id).await, Ok(status(UploadState::Stored, length, length)));
    assert_eq!(begin(&uploads, 2, &manifest).await, Ok((false, status(UploadState::Stored, length, length))));
    let range = manifest.group_range(2).unwrap();
    let group = uploads.store.body_range(&id, range).await.unwrap();
    assert_eq!(manifest.verify_group(2, &group), Ok(()));
    assert_eq!(uploads.store.manifest(&id).await.unwrap().1, manifest);
    let used = u64::try_from(length + manifest.encode().len()).unwrap();
    assert_eq!(uploads.store.used(&key(1).public()), used);
    assert_eq!(std::fs::read_dir(folder.path().join("state/uploads")).unwrap().count(), 0);
}

/// Waits until the status is this.
async fn becomes(uploads: &Uploads, manifest: &Manifest, expected: UploadStatus) {
    let asking = async {
        while uploads.status(&manifest.id()).await != Ok(expected) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.unwrap();
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_upload_that_nothing_counts_and_no_comparison_without_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, body) = object(8 << 20);
    let uploads = open(folder.path()).await;
    let quota = Quota { stored_mib: 16, ..QUOTA };
    let (party, id) = (key(1).public(), manifest.id());
    // Asked once, and dropped while it waits for the disk.
    let hang_up = async |uploads: &Arc<Uploads>| {
        let mut asked = core::pin::pin!(uploads.begin(&party, &quota, &id, manifest.encode().into()));
        assert!(core::future::poll_fn(|context| Poll::Ready(asked.as_mut().poll(context).is_pending())).await);
    };
    hang_up(&uploads).await;
    becomes(&uploads, &manifest, status(UploadState::Partial, 0, body.len())).await;
    let half = 56 + 4 * GROUP_LENGTH;
    let _ = part(&uploads, &manifest, 0, &body[..half]).await.unwrap();
    drop(uploads);
    let uploads = open(folder.path()).await;
    hang_up(&uploads).await;
    becomes(&uploads, &manifest, status(UploadState::Partial, half, body.len())).await;
    let stored = status(UploadState::Stored, body.len(), body.len());
    assert_eq!(part(&uploads, &manifest, half, &body[half..]).await, Ok(stored));
}

#[tokio::test]
async fn an_upload_that_cannot_be_made_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, _) = object(1 << 20);
    let uploads = open(folder.path()).await;
    let made = folder.path().join(format!("state/uploads/{}", manifest.id()));
    std::fs::create_dir_all(made.join("manifest.part")).unwrap();
    assert_eq!(begin(&uploads, 1, &manifest).await, Err(Refusal::Store));
    assert!(!made.exists());
    assert!(begin(&uploads, 1, &manifest).await.unwrap().0);
}

#[tokio::test]
async fn a_local_store_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = open(folder.path()).await;
    // What its writer says of itself: no test takes the power away.
    let writer = format!("{:?}", uploads.store.inner);
    assert!(writer.contains("fsync: true"), "{writer}");
}

#[tokio::test]
async fn bytes_that_are_not_the_manifests_are_refused_where_they_differ() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, body) = object(2 << 20);
    let uploads = open(folder.path()).await;
    let _ = begin(&uploads, 1, &manifest).await.unwrap();
    let mut wrong = body.clone();
    wrong[3] ^= 1;
    assert_eq!(part(&uploads, &manifest, 0, &wrong).await, Err(Refusal::ObjectPrefix(ObjectError::Prefix)));
    let mut wrong = body.clone();
    wrong[56 + GROUP_LENGTH] ^= 1;
    let digest = Refusal::ObjectDigest(ObjectError::GroupDigest { index: 1 });
    assert_eq!(part(&uploads, &manifest, 0, &wrong).await, Err(digest));
    let kept = 56 + GROUP_LENGTH;
    assert_eq!(uploads.status(&manifest.id()).await, Ok(status(UploadState::Partial, kept, body.len())));
    let offset = Refusal::Offset { expected: u64::try_from(kept).unwrap(), found: 0 };
    assert_eq!(part(&uploads, &manifest, 0, &body).await, Err(offset));
    let too_long = [&body[kept..], b"x"].concat();
    let expected = manifest.body_length();
    assert_eq!(
        part(&uploads, &manifest, kept, &too_long).await,
        Err(Refusal::ObjectLength { expected, found: expected + 1 })
    );
    let empty = Refusal::Form { expected: "at least one byte".into() };
    assert_eq!(part(&uploads, &manifest, kept, b"").await, Err(empty));
    let complete = status(UploadState::Stored, body.len(), body.len());
    assert_eq!(part(&uploads, &manifest, kept, &body[kept..]).await, Ok(complete));
}

#[tokio::test]
async fn quota_owner_and_id_are_held() {
    let folder = tempfile::tempdir().unwrap();
    let uploads = open(folder.path()).await;
    let (first, body) = object(5 << 20);
    let (second, _) = object(4 << 20);
    assert!(begin(&uploads, 1, &first).await.unwrap().0);
    let size = |manifest: &Manifest| manifest.body_length() + u64::try_from(manifest.encode().len()).unwrap();
    // An unfinished upload counts in full, and so does a stored one.
    let refused = || Refusal::ObjectQuota { limit: 8 << 20, needed: size(&second), used: size(&first) + size(&second) };
    assert_eq!(begin(&uploads, 1, &second).await, Err(refused()));
    assert!(begin(&uploads, 2, &second).await.unwrap().0);
    assert_eq!(part(&uploads, &second, 0, b"x").await, Err(Refusal::ObjectOwner));
    assert_eq!(begin(&uploads, 2, &first).await, Err(Refusal::ObjectOwner));
    assert_eq!(part(&uploads, &first, 0, &body).await.unwrap().state, UploadState::Stored);
    assert_eq!(begin(&uploads, 1, &second).await, Err(Refusal::ObjectOwner));
    let (third, _) = object(4 << 20);
    let used = size(&first) + size(&third);
    let refused = Refusal::ObjectQuota { limit: 8 << 20, needed: size(&third), used };
    assert_eq!(begin(&uploads, 1, &third).await, Err(refused));
    let (expected, found) = (second.id(), first.id());
    let other = uploads.begin(&key(1).public(), &QUOTA, &expected, first.encode().into()).await;
    assert_eq!(other, Err(Refusal::ObjectId { expected, found }));
    let broken = uploads.begin(&key(1).public(), &QUOTA, &expected, Bytes::from_static(b"SEALOBJ2")).await;
    assert_eq!(broken, Err(Refusal::ObjectForm(ObjectError::Magic)));
}

/// A store and its uploads on that server.
async fn open_on(server: &S3, state: &Path) -> Arc<Uploads> {
    let options = [
        ("aws_endpoint", server.endpoint.as_str()),
        ("aws_region", "us-east-1"),
        ("aws_allow_http", "true"),
        ("aws_access_key_id", "nobody"),
        ("aws_secret_access_key", "nothing"),
    ];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let options = StoreOptions(options.into_iter().collect());
    let store = Arc::new(Store::open("s3://bucket/some/prefix", &options, state).await.unwrap());
    Arc::new(Uploads::open(store, state, Limits::default()).unwrap())
}

#[tokio::test]
async fn the_same_holds_on_an_s3_compatible_server() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let Some(server) = S3::start() else {
        let missing = "there is no moto_server (pip install moto[server])";
        not_run("the_same_holds_on_an_s3_compatible_server", missing);
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let quota = Quota { stored_mib: 64, ..QUOTA };
    // Three parts of a multipart upload.
    let (manifest, body) = object(20 << 20);
    let id = manifest.id();
    let uploads = open_on(&server, folder.path()).await;
    let _ = uploads.begin(&key(1).public(), &quota, &id, manifest.encode().into()).await.unwrap();
    for (number, bytes) in body.chunks(8 << 20).enumerate() {
        let _ = part(&uploads, &manifest, number * (8 << 20), bytes).await.unwrap();
    }
    let (contract, envelope) = crate::test_support::contract();
    uploads.store.keep_contract(&contract.id(), envelope.clone()).await.unwrap();
    drop(uploads);
    let uploads = open_on(&server, folder.path()).await;
    assert_eq!(uploads.status(&id).await, Ok(status(UploadState::Stored, body.len(), body.len())));
    assert_eq!(uploads.store.manifest(&id).await.unwrap().1, manifest);
    for index in 0..manifest.group_count() {
        let group = uploads.store.body_range(&id, manifest.group_range(index).unwrap()).await.unwrap();
        assert_eq!(manifest.verify_group(index, &group), Ok(()));
    }
    assert_eq!(uploads.store.contract(&contract.id()).await.unwrap().unwrap(), envelope);
    assert!(uploads.store.receipts(&contract.id()).await.unwrap().is_empty());
    assert_eq!(
        uploads.store.used(&key(1).public()),
        manifest.body_length() + u64::try_from(manifest.encode().len()).unwrap()
    );
}
