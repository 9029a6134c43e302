//! Files that are whole or not there: every file of this crate is written here.
//!
//! What always holds: a reader sees the old file or the new one, never a part; a private file has mode 0600 from its first
//! byte on; a file made by [`create_private`] never replaces another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Who may read a file besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// 0600.
    Private,
    /// 0644, less what the process's mask takes.
    Public,
}

impl Mode {
    const fn bits(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Public => 0o644,
        }
    }
}

/// A file beside `target` that becomes it by [`Pending::replace`] or [`Pending::create`], and is removed otherwise.
#[derive(Debug)]
pub(crate) struct Pending {
    file: File,
    path: PathBuf,
    target: PathBuf,
}

impl Pending {
    /// A new empty file beside `target`.
    pub(crate) fn beside(target: &Path, mode: Mode) -> io::Result<Self> {
        let name = target.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))?;
        let mut attempt = 0_u32;
        loop {
            let mut pending = std::ffi::OsString::from(".");
            pending.push(name);
            pending.push(format!(".{}-{attempt}.partial", std::process::id()));
            let path = target.with_file_name(pending);
            match OpenOptions::new().write(true).create_new(true).mode(mode.bits()).open(&path) {
                Ok(file) => return Ok(Self { file, path, target: target.to_owned() }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where to write.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where it lies until then.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the target's place, replacing what is there.
    pub(crate) fn replace(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.target)?;
        sync_folder(&self.target)
    }

    /// Takes the target's place, where nothing is.
    ///
    /// A hard link, because unlike a rename it fails where something is.
    pub(crate) fn create(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::hard_link(&self.path, &self.target)?;
        sync_folder(&self.target)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // After a rename there is nothing to remove; a leftover is only untidy, and there is nobody to tell.
        drop(fs::remove_file(&self.path));
    }
}

fn sync_folder(target: &Path) -> io::Result<()> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(folder)?.sync_all()
}

/// Writes a file of mode 0600 where none is.
pub(crate) fn create_private(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut pending = Pending::beside(target, Mode::Private)?;
    pending.file().write_all(bytes)?;
    pending.create()
}

/// Writes a file of mode 0600, replacing an older one.
#[cfg(feature = "agent")]
pub(crate) fn replace_private(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut pending = Pending::beside(target, Mode::Private)?;
    pending.file().write_all(bytes)?;
    pending.replace()
}

/// Writes a public file, replacing an older one.
pub(crate) fn replace_public(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut pending = Pending::beside(target, Mode::Public)?;
    pending.file().write_all(bytes)?;
    pending.replace()
}

/// The permission bits of group and others on an open file, where there are any.
pub(crate) fn shared_bits(file: &File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.permissions().mode();
    Ok((mode & 0o077 != 0).then_some(mode & 0o777))
}

/// Opens a file that is there for reading and writing.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

/// Reads a whole file of at most `limit` bytes. A longer one is [`io::ErrorKind::FileTooLarge`].
pub(crate) fn read_limited(file: File, limit: u64) -> io::Result<Vec<u8>> {
    // Sized first, so that a secret is not left behind in a buffer that grew.
    let expected = file.metadata()?.size().min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).saturating_add(1));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_never_replaces_another_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create_private(&path, b"one").unwrap();
        assert_eq!(create_private(&path, b"two").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(shared_bits(&File::open(&path).unwrap()).unwrap(), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_was_not_finished_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace_public(&path, b"old").unwrap();
        let mut pending = Pending::beside(&path, Mode::Public).unwrap();
        pending.file().write_all(b"half").unwrap();
        drop(pending);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        replace_public(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_file_over_the_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        replace_public(&path, b"12345").unwrap();
        assert_eq!(read_limited(File::open(&path).unwrap(), 5).unwrap(), b"12345");
        assert_eq!(read_limited(File::open(&path).unwrap(), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
