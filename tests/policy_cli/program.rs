//! The program, run once; recorded Evidence; small changes to a policy's text.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a run ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Ran {
    /// Its answer as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.error))
    }

    /// The same, where the exit code is this one.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.error);
        self
    }
}

/// Runs `sealroom` with these words.
pub(crate) fn sealroom(words: &[&str]) -> Ran {
    let ran = Command::new(env!("CARGO_BIN_EXE_sealroom")).args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: ran.status.code().unwrap(), out: text(ran.stdout), error: text(ran.stderr) }
}

/// The folder of recorded Evidence, or `None` after saying by name that the test did not run.
pub(crate) fn vectors(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.join("snp").is_dir() {
        return Some(folder);
    }
    crate::not_run::not_run(test, &format!("recorded Evidence in {} (set SEALROOM_VECTORS)", folder.display()));
    None
}

/// A path as a word.
pub(crate) fn word(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The policy that pins this Evidence, in a file of its own.
pub(crate) fn pinned(folder: &Path, evidence: &Path, more: &[&str]) -> PathBuf {
    let file = folder.join("pinned.toml");
    let words = [&["policy", "new", "--from", word(evidence), "-o", word(&file)], more].concat();
    drop(sealroom(&words).ended(0));
    file
}

/// The file with one text in place of another, which must be there once.
pub(crate) fn changed(file: &Path, old: &str, new: &str) -> PathBuf {
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
    let path = file.with_extension("changed.toml");
    std::fs::write(&path, text.replace(old, new)).unwrap();
    path
}

/// The whole line of a field, such as `machines = …`.
pub(crate) fn line(file: &Path, field: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let begins = format!("{field} = ");
    text.lines().find(|line| line.starts_with(&begins)).unwrap_or_else(|| panic!("no {field} in {text}")).to_owned()
}
