//! Files of a state directory: private ones are 0600 in directories that only their owner can change, and are refused
//! when others could have read them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::Error;

/// Nothing that belongs to a root is longer.
const LIMIT: u64 = 16 << 10;

/// What others may do with a file, at the most.
#[derive(Clone, Copy)]
pub(crate) enum Others {
    /// Nothing: it is, or it holds, a private key.
    Nothing,
    /// Look, but not change.
    Read,
}

impl Others {
    /// Permission bits that must not be set.
    fn forbidden(self) -> u32 {
        match self {
            Self::Nothing => 0o077,
            Self::Read => 0o022,
        }
    }
}

/// A lock between processes on one state directory, held as long as the value lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits for the lock of `directory`, which is made (with mode 0700) if it is missing.
    pub(crate) fn acquire(directory: &Path) -> Result<Self, Error> {
        make_directory(directory, true)?;
        check(directory, &fs::metadata(directory).map_err(failed("read", directory))?, Others::Read)?;
        let path = directory.join("lock");
        let file =
            OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(failed("open", &path))?;
        file.lock().map_err(failed("lock", &path))?;
        Ok(Self { _file: file })
    }
}

pub(crate) fn make_directory(path: &Path, parents: bool) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).recursive(parents).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && parents => Ok(()),
        other => other.map_err(failed("make", path)),
    }
}

/// Reads a whole file that belongs to this user and that others could not do more with than `others`.
pub(crate) fn read(path: &Path, others: Others) -> Result<Zeroizing<Vec<u8>>, Error> {
    let file = File::open(path).map_err(failed("read", path))?;
    let metadata = file.metadata().map_err(failed("read", path))?;
    check(path, &metadata, others)?;
    if !metadata.is_file() || metadata.len() > LIMIT {
        return Err(Error::Damaged { path: path.to_owned(), what: "it is not a file of a root" });
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(LIMIT).unwrap_or_default()));
    file.take(LIMIT).read_to_end(&mut bytes).map_err(failed("read", path))?;
    Ok(bytes)
}

/// Writes a new file that only its owner can read, and waits until it is on disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed("make", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed("write", path))
}

/// Refuses what belongs to another user or is open to others.
pub(crate) fn check(path: &Path, metadata: &fs::Metadata, others: Others) -> Result<(), Error> {
    let expected = rustix::process::geteuid().as_raw();
    if metadata.uid() != expected {
        return Err(Error::Owner { path: path.to_owned(), expected, found: metadata.uid() });
    }
    let found = metadata.mode() & 0o7777;
    if found & others.forbidden() != 0 {
        return Err(Error::Permissions { path: path.to_owned(), expected: found & !others.forbidden(), found });
    }
    Ok(())
}

pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::State { action, path: path.to_owned(), source }
}
