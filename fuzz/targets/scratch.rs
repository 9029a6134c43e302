//! Files and folders that targets need: in memory where the system has such a place, and gone afterwards.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file of mode 0600, or a folder.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// A file of this thread's own.
    pub(super) fn file(bytes: &[u8]) -> Self {
        let path = place().join(format!("sealroom-fuzz-{}-{:?}", std::process::id(), std::thread::current().id()));
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(bytes)).expect("a file of our own can be written");
        Self(path)
    }

    /// An empty folder of this process's own. One that lives as long as its process is removed by the next process.
    pub(super) fn folder(name: &str) -> Self {
        let prefix = format!("sealroom-fuzz-{name}-");
        for entry in fs::read_dir(place()).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let process = name.strip_prefix(&prefix).and_then(|process| process.parse::<u32>().ok());
            if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
        let path = place().join(format!("{prefix}{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("a folder of our own can be made");
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0).or_else(|_| fs::remove_dir_all(&self.0)));
    }
}

fn place() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { memory } else { std::env::temp_dir() }
}
