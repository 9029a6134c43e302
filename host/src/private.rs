//! Files with secrets, and folders that hold them: refused where others could have read or changed them.
//!
//! What always holds: the mode of a file with a secret is that of the open file, so it is not exchanged in between; a folder's
//! is looked at by its path, so only who could change the folder above could exchange it.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file or folder that others can do too much with.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} has mode {found:o}: others can {can} it; look whether somebody did, then chmod {expected:o} {}", path.display(), path.display())]
#[non_exhaustive]
pub struct OpenToOthers {
    /// Which file or folder.
    pub path: PathBuf,
    /// What others can do.
    pub can: &'static str,
    /// Its mode: the lower 12 bits.
    pub found: u32,
    /// The same without what others can do.
    pub expected: u32,
}

impl From<OpenToOthers> for io::Error {
    fn from(open: OpenToOthers) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, open)
    }
}

/// Opens a file that holds a secret.
///
/// # Errors
/// The system's, or [`OpenToOthers`] where anyone but its owner can read or write it.
pub(crate) fn open_secret(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    check_secret(path, &file.metadata()?)?;
    Ok(file)
}

/// Nobody but its owner can read or write it.
pub(crate) fn check_secret(path: &Path, metadata: &Metadata) -> Result<(), OpenToOthers> {
    check(path, metadata, 0o077, "read or change")
}

/// Nobody but its owner can put files into this folder or take them away.
pub(crate) fn check_folder(path: &Path) -> io::Result<()> {
    Ok(check(path, &std::fs::metadata(path)?, 0o022, "change")?)
}

fn check(path: &Path, metadata: &Metadata, forbidden: u32, can: &'static str) -> Result<(), OpenToOthers> {
    let found = metadata.mode() & 0o7777;
    if found & forbidden == 0 {
        return Ok(());
    }
    Err(OpenToOthers { path: path.into(), can, found, expected: found & !forbidden })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::mode;

    fn refused(error: io::Error) -> OpenToOthers {
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        *error.into_inner().unwrap().downcast().unwrap()
    }

    #[test]
    fn a_secret_that_others_can_read_and_a_folder_that_they_can_change_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "x").unwrap();
        for (found, expected) in [(0o640, 0o600), (0o604, 0o600), (0o620, 0o600), (0o444, 0o400)] {
            mode(&path, found);
            let open = OpenToOthers { path: path.clone(), can: "read or change", found, expected };
            assert_eq!(refused(open_secret(&path).unwrap_err()), open);
        }
        mode(&path, 0o644);
        let said = open_secret(&path).unwrap_err().to_string();
        assert!(said.ends_with(&format!("chmod 600 {}", path.display())), "{said}");
        mode(&path, 0o600);
        assert_eq!(open_secret(&path).unwrap().metadata().unwrap().len(), 1);
        for (found, expected) in [(0o770, 0o750), (0o707, 0o705)] {
            mode(folder.path(), found);
            let open = OpenToOthers { path: folder.path().into(), can: "change", found, expected };
            assert_eq!(refused(check_folder(folder.path()).unwrap_err()), open);
        }
        mode(folder.path(), 0o755);
        check_folder(folder.path()).unwrap();
    }
}
