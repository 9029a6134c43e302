//! Where recorded Evidence is: `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository).

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The folder, or `None` after saying by name that the test did not run.
pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    // Beside the repository, however deep in it this package lies.
    let beside = || {
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|above| above.join("shared/vectors"));
        folders.into_iter().find(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("../shared/vectors"))
    };
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.join("SOURCES.tsv").is_file() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("SEALROOM_REQUIRE_ALL").is_none(),
        "{test} needs recorded Evidence in {}: set SEALROOM_VECTORS",
        folder.display()
    );
    // Past the test harness, which keeps what a passing test prints to itself.
    let line = format!("NOT RUN: {test}: no recorded Evidence in {} (set SEALROOM_VECTORS)\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

pub(crate) fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
