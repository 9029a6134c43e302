//! The files of this repository, for tests that hold what is written about it. No file of a build is among them.

use std::fs;
use std::path::{Path, PathBuf};

/// The top folder.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The text of one file, by its path from the top.
pub(crate) fn text(path: &str) -> String {
    let read = fs::read_to_string(root().join(path));
    assert!(read.is_ok(), "{path}: {read:?}");
    read.unwrap_or_default()
}

/// Path from the top and text of every file whose name ends so, sorted.
pub(crate) fn files(ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(&root(), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no file ends in {ending}");
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository can be read").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // Builds, environments and what tests leave behind are not ours to judge.
        if name.starts_with('.') || ["target", "corpus", "fetched"].contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            collect(&path, ending, found);
        } else if name.ends_with(ending) {
            let short = path.strip_prefix(root()).expect("below the top").to_string_lossy().into_owned();
            let content = text(&short);
            found.push((short, content));
        }
    }
}
