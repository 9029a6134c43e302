//! Compares what is uploaded with its manifest, group by group, as it arrives.
//!
//! What always holds: every group that lies wholly below the returned offset is the one that the manifest lists.

use sealroom_protocol::object::{GROUP_LENGTH, Manifest, ObjectError, PREFIX_LENGTH};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are not those of the manifest. All from `kept` on were dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) kept: u64,
    pub(super) error: ObjectError,
}

/// Writes a part at its offset and verifies every group that it completes.
pub(super) fn write_part(file: &Path, manifest: &Manifest, offset: u64, bytes: &[u8]) -> io::Result<Result<(), Wrong>> {
    let file = OpenOptions::new().read(true).write(true).open(file)?;
    file.write_all_at(bytes, offset)?;
    let end = offset.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    let outcome = verify(&file, manifest, offset, end)?;
    if let Err(wrong) = &outcome {
        file.set_len(wrong.kept)?;
    }
    Ok(outcome)
}

/// How much of a file that was written earlier can be kept. It is gone where a store took it and then failed.
pub(super) fn recheck(file: &Path, manifest: &Manifest) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file)?;
    let end = file.metadata()?.len().min(manifest.body_length());
    let kept = match verify(&file, manifest, 0, end)? {
        Ok(()) => end,
        Err(wrong) => wrong.kept,
    };
    file.set_len(kept)?;
    Ok(kept)
}

fn verify(file: &File, manifest: &Manifest, offset: u64, end: u64) -> io::Result<Result<(), Wrong>> {
    let prefix_length = u64::try_from(PREFIX_LENGTH).unwrap_or(u64::MAX);
    if offset < prefix_length && end >= prefix_length {
        let mut prefix = [0; PREFIX_LENGTH];
        file.read_exact_at(&mut prefix, 0)?;
        if let Err(error) = manifest.verify_prefix(&prefix) {
            return Ok(Err(Wrong { kept: 0, error }));
        }
    }
    let group_length = u64::try_from(GROUP_LENGTH).unwrap_or(u64::MAX);
    let mut index = offset.saturating_sub(prefix_length) / group_length;
    let mut group = Vec::new();
    while let Ok(range) = manifest.group_range(index) {
        if range.end > end {
            break;
        }
        let length = range.end.saturating_sub(range.start);
        group.resize(usize::try_from(length).unwrap_or(GROUP_LENGTH), 0);
        file.read_exact_at(&mut group, range.start)?;
        if let Err(error) = manifest.verify_group(index, &group) {
            return Ok(Err(Wrong { kept: range.start, error }));
        }
        index = index.saturating_add(1);
    }
    Ok(Ok(()))
}
