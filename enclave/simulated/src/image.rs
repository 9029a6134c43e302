//! An image in memory: the file's bytes, copied once into a memory file, sealed there, and only then measured. What is
//! measured is therefore what runs, whatever happens to the file on disk.

use core::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};
use sha2::{Digest, Sha384};

use crate::error::Error;

/// Largest image in bytes.
const LIMIT: u64 = 256 << 20;

/// SHA-384 of an image's bytes, nothing before and nothing after them: `sha384sum FILE` prints the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Measurement([u8; 48]);

impl Measurement {
    /// The 48 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 48] {
        &self.0
    }

    /// Measures all that `source` gives.
    fn of(mut source: impl Read) -> io::Result<Self> {
        let mut hash = Sha384::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match source.read(&mut buffer) {
                Ok(0) => return Ok(Self(hash.finalize().into())),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(buffer.get(..count).unwrap_or_default());
        }
    }
}

/// Lower-case hex, 96 digits.
impl fmt::Display for Measurement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Measurement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A sealed, measured memory file. Having one means that nobody, not even this process, can change its bytes any more.
#[derive(Debug)]
pub struct Image {
    sealed: File,
    measurement: Measurement,
}

impl Image {
    /// Copies the file at `path` into memory, seals and measures the copy.
    ///
    /// # Errors
    ///
    /// [`Error::Image`] and [`Error::ImageTooLarge`] for the file, [`Error::MemoryFile`] where the kernel allows no
    /// executable memory files.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Image { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        let mut memory = executable_memory_file().map_err(|source| Error::MemoryFile { source })?;
        let copied = io::copy(&mut file.take(LIMIT + 1), &mut memory).map_err(unreadable)?;
        if copied > LIMIT {
            return Err(Error::ImageTooLarge { path: path.to_owned(), limit: LIMIT });
        }
        memory.flush().map_err(unreadable)?;
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        let sealed = fcntl_add_seals(&memory, seals).and_then(|()| fcntl_get_seals(&memory));
        match sealed {
            Ok(found) if found.contains(seals) => {}
            Ok(_) => return Err(Error::MemoryFile { source: io::Error::other("the seals do not hold") }),
            Err(errno) => return Err(Error::MemoryFile { source: errno.into() }),
        }
        let measurement = Measurement::of(FromStart { file: &memory, offset: 0 }).map_err(unreadable)?;
        Ok(Self { sealed: memory, measurement })
    }

    /// What [`Image::load`] measures, without keeping the image.
    ///
    /// # Errors
    ///
    /// As [`Image::load`].
    pub fn measure(path: &Path) -> Result<Measurement, Error> {
        Self::load(path).map(|image| image.measurement)
    }

    /// The measurement of exactly the bytes that will run.
    #[must_use]
    pub fn measurement(&self) -> Measurement {
        self.measurement
    }
}

/// The sealed memory file.
impl AsFd for Image {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.sealed.as_fd()
    }
}

/// A memory file that may be executed. Kernels before 6.3 do not know the flag that asks for it and allow it anyway.
fn executable_memory_file() -> io::Result<File> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let descriptor = match memfd_create("sealroom-enclave", flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => memfd_create("sealroom-enclave", flags)?,
        other => other?,
    };
    Ok(descriptor.into())
}

/// Reads a file from its start without moving its cursor.
struct FromStart<'file> {
    file: &'file File,
    offset: u64,
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        self.offset += u64::try_from(count).map_err(io::Error::other)?;
        Ok(count)
    }
}
